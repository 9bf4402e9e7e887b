//! A disk, quota or file size limit that is reached.

use std::process::Stdio;

use super::place::{Ended, Place, ended};
use crate::support::production::Production;

/// Runs the binary where no file may grow beyond 8 KiB (`ulimit -f` counts blocks of 512 bytes).
async fn limited(place: &Place, words: &[&str]) -> Ended {
    let mut command = tokio::process::Command::new("sh");
    command
        .args(["-c", "ulimit -f 16; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_snipara-orchestrator")])
        .args(words)
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("HOME", place.path().join("home"))
        .env("SNIPARA_ORCHESTRATOR_HOME", place.path().join("state"))
        .current_dir(place.repository())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    ended(command.spawn().expect("a shell")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_size_limit_is_an_error_and_no_death() {
    let place = Place::new();
    assert_eq!(place.run(&["remember", "The cache is warm"]).await.code, Some(0));
    let refused = limited(&place, &["remember", "The queue is empty"]).await;
    assert_eq!(refused.code, Some(3), "{refused:#?}");
    assert!(refused.stderr.starts_with("error: ") && refused.stderr.contains("free some space"), "{refused:#?}");
    let doctor = limited(&place, &["doctor"]).await;
    assert_eq!(doctor.code, Some(3), "{doctor:#?}");
    assert!(doctor.stdout.contains("✗ database") && doctor.stdout.contains("full"), "{doctor:#?}");
    assert!(!doctor.stdout.contains("✗ production"), "{doctor:#?}");
    assert_eq!(place.run(&["remember", "The queue is empty"]).await.code, Some(0), "nothing is broken");
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_full_disk_leaves_of_a_run_is_told_as_it_is() {
    let (place, production) = (Place::new(), Production::healthy().await);
    let url = production.url();
    // The shell's parent is its supervisor, and that one's the run itself; util-linux has `prlimit`.
    let fill = "prlimit --pid $(cut -d ' ' -f 4 /proc/$PPID/stat) --fsize=4096:";
    let ended = place.run(&["run", "T", "-e", "/api/users", "--test", fill, "--prod-url", &url]).await;
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    assert!(!ended.stderr.contains("was written") && !ended.stderr.contains("WARN"), "{ended:#?}");
    assert!(ended.stderr.contains("the next command records this attempt as interrupted"), "{ended:#?}");
    let tasks = place.run(&["task", "list", "--json", "--prod-url", &url]).await.json();
    let id = tasks["tasks"][0]["id"].as_str().expect("an id");
    assert!(ended.stderr.contains(&format!("snipara-orchestrator run --task {id}")), "{ended:#?}");
}
