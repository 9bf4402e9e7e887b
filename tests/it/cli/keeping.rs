//! The store as a whole: looked at, backed up, restored, repaired, left behind.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::place::{Ended, Place};
use crate::support::sqlite::sqlite3;

struct Kept {
    place: Place,
    backup: PathBuf,
}

impl Kept {
    /// A place with a memory, an htask, and a ledger of one entry.
    async fn new() -> Self {
        let place = Place::new();
        let kept = Self { backup: place.path().join("kept.backup"), place };
        kept.done(&["remember", "redis keeps sessions"]).await;
        kept.done(&["check-drift", "--no-schema", "--health", "--prod-url", "http://127.0.0.1:9"]).await;
        kept
    }

    /// The folder of the project's state.
    fn state(&self) -> PathBuf {
        self.place.path().join("state/projects/repository")
    }

    fn file(&self) -> PathBuf {
        self.state().join("store.sqlite3")
    }

    fn head(&self) -> PathBuf {
        self.state().join("ledger.head")
    }

    async fn run(&self, words: &[&str]) -> Ended {
        self.place.run(words).await
    }

    async fn done(&self, words: &[&str]) -> Ended {
        let ended = self.run(words).await;
        assert!(matches!(ended.code, Some(0 | 3)), "{words:?} {ended:#?}");
        ended
    }

    async fn verifies(&self) -> Value {
        let ended = self.run(&["proofs", "verify", "--json"]).await;
        assert_eq!(ended.code, Some(0), "{ended:#?}");
        ended.json()
    }

    async fn backed_up(&self) -> Value {
        let file = self.backup.display().to_string();
        let ended = self.run(&["backup", &file, "--json"]).await;
        assert_eq!(ended.code, Some(0), "{ended:#?}");
        ended.json()
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.state())
            .expect("listed")
            .map(|file| file.expect("a file").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}

fn damage_root_of(file: &Path, table: &str) {
    use std::os::unix::fs::FileExt;

    let root = sqlite3(file, &format!("SELECT rootpage FROM sqlite_master WHERE name = '{table}'")).expect("a root");
    let root: u64 = root.parse().expect("a number");
    let opened = fs::OpenOptions::new().write(true).open(file).expect("opens");
    opened.write_all_at(&[0xa5; 4096], (root - 1) * 4096).expect("damaged");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_leaves_a_whole_single_file() {
    let kept = Kept::new().await;
    for words in [&["recall", "redis"][..], &["task", "list"], &["proofs", "verify"], &["doctor"]] {
        kept.run(words).await;
        let names = kept.names();
        assert!(!names.iter().any(|name| name.ends_with("-wal") || name.ends_with("-shm")), "{words:?}: {names:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_restores_what_was_lost_and_keeps_what_was_there() {
    let kept = Kept::new().await;
    let report = kept.backed_up().await;
    let beside = fs::read_to_string(format!("{}.sha256", kept.backup.display())).expect("a digest");
    assert!(beside.starts_with(report["sha256"].as_str().expect("a digest")), "{beside}");
    kept.done(&["check-drift", "--no-schema", "--health", "--prod-url", "http://127.0.0.1:9"]).await;
    let longer = kept.verifies().await["entries"].as_u64().expect("a number");

    let file = kept.backup.display().to_string();
    let refused = kept.run(&["restore", &file]).await;
    assert_eq!(refused.code, Some(2), "{refused:#?}");
    assert!(refused.stderr.contains("newer than the backup") && refused.stderr.contains("--yes"), "{refused:#?}");
    assert_eq!(kept.verifies().await["entries"], longer);

    let restored = kept.run(&["restore", &file, "--yes", "--json"]).await;
    assert_eq!(restored.code, Some(0), "{restored:#?}");
    let verified = kept.verifies().await;
    assert_eq!(verified["entries"].as_u64(), report["entries"].as_u64().map(|entries| entries + 1));
    let told = format!("took the place of {longer} entries");
    assert!(verified["notices"][0]["what"].as_str().expect("told").contains(&told), "{verified}");
    let shown = kept.run(&["proofs", "verify"]).await;
    assert!(shown.stdout.contains(&told), "{shown:#?}");
    let before = restored.json()["kept"].as_str().expect("a copy").to_owned();
    assert_eq!(sqlite3(Path::new(&before), "SELECT count(*) FROM ledger_entries"), Ok(longer.to_string()));
    let recalled = kept.done(&["recall", "redis"]).await;
    assert!(recalled.stdout.contains("redis keeps sessions"), "{recalled:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_not_overwritten_by_mistake_and_a_changed_one_is_not_restored() {
    let kept = Kept::new().await;
    kept.backed_up().await;
    let file = kept.backup.display().to_string();
    let refused = kept.run(&["backup", &file]).await;
    assert_eq!(refused.code, Some(2), "{refused:#?}");
    assert!(refused.stderr.contains("--force"), "{refused:#?}");

    let mut bytes = fs::read(&kept.backup).expect("read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&kept.backup, bytes).expect("changed");
    let refused = kept.run(&["restore", &file, "--yes"]).await;
    assert_eq!(refused.code, Some(5), "{refused:#?}");
    assert!(refused.stderr.contains("SHA-256"), "{refused:#?}");
    kept.verifies().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_page_is_found_by_check_and_doctor() {
    let kept = Kept::new().await;
    assert_eq!(kept.run(&["store", "check"]).await.code, Some(0));
    damage_root_of(&kept.file(), "memories");
    for words in [&["store", "check"][..], &["doctor"]] {
        let ended = kept.run(words).await;
        assert_ne!(ended.code, Some(0), "{ended:#?}");
        assert!(ended.stdout.contains("store repair"), "{ended:#?}");
    }
    assert_eq!(kept.run(&["store", "check"]).await.code, Some(5));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_head_is_accepted_by_a_person_and_recorded() {
    let kept = Kept::new().await;
    fs::remove_file(kept.head()).expect("removed");
    let verified = kept.run(&["proofs", "verify"]).await;
    assert_eq!(verified.code, Some(5), "{verified:#?}");
    assert!(verified.stdout.contains("proofs accept-head"), "{verified:#?}");
    assert_eq!(kept.run(&["proofs", "accept-head"]).await.code, Some(2), "nobody was asked");
    let accepted = kept.run(&["proofs", "accept-head", "--yes", "--json"]).await;
    assert_eq!(accepted.code, Some(0), "{accepted:#?}");
    let entries = kept.verifies().await["entries"].clone();
    assert_eq!(accepted.json()["entry"]["seq"], entries);
    let shown = kept.done(&["proofs", "show", &entries.to_string(), "--json"]).await.json();
    assert_eq!(shown["kind"], "head_accepted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_was_cut_off_is_not_accepted_by_its_head() {
    let kept = Kept::new().await;
    let trigger = "SELECT sql FROM sqlite_master WHERE name = 'ledger_entries_no_delete'";
    let trigger = sqlite3(&kept.file(), trigger).expect("its SQL");
    let edit = format!("DROP TRIGGER ledger_entries_no_delete; DELETE FROM ledger_entries WHERE seq > 0; {trigger}");
    sqlite3(&kept.file(), &edit).expect("edited");
    for words in [&["proofs", "accept-head", "--yes"][..], &["proofs", "accept-head"]] {
        let refused = kept.run(words).await;
        assert_eq!(refused.code, Some(5), "{refused:#?}");
        assert!(refused.stderr.contains("cut off"), "{refused:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_chain_is_not_accepted() {
    let kept = Kept::new().await;
    fs::remove_file(kept.head()).expect("removed");
    let trigger = "SELECT sql FROM sqlite_master WHERE name = 'ledger_entries_no_update'";
    let trigger = sqlite3(&kept.file(), trigger).expect("its SQL");
    let edit = format!(
        "DROP TRIGGER ledger_entries_no_update; UPDATE ledger_entries SET hash = 'sha256:0' WHERE seq = 1; {trigger}"
    );
    sqlite3(&kept.file(), &edit).expect("edited");
    let refused = kept.run(&["proofs", "accept-head", "--yes"]).await;
    assert_eq!(refused.code, Some(5), "{refused:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repair_touches_nothing_and_carries_over_what_can_be_read() {
    let kept = Kept::new().await;
    for number in 0..60 {
        let text = format!("memory {number} about redis {}", "w".repeat(300));
        kept.done(&["remember", &text]).await;
    }
    damage_root_of(&kept.file(), "memories");
    let before = fs::read(kept.file()).expect("read");
    assert_eq!(kept.run(&["recall", "redis"]).await.code, Some(3));
    let repaired = kept.run(&["store", "repair", "--json"]).await;
    assert_eq!(repaired.code, Some(0), "{repaired:#?}");
    assert_eq!(fs::read(kept.file()).expect("read"), before, "the damaged file is as it was");
    let report = repaired.json();
    assert_eq!(report["repaired"]["pages"], 1, "{report:#}");
    assert_eq!(report["repaired"]["rows"], Value::Array(Vec::new()), "{report:#}");

    let file = report["file"].as_str().expect("a file").to_owned();
    let refused = kept.run(&["store", "repair", "--replace"]).await;
    assert_eq!(refused.code, Some(2), "nobody was asked: {refused:#?}");
    let restored = kept.run(&["restore", &file, "--yes"]).await;
    assert_eq!(restored.code, Some(0), "{restored:#?}");
    let entries = kept.verifies().await["entries"].clone();
    let shown = kept.done(&["proofs", "show", &entries.to_string(), "--json"]).await.json();
    assert_eq!(shown["kind"], "repaired");
    assert_eq!(sqlite3(&kept.file(), "SELECT count(*) FROM memories").as_deref(), Ok("61"));
    let recalled = kept.done(&["recall", "redis"]).await;
    assert!(recalled.stdout.contains("redis"), "{recalled:#?}");
    assert_eq!(kept.run(&["store", "check"]).await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repair_keeps_the_chain_up_to_the_first_gap_and_says_what_comes_after() {
    let kept = Kept::new().await;
    for _ in 0..3 {
        kept.done(&["check-drift", "--no-schema", "--health", "--prod-url", "http://127.0.0.1:9"]).await;
    }
    let entries = kept.verifies().await["entries"].as_u64().expect("a number");
    let gap = entries - 1;
    sqlite3(
        &kept.file(),
        &format!("DROP TRIGGER ledger_entries_no_delete; DELETE FROM ledger_entries WHERE seq = {gap}"),
    )
    .expect("deleted");
    let repaired = kept.run(&["store", "repair", "--replace", "--yes", "--json"]).await;
    assert_eq!(repaired.code, Some(0), "{repaired:#?}");
    let told = &repaired.json()["repaired"];
    assert_eq!(told["entries"], gap - 1);
    assert_eq!((&told["entries_cut_off"], &told["entries_known"]), (&Value::from(1), &Value::from(entries)));
    let verified = kept.verifies().await;
    assert_eq!(
        verified["entries"],
        gap + 1,
        "the kept entries, and that they were repaired and took the store's place"
    );
    assert_eq!(verified["notices"].as_array().map(Vec::len), Some(2), "{verified}");
    kept.done(&["remember", "it goes on"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_whose_header_is_gone_is_repaired() {
    use std::os::unix::fs::FileExt;

    let kept = Kept::new().await;
    let opened = fs::OpenOptions::new().write(true).open(kept.file()).expect("opens");
    opened.write_all_at(&[0; 100], 0).expect("damaged");
    let refused = kept.run(&["recall", "redis"]).await;
    assert_eq!(refused.code, Some(3), "{refused:#?}");
    assert!(refused.stderr.contains("store repair"), "{refused:#?}");
    let repaired = kept.run(&["store", "repair", "--replace", "--yes"]).await;
    assert_eq!(repaired.code, Some(0), "{repaired:#?}");
    kept.verifies().await;
    assert!(kept.done(&["recall", "redis"]).await.stdout.contains("redis keeps sessions"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_whole_while_others_write() {
    let kept = Kept::new().await;
    let writing = async {
        for number in 0..8 {
            kept.done(&["remember", &format!("memory {number}")]).await;
        }
    };
    let backing_up = async {
        for _ in 0..4 {
            let file = kept.backup.display().to_string();
            let ended = kept.run(&["backup", &file, "--force"]).await;
            assert_eq!(ended.code, Some(0), "{ended:#?}");
        }
    };
    tokio::join!(writing, backing_up);
    assert_eq!(sqlite3(&kept.backup, "PRAGMA integrity_check").as_deref(), Ok("ok"));
}
