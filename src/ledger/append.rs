//! The only way into the book: one transaction for the entries and the changes that they tell of.

use std::sync::Arc;

use serde_json::Value;

use super::chain::{self, Envelope};
use super::head::{HeadFile, HeadLock, HeadState};
use super::queue::Queue;
use super::{EntryKind, EntryRef, LedgerError};
use crate::domain::{Cause, Fence, Redactor, RunState, SharedClock, Task, TaskId, TaskReport, TaskStatus, Timestamp};
use crate::store::{NewRow, Store, StoreError, StoreTransaction};

/// How often an append is tried when another writer was there first.
const TRIES: u32 = 5;

/// Something to append.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEntry {
    /// What it is about.
    pub kind: EntryKind,
    /// The task; none for observations without one.
    pub task_id: Option<TaskId>,
    /// The attempt.
    pub attempt: Option<u32>,
    /// The facts: canonicalised and hashed into the chain. Integers past 2^53 become strings.
    pub payload: Value,
    /// What may have to be removed one day (response bodies, outputs): stored beside the chain by its digest.
    pub body: Option<Value>,
}

/// A change of a task that is written in the same transaction as the entries that tell of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The task has a new status. DONE and PROD_OK need a passing decision of the same attempt in the store.
    ///
    /// The call's entries tell of it with a transition `{from, to, cause}`, in the same order as the changes.
    Status {
        /// The status.
        status: TaskStatus,
        /// What it comes from.
        cause: Option<Cause>,
    },
    /// Gate 2 decided in the entry with this index of the same call.
    ///
    /// The entry's payload says `passed` (at its root or under `verdict`), and the same as here.
    Decision {
        /// The index into `entries`.
        entry: usize,
        /// Whether it let the task pass.
        passed: bool,
    },
    /// The attempt ended with this report, whose status is the task's.
    End {
        /// What the run answers.
        report: Box<TaskReport>,
    },
}

/// The book of one project. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Ledger {
    parts: Arc<LedgerParts>,
    redactor: Arc<Redactor>,
}

#[derive(Debug)]
struct LedgerParts {
    store: Store,
    clock: SharedClock,
    queue: Queue,
}

/// Entries that are being written; the transaction holds off all other writers.
pub(super) struct Writing {
    pub(super) transaction: StoreTransaction,
    project: String,
    at: Timestamp,
    token: Option<u64>,
    /// Where the chain ended before this transaction.
    before: (u64, String),
    end: (u64, String),
    pub(super) written: Vec<EntryRef>,
}

impl Ledger {
    /// Opens the ledger over a store; the head lies beside the store's file.
    pub fn new(store: Store, clock: SharedClock) -> Self {
        let parts = Arc::new(LedgerParts { store, clock, queue: Queue::default() });
        Self { parts, redactor: Arc::default() }
    }

    /// Returns the same ledger that also knows some secrets by their value: they stay out of criteria and receipts.
    #[must_use]
    pub fn with_redactor(self, redactor: Redactor) -> Self {
        Self { redactor: Arc::new(redactor), ..self }
    }

    pub(super) fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Returns the store below.
    pub fn store(&self) -> &Store {
        &self.parts.store
    }

    pub(super) fn queue(&self) -> &Queue {
        &self.parts.queue
    }

    pub(super) fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    pub(super) fn project(&self) -> &str {
        self.parts.store.project().as_str()
    }

    /// Appends entries and makes the changes that they tell of, in one transaction.
    ///
    /// With a fence, the entries are of its task and attempt, and an older token is refused. Changes need a fence.
    /// Each `Change::Status` needs its transition entry in the same call, and each transition entry its change.
    /// Creations, starts, interruptions and redactions have their own methods and are refused here.
    ///
    /// # Errors
    /// [`StoreError::StaleFence`], [`LedgerError::Transition`], [`LedgerError::NoPassingDecision`],
    /// [`LedgerError::Misuse`], or when the store cannot be written; then nothing was.
    pub async fn append(
        &self,
        fence: Option<&Fence>,
        entries: Vec<NewEntry>,
        changes: Vec<Change>,
    ) -> Result<Vec<EntryRef>, LedgerError> {
        check_kinds(fence, &entries, &changes)?;
        let entries: Arc<[NewEntry]> = entries.into();
        if changes.is_empty()
            && let Some(written) = self.append_together(fence, &entries).await?
        {
            return Ok(written);
        }
        for _ in 1..TRIES {
            match self.append_once(fence, &entries, &changes).await {
                Err(LedgerError::Store(StoreError::Conflict { .. })) => {}
                answer => return answer,
            }
        }
        self.append_once(fence, &entries, &changes).await
    }

    async fn append_once(
        &self,
        fence: Option<&Fence>,
        entries: &[NewEntry],
        changes: &[Change],
    ) -> Result<Vec<EntryRef>, LedgerError> {
        let mut writing = self.begin(None).await?;
        if let Some(fence) = fence
            && !writing.holds(fence).await?
        {
            return Err(StoreError::StaleFence.into());
        }
        writing.write_all(fence, entries).await?;
        if let Some(fence) = fence
            && !changes.is_empty()
        {
            writing.change(fence, entries, changes).await?;
        }
        self.finish(writing).await
    }

    /// Begins to write at the end of the chain.
    pub(super) async fn begin(&self, token: Option<u64>) -> Result<Writing, LedgerError> {
        let mut transaction = self.store().begin_write().await?;
        let project = self.project().to_owned();
        let end = match transaction.last_entry().await? {
            None => (0, chain::genesis(&project)),
            Some((seq, hash)) => (u64::try_from(seq).unwrap_or_default(), hash),
        };
        let before = end.clone();
        // Microseconds are not in the stored form.
        let at = Timestamp::from_micros(self.now().as_micros().div_euclid(1000).saturating_mul(1000));
        Ok(Writing { transaction, project, at, token, before, end, written: Vec::new() })
    }

    /// Makes the entries last and moves the head.
    pub(super) async fn finish(&self, writing: Writing) -> Result<Vec<EntryRef>, LedgerError> {
        let Writing { transaction, before, end, written, .. } = writing;
        if before.0 == 0 && end.0 > 0 {
            // Before the first commit, so that entries without a head are never our doing.
            self.make_first_head(&before.1).await?;
        }
        transaction.commit().await?;
        if end.0 > before.0
            && let Err(error) = self.advance_head(&before, &end).await
        {
            // The entries are in the store: a head that lags is no error for who appended them.
            tracing::warn!(%error, "the ledger's head could not be moved");
        }
        Ok(written)
    }

    async fn make_first_head(&self, genesis: &str) -> Result<(), LedgerError> {
        let folder = self.store().folder().to_owned();
        let first = HeadFile::new(self.project(), 0, genesis);
        let path = folder.join(super::HEAD_FILE);
        blocking(move || {
            let lock = HeadLock::take(&folder)?;
            if lock.read() == HeadState::Missing { lock.write(&first) } else { Ok(()) }
        })
        .await?
        .map_err(|source| LedgerError::Head { path, source })
    }

    /// Moves the head forward, only from a place that the chain contains: a head that tells of lost entries stays.
    async fn advance_head(&self, before: &(u64, String), end: &(u64, String)) -> Result<(), LedgerError> {
        let folder = self.store().folder().to_owned();
        let path = folder.join(super::HEAD_FILE);
        let failed = |source| LedgerError::Head { path: path.clone(), source };
        let (lock, state) = blocking(move || {
            let lock = HeadLock::take(&folder)?;
            let state = lock.read();
            Ok((lock, state))
        })
        .await?
        .map_err(failed)?;
        let HeadState::Present(head) = state else { return Ok(()) };
        if head.seq >= end.0 || head.project != self.project() {
            return Ok(());
        }
        let contained = (head.seq, &head.hash) == (before.0, &before.1)
            || match head.seq {
                0 => head.hash == chain::genesis(self.project()),
                seq => {
                    let seq = i64::try_from(seq).unwrap_or(i64::MAX);
                    self.store().hash_at(seq).await?.as_ref() == Some(&head.hash)
                }
            };
        if !contained {
            return Ok(());
        }
        let next = HeadFile::new(self.project(), end.0, &end.1);
        blocking(move || lock.write(&next)).await?.map_err(failed)
    }
}

/// Runs file work where it does not hold up other tasks.
pub(super) async fn blocking<T, F>(work: F) -> Result<T, LedgerError>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    tokio::task::spawn_blocking(work).await.map_err(|error| LedgerError::Stopped(Box::new(error)))
}

impl Writing {
    pub(super) fn at(&self) -> Timestamp {
        self.at
    }

    /// Tells whether a run still has the word.
    pub(super) async fn holds(&mut self, fence: &Fence) -> Result<bool, LedgerError> {
        Ok(self.transaction.running_of(&fence.task_id).await?.is_some_and(|run| run.fence == *fence))
    }

    /// Writes entries; with a fence they are of its task and attempt and carry its token.
    pub(super) async fn write_all(
        &mut self,
        fence: Option<&Fence>,
        entries: &[NewEntry],
    ) -> Result<Vec<EntryRef>, LedgerError> {
        self.token = fence.map(|fence| fence.token);
        let first = self.written.len();
        let mut rows = Vec::with_capacity(entries.len());
        let mut bodies = Vec::new();
        for entry in entries {
            let task = fence.map_or(entry.task_id.as_ref(), |fence| Some(&fence.task_id));
            let attempt = fence.map_or(entry.attempt, |fence| Some(fence.attempt));
            let (row, body) = self.seal(entry.kind, task, attempt, &entry.payload, entry.body.as_ref())?;
            rows.push(row);
            bodies.extend(body);
        }
        self.transaction.insert_bodies(&bodies).await?;
        self.transaction.insert_entries(&rows).await?;
        Ok(self.written.get(first..).unwrap_or_default().to_vec())
    }

    pub(super) fn set_token(&mut self, token: u64) {
        self.token = Some(token);
    }

    /// Writes an entry at the end of the chain.
    pub(super) async fn write(
        &mut self,
        kind: EntryKind,
        task_id: Option<&TaskId>,
        attempt: Option<u32>,
        payload: &Value,
    ) -> Result<EntryRef, LedgerError> {
        let (row, _) = self.seal(kind, task_id, attempt, payload, None)?;
        let written = EntryRef { seq: self.end.0, hash: row.hash.clone() };
        self.transaction.insert_entries(&[row]).await?;
        Ok(written)
    }

    /// Makes the next link of the chain, and its body with the body's digest; both are yet to be inserted.
    fn seal(
        &mut self,
        kind: EntryKind,
        task_id: Option<&TaskId>,
        attempt: Option<u32>,
        payload: &Value,
        body: Option<&Value>,
    ) -> Result<(NewRow, Option<(String, String)>), LedgerError> {
        let body = body.map(|body| {
            // A body keeps its numbers as they are: only the chain itself is canonical.
            let text = body.to_string();
            (chain::digest(&text), text)
        });
        let seq = self.end.0 + 1;
        let envelope = Envelope {
            format: chain::FORMAT,
            project: self.project.clone(),
            seq: seq.to_string(),
            prev: self.end.1.clone(),
            kind,
            task_id: task_id.cloned(),
            attempt,
            at: self.at,
            token: self.token.map(|token| token.to_string()),
            payload: chain::exact(payload),
            body_digest: body.as_ref().map(|(digest, _)| digest.clone()),
        };
        let (canonical, hash) = chain::seal(&envelope)?;
        let row = NewRow {
            seq: i64::try_from(seq).map_err(|_| LedgerError::misuse("the ledger is longer than a number can say"))?,
            prev_hash: envelope.prev,
            hash: hash.clone(),
            kind: kind.as_str(),
            task_id: envelope.task_id,
            attempt,
            format_version: i64::from(chain::FORMAT),
            canonical,
            body_digest: envelope.body_digest,
        };
        self.end = (seq, hash.clone());
        self.written.push(EntryRef { seq, hash });
        Ok((row, body))
    }

    /// Makes the changes: decisions first, for a status may need one, then statuses in order, then the end.
    async fn change(&mut self, fence: &Fence, entries: &[NewEntry], changes: &[Change]) -> Result<(), LedgerError> {
        for change in changes {
            if let Change::Decision { entry, passed } = change {
                let Some(written) = self.written.get(*entry).cloned() else {
                    return Err(LedgerError::misuse("a decision names an entry that is not in the call"));
                };
                let seq = i64::try_from(written.seq).unwrap_or(i64::MAX);
                self.transaction.insert_decision(fence, seq, &written.hash, *passed).await?;
            }
        }
        let mut task = self.transaction.task(&fence.task_id).await?;
        let mut transitions = entries.iter().filter(|entry| entry.kind == EntryKind::Transition);
        for change in changes {
            if let Change::Status { status, cause } = change {
                let told = transitions.next().map(|entry| &entry.payload);
                if !told.is_some_and(|told| tells(told, task.status, *status, *cause)) {
                    return Err(LedgerError::misuse(format!(
                        "the change from {} to {status} has no transition entry that tells of it",
                        task.status
                    )));
                }
                self.set_status(&mut task, *status, *cause, fence.attempt).await?;
            }
        }
        for change in changes {
            if let Change::End { report } = change {
                if report.status != task.status {
                    return Err(LedgerError::misuse(format!(
                        "a run ends with a report of {} while its task is {}",
                        report.status, task.status
                    )));
                }
                self.transaction.end_run(fence, RunState::Ended, report, self.at).await?;
            }
        }
        Ok(())
    }

    /// Writes a status that the lifecycle allows next.
    pub(super) async fn set_status(
        &mut self,
        task: &mut Task,
        status: TaskStatus,
        cause: Option<Cause>,
        attempt: u32,
    ) -> Result<(), LedgerError> {
        task.status = task.status.become_status(status)?;
        if matches!(status, TaskStatus::ProdOk | TaskStatus::Done)
            && !self.transaction.has_passing_decision(&task.id, attempt).await?
        {
            return Err(LedgerError::NoPassingDecision { task_id: task.id.clone(), attempt });
        }
        self.transaction.set_task_status(&task.id, status, cause, attempt, self.at).await?;
        Ok(())
    }
}

/// Tells whether a transition's payload is about this change.
fn tells(payload: &Value, from: TaskStatus, to: TaskStatus, cause: Option<Cause>) -> bool {
    let text = |key: &str| payload.get(key).and_then(Value::as_str);
    text("from") == Some(from.as_str()) && text("to") == Some(to.as_str()) && text("cause") == cause.map(Cause::as_str)
}

/// Returns what a decision's payload says: `passed` at its root or under `verdict`.
pub(super) fn passed_of(payload: &Value) -> Option<bool> {
    payload.get("passed").or_else(|| payload.get("verdict")?.get("passed"))?.as_bool()
}

fn check_kinds(fence: Option<&Fence>, entries: &[NewEntry], changes: &[Change]) -> Result<(), LedgerError> {
    for entry in entries {
        match entry.kind {
            EntryKind::TaskCreated | EntryKind::RunStarted | EntryKind::RunInterrupted | EntryKind::Redaction => {
                return Err(LedgerError::misuse(format!("{} entries have their own method", entry.kind.as_str())));
            }
            EntryKind::Transition | EntryKind::Decision if fence.is_none() => {
                return Err(LedgerError::misuse(format!("{} entries need a fence", entry.kind.as_str())));
            }
            _ => {}
        }
        if let Some(fence) = fence
            && (entry.task_id.as_ref().is_some_and(|id| *id != fence.task_id)
                || entry.attempt.is_some_and(|attempt| attempt != fence.attempt))
        {
            return Err(LedgerError::misuse("an entry is of another task or attempt than its fence"));
        }
    }
    if fence.is_none() && !changes.is_empty() {
        return Err(LedgerError::misuse("changes need a fence"));
    }
    for change in changes {
        if let Change::Decision { entry, passed } = change {
            let Some(told) = entries.get(*entry) else {
                return Err(LedgerError::misuse("a decision names an entry that is not in the call"));
            };
            if told.kind != EntryKind::Decision || passed_of(&told.payload) != Some(*passed) {
                return Err(LedgerError::misuse("a decision's entry does not say what its change says"));
            }
        }
    }
    let told = entries.iter().filter(|entry| entry.kind == EntryKind::Transition).count();
    let changed = changes.iter().filter(|change| matches!(change, Change::Status { .. })).count();
    if told != changed {
        return Err(LedgerError::misuse(format!("{changed} status changes with {told} transition entries")));
    }
    Ok(())
}
