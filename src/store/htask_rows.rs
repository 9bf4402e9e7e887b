//! Rows of htasks.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::columns::{document, record};
use crate::domain::{HTask, HTaskClaim, HTaskId, HTaskStatus, MemoryId, Timestamp};

/// An htask as it lies in the file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StoredHTask {
    /// The htask as callers see it.
    pub(crate) task: HTask,
    /// Its status before it was blocked, as long as it is blocked.
    pub(crate) status_before: Option<HTaskStatus>,
    /// The token of the last claim, which may have ended.
    pub(crate) last_token: Option<i64>,
    /// When the last lease ends or ended.
    pub(crate) last_lease_end: Option<Timestamp>,
    /// The learnings of its completion.
    pub(crate) learnings: Vec<String>,
    /// The impact of the decision in its completion.
    pub(crate) decision_impact: Option<String>,
    /// The memory of its completion.
    pub(crate) linked_memory_id: Option<MemoryId>,
    /// The parent that was closed with it.
    pub(crate) auto_closed_parent: Option<HTaskId>,
}

impl StoredHTask {
    /// Wraps a new htask.
    pub(crate) const fn new(task: HTask) -> Self {
        Self {
            task,
            status_before: None,
            last_token: None,
            last_lease_end: None,
            learnings: Vec::new(),
            decision_impact: None,
            linked_memory_id: None,
            auto_closed_parent: None,
        }
    }

    /// Sets a claim, or extends it.
    pub(crate) fn hold(&mut self, claim: HTaskClaim) {
        self.last_token = Some(claim.fencing_token);
        self.last_lease_end = Some(claim.lease_expires_at);
        self.task.claim = Some(claim);
    }

    /// Ends its claim; the token is remembered.
    pub(crate) fn release(&mut self) {
        self.task.claim = None;
    }
}

record! {
    row => StoredHTask in "htasks" {
        task = HTask::read(row)?, status_before, last_token = row.try_get("fencing_token")?,
        last_lease_end = row.try_get("lease_expires_at")?, learnings = document(row, "learnings")?, decision_impact,
        linked_memory_id, auto_closed_parent,
    }
}

record! {
    row => HTask in "htasks" {
        task_id = row.try_get("id")?, swarm_id, level, parent_id, sequence_number, workstream_type,
        custom_workstream_type, title, description, owner, execution_target, priority, eta_target,
        acceptance_criteria = document(row, "acceptance_criteria")?, context_refs = document(row, "context_refs")?,
        depends_on = document(row, "depends_on")?, evidence_required = document(row, "evidence_required")?,
        evidence_provided = document(row, "evidence_provided")?, status, is_blocking,
        blocker = document(row, "blocker")?, waiver = document(row, "waiver")?, claim = claim(row)?,
        result = document(row, "result")?, created_at, started_at, completed_at, archived_at,
    }
}

fn claim(row: &SqliteRow) -> Result<Option<HTaskClaim>, sqlx::Error> {
    let claimed = (row.try_get("claimed_by")?, row.try_get("fencing_token")?, row.try_get("lease_expires_at")?);
    Ok(match claimed {
        (Some(claimed_by), Some(fencing_token), Some(lease_expires_at)) => {
            Some(HTaskClaim { claimed_by, fencing_token, lease_expires_at })
        }
        _ => None,
    })
}
