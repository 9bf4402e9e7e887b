//! Appends of one process that come at the same moment share a transaction.
//!
//! A commit waits for the disk (milliseconds), so a thousand observations must not wait a thousand times. Only facts
//! from which no row follows share a transaction. They fail for all writers or for none, apart from a stale fence, which
//! fails for its own writer only.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

use super::append::{Author, Ledger};
use super::{EntryRef, Fact, LedgerError};
use crate::domain::Fence;
use crate::store::StoreError;

/// The appends that wait for a transaction.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: Mutex<VecDeque<Job>>,
    /// Held by the task that writes for all.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct Job {
    fence: Option<Fence>,
    caller: Option<String>,
    facts: Arc<[Fact]>,
    outcome: oneshot::Sender<JobOutcome>,
}

#[derive(Debug)]
enum JobOutcome {
    Written(Vec<EntryRef>),
    Stale,
    /// The shared transaction failed and wrote nothing. Each writer must try alone to learn the reason.
    Alone,
}

impl Queue {
    fn push(&self, job: Job) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push_back(job);
    }

    fn take(&self) -> VecDeque<Job> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Ledger {
    /// Appends together with all that wait. Returns `None` when the caller must try alone.
    pub(super) async fn append_together(
        &self,
        author: Author<'_>,
        facts: &Arc<[Fact]>,
    ) -> Result<Option<Vec<EntryRef>>, LedgerError> {
        let (outcome, mut answered) = oneshot::channel();
        let (fence, caller) = match author {
            Author::Run(fence) => (Some(fence.clone()), None),
            Author::Caller(caller) => (None, caller.map(str::to_owned)),
            // It is rare, and is written alone.
            Author::Baseline(_) => return Ok(None),
        };
        self.queue().push(Job { fence, caller, facts: facts.clone(), outcome });
        let turn = self.queue().turn.lock().await;
        let answer = match answered.try_recv() {
            Ok(answer) => answer,
            Err(_) => {
                // A task of its own, so that a dropped caller cannot cancel the writes of the others.
                let ledger = self.clone();
                tokio::spawn(async move { ledger.write_waiting().await })
                    .await
                    .map_err(|error| LedgerError::Stopped(Box::new(error)))?;
                answered.await.map_err(|error| LedgerError::Stopped(Box::new(error)))?
            }
        };
        drop(turn);
        match answer {
            JobOutcome::Written(refs) => Ok(Some(refs)),
            JobOutcome::Stale => Err(StoreError::StaleFence.into()),
            JobOutcome::Alone => Ok(None),
        }
    }

    async fn write_waiting(&self) {
        let jobs = self.queue().take();
        if jobs.is_empty() {
            return;
        }
        let answers = match self.write_together(&jobs).await {
            Ok(answers) => answers,
            Err(error) => {
                tracing::debug!(%error, jobs = jobs.len(), "appends are tried one by one");
                jobs.iter().map(|_| JobOutcome::Alone).collect()
            }
        };
        for (job, answer) in jobs.into_iter().zip(answers) {
            // The receiver is gone only when its caller was dropped.
            drop(job.outcome.send(answer));
        }
    }

    async fn write_together(&self, jobs: &VecDeque<Job>) -> Result<Vec<JobOutcome>, LedgerError> {
        let mut append = self.begin(None).await?;
        let mut answers = Vec::with_capacity(jobs.len());
        let mut checked: Vec<(&Fence, bool)> = Vec::new();
        for job in jobs {
            if let Some(fence) = &job.fence {
                let known = checked.iter().find(|(known, _)| *known == fence).map(|(_, holds)| *holds);
                let holds = match known {
                    Some(holds) => holds,
                    None => {
                        let holds = append.holds(fence).await?;
                        checked.push((fence, holds));
                        holds
                    }
                };
                if !holds {
                    answers.push(JobOutcome::Stale);
                    continue;
                }
            }
            let author = job.fence.as_ref().map_or(Author::Caller(job.caller.as_deref()), Author::Run);
            answers.push(JobOutcome::Written(append.write_all(author, &job.facts).await?));
        }
        self.finish(append).await?;
        Ok(answers)
    }
}
