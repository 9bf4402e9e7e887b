//! Rows of htasks, and their way to the domain.

use serde::de::DeserializeOwned;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{Store, StoreError};
use crate::domain::{
    Blocker, FieldError, HTask, HTaskClaim, HTaskId, HTaskStatus, MemoryId, SwarmId, Timestamp, UnknownWord, Waiver,
};

const TABLE: &str = "htasks";

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

/// Reads one row of all columns.
pub(super) fn read(store: &Store, row: &SqliteRow) -> Result<StoredHTask, StoreError> {
    let columns = HTaskRow { store, row };
    let claimed_by: Option<String> = columns.get("claimed_by")?;
    let last_token: Option<i64> = columns.get("fencing_token")?;
    let last_lease_end = columns.time("lease_expires_at")?;
    let claim = match (claimed_by, last_token, last_lease_end) {
        (Some(claimed_by), Some(fencing_token), Some(lease_expires_at)) => {
            Some(HTaskClaim { claimed_by, fencing_token, lease_expires_at })
        }
        _ => None,
    };
    let task = HTask {
        task_id: columns.id("id", HTaskId::parse)?,
        swarm_id: Some(columns.id("swarm_id", SwarmId::parse)?),
        level: columns.word("level")?,
        parent_id: columns.optional_id("parent_id", HTaskId::parse)?,
        sequence_number: columns.get("sequence_number")?,
        workstream_type: columns.optional_word("workstream_type")?,
        custom_workstream_type: columns.get("custom_workstream_type")?,
        title: columns.get("title")?,
        description: columns.get("description")?,
        owner: columns.get("owner")?,
        execution_target: columns.optional_word("execution_target")?,
        priority: columns.word("priority")?,
        eta_target: columns.get("eta_target")?,
        acceptance_criteria: columns.document("acceptance_criteria")?,
        context_refs: columns.document("context_refs")?,
        depends_on: columns.document("depends_on")?,
        evidence_required: columns.document("evidence_required")?,
        evidence_provided: columns.document("evidence_provided")?,
        status: columns.word("status")?,
        is_blocking: columns.get("is_blocking")?,
        blocker: columns.optional_document::<Blocker>("blocker")?,
        waiver: columns.optional_document::<Waiver>("waiver")?,
        claim,
        result: columns.optional_document("result")?,
        created_at: columns.time("created_at")?,
        started_at: columns.time("started_at")?,
        completed_at: columns.time("completed_at")?,
        archived_at: columns.time("archived_at")?,
    };
    Ok(StoredHTask {
        task,
        status_before: columns.optional_word("status_before")?,
        last_token,
        last_lease_end,
        learnings: columns.document("learnings")?,
        decision_impact: columns.get("decision_impact")?,
        linked_memory_id: columns.optional_id("linked_memory_id", MemoryId::parse)?,
        auto_closed_parent: columns.optional_id("auto_closed_parent", HTaskId::parse)?,
    })
}

struct HTaskRow<'a> {
    store: &'a Store,
    row: &'a SqliteRow,
}

impl HTaskRow<'_> {
    fn get<'r, T>(&'r self, name: &str) -> Result<T, StoreError>
    where
        T: sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
    {
        self.row.try_get(name).map_err(|error| self.store.failed(error))
    }

    fn bad(&self, name: &str, what: impl std::fmt::Display) -> StoreError {
        self.store.bad_row(TABLE, format!("{name}: {what}"))
    }

    fn id<T>(&self, name: &str, parse: fn(&str) -> Result<T, FieldError>) -> Result<T, StoreError> {
        let text: String = self.get(name)?;
        parse(&text).map_err(|error| self.bad(name, error))
    }

    fn optional_id<T>(&self, name: &str, parse: fn(&str) -> Result<T, FieldError>) -> Result<Option<T>, StoreError> {
        let text: Option<String> = self.get(name)?;
        text.map(|text| parse(&text)).transpose().map_err(|error| self.bad(name, error))
    }

    fn word<T: std::str::FromStr<Err = UnknownWord>>(&self, name: &str) -> Result<T, StoreError> {
        let text: String = self.get(name)?;
        text.parse().map_err(|error| self.bad(name, error))
    }

    fn optional_word<T: std::str::FromStr<Err = UnknownWord>>(&self, name: &str) -> Result<Option<T>, StoreError> {
        let text: Option<String> = self.get(name)?;
        text.map(|text| text.parse()).transpose().map_err(|error| self.bad(name, error))
    }

    fn document<T: DeserializeOwned>(&self, name: &str) -> Result<T, StoreError> {
        let text: String = self.get(name)?;
        serde_json::from_str(&text).map_err(|error| self.bad(name, error))
    }

    fn optional_document<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StoreError> {
        let text: Option<String> = self.get(name)?;
        text.map(|text| serde_json::from_str(&text)).transpose().map_err(|error| self.bad(name, error))
    }

    fn time(&self, name: &str) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.get::<Option<i64>>(name)?.map(Timestamp::from_micros))
    }
}
