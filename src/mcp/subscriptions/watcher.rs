//! Looking for changes of watched resources.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::domain::{HTask, HTaskRef, TaskId};
use crate::mcp::resources::Address;
use crate::orchestrator::{Orchestrator, OrchestratorError};
use crate::snipara::SniparaKind;

use super::heads::Heads;

/// How often the ledger's head is read, and each watcher looks for changes.
pub(super) const LOOK: Duration = Duration::from_millis(250);
/// How often watched htasks are read from our own store, and from the hosted service.
const HTASK_LOOK: Duration = Duration::from_secs(1);
const HOSTED_HTASK_LOOK: Duration = Duration::from_secs(15);
/// How many entries are read at once.
const PAGE: u32 = 200;
/// How many resources one client watches at most.
pub(super) const MOST_WATCHED: usize = 256;

/// The watched addresses. The address of an htask has the htask as it was when watching began.
pub(super) type Watched = BTreeMap<String, Option<Box<HTask>>>;

/// Looks for changes since it was made.
pub(super) struct Watcher {
    orchestrator: Orchestrator,
    head: watch::Receiver<u64>,
    /// The last entry of the ledger that was looked at.
    seen: u64,
    htasks: BTreeMap<String, Box<HTask>>,
    next_htask_look: Instant,
}

impl Watcher {
    /// Begins at the ledger's present head.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub(super) async fn begin(heads: &Heads, orchestrator: Orchestrator) -> Result<Self, OrchestratorError> {
        let head = heads.of(&orchestrator).await?;
        let seen = *head.borrow();
        Ok(Self { orchestrator, head, seen, htasks: BTreeMap::new(), next_htask_look: Instant::now() })
    }

    /// Returns the watched resources that changed since the last look, each once. A resource that cannot be read now is
    /// read again the next time.
    pub(super) async fn look(&mut self, watched: &Watched) -> BTreeSet<String> {
        let mut changed = BTreeSet::new();
        if let Err(error) = self.look_at_ledger(watched, &mut changed).await {
            tracing::debug!(%error, "the ledger could not be looked at");
        }
        self.look_at_htasks(watched, &mut changed).await;
        changed
    }

    async fn look_at_ledger(
        &mut self,
        watched: &Watched,
        changed: &mut BTreeSet<String>,
    ) -> Result<(), OrchestratorError> {
        let head = *self.head.borrow();
        // A ledger that was restored from a backup is shorter than before: every resource may be different.
        if head < self.seen {
            self.seen = head;
            changed.extend(watched.iter().filter(|(_, htask)| htask.is_none()).map(|(uri, _)| uri.clone()));
        }
        // The head also moves with entries that this caller cannot see.
        if self.seen < head {
            changed.extend([Address::Head.to_string()].into_iter().filter(|uri| watched.contains_key(uri)));
        }
        while self.seen < head {
            let entries = self.orchestrator.entries_since(self.seen, PAGE).await?;
            let told =
                entries.iter().flat_map(|entry| changed_by(entry.task_id.as_ref(), entry.attempt, entry.removes()));
            changed.extend(told.map(|address| address.to_string()).filter(|uri| watched.contains_key(uri)));
            // Entries have no gaps, but this caller cannot see those of other callers' tasks.
            let page = self.seen.saturating_add(u64::from(PAGE)).min(head);
            self.seen = entries.last().map_or(page, |entry| entry.seq.max(page));
        }
        Ok(())
    }

    async fn look_at_htasks(&mut self, watched: &Watched, changed: &mut BTreeSet<String>) {
        self.htasks.retain(|uri, _| watched.contains_key(uri));
        if Instant::now() < self.next_htask_look {
            return;
        }
        for (uri, begun) in watched {
            let (Some(begun), Ok(Address::HTask(task))) = (begun, Address::parse(uri)) else { continue };
            let Ok(now) = self.orchestrator.htask(task).await else { continue };
            let known = self.htasks.entry(uri.clone()).or_insert_with(|| begun.clone());
            if **known != now {
                **known = now;
                changed.insert(uri.clone());
            }
        }
        let hosted = self.orchestrator.snipara().kind == SniparaKind::Hosted;
        self.next_htask_look = Instant::now() + if hosted { HOSTED_HTASK_LOOK } else { HTASK_LOOK };
    }
}

/// Returns which resources an entry of the ledger changes, beside the head.
fn changed_by(task_id: Option<&TaskId>, attempt: Option<u32>, removed: Option<u64>) -> Vec<Address> {
    let mut changed = Vec::new();
    if let Some(id) = task_id {
        changed.extend([Address::Task(id.clone()), Address::Checklist(id.clone())]);
        changed.extend(attempt.map(|attempt| Address::Receipt(id.clone(), attempt)));
    }
    changed.extend(removed.map(Address::Proof));
    changed
}

/// Tells whether the caller can read the resource of an address.
///
/// # Errors
/// When the store cannot be read, or the hosted service does not answer.
pub(super) async fn readable(orchestrator: &Orchestrator, uri: &str) -> Result<Readability, OrchestratorError> {
    let Ok(address) = Address::parse(uri) else { return Ok(Readability::Not) };
    let found = match address {
        Address::Head => Ok(None),
        // The text of the skill changes with the program only, and an answer never.
        Address::Skill(_) | Address::Answer(_) => return Ok(Readability::Not),
        Address::Task(id) | Address::Checklist(id) | Address::Receipt(id, _) => {
            orchestrator.task(id.as_str()).await.map(|_| None)
        }
        Address::Proof(seq) => orchestrator.entry(seq).await.map(|_| None),
        Address::ProofOfHash(hash) => orchestrator.seq_of_hash(&hash).await.map(|_| None),
        Address::HTask(task) => htask(orchestrator, task).await,
    };
    match found {
        Ok(htask) => Ok(Readability::Yes(htask)),
        Err(error) if error.is_refusal() => Ok(Readability::Not),
        Err(error) => Err(error),
    }
}

/// Whether the caller can read a resource, with the present state of an htask.
pub(super) enum Readability {
    /// Nothing that the caller can read has this address.
    Not,
    /// It can be watched.
    Yes(Option<Box<HTask>>),
}

async fn htask(orchestrator: &Orchestrator, task: HTaskRef) -> Result<Option<Box<HTask>>, OrchestratorError> {
    orchestrator.htask(task).await.map(|htask| Some(Box::new(htask)))
}
