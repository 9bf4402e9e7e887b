//! "It sends nothing to us": every connection of a first day, as the kernel was asked for it.

use serde_json::json;

use super::place::{Place, ended};
use crate::support::production::Production;

/// The peers of IPv4 and IPv6 that a recording of strace names, without this test's production.
fn strangers(recording: &str, production: &str) -> Vec<String> {
    let calls = recording.lines().filter(|line| line.contains("sa_family=AF_INET"));
    calls.filter(|line| !line.contains(production)).map(str::to_owned).collect()
}

/// Runs a command of the binary under strace; returns its exit code and what it connected or sent to.
async fn recorded(place: &Place, words: &[&str]) -> (Option<i32>, String) {
    let file = place.path().join("connections.txt");
    let plain = place.command(words);
    let mut traced = tokio::process::Command::new("strace");
    traced.args(["--follow-forks", "--trace=connect,sendto,sendmsg,sendmmsg", "--output"]).arg(&file);
    traced.arg(plain.as_std().get_program()).args(plain.as_std().get_args());
    traced.env_clear();
    for (name, value) in plain.as_std().get_envs() {
        traced.env(name, value.unwrap_or_default());
    }
    traced.current_dir(place.repository()).stdin(std::process::Stdio::null());
    traced.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).kill_on_drop(true);
    let ended = ended(traced.spawn().expect("strace starts")).await;
    (ended.code, std::fs::read_to_string(file).expect("a recording"))
}

/// Needs Debian's strace, which `.ci/run` installs; without it this is skipped, and says so.
#[tokio::test(flavor = "multi_thread")]
async fn demo_init_and_a_run_connect_to_this_machine_and_production_only() {
    if std::process::Command::new("strace").arg("--version").output().is_err() {
        println!("skipped: strace is not there; `apt-get install strace` provides it");
        return;
    }
    let production = Production::healthy().await;
    let place = Place::new();
    let url = production.url();
    let port = format!("htons({})", url.rsplit(':').next().expect("a port"));

    let (code, demo) = recorded(&place, &["demo"]).await;
    assert_eq!(code, Some(0), "{demo}");
    // The demo's production is its own, on loopback.
    let away: Vec<_> =
        strangers(&demo, "nothing").into_iter().filter(|call| !call.contains("inet_addr(\"127.0.0.1\")")).collect();
    assert!(demo.contains("AF_INET") && away.is_empty(), "{away:#?}");

    let (code, init) = recorded(&place, &["init", "--project", "shop", "--prod-url", &url]).await;
    assert_eq!(code, Some(0), "{init}");
    assert_eq!(strangers(&init, &port), Vec::<String>::new());

    let suites = json!({"api": ["/api/users"]}).to_string();
    let (code, run) = recorded(&place, &["run", "--suites", &suites, "--suite", "api"]).await;
    assert_eq!(code, Some(0), "{run}");
    assert!(run.contains(&port), "nothing was recorded of the checks:\n{run}");
    assert_eq!(strangers(&run, &port), Vec::<String>::new());
}
