//! git tells where the repository stands, and the repository cannot make it start a program.

use std::process::Command;

use snipara_orchestrator::domain::BuildIdentity;
use tokio_util::sync::CancellationToken;

use crate::support::processes::Workshop;

/// Runs git as anybody would, with no protection.
fn plain_git(workshop: &Workshop, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"])
        .args(arguments)
        .current_dir(workshop.folder.path())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .expect("git");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn repository() -> Workshop {
    let workshop = Workshop::new();
    plain_git(&workshop, &["init", "--quiet"]);
    workshop.write("file.txt", "one\n");
    plain_git(&workshop, &["add", "file.txt"]);
    plain_git(&workshop, &["commit", "--quiet", "-m", "first"]);
    workshop
}

#[tokio::test]
async fn the_build_is_the_full_head_and_whether_the_tree_differs() {
    let workshop = repository();
    let head = plain_git(&workshop, &["rev-parse", "HEAD"]);
    let identity = |dirty| Some(BuildIdentity { head: head.clone(), dirty, uncommitted: u32::from(dirty) });
    assert_eq!(workshop.executor.build_identity().await, identity(false));
    workshop.write("new.txt", "x");
    assert_eq!(workshop.executor.build_identity().await, identity(true));
    std::fs::remove_file(workshop.path("new.txt")).expect("removed");
    workshop.write("file.txt", "two\n");
    assert_eq!(workshop.executor.build_identity().await, identity(true));
}

#[tokio::test]
async fn there_is_no_build_outside_git_or_before_the_first_commit() {
    let workshop = Workshop::new();
    assert_eq!(workshop.executor.build_identity().await, None);
    plain_git(&workshop, &["init", "--quiet"]);
    assert_eq!(workshop.executor.build_identity().await, None);
}

#[tokio::test]
async fn a_file_system_monitor_of_the_repository_does_not_run() {
    let workshop = repository();
    let marker = workshop.path("monitored");
    let monitor = workshop.script(".git/monitor", &format!("touch {}", marker.display()));
    plain_git(&workshop, &["config", "core.fsmonitor", &monitor.display().to_string()]);
    assert!(workshop.executor.build_identity().await.is_some());
    assert!(workshop.executor.git(&["status"], &CancellationToken::new()).await.success());
    assert!(!marker.exists());
    plain_git(&workshop, &["status"]);
    assert!(marker.exists(), "an unprotected git runs it, else this test shows nothing");
}

#[tokio::test]
async fn a_clean_filter_of_the_repository_does_not_run() {
    for kind in ["clean", "process"] {
        let workshop = repository();
        let marker = workshop.path(".git/filtered");
        let filter = workshop.script(".git/filter", &format!("touch {}; cat", marker.display()));
        // A name as an attacker would choose it: with what separates keys, and what a redactor would take out.
        let key = format!("filter.token=ghp_{}.{kind}", "a".repeat(20));
        plain_git(&workshop, &["config", &key, &filter.display().to_string()]);
        let driver = format!("file.txt filter=token=ghp_{}\n", "a".repeat(20));
        workshop.write(".git/info/attributes", &driver);
        workshop.write("file.txt", "two\n");
        assert!(workshop.executor.build_identity().await.expect("a build").dirty);
        assert!(!marker.exists(), "{kind}");
        workshop.write("file.txt", "six\n");
        plain_git(&workshop, &["status"]);
        assert!(marker.exists(), "an unprotected git runs it, else this test shows nothing: {kind}");
    }
}

#[tokio::test]
async fn a_hook_of_the_repository_does_not_run() {
    let workshop = repository();
    let marker = workshop.path(".git/hooked");
    workshop.script(".git/hooks/post-checkout", &format!("touch {}", marker.display()));
    assert!(workshop.executor.git(&["checkout", "-b", "other"], &CancellationToken::new()).await.success());
    assert!(!marker.exists());
    plain_git(&workshop, &["checkout", "-b", "another"]);
    assert!(marker.exists(), "an unprotected git runs it, else this test shows nothing");
}

#[tokio::test]
async fn a_git_of_the_repository_itself_is_not_used() {
    let workshop = repository();
    workshop.script("bin/git", "touch used; echo 0123456789012345678901234567890123456789");
    let mut settings = crate::support::processes::settings(
        workshop.folder.path(),
        snipara_orchestrator::executor::CommandPolicy::Unrestricted,
    );
    settings.search_path = format!("{}:{}", workshop.path("bin").display(), settings.search_path.display()).into();
    let executor = snipara_orchestrator::executor::Executor::with_settings(settings);
    let head = executor.build_identity().await.expect("a build").head;
    assert_eq!(head, plain_git(&workshop, &["rev-parse", "HEAD"]));
    assert!(!workshop.path("used").exists());
}

#[tokio::test]
async fn what_git_is_told_not_to_look_at_is_not_committed_either() {
    let folder = tempfile::tempdir().expect("a folder");
    let git = |words: &[&str]| {
        let status = std::process::Command::new("git")
            .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"])
            .args(words)
            .current_dir(folder.path())
            .status()
            .expect("git runs");
        assert!(status.success(), "git {words:?}");
    };
    git(&["init", "--quiet", "--initial-branch=main"]);
    std::fs::write(folder.path().join("a.rs"), "fn a() {}\n").expect("written");
    std::fs::write(folder.path().join(".gitignore"), "target/\n").expect("written");
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message", "first"]);
    let executor = snipara_orchestrator::executor::Executor::new(folder.path());
    let uncommitted = || async { executor.build_identity().await.expect("a commit").uncommitted };
    std::fs::create_dir(folder.path().join("target")).expect("a folder");
    std::fs::write(folder.path().join("target/built"), "x").expect("written");
    std::fs::write(folder.path().join(".snipara-orchestrator.json"), "{}").expect("written");
    assert_eq!(uncommitted().await, 0, "what is built, and our own settings");
    git(&["update-index", "--assume-unchanged", "a.rs"]);
    assert_eq!(uncommitted().await, 1);
    git(&["update-index", "--no-assume-unchanged", "a.rs"]);
    std::fs::write(folder.path().join(".git/info/exclude"), "*\n").expect("written");
    std::fs::write(folder.path().join("b.rs"), "fn b() {}\n").expect("written");
    assert_eq!(uncommitted().await, 1);
}
