//! Removing texts: a leaked secret must go, the chain must stay.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;
use serde_json::Value;

use super::append::{AppendTransaction, Ledger, blocking};
use super::chain::{self, Envelope};
use super::{EntryRef, Fact, LedgerError, Redaction, fact};
use crate::domain::{CanonicalError, Criteria, Removal, TaskId};
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
    /// In how many places of each kind the text stands still, because it may not be removed there: it is a name, of an
    /// agent or a key, or a value that decides.
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
    /// entry that created a task, its title and description go wherever they are told; its criteria stay, so that it can run
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
            work.put_tombstone(&entry, content, left).await?;
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
            let removals: Vec<Removal> = texts.iter().map(|text| Removal::new(text, fact::REMOVED)).collect();
            work.sweep(&removals, &scope).await?;
        }
        self.finish_redaction(work).await
    }

    /// Removes a text wherever it may go: in bodies, in texts and addresses of the chain itself, in criteria, titles,
    /// reports, memories, htasks, swarms, in what waits to be sent, and in the copies of documents. Of what holds a body
    /// the whole body goes.
    ///
    /// Nothing that decides changes: names of fields, results, statuses, origins. Where the text is a part of them it
    /// stays, and the report counts it. A task whose criteria held it cannot run again: they are not those it was created
    /// with.
    ///
    /// # Errors
    /// [`LedgerError::ShortText`], [`LedgerError::NowhereFound`], [`LedgerError::NotRemovable`] when it stands only where
    /// it may not be removed, or when the store cannot be written. Then nothing was.
    pub async fn redact_text(&self, text: &str) -> Result<RedactionReport, LedgerError> {
        let text = text.trim();
        if text.len() < SHORTEST_TEXT {
            return Err(LedgerError::ShortText { at_least: SHORTEST_TEXT });
        }
        let removal = Removal::new(text, fact::REMOVED);
        let append = self.begin(None).await?;
        let mut work = Redacting::new(append);
        work.bodies(&removal).await?;
        work.entries(&removal).await?;
        work.criteria(&removal).await?;
        work.sweep(std::slice::from_ref(&removal), &SweepScope::Everywhere).await?;
        work.left = work.append.transaction.places_with(&removal).await?.into_iter().collect();
        if work.removed.is_empty() {
            let places: Vec<String> = work.left.iter().map(|(place, count)| format!("{count} {place}")).collect();
            return Err(match places.is_empty() {
                true => LedgerError::NowhereFound,
                false => LedgerError::NotRemovable { places: places.join(", ") },
            });
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

    /// Removes the bodies that hold a text.
    async fn bodies(&mut self, removal: &Removal) -> Result<(), LedgerError> {
        for (number, digest) in self.append.transaction.bodies_with(removal).await? {
            let Some(entry) = self.append.transaction.redactable_entry(number).await? else { continue };
            let seq = u64::try_from(number).unwrap_or_default();
            let content = Content::read(&entry, seq)?;
            let body = serde_json::from_str(entry.body.as_deref().unwrap_or_default()).unwrap_or_default();
            if fact::body_holds(content.envelope.format, &entry.kind, &body, removal) {
                self.remove_body(seq, &digest).await?;
            }
        }
        Ok(())
    }

    /// Leaves tombstones of the entries that hold a text in the chain itself.
    async fn entries(&mut self, removal: &Removal) -> Result<(), LedgerError> {
        for number in self.append.transaction.entries_with(removal).await? {
            let Some(entry) = self.append.transaction.redactable_entry(number).await? else { continue };
            let content = Content::read(&entry, u64::try_from(number).unwrap_or_default())?;
            let Envelope { format, payload, .. } = &content.envelope;
            if let Some(left) = fact::without_text(*format, &entry.kind, payload, removal) {
                self.put_tombstone(&entry, content, left).await?;
            }
        }
        Ok(())
    }

    /// Leaves a tombstone. The title and description of a created task are what the chain says of them.
    async fn put_tombstone(
        &mut self,
        entry: &RedactableEntry,
        content: Content,
        left: Value,
    ) -> Result<(), LedgerError> {
        let seq = u64::try_from(entry.seq).unwrap_or_default();
        let told = fact::read(content.envelope.format, &entry.kind, left.clone(), None);
        let left = content.with_payload(left);
        let tombstone = Some(chain::digest(&left));
        let by = self.record(None, Redaction { seq, body_digest: entry.hash.clone(), tombstone }).await?;
        self.append.transaction.put_tombstone(entry.seq, &left, by).await?;
        *self.removed.entry("entries").or_default() += 1;
        if let (Fact::TaskCreated(created), Some(task)) = (told, &entry.task_id) {
            self.append.transaction.set_texts_of(task, &created.title, &created.description).await?;
        }
        Ok(())
    }

    async fn criteria(&mut self, removal: &Removal) -> Result<(), LedgerError> {
        for task in self.append.transaction.criteria_with(removal).await? {
            let Ok(criteria) = serde_json::from_str::<Criteria>(&task.criteria) else { continue };
            let left = criteria.without(removal);
            if left == criteria {
                continue;
            }
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

    async fn sweep(&mut self, removals: &[Removal], scope: &SweepScope) -> Result<(), LedgerError> {
        for removal in removals {
            for (place, count) in self.append.transaction.sweep(removal, scope).await? {
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
