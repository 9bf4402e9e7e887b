//! What a child can learn of its parent. Each test starts this test binary again, as a parent of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use snipara_orchestrator::domain::sha256_hex;
use snipara_orchestrator::executor::{CommandPolicy, Executor, protect_process};
use tokio_util::sync::CancellationToken;

use crate::support::processes::settings;

/// Names the folder in which the second process works; its absence tells the first one.
const FOLDER: &str = "EXECUTOR_TEST_FOLDER";
const LONG: u64 = 600_000;

fn second_process() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(PathBuf::from)
}

/// The words that start this binary again with one test only.
fn again(test: &str) -> Vec<String> {
    let program = std::env::current_exe().expect("this binary").display().to_string();
    vec![program, "--exact".to_owned(), format!("executor::isolation::{test}"), "--nocapture".to_owned()]
}

async fn run(executor: &Executor, command: &str) -> snipara_orchestrator::domain::CommandRun {
    executor.run_test(command, LONG, &CancellationToken::new()).await
}

fn executor(folder: &Path) -> Executor {
    Executor::with_settings(settings(folder, CommandPolicy::Unrestricted))
}

#[tokio::test]
async fn a_child_cannot_write_its_parents_output_nor_read_its_environment() {
    const COMMANDS: [&str; 2] = ["echo forged >> /proc/$PPID/fd/1", "cat /proc/$PPID/environ > /dev/null"];
    if let Some(folder) = second_process() {
        let executor = executor(&folder);
        for command in COMMANDS {
            assert!(run(&executor, command).await.success(), "possible before: {command}");
        }
        protect_process().expect("protected");
        for command in COMMANDS {
            let run = run(&executor, command).await;
            assert!(!run.success() && run.stderr.text.contains("denied"), "{command}: {run:?}");
        }
        // A protected process still finds its own children.
        assert!(
            run(&executor, "setsid -f sh -c 'echo $$ > left; exec sleep 600'; until [ -s left ]; do :; done")
                .await
                .success()
        );
        let left = std::fs::read_to_string(folder.join("left")).expect("a process id");
        crate::support::processes::gone(left.trim().parse().expect("a number")).await;
        std::fs::write(folder.join("reached"), "the end").expect("written");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let shown = folder.path().join("stdout");
    let stdout = std::fs::File::options().append(true).create(true).open(&shown).expect("a file");
    // Root may look into everything, so the second process is nobody, with an output that is nobody's.
    let mut words = Vec::new();
    if nix::unistd::geteuid().is_root() {
        words.extend(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"].map(str::to_owned));
        for path in [folder.path(), &shown] {
            std::os::unix::fs::chown(path, Some(65534), Some(65534)).expect("given away");
        }
    }
    words.extend(again("a_child_cannot_write_its_parents_output_nor_read_its_environment"));
    let mut second = Command::new(&words[0]);
    second.args(&words[1..]).env(FOLDER, folder.path()).stdout(stdout);
    let output = second.output().expect("started");
    let shown = std::fs::read_to_string(&shown).expect("what it showed");
    assert!(output.status.success(), "{shown}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(std::fs::read_to_string(folder.path().join("reached")).expect("it ran"), "the end");
    assert_eq!(shown.matches("forged").count(), 1, "only before it was protected: {shown}");
}

#[tokio::test]
async fn b08_children_do_not_see_our_secrets() {
    if let Some(folder) = second_process() {
        let run = run(&executor(&folder), "env").await;
        std::fs::write(folder.join("seen"), run.stdout.text).expect("written");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let words = again("b08_children_do_not_see_our_secrets");
    let secrets = ["SNIPARA_API_KEY", "SNIPARA_ORCHESTRATOR_TOKEN", "SNIPARA_TEST_HIDDEN"];
    let status = Command::new(&words[0])
        .args(&words[1..])
        .env(FOLDER, folder.path())
        .env("HARMLESS", "kept-value")
        .envs(secrets.map(|name| (name, "planted-value")))
        .output()
        .expect("started")
        .status;
    assert!(status.success());
    let seen = std::fs::read_to_string(folder.path().join("seen")).expect("it ran");
    assert!(seen.contains("HARMLESS=kept-value") && seen.contains("\nPATH="), "{seen}");
    assert!(!seen.contains("planted-value") && secrets.iter().all(|name| !seen.contains(name)), "{seen}");
}

#[tokio::test]
async fn b05_300_mib_of_output_need_no_more_memory_than_one() {
    if let Some(folder) = second_process() {
        let size = std::fs::read_to_string(folder.join("size")).expect("a size");
        let run = run(&executor(&folder), &format!("head -c {size} /dev/zero")).await;
        let status = std::fs::read_to_string("/proc/self/status").expect("status");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak").trim().to_owned();
        let peak = peak.trim_end_matches(" kB").to_owned();
        std::fs::write(folder.join("report"), format!("{} {} {peak}", run.stdout.bytes, run.stdout.digest))
            .expect("written");
        return;
    }
    let small = measured(1024 * 1024);
    let large = measured(300 * 1024 * 1024);
    assert_eq!((small.0, large.0), (1024 * 1024, 300 * 1024 * 1024));
    assert_eq!(small.1, sha256_hex(&vec![0; 1024 * 1024]));
    let expected =
        Command::new("sh").args(["-c", "head -c 314572800 /dev/zero | sha256sum"]).output().expect("sha256sum");
    assert!(String::from_utf8_lossy(&expected.stdout).starts_with(&large.1));
    assert!(large.2 < small.2 + 8 * 1024, "{} KiB against {} KiB", large.2, small.2);
}

/// Returns the bytes and the digest that were captured, and the peak of memory in KiB.
fn measured(size: u64) -> (u64, String, u64) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("size"), size.to_string()).expect("written");
    let words = again("b05_300_mib_of_output_need_no_more_memory_than_one");
    let output = Command::new(&words[0]).args(&words[1..]).env(FOLDER, folder.path()).output().expect("started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let report = std::fs::read_to_string(folder.path().join("report")).expect("a report");
    let fields: Vec<&str> = report.split(' ').collect();
    (fields[0].parse().expect("bytes"), fields[1].to_owned(), fields[2].parse().expect("KiB"))
}
