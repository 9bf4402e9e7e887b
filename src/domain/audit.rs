//! What an audit trail is told: who asked for what, and how it ended; never the text of what was given.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;

use super::{canonical_json, one_line};

/// The longest name of a caller, in characters: an issuer's tokens may hold any.
const LONGEST_WHO: usize = 128;

/// What outcome is written of what went well.
pub const AUDIT_OK: &str = "ok";
/// What outcome is written of a call whose run goes on.
pub const AUDIT_RUNNING: &str = "running";
/// What outcome is written of a call whose caller did not wait for the end.
pub const AUDIT_ABANDONED: &str = "abandoned";

/// One thing that happened at a door.
///
/// Everything in it is a word of ours, a name that a person or an issuer gave to a caller, a number or a digest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize)]
pub struct AuditEvent {
    /// Who asked: a token's name, `caller` where callers have no names, `person` (at a terminal), or the address of a
    /// client without a good token.
    pub who: String,
    /// The tool or command, or `login`, `permission`, `request`, `egress`.
    pub what: Cow<'static, str>,
    /// Which permission, or which method of the protocol: a word of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// `ok`, `running`, `abandoned`, or the code of the refusal or failure.
    pub outcome: String,
    /// The exit code of a command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<u8>,
    /// How long it took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// The keyed digest of what was given: equal arguments have equal digests in one project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// The task that it was about, when one came back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_id: Option<String>,
}

impl AuditEvent {
    /// Makes an event of what took no time worth telling.
    pub fn new(who: &str, what: impl Into<Cow<'static, str>>, outcome: &str) -> Self {
        let who = one_line(who, LONGEST_WHO);
        Self { who, what: what.into(), outcome: outcome.to_owned(), ..Self::default() }
    }

    /// Makes the event of a permission that was given.
    pub fn permission(who: &str, which: &str) -> Self {
        Self { detail: Some(which.to_owned()), ..Self::new(who, "permission", AUDIT_OK) }
    }
}

/// Where events go. Telling one never fails: what cannot be written is its own affair.
pub trait AuditTrail: fmt::Debug + Send + Sync {
    /// Keeps an event.
    fn record(&self, event: AuditEvent);

    /// Keeps an event that callers can bring about as often as they like: equal ones of one second are kept once.
    fn record_seldom(&self, event: AuditEvent);

    /// Returns the keyed digest of a text; nothing when there is no key.
    fn digest(&self, text: &str) -> Option<String>;
}

/// A trail that several rooms tell.
pub type AuditSink = Arc<dyn AuditTrail>;

/// Returns the digest of arguments by their canonical form (RFC 8785), so that the order of fields makes no difference.
pub fn audit_digest<T: Serialize>(trail: &AuditSink, arguments: &T) -> Option<String> {
    trail.digest(&canonical_json(arguments).ok()?)
}

/// A call that goes on. It is written once: with its end, or as abandoned when nobody waits for that.
#[derive(Debug)]
pub struct AuditedCall {
    trail: Option<AuditSink>,
    event: AuditEvent,
    begun: Instant,
}

impl AuditedCall {
    /// Notes who begins to call what; with no trail nothing is noted and nothing written.
    pub fn begin<T: Serialize>(trail: Option<&AuditSink>, who: &str, what: &'static str, arguments: &T) -> Self {
        Self::begun_at(Instant::now(), trail, who, what, arguments)
    }

    /// As [`AuditedCall::begin`], of a call that began before.
    pub fn begun_at<T: Serialize>(
        begun: Instant,
        trail: Option<&AuditSink>,
        who: &str,
        what: impl Into<Cow<'static, str>>,
        arguments: &T,
    ) -> Self {
        let event = match trail {
            None => AuditEvent::default(),
            Some(trail) => {
                AuditEvent { digest: audit_digest(trail, arguments), ..AuditEvent::new(who, what, AUDIT_ABANDONED) }
            }
        };
        Self { trail: trail.cloned(), event, begun }
    }

    /// Writes how the call ended.
    pub fn end(mut self, outcome: &str, task_id: Option<String>) {
        outcome.clone_into(&mut self.event.outcome);
        self.event.task_id = task_id;
    }

    /// Writes how a command ended.
    pub fn exit(mut self, outcome: &str, exit_code: u8, task_id: Option<String>) {
        self.event.exit_code = Some(exit_code);
        self.end(outcome, task_id);
    }
}

impl Drop for AuditedCall {
    fn drop(&mut self) {
        if let Some(trail) = self.trail.take() {
            let duration_ms = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            trail.record(AuditEvent { duration_ms: Some(duration_ms), ..std::mem::take(&mut self.event) });
        }
    }
}

/// Where a trail is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditFile {
    /// The file with the lines.
    pub path: std::path::PathBuf,
    /// The file with the key of the digests.
    pub key_path: std::path::PathBuf,
    /// How large the file may grow before it becomes the older one, in bytes.
    pub max_bytes: u64,
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use serde_json::json;

    use super::*;

    #[derive(Debug, Default)]
    struct Kept(Mutex<Vec<AuditEvent>>);

    impl AuditTrail for Kept {
        fn record(&self, event: AuditEvent) {
            self.0.lock().expect("unpoisoned").push(event);
        }

        fn record_seldom(&self, event: AuditEvent) {
            self.record(event);
        }

        fn digest(&self, text: &str) -> Option<String> {
            Some(text.to_owned())
        }
    }

    #[test]
    fn a_call_is_written_once_with_its_end_or_as_abandoned() {
        let kept = Arc::new(Kept::default());
        let trail: AuditSink = kept.clone();
        let begin = || AuditedCall::begin(Some(&trail), "ada", "run_task", &json!({"b": 1, "a": 2}));
        begin().end(AUDIT_RUNNING, Some("task_1".to_owned()));
        drop(begin());
        let events = kept.0.lock().expect("unpoisoned");
        let told: Vec<_> = events.iter().map(|event| (event.outcome.as_str(), event.task_id.as_deref())).collect();
        assert_eq!(told, [("running", Some("task_1")), ("abandoned", None)]);
        assert_eq!(events[0].digest.as_deref(), Some(r#"{"a":2,"b":1}"#), "the order of fields makes no difference");
        assert!(events.iter().all(|event| event.duration_ms.is_some()));
    }
}
