//! Few descriptors: what could not be looked at is "could not", and never a verdict.

use std::process::{Command, Output, Stdio};

use crate::support::http_process::Site;

/// Runs a command that may open only so many files.
fn limited(site: &Site, descriptors: u32, verb: &str, words: &[&str]) -> Output {
    let prepared = site.command(verb, words);
    let prepared = prepared.as_std();
    let variables = prepared.get_envs().filter_map(|(name, value)| Some((name, value?)));
    Command::new("sh")
        .args(["-c", "ulimit -n \"$0\" && exec \"$@\"", &descriptors.to_string()])
        .arg(prepared.get_program())
        .args(prepared.get_args())
        .env_clear()
        .envs(variables)
        .current_dir(site.home())
        .stdin(Stdio::null())
        .output()
        .expect("sh is installed")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shortage_of_descriptors_is_could_not_and_no_verdict() {
    let site = Site::new().await;
    let run = ["Deploy", "-e", "/api/users", "-e", "/api/orders", "-r", "2", "--test", "true"];
    let commands: [(&str, &[&str]); 4] =
        [("remember", &["kept"]), ("validate", &["/api/users"]), ("proofs", &["verify"]), ("run", &run)];
    for descriptors in [6, 7, 9, 12, 14, 15, 16, 18, 20, 22, 24, 28] {
        for (verb, words) in commands {
            let output = limited(&site, descriptors, verb, words);
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(
                matches!(output.status.code(), Some(0 | 3)),
                "{verb} with {descriptors}: {:?} {} {told}",
                output.status,
                String::from_utf8_lossy(&output.stdout)
            );
            assert!(!told.contains("internal error"), "{verb} with {descriptors}: {told}");
        }
    }
    let verified = site.asked("proofs", &["verify"]).await;
    assert_eq!(verified["verified"], true, "it left nothing broken: {verified}");
    assert!(verified["entries"].as_u64().is_some_and(|entries| entries > 0), "something was written: {verified}");
}
