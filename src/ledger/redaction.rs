//! Removing texts: a leaked secret must go, the chain must stay.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;
use serde_json::Value;

use super::append::{AppendTransaction, Ledger, blocking};
use super::chain::{self, Envelope};
use super::{EntryRef, Fact, LedgerError, Redaction, fact};
use crate::domain::{CanonicalError, Criteria, TaskId};
use crate::store::{RedactableEntry, SweepScope};

/// The shortest text that can be removed wherever it stands: a shorter one is part of other words.
const SHORTEST_TEXT: usize = 6;
/// Texts of an entry that are shorter are not looked for in what was told of it: `GET`, `200`.
const SHORTEST_REPEATED: usize = 8;

/// What a redaction did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RedactionReport {
    /// The last entry that says so; none when the text stood only beside the ledger.
    #[serde(flatten)]
    pub recorded: Option<EntryRef>,
    /// In how many places of each kind something was removed.
    pub removed: BTreeMap<&'static str, u64>,
    /// In how many places of each kind the text stands still, because it is a name there: of an agent, a key.
    pub left: BTreeMap<&'static str, u64>,
    /// Copies of the store that an upgrade, a restore or a repair left, which still hold what they held.
    pub copies: Vec<PathBuf>,
}

impl Ledger {
    /// Removes the texts of an entry and records that; the chain still holds.
    ///
    /// Texts that lie beside the chain go; those that several entries share are removed for all of them: the record names
    /// the digest, which explains each. The same texts never come back. Of texts that an entry of format 1 holds in the
    /// chain itself, a tombstone is left: the entry without them, under its number and hash. What the run told of the
    /// texts goes with them: in its reports, its memory, its final state and what waits to be sent. With the texts of the
    /// entry that created a task, title and description go wherever they stand; its criteria stay, so that it can run
    /// again. All of it happens, or nothing; it is overwritten in the file and emptied from the log.
    ///
    /// # Errors
    /// [`LedgerError::NoEntry`], [`LedgerError::NoBody`], [`LedgerError::BodyGone`], or when the store cannot be
    /// written.
    pub async fn redact(&self, seq: u64) -> Result<RedactionReport, LedgerError> {
        let number = i64::try_from(seq).map_err(|_| LedgerError::NoEntry(seq))?;
        let mut append = self.begin(None).await?;
        let entry = append.transaction.redactable_entry(number).await?.ok_or(LedgerError::NoEntry(seq))?;
        let content = Content::read(&entry, seq)?;
        let mut work = Redacting::new(append);
        let mut texts = Vec::new();
        if let Some(body) = &entry.body {
            leaves(&serde_json::from_str(body).unwrap_or_default(), &mut texts);
            work.remove_body(seq, entry.body_digest.as_deref().unwrap_or_default()).await?;
        }
        let left = fact::without_texts(content.envelope.format, &entry.kind, &content.envelope.payload);
        if left != content.envelope.payload {
            removed_texts(&content.envelope.payload, &left, &mut texts);
            work.put_tombstone(&entry, &content.with_payload(left), entry.kind == Fact::TASK_CREATED).await?;
        }
        if work.recorded.is_none() {
            let gone = entry.is_tombstone || entry.body_digest.is_some();
            return Err(if gone { LedgerError::BodyGone(seq) } else { LedgerError::NoBody(seq) });
        }
        texts.retain(|text| text.len() >= SHORTEST_REPEATED);
        // The longest first: a shorter one may be a part of it.
        texts.sort_unstable_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        texts.dedup();
        let scope = match (&entry.task_id, entry.kind == Fact::TASK_CREATED) {
            (Some(task), false) => Some(SweepScope::Task(task.clone())),
            (Some(_), true) => Some(SweepScope::Everywhere),
            (None, _) => None,
        };
        if let Some(scope) = scope {
            work.sweep(&texts, &scope).await?;
        }
        self.finish_redaction(work).await
    }

    /// Removes a text wherever it stands: in bodies, in the chain itself, in criteria, titles, reports, memories, htasks,
    /// swarms, in what waits to be sent, and in the copies of documents. Of what holds a body the whole body goes.
    ///
    /// A task whose criteria held it cannot run again: they are not those it was created with.
    ///
    /// # Errors
    /// [`LedgerError::ShortText`], [`LedgerError::NowhereFound`], or when the store cannot be written.
    pub async fn redact_text(&self, text: &str) -> Result<RedactionReport, LedgerError> {
        let text = text.trim();
        if text.len() < SHORTEST_TEXT {
            return Err(LedgerError::ShortText { at_least: SHORTEST_TEXT });
        }
        let append = self.begin(None).await?;
        let mut work = Redacting::new(append);
        for (seq, digest) in work.append.transaction.bodies_with(text).await? {
            work.remove_body(u64::try_from(seq).unwrap_or_default(), &digest).await?;
        }
        for number in work.append.transaction.entries_with(text).await? {
            let Some(entry) = work.append.transaction.redactable_entry(number).await? else { continue };
            let content = Content::read(&entry, u64::try_from(number).unwrap_or_default())?;
            let left = without(&content.envelope.payload, text);
            if left != content.envelope.payload {
                work.put_tombstone(&entry, &content.with_payload(left), false).await?;
            }
        }
        work.criteria(text).await?;
        work.sweep(&[text.to_owned()], &SweepScope::Everywhere).await?;
        work.left = work.append.transaction.names_with(text).await?.into_iter().collect();
        if work.removed.is_empty() && work.left.is_empty() {
            return Err(LedgerError::NowhereFound);
        }
        self.finish_redaction(work).await
    }

    async fn finish_redaction(&self, work: Redacting) -> Result<RedactionReport, LedgerError> {
        let Redacting { append, removed, left, recorded } = work;
        self.finish(append).await?;
        self.store().empty_log().await?;
        let folder = self.store().folder().to_owned();
        let copies = blocking(move || crate::store::copies(&folder)).await?;
        Ok(RedactionReport { recorded, removed, left, copies })
    }
}

/// A redaction on its way.
struct Redacting {
    append: AppendTransaction,
    removed: BTreeMap<&'static str, u64>,
    left: BTreeMap<&'static str, u64>,
    recorded: Option<EntryRef>,
}

impl Redacting {
    const fn new(append: AppendTransaction) -> Self {
        Self { append, removed: BTreeMap::new(), left: BTreeMap::new(), recorded: None }
    }

    async fn record(&mut self, task: Option<&TaskId>, redaction: Redaction) -> Result<i64, LedgerError> {
        let written = self.append.write(task, None, &Fact::Redaction(redaction)).await?;
        let by = i64::try_from(written.seq).unwrap_or(i64::MAX);
        self.recorded = Some(written);
        Ok(by)
    }

    async fn remove_body(&mut self, seq: u64, digest: &str) -> Result<(), LedgerError> {
        let redaction = Redaction { seq, body_digest: digest.to_owned(), tombstone: None };
        let by = self.record(None, redaction).await?;
        if self.append.transaction.remove_body(digest, by).await? {
            *self.removed.entry("bodies").or_default() += 1;
        }
        Ok(self.append.transaction.remove_task_texts(digest, fact::REMOVED).await?)
    }

    /// Leaves a tombstone; with `whole` all texts of a created task went, so title and description go from its row.
    async fn put_tombstone(&mut self, entry: &RedactableEntry, left: &str, whole: bool) -> Result<(), LedgerError> {
        let seq = u64::try_from(entry.seq).unwrap_or_default();
        let tombstone = Some(chain::digest(left));
        let by = self.record(None, Redaction { seq, body_digest: entry.hash.clone(), tombstone }).await?;
        self.append.transaction.put_tombstone(entry.seq, left, by).await?;
        *self.removed.entry("entries").or_default() += 1;
        if let (true, Some(task)) = (whole, &entry.task_id) {
            self.append.transaction.remove_texts_of(task, fact::REMOVED).await?;
        }
        Ok(())
    }

    async fn criteria(&mut self, text: &str) -> Result<(), LedgerError> {
        for task in self.append.transaction.criteria_with(text).await? {
            let Ok(criteria) = serde_json::from_str::<Value>(&task.criteria) else { continue };
            let left = without(&criteria, text);
            if left == criteria {
                continue;
            }
            // What cannot be read any more is left out as a whole.
            let left: Criteria = serde_json::from_value(left).unwrap_or_else(|_| Criteria::nothing());
            let (digest, seq) = (left.digest()?, u64::try_from(task.created_seq).unwrap_or_default());
            let Ok(id) = TaskId::parse(&task.id) else { continue };
            let created = self.append.transaction.creation_of(&id).await?;
            let created = created.and_then(|(text, _)| super::entry::fact_of(&text, None));
            let Some(Fact::TaskCreated(created)) = created else { continue };
            let redaction = Redaction { seq, body_digest: created.criteria_digest, tombstone: Some(digest.clone()) };
            self.record(Some(&id), redaction).await?;
            let text = serde_json::to_string(&left).map_err(CanonicalError::from)?;
            self.append.transaction.put_criteria(&task.id, &text, &digest).await?;
            *self.removed.entry("criteria").or_default() += 1;
        }
        Ok(())
    }

    async fn sweep(&mut self, texts: &[String], scope: &SweepScope) -> Result<(), LedgerError> {
        for text in texts {
            for (place, count) in self.append.transaction.sweep(text, fact::REMOVED, scope).await? {
                *self.removed.entry(place).or_default() += count;
            }
        }
        Ok(())
    }
}

/// The content of an entry, as it is read and as its fields stand in the file.
struct Content {
    envelope: Envelope,
    fields: Value,
}

impl Content {
    fn read(entry: &RedactableEntry, seq: u64) -> Result<Self, LedgerError> {
        let unreadable = |source| LedgerError::Unreadable { seq, source };
        let envelope = serde_json::from_str(&entry.canonical).map_err(unreadable)?;
        Ok(Self { envelope, fields: serde_json::from_str(&entry.canonical).map_err(unreadable)? })
    }

    /// Returns the same content with what is left of its payload.
    fn with_payload(mut self, payload: Value) -> String {
        if let Some(fields) = self.fields.as_object_mut() {
            fields.insert("payload".to_owned(), payload);
        }
        self.fields.to_string()
    }
}

/// Collects the texts of a value, and of each the lines.
fn leaves(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            texts.push(text.trim().to_owned());
            if text.contains('\n') {
                texts.extend(text.lines().map(|line| line.trim().to_owned()));
            }
        }
        Value::Array(items) => items.iter().for_each(|item| leaves(item, texts)),
        Value::Object(fields) => fields.values().for_each(|field| leaves(field, texts)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Collects the texts that stand in a value and not in what is left of it.
fn removed_texts(before: &Value, left: &Value, texts: &mut Vec<String>) {
    match (before, left) {
        (before, left) if before == left => {}
        (Value::Object(fields), Value::Object(kept)) => {
            for (name, field) in fields {
                removed_texts(field, kept.get(name).unwrap_or(&Value::Null), texts);
            }
        }
        (Value::Array(items), Value::Array(kept)) => {
            for (item, kept) in items.iter().zip(kept) {
                removed_texts(item, kept, texts);
            }
        }
        // Of an address its end goes.
        (Value::String(whole), Value::String(kept)) if whole.starts_with(kept.as_str()) => {
            texts.extend(whole.get(kept.len()..).map(str::to_owned));
        }
        (before, _) => leaves(before, texts),
    }
}

/// Returns a value whose texts do not hold `text`.
fn without(value: &Value, text: &str) -> Value {
    crate::store::without(value, text, fact::REMOVED)
}
