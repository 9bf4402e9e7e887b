//! The htasks that are ready, best first. SQLite's indexes choose them, without reading the whole swarm.

use sqlx::SqliteConnection;

use super::statement::Statement;
use super::{StoreError, StoreTransaction};
use crate::domain::{HTaskId, SwarmId, Workstream};

/// Selects the htasks among which the next ones are chosen.
#[derive(Debug, Clone, Default)]
pub(crate) struct QueueSelection {
    /// Of this owner only.
    pub(crate) owner: Option<String>,
    /// Under this htask only, at any depth.
    pub(crate) under: Option<HTaskId>,
    /// In workstreams of this type only.
    pub(crate) workstream_type: Option<Workstream>,
    /// This htask only.
    pub(crate) only: Option<HTaskId>,
}

/// `hidden` holds every parent that is blocked for a cause of its own, waits for a dependency, was closed with a waiver or
/// archived, and every parent below it. A parent that is blocked only by a child hides nothing (snipara-wire.md §S11: one block freezes a
/// feature).
const PARENTS: &str = "WITH RECURSIVE hidden (id) AS (
        SELECT id FROM htasks WHERE project_id = $1 AND swarm_id = $2
            AND level IN ('N0_INITIATIVE', 'N1_FEATURE', 'N2_WORKSTREAM')
            AND (blocker IS NOT NULL OR waiver IS NOT NULL OR archived_at IS NOT NULL
                 OR status IN ('FAILED', 'CANCELLED')
                 OR EXISTS (SELECT 1 FROM htask_dependencies AS edge JOIN htasks AS needed
                     ON needed.project_id = edge.project_id AND needed.id = edge.depends_on_id
                     WHERE edge.project_id = $1 AND edge.task_id = htasks.id AND needed.status <> 'COMPLETED'))
        UNION
        SELECT child.id FROM hidden JOIN htasks AS child
            ON child.project_id = $1 AND child.swarm_id = $2 AND child.parent_id = hidden.id
        WHERE child.level <> 'N3_TASK'
    ), under (id) AS (
        SELECT id FROM htasks WHERE project_id = $1 AND swarm_id = $2 AND id = $4
        UNION
        SELECT child.id FROM under JOIN htasks AS child
            ON child.project_id = $1 AND child.swarm_id = $2 AND child.parent_id = under.id
        WHERE child.level <> 'N3_TASK'
    )";

const SELECTED: &str = "task.project_id = $1 AND task.swarm_id = $2 AND task.level = 'N3_TASK'
    AND task.archived_at IS NULL AND ($3 IS NULL OR task.owner = $3)
    AND ($4 IS NULL OR task.parent_id IN (SELECT id FROM under))
    AND ($5 IS NULL OR EXISTS (SELECT 1 FROM htasks AS stream WHERE stream.project_id = $1
        AND stream.id = task.parent_id AND stream.workstream_type = $5))
    AND ($6 IS NULL OR task.id = $6)";

const READY: &str = "task.status = 'PENDING' AND task.claimed_by IS NULL
    AND (task.parent_id IS NULL OR task.parent_id NOT IN (SELECT id FROM hidden))
    AND NOT EXISTS (SELECT 1 FROM htask_dependencies AS edge JOIN htasks AS needed
        ON needed.project_id = edge.project_id AND needed.id = edge.depends_on_id
        WHERE edge.project_id = $1 AND edge.task_id = task.id AND needed.status <> 'COMPLETED')";

const BLOCKED: &str = "(task.status = 'BLOCKED'
    OR (task.status = 'PENDING' AND task.parent_id IN (SELECT id FROM hidden)))";

const RANKED: &str =
    "ORDER BY task.priority, task.eta_rank, task.is_blocking DESC, task.created_order, task.id LIMIT $7";

impl StoreTransaction {
    /// Returns what is ready, best first: unclaimed, pending, with every dependency completed and no ancestor that
    /// stands still for a cause of its own.
    pub(crate) async fn ready_htasks(
        &mut self,
        swarm_id: &SwarmId,
        selection: &QueueSelection,
        limit: i64,
    ) -> Result<Vec<String>, StoreError> {
        self.queued(swarm_id, selection, READY, limit).await
    }

    /// Returns what is blocked, or under something that is, in the same order.
    pub(crate) async fn blocked_htasks(
        &mut self,
        swarm_id: &SwarmId,
        selection: &QueueSelection,
        limit: i64,
    ) -> Result<Vec<String>, StoreError> {
        self.queued(swarm_id, selection, BLOCKED, limit).await
    }

    async fn queued(
        &mut self,
        swarm_id: &SwarmId,
        selection: &QueueSelection,
        condition: &str,
        limit: i64,
    ) -> Result<Vec<String>, StoreError> {
        let condition = format!("{condition} {RANKED}");
        self.select_queued("task.id", &condition, swarm_id, selection).bind(limit).values().await
    }

    /// Counts what is ready.
    pub(crate) async fn count_ready_htasks(
        &mut self,
        swarm_id: &SwarmId,
        selection: &QueueSelection,
    ) -> Result<u64, StoreError> {
        self.select_queued("count(*)", READY, swarm_id, selection).value().await
    }

    fn select_queued(
        &mut self,
        what: &str,
        condition: &str,
        swarm_id: &SwarmId,
        selection: &QueueSelection,
    ) -> Statement<&mut SqliteConnection> {
        self.sql(sqlx::AssertSqlSafe(format!(
            "{PARENTS} SELECT {what} FROM htasks AS task WHERE {SELECTED} AND {condition}"
        )))
        .with((swarm_id, &selection.owner, &selection.under, selection.workstream_type, &selection.only))
    }
}
