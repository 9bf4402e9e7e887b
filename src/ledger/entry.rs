//! Entries as they are read back.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::LedgerError;
use super::chain::{self, Envelope};
use crate::domain::{TaskId, Timestamp};
use crate::store::StoredEntry;

/// What an entry is about. Names on the wire and in the file are snake case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// A task with its criteria and their digest.
    TaskCreated,
    /// An attempt began: holder, token, configuration digest, production, commit, options.
    RunStarted,
    /// A status changed: `from`, `to`, `cause`.
    Transition,
    /// A local test ran: a `CommandRun`; its outputs are the body.
    LocalTest,
    /// A drift report.
    Drift,
    /// The generated cutover checklist.
    Checklist,
    /// A proof; its response body is the body.
    Proof,
    /// Gate 2 decided: its `Verdict`, and who decided. All entries of the attempt before it are what it was decided from.
    Decision,
    /// A run's process was found gone.
    RunInterrupted,
    /// A deployment ran: a `CommandRun`; never a proof.
    Deployment,
    /// A body was removed: `seq` of its entry.
    Redaction,
}

impl EntryKind {
    /// All kinds.
    pub const ALL: [Self; 11] = [
        Self::TaskCreated,
        Self::RunStarted,
        Self::Transition,
        Self::LocalTest,
        Self::Drift,
        Self::Checklist,
        Self::Proof,
        Self::Decision,
        Self::RunInterrupted,
        Self::Deployment,
        Self::Redaction,
    ];

    /// Returns the kind's name in the file and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TaskCreated => "task_created",
            Self::RunStarted => "run_started",
            Self::Transition => "transition",
            Self::LocalTest => "local_test",
            Self::Drift => "drift",
            Self::Checklist => "checklist",
            Self::Proof => "proof",
            Self::Decision => "decision",
            Self::RunInterrupted => "run_interrupted",
            Self::Deployment => "deployment",
            Self::Redaction => "redaction",
        }
    }
}

/// Where an entry stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryRef {
    /// Its number, from 1.
    pub seq: u64,
    /// Its hash, `sha256:` and 64 hexadecimal digits.
    pub hash: String,
}

/// An entry as it is read back: everything comes from the stored bytes, whose hash was computed anew.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// Its number, from 1.
    pub seq: u64,
    /// Its hash.
    pub hash: String,
    /// The hash of the entry before it.
    pub prev_hash: String,
    /// What it is about.
    pub kind: EntryKind,
    /// The task.
    pub task_id: Option<TaskId>,
    /// The attempt.
    pub attempt: Option<u32>,
    /// When it was appended.
    pub at: Timestamp,
    /// The facts.
    pub payload: Value,
    /// The digest of its body.
    pub body_digest: Option<String>,
    /// Its body; none when it has none or when it was removed.
    pub body: Option<Value>,
}

impl Entry {
    /// Reads an entry from its stored bytes.
    ///
    /// # Errors
    /// When they do not have the entry's hash, when its body does not have its digest, or when a newer program
    /// wrote it.
    pub(super) fn from_stored(stored: StoredEntry, project: &str) -> Result<Self, LedgerError> {
        let seq = u64::try_from(stored.seq).unwrap_or_default();
        let changed = |what: &str| LedgerError::Changed { seq, what: what.to_owned() };
        if chain::digest(&stored.canonical) != stored.hash {
            return Err(changed("its content does not have its hash"));
        }
        let envelope: Envelope =
            serde_json::from_str(&stored.canonical).map_err(|source| LedgerError::Unreadable { seq, source })?;
        if envelope.format > chain::FORMAT {
            return Err(LedgerError::Newer { seq, found: envelope.format, known: chain::FORMAT });
        }
        if envelope.seq != stored.seq.to_string() || envelope.project != project {
            return Err(changed("it is a copy of another entry"));
        }
        let body = match (&envelope.body_digest, stored.body) {
            (Some(digest), Some(body)) if chain::digest(&body) != *digest => {
                return Err(changed("its body does not have its digest"));
            }
            (Some(_), Some(body)) => {
                Some(serde_json::from_str(&body).map_err(|source| LedgerError::Unreadable { seq, source })?)
            }
            _ => None,
        };
        Ok(Self {
            seq,
            hash: stored.hash,
            prev_hash: envelope.prev,
            kind: envelope.kind,
            task_id: envelope.task_id,
            attempt: envelope.attempt,
            at: envelope.at,
            payload: envelope.payload,
            body_digest: envelope.body_digest,
            body,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_the_same_name_in_its_column_and_its_content() {
        for kind in EntryKind::ALL {
            assert_eq!(serde_json::to_value(kind).expect("json"), kind.as_str());
        }
    }
}
