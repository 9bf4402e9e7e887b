//! Entries as they are read back.

use serde::ser::Error as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::json;

use super::chain::{self, Envelope};
use super::fact::{self, Fact};
use super::{LedgerError, Redaction};
use crate::domain::{Proof, TaskId, Timestamp};
use crate::store::StoredEntry;

/// The place of an entry in the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryRef {
    /// Its number, from 1.
    pub seq: u64,
    /// Its hash, `sha256:` and 64 hexadecimal digits.
    pub hash: String,
}

/// An entry as it is read back. Everything comes from the stored bytes, whose hash is computed anew.
///
/// Its JSON is the same document for both formats of entries.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its number, from 1.
    pub seq: u64,
    /// Its hash.
    pub hash: String,
    /// The hash of the entry before it.
    pub prev_hash: String,
    /// The task.
    pub task_id: Option<TaskId>,
    /// The attempt.
    pub attempt: Option<u32>,
    /// When it was appended.
    pub at: Timestamp,
    /// The caller of a request that does not belong to a task, where callers have names.
    pub caller: Option<String>,
    /// The fact that it records.
    pub fact: Fact,
    /// The digest of the texts that lie beside the chain.
    pub body_digest: Option<String>,
    /// Whether texts of it were removed.
    pub removed: bool,
    /// Whether they stood in the chain itself: then the content is what is left, and does not have the hash. So it is
    /// evidence of nothing.
    pub is_tombstone: bool,
}

impl Entry {
    /// Reads an entry from its stored bytes.
    ///
    /// # Errors
    /// When they do not have the entry's hash, when its body does not have its digest, or when its format is newer than
    /// this program.
    pub(super) fn from_stored(stored: StoredEntry, project: &str) -> Result<Self, LedgerError> {
        let seq = u64::try_from(stored.seq).unwrap_or_default();
        let changed = |what: &str| LedgerError::Changed { seq, what: what.to_owned() };
        let unreadable = |source| LedgerError::Unreadable { seq, source };
        let left = chain::digest(&stored.canonical);
        let is_tombstone = left != stored.hash;
        if is_tombstone && !explains(stored.redaction.as_deref(), seq, &stored.hash, &left) {
            return Err(changed("its content does not have its hash"));
        }
        let envelope: Envelope = serde_json::from_str(&stored.canonical).map_err(unreadable)?;
        if envelope.format > chain::FORMAT {
            return Err(LedgerError::Newer { seq, found: envelope.format, known: chain::FORMAT });
        }
        if envelope.seq != stored.seq.to_string() || envelope.project != project {
            return Err(changed("it is a copy of another entry"));
        }
        if is_tombstone && !fact::may_be_tombstone(envelope.format, &envelope.kind, &envelope.payload) {
            return Err(changed("its content does not have its hash, and nothing may be removed from such an entry"));
        }
        let body = match (&envelope.body_digest, stored.body) {
            (Some(digest), Some(body)) if chain::digest(&body) != *digest => {
                return Err(changed("its body does not have its digest"));
            }
            (Some(_), Some(body)) => Some(serde_json::from_str(&body).map_err(unreadable)?),
            _ => None,
        };
        Ok(Self {
            seq,
            hash: stored.hash,
            caller: envelope.caller(),
            removed: is_tombstone || envelope.body_digest.is_some() && body.is_none(),
            is_tombstone,
            fact: fact::read(envelope.format, &envelope.kind, envelope.payload, body),
            prev_hash: envelope.prev,
            task_id: envelope.task_id,
            attempt: envelope.attempt,
            at: envelope.at,
            body_digest: envelope.body_digest,
        })
    }

    /// Returns the name of the kind of fact.
    pub fn kind(&self) -> &str {
        self.fact.kind()
    }

    /// Returns the proof that it is, with its place in the ledger.
    pub fn proof(&self) -> Option<Proof> {
        let Fact::Proof(proof) = &self.fact else { return None };
        Some(Proof { seq: Some(self.seq), hash: Some(self.hash.clone()), ..(**proof).clone() })
    }

    /// Returns the number of the entry whose texts were removed, where it says that some were.
    pub fn removes(&self) -> Option<u64> {
        match &self.fact {
            Fact::Redaction(Redaction { seq, .. }) => Some(*seq),
            _ => None,
        }
    }
}

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (payload, body) = fact::shown(&self.fact, self.caller.as_deref()).map_err(S::Error::custom)?;
        let mut shown = json!({
            "seq": self.seq, "hash": self.hash, "prev_hash": self.prev_hash, "kind": self.kind(),
            "task_id": self.task_id, "attempt": self.attempt, "at": self.at, "payload": payload,
            "body_digest": self.body_digest, "body": body.filter(|_| !self.removed),
        });
        if let Some(fields) = shown.as_object_mut().filter(|_| self.removed) {
            fields.insert("removed".to_owned(), true.into());
        }
        shown.serialize(serializer)
    }
}

/// Tells whether a redaction explains why an entry has not the content of its hash.
fn explains(redaction: Option<&str>, seq: u64, hash: &str, left: &str) -> bool {
    matches!(redaction.and_then(|text| fact_of(text, None)), Some(Fact::Redaction(redaction))
        if redaction.seq == seq && redaction.body_digest == hash && redaction.tombstone.as_deref() == Some(left))
}

/// Reads the fact of stored bytes whose hash was compared already; `None` when they cannot be read.
pub(super) fn fact_of(canonical: &str, body: Option<&str>) -> Option<Fact> {
    let envelope: Envelope = serde_json::from_str(canonical).ok()?;
    let body = body.and_then(|body| serde_json::from_str(body).ok());
    Some(fact::read(envelope.format, &envelope.kind, envelope.payload, body))
}
