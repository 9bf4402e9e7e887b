//! The caller for whom an orchestrator works. A named caller owns the tasks that they start.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Orchestrator, OrchestratorError};
use crate::domain::{Task, TaskId};
use crate::ledger::Entry;
use crate::store::StoreError;

/// A named caller: the owner of the tasks that they start, and whether the tasks of others are shown to them, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    name: Arc<str>,
    sees_all: bool,
}

impl Caller {
    /// Makes a caller.
    pub fn new(name: &str, sees_all: bool) -> Self {
        Self { name: name.into(), sees_all }
    }
}

impl Orchestrator {
    /// Returns this orchestrator for one caller, who sees no task of anybody else; without one, all are seen.
    #[must_use]
    pub fn for_caller(&self, caller: Caller) -> Self {
        Self { caller: Some(caller), ..self.clone() }
    }

    /// Returns the name of the caller.
    pub(super) fn caller_name(&self) -> Option<&str> {
        self.caller.as_ref().map(|caller| &*caller.name)
    }

    /// The name whose tasks alone are shown.
    pub(super) fn only(&self) -> Option<&str> {
        self.caller.as_ref().filter(|caller| !caller.sees_all).map(|caller| &*caller.name)
    }

    /// Tells whether the caller may know of a task. A task of nobody in particular was started on this machine, by
    /// a person or by an agent of theirs, and is not shown to others.
    pub(super) async fn sees(&self, id: &TaskId) -> Result<bool, OrchestratorError> {
        let Some(name) = self.only() else { return Ok(true) };
        Ok(self.deps.ledger.store().owner_of_task(id).await?.is_some_and(|owner| owner == name))
    }

    /// Refuses the task of another caller as if there were no such task.
    pub(super) async fn must_see(&self, id: &TaskId) -> Result<(), OrchestratorError> {
        if self.sees(id).await? { Ok(()) } else { Err(StoreError::NoTask(id.clone()).into()) }
    }

    /// Tells whether the caller may know of an entry. An entry of a task is shown like the task. An entry that a named
    /// caller asked for without a task is shown to that caller. All other entries are shown to everybody.
    pub(super) async fn sees_entry(&self, entry: &Entry) -> Result<bool, OrchestratorError> {
        match &entry.task_id {
            Some(id) => self.sees(id).await,
            None => Ok(self.asked_for(entry)),
        }
    }

    fn asked_for(&self, entry: &Entry) -> bool {
        let Some(name) = self.only() else { return true };
        entry.caller.as_deref().is_none_or(|caller| caller == name)
    }

    /// Leaves out what the caller may not know of; each task is asked for once.
    pub(super) async fn seen_entries(&self, entries: Vec<Entry>) -> Result<Vec<Entry>, OrchestratorError> {
        if self.only().is_none() {
            return Ok(entries);
        }
        let mut asked: HashMap<TaskId, bool> = HashMap::new();
        let mut seen = Vec::with_capacity(entries.len());
        for entry in entries {
            let shown = match &entry.task_id {
                None => self.asked_for(&entry),
                Some(id) => match asked.get(id) {
                    Some(shown) => *shown,
                    None => {
                        let shown = self.sees(id).await?;
                        asked.insert(id.clone(), shown);
                        shown
                    }
                },
            };
            if shown {
                seen.push(entry);
            }
        }
        Ok(seen)
    }

    /// Reads the latest tasks that the caller may know of.
    pub(super) async fn seen_tasks(&self, limit: u32) -> Result<Vec<Task>, OrchestratorError> {
        let store = self.deps.ledger.store();
        Ok(match self.only() {
            Some(name) => store.tasks_of_owner(name, limit).await?,
            None => store.tasks(limit).await?,
        })
    }

    /// Notes the owner of a new task. A task whose owner could not be noted stays hidden, so that nothing is shown by
    /// mistake.
    pub(super) async fn own(&self, id: &TaskId) -> Result<(), OrchestratorError> {
        let Some(caller) = &self.caller else { return Ok(()) };
        let mut transaction = self.deps.ledger.store().begin_write().await?;
        transaction.set_task_owner(id, &caller.name, self.deps.clock.now()).await?;
        Ok(transaction.commit().await?)
    }
}
