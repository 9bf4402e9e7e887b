//! From an event to a line in a file.

use std::collections::HashSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use serde::Serialize;

use super::append::append;
use super::key::key;
use crate::domain::{AuditEvent, AuditFile, AuditTrail, SharedClock, Timestamp, error_chain, hmac_sha256_hex};

/// The most different events of one second that are told apart when they are kept seldom.
const MANY: usize = 1_024;

/// Which door an event came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "their names say what they are")]
pub enum AuditDoor {
    Mcp,
    Http,
    Cli,
}

/// What a line holds, in its order.
#[derive(Serialize)]
struct Line<'a> {
    time: Timestamp,
    door: AuditDoor,
    process: u32,
    #[serde(flatten)]
    event: &'a AuditEvent,
}

/// A trail in a file. Each line is also logged (`info`), which `--verbose` shows.
pub struct FileTrail {
    file: AuditFile,
    door: AuditDoor,
    process: u32,
    clock: SharedClock,
    key: OnceLock<[u8; 32]>,
    /// Whether the last line could not be written: one warning for each such time.
    failing: AtomicBool,
    torn: AtomicBool,
    /// The second, and the events of it that are kept seldom.
    seldom: Mutex<(i64, HashSet<AuditEvent>)>,
}

impl fmt::Debug for FileTrail {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("FileTrail").field("file", &self.file.path).finish_non_exhaustive()
    }
}

impl FileTrail {
    /// Makes a trail of what comes through one door of this process; nothing is written yet.
    pub fn new(file: AuditFile, door: AuditDoor, process: u32, clock: SharedClock) -> Self {
        let (failing, torn, seldom) = (AtomicBool::default(), AtomicBool::default(), Mutex::default());
        Self { file, door, process, clock, key: OnceLock::new(), failing, torn, seldom }
    }

    fn write(&self, event: &AuditEvent) {
        let line = Line { time: self.clock.now(), door: self.door, process: self.process, event };
        // Text, numbers and names: it always has a JSON form.
        let Ok(mut line) = serde_json::to_string(&line) else { return };
        tracing::info!(target: "snipara_orchestrator::audit", "{line}");
        line.push('\n');
        match append(&self.file.path, &line, self.file.max_bytes, &self.torn) {
            Ok(()) => self.failing.store(false, Ordering::Relaxed),
            Err(error) if !self.failing.swap(true, Ordering::Relaxed) => {
                let (file, error) = (self.file.path.display(), error_chain(&error));
                tracing::warn!("the audit trail cannot be written, and work goes on without it: {file}: {error}");
            }
            Err(_) => {}
        }
    }
}

impl AuditTrail for FileTrail {
    fn record(&self, event: AuditEvent) {
        self.write(&event);
    }

    fn record_seldom(&self, event: AuditEvent) {
        let second = self.clock.now().as_micros() / 1_000_000;
        {
            let mut seldom = self.seldom.lock().unwrap_or_else(PoisonError::into_inner);
            if seldom.0 != second {
                *seldom = (second, HashSet::new());
            }
            if seldom.1.len() >= MANY || !seldom.1.insert(event.clone()) {
                return;
            }
        }
        self.write(&event);
    }

    fn digest(&self, text: &str) -> Option<String> {
        let known = match self.key.get() {
            Some(known) => known,
            None => match key(&self.file.key_path) {
                Ok(read) => self.key.get_or_init(|| read),
                Err(error) => {
                    let file = self.file.key_path.display();
                    tracing::debug!("no digests in the audit trail: {file}: {}", error_chain(&error));
                    return None;
                }
            },
        };
        Some(format!("hmac-sha256:{}", hmac_sha256_hex(known, text.as_bytes())))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use serde_json::{Value, json};

    use super::*;
    use crate::domain::FixedClock;

    fn clock() -> Arc<FixedClock> {
        Arc::new(FixedClock::new(Timestamp::from_micros(0)))
    }

    fn trail(folder: &Path, clock: &Arc<FixedClock>) -> FileTrail {
        let file =
            AuditFile { path: folder.join("audit.jsonl"), key_path: folder.join("audit.key"), max_bytes: 1_000_000 };
        FileTrail::new(file, AuditDoor::Http, 7, clock.clone())
    }

    fn lines(folder: &Path) -> Vec<Value> {
        let text = std::fs::read_to_string(folder.join("audit.jsonl")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    #[test]
    fn a_line_says_when_where_who_what_and_how_it_ended() {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = clock();
        let event = AuditEvent { duration_ms: Some(3), ..AuditEvent::new("ada", "recall", "ok") };
        trail(folder.path(), &clock).record(event);
        let expected = json!({
            "time": "1970-01-01T00:00:00.000Z", "door": "http", "process": 7, "who": "ada", "what": "recall",
            "outcome": "ok", "duration_ms": 3,
        });
        assert_eq!(lines(folder.path()), [expected]);
    }

    #[test]
    fn equal_refusals_of_one_second_are_kept_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = clock();
        let trail = trail(folder.path(), &clock);
        let refused = |who: &str| trail.record_seldom(AuditEvent::new(who, "request", "too_many_requests"));
        for _ in 0..100 {
            refused("ada");
        }
        refused("bob");
        clock.advance_ms(1_000);
        refused("ada");
        let who: Vec<_> = lines(folder.path()).iter().map(|line| line["who"].clone()).collect();
        assert_eq!(who, ["ada", "bob", "ada"]);
    }

    #[test]
    fn equal_arguments_have_equal_digests_that_another_project_does_not_have() {
        let (one, two) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let clock = clock();
        let digest = |folder: &Path| trail(folder, &clock).digest("{}").expect("a digest");
        assert_eq!(digest(one.path()), digest(one.path()));
        assert_ne!(digest(one.path()), digest(two.path()));
        assert!(digest(one.path()).starts_with("hmac-sha256:"));
    }

    #[test]
    fn what_cannot_be_written_changes_nothing_for_who_tells_it() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("audit.jsonl")).expect("a folder in its place");
        trail(folder.path(), &clock()).record(AuditEvent::new("ada", "recall", "ok"));
        assert!(folder.path().join("audit.jsonl").is_dir());
    }
}
