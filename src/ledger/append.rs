//! The only way into the ledger: one transaction for the entries and the rows that follow from them.

use std::sync::Arc;

use super::chain::{self, Content};
use super::fact::{self, Fact, Transition};
use super::head::{HeadFile, HeadLock, HeadState};
use super::queue::Queue;
use super::{EntryRef, LedgerError};
use crate::domain::{Fence, Redactor, RunState, SharedClock, Task, TaskId, TaskReport, TaskStatus, Timestamp};
use crate::store::{NewRow, Store, StoreError, StoreTransaction};

/// How often an append is tried when another writer was there first.
const TRIES: u32 = 5;

/// The ledger of one project. Cheap to clone.
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

/// The author of facts.
#[derive(Debug, Clone, Copy)]
pub(super) enum Author<'a> {
    /// One attempt of a task: its entries carry its token.
    Run(&'a Fence),
    /// What is observed for a task before its first attempt: attempt 0.
    Baseline(&'a TaskId),
    /// The caller of a request that does not belong to a task, where callers have names.
    Caller(Option<&'a str>),
}

/// Entries that are being written. The transaction keeps all other writers out.
pub(super) struct AppendTransaction {
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

    /// Returns the same ledger with a redactor that keeps known secrets out of criteria and receipts.
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

    pub(super) fn clock(&self) -> SharedClock {
        self.parts.clock.clone()
    }

    pub(super) fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    pub(super) fn project(&self) -> &str {
        self.parts.store.project().as_str()
    }

    /// Appends facts, and in the same transaction writes the rows that follow from them: a transition moves its task, a
    /// decision of gate 2 gets the row that the store's triggers ask for.
    ///
    /// With a fence, the facts are of its task and attempt, and an older token is refused; transitions and decisions
    /// need one. Creations, starts, interruptions and redactions have their own methods and are refused here.
    ///
    /// # Errors
    /// [`StoreError::StaleFence`], [`LedgerError::Transition`], [`LedgerError::NoPassingDecision`],
    /// [`LedgerError::Misuse`], or when the store cannot be written; then nothing was.
    pub async fn append(&self, fence: Option<&Fence>, facts: Vec<Fact>) -> Result<Vec<EntryRef>, LedgerError> {
        let author = fence.map_or(Author::Caller(None), Author::Run);
        self.append_of(author, facts).await
    }

    /// Appends facts that belong to no task and that a caller with a name asked for.
    ///
    /// # Errors
    /// As [`Ledger::append`].
    pub async fn append_for(&self, caller: &str, facts: Vec<Fact>) -> Result<Vec<EntryRef>, LedgerError> {
        self.append_of(Author::Caller(Some(caller)), facts).await
    }

    /// Appends what was observed for a task before its first attempt.
    ///
    /// # Errors
    /// As [`Ledger::append`].
    pub async fn append_baseline(&self, task_id: &TaskId, facts: Vec<Fact>) -> Result<Vec<EntryRef>, LedgerError> {
        check_kinds(Author::Baseline(task_id), &facts)?;
        self.append_once(Author::Baseline(task_id), &facts).await
    }

    async fn append_of(&self, author: Author<'_>, facts: Vec<Fact>) -> Result<Vec<EntryRef>, LedgerError> {
        check_kinds(author, &facts)?;
        let facts: Arc<[Fact]> = facts.into();
        if !facts.iter().any(Fact::changes_rows)
            && let Some(written) = self.append_together(author, &facts).await?
        {
            return Ok(written);
        }
        for _ in 1..TRIES {
            match self.append_once(author, &facts).await {
                Err(LedgerError::Store(StoreError::Conflict { .. })) => {}
                answer => return answer,
            }
        }
        self.append_once(author, &facts).await
    }

    async fn append_once(&self, author: Author<'_>, facts: &[Fact]) -> Result<Vec<EntryRef>, LedgerError> {
        let mut append = self.begin(None).await?;
        if let Author::Run(fence) = author {
            append.must_hold(fence).await?;
        }
        let written = append.write_all(author, facts).await?;
        if let Author::Run(fence) = author
            && facts.iter().any(Fact::changes_rows)
        {
            append.derive_rows(fence, facts, &written).await?;
        }
        self.finish(append).await
    }

    /// Ends an attempt with its report, whose status is the task's. The chain has no entry for the end: the report is
    /// made from the entries before it.
    ///
    /// # Errors
    /// [`StoreError::StaleFence`], [`LedgerError::Misuse`], or when the store cannot be written; then nothing was.
    pub async fn end_run(&self, fence: &Fence, report: &TaskReport) -> Result<(), LedgerError> {
        let mut append = self.begin(None).await?;
        append.must_hold(fence).await?;
        let task = append.transaction.task(&fence.task_id).await?;
        if report.status != task.status {
            let what = format!("a run ends with a report of {} while its task is {}", report.status, task.status);
            return Err(LedgerError::misuse(what));
        }
        append.transaction.end_run(fence, RunState::Ended, report, append.at).await?;
        self.finish(append).await?;
        Ok(())
    }

    /// Begins to write at the end of the chain.
    pub(super) async fn begin(&self, token: Option<u64>) -> Result<AppendTransaction, LedgerError> {
        let mut transaction = self.store().begin_write().await?;
        let project = self.project().to_owned();
        let end = match transaction.last_entry().await? {
            None => (0, chain::genesis(&project)),
            Some((seq, hash)) => (u64::try_from(seq).unwrap_or_default(), hash),
        };
        let before = end.clone();
        // Microseconds are not in the stored form.
        let at = Timestamp::from_micros(self.now().as_micros().div_euclid(1000).saturating_mul(1000));
        Ok(AppendTransaction { transaction, project, at, token, before, end, written: Vec::new() })
    }

    /// Commits the entries and moves the head.
    pub(super) async fn finish(&self, append: AppendTransaction) -> Result<Vec<EntryRef>, LedgerError> {
        let AppendTransaction { transaction, before, end, written, .. } = append;
        if before.0 == 0 && end.0 > 0 {
            // Written before the first commit, so that this program never leaves entries without a head.
            self.make_first_head(&before.1).await?;
        }
        transaction.commit().await?;
        if end.0 > before.0
            && let Err(error) = self.advance_head(&before, &end).await
        {
            // The entries are in the store, so a head that lags behind is not an error for their author.
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
            if lock.read()? == HeadState::Missing { lock.write(&first) } else { Ok(()) }
        })
        .await?
        .map_err(|source| LedgerError::Head { path, source })
    }

    /// Moves the head forward, but only from a place that the chain contains: a head that shows lost entries stays.
    async fn advance_head(&self, before: &(u64, String), end: &(u64, String)) -> Result<(), LedgerError> {
        let folder = self.store().folder().to_owned();
        let path = folder.join(super::HEAD_FILE);
        let failed = |source| LedgerError::Head { path: path.clone(), source };
        let (lock, state) = blocking(move || {
            let lock = HeadLock::take(&folder)?;
            let state = lock.read()?;
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

impl AppendTransaction {
    pub(super) fn at(&self) -> Timestamp {
        self.at
    }

    /// Returns where the chain ends: number and hash.
    pub(super) fn end(&self) -> (u64, String) {
        self.end.clone()
    }

    /// Tells whether a run still holds its task, by its fencing token.
    pub(super) async fn holds(&mut self, fence: &Fence) -> Result<bool, LedgerError> {
        Ok(self.transaction.running_of(&fence.task_id).await?.is_some_and(|run| run.fence == *fence))
    }

    async fn must_hold(&mut self, fence: &Fence) -> Result<(), LedgerError> {
        if self.holds(fence).await? { Ok(()) } else { Err(StoreError::StaleFence.into()) }
    }

    /// Writes facts; those of a run are of its task and attempt and carry its token.
    pub(super) async fn write_all(&mut self, author: Author<'_>, facts: &[Fact]) -> Result<Vec<EntryRef>, LedgerError> {
        let (task, attempt, caller) = match author {
            Author::Run(fence) => (Some(&fence.task_id), Some(fence.attempt), None),
            Author::Baseline(task) => (Some(task), Some(0), None),
            Author::Caller(caller) => (None, None, caller),
        };
        self.token = match author {
            Author::Run(fence) => Some(fence.token),
            Author::Caller(_) | Author::Baseline(_) => None,
        };
        let first = self.written.len();
        let mut rows = Vec::with_capacity(facts.len());
        let mut bodies = Vec::new();
        for fact in facts {
            let (row, body) = self.seal(task, attempt, caller, fact)?;
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

    /// Writes one fact at the end of the chain.
    pub(super) async fn write(
        &mut self,
        task_id: Option<&TaskId>,
        attempt: Option<u32>,
        fact: &Fact,
    ) -> Result<EntryRef, LedgerError> {
        let (row, body) = self.seal(task_id, attempt, None, fact)?;
        let written = EntryRef { seq: self.end.0, hash: row.hash.clone() };
        self.transaction.insert_bodies(body.as_slice()).await?;
        self.transaction.insert_entries(&[row]).await?;
        Ok(written)
    }

    /// Makes the next link of the chain, and its body with the body's digest; both are yet to be inserted.
    fn seal(
        &mut self,
        task_id: Option<&TaskId>,
        attempt: Option<u32>,
        caller: Option<&str>,
        fact: &Fact,
    ) -> Result<(NewRow, Option<(String, String)>), LedgerError> {
        let stored = fact::store(fact)?;
        let body = stored.body.map(|body| {
            // A body keeps its numbers as they are, because only the chain itself is canonical.
            let text = body.to_string();
            (chain::digest(&text), text)
        });
        let seq = self.end.0 + 1;
        let body_digest = body.as_ref().map(|(digest, _)| digest.as_str());
        let content = Content {
            format: chain::FORMAT,
            project: &self.project,
            seq: seq.to_string(),
            prev: &self.end.1,
            kind: fact.kind(),
            task_id,
            attempt,
            at: self.at,
            token: self.token.map(|token| token.to_string()),
            caller,
            payload: stored.payload,
            body_digest,
        };
        let (canonical, hash) = chain::seal(&content)?;
        let row = NewRow {
            seq: i64::try_from(seq).map_err(|_| LedgerError::misuse("the ledger is longer than a number can say"))?,
            prev_hash: std::mem::replace(&mut self.end.1, hash.clone()),
            hash: hash.clone(),
            kind: fact.kind().to_owned(),
            task_id: task_id.cloned(),
            attempt,
            format_version: i64::from(chain::FORMAT),
            canonical,
            caller: caller.map(str::to_owned),
            body_digest: body_digest.map(str::to_owned),
        };
        self.end.0 = seq;
        self.written.push(EntryRef { seq, hash });
        Ok((row, body))
    }

    /// Writes the rows that follow from facts, in their order: a status may need the decision before it.
    async fn derive_rows(&mut self, fence: &Fence, facts: &[Fact], written: &[EntryRef]) -> Result<(), LedgerError> {
        let mut task = self.transaction.task(&fence.task_id).await?;
        for (fact, place) in facts.iter().zip(written) {
            match fact {
                Fact::Decision(decision) => {
                    let seq = i64::try_from(place.seq).unwrap_or(i64::MAX);
                    self.transaction.insert_decision(fence, seq, &place.hash, decision.verdict.passed).await?;
                }
                Fact::Transition(transition) => self.move_task(&mut task, transition, fence.attempt).await?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Moves a task's row along a transition that the lifecycle has.
    pub(super) async fn move_task(
        &mut self,
        task: &mut Task,
        transition: &Transition,
        attempt: u32,
    ) -> Result<(), LedgerError> {
        let Transition { from, to, cause } = *transition;
        if task.status != from {
            return Err(LedgerError::misuse(format!("a transition from {from} of a task that is {}", task.status)));
        }
        task.status = task.status.become_status(to)?;
        if matches!(to, TaskStatus::ProdOk | TaskStatus::Done)
            && !self.transaction.has_passing_decision(&task.id, attempt).await?
        {
            return Err(LedgerError::NoPassingDecision { task_id: task.id.clone(), attempt });
        }
        self.transaction.set_task_status(&task.id, to, cause, attempt, self.at).await?;
        Ok(())
    }
}

fn check_kinds(author: Author<'_>, facts: &[Fact]) -> Result<(), LedgerError> {
    for fact in facts {
        match fact {
            Fact::TaskCreated(_)
            | Fact::RunStarted(_)
            | Fact::RunInterrupted(_)
            | Fact::Redaction(_)
            | Fact::HeadAccepted(_)
            | Fact::Restored(_)
            | Fact::Repaired(_)
            | Fact::Unknown(_) => {
                return Err(LedgerError::misuse(format!("{} entries are not appended like others", fact.kind())));
            }
            Fact::Transition(_) | Fact::Decision(_) if !matches!(author, Author::Run(_)) => {
                return Err(LedgerError::misuse(format!("{} entries need a fence", fact.kind())));
            }
            _ => {}
        }
    }
    Ok(())
}
