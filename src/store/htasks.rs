//! Hierarchical tasks: writing them, and finding them by id, parent, lease and blocker.

use std::collections::BTreeSet;

use super::columns::json;
use super::{StoreError, StoreTransaction, StoredHTask};
use crate::domain::{HTaskId, SwarmId, Timestamp};

impl StoreTransaction {
    /// Reads an htask of a swarm.
    pub(crate) async fn htask(&mut self, swarm_id: &SwarmId, id: &HTaskId) -> Result<Option<StoredHTask>, StoreError> {
        self.sql("SELECT * FROM htasks WHERE project_id = $1 AND id = $2 AND swarm_id = $3")
            .with((id, swarm_id))
            .read_first()
            .await
    }

    /// Reads the children of an htask that are not archived, by sequence.
    pub(crate) async fn htask_children(
        &mut self,
        swarm_id: &SwarmId,
        parent_id: &HTaskId,
    ) -> Result<Vec<StoredHTask>, StoreError> {
        self.sql(
            "SELECT * FROM htasks WHERE project_id = $1 AND swarm_id = $2 AND parent_id = $3 AND archived_at IS NULL
             ORDER BY sequence_number, created_order",
        )
        .with((swarm_id, parent_id))
        .read_all()
        .await
    }

    /// Reads every htask of a swarm, or one with everything under it, by sequence.
    pub(crate) async fn htasks_under(
        &mut self,
        swarm_id: &SwarmId,
        root: Option<&HTaskId>,
    ) -> Result<Vec<StoredHTask>, StoreError> {
        const ALL: &str = "SELECT * FROM htasks WHERE project_id = $1 AND swarm_id = $2 AND $3 IS NULL
            ORDER BY sequence_number, created_order";
        const UNDER: &str = "WITH RECURSIVE under (id) AS (
                SELECT id FROM htasks WHERE project_id = $1 AND swarm_id = $2 AND id = $3
                UNION
                SELECT child.id FROM under JOIN htasks AS child
                    ON child.project_id = $1 AND child.swarm_id = $2 AND child.parent_id = under.id
            )
            SELECT htasks.* FROM under JOIN htasks ON htasks.project_id = $1 AND htasks.id = under.id
            ORDER BY sequence_number, created_order";
        self.sql(if root.is_some() { UNDER } else { ALL }).bind(swarm_id).bind(root).read_all().await
    }

    /// Returns the sequence number of the next htask under a parent, or among the roots.
    pub(crate) async fn next_htask_sequence(
        &mut self,
        swarm_id: &SwarmId,
        parent_id: Option<&HTaskId>,
    ) -> Result<i64, StoreError> {
        const UNDER: &str = "SELECT COALESCE(MAX(sequence_number), 0) + 1 FROM htasks
            WHERE project_id = $1 AND swarm_id = $2 AND parent_id = $3";
        const ROOTS: &str = "SELECT COALESCE(MAX(sequence_number), 0) + 1 FROM htasks
            WHERE project_id = $1 AND swarm_id = $2 AND parent_id IS NULL AND $3 IS NULL";
        self.sql(if parent_id.is_some() { UNDER } else { ROOTS }).bind(swarm_id).bind(parent_id).value().await
    }

    /// Reads the ids and titles of the newest htasks of a swarm, for the nearest one in an error.
    pub(crate) async fn htask_titles(&mut self, swarm_id: &SwarmId) -> Result<Vec<(String, String)>, StoreError> {
        self.sql(
            "SELECT id, title FROM htasks WHERE project_id = $1 AND swarm_id = $2 ORDER BY created_order DESC
             LIMIT 1000",
        )
        .bind(swarm_id)
        .all()
        .await
    }

    /// Reads the edges of waiting in a swarm, as (waiting, awaited, kind): `needs` from an htask to its dependencies and its
    /// blocker, `part` from a parent to its blocking children, `under` from a child to its parent. Finished htasks do not wait.
    pub(crate) async fn htask_waits(
        &mut self,
        swarm_id: &SwarmId,
    ) -> Result<Vec<(String, String, String)>, StoreError> {
        const OPEN: &str = "waits.project_id = $1 AND waits.swarm_id = $2
            AND waits.status NOT IN ('COMPLETED', 'FAILED', 'CANCELLED')";
        self.sql(sqlx::AssertSqlSafe(format!(
            "SELECT waits.id, edge.depends_on_id, 'needs' FROM htasks AS waits JOIN htask_dependencies AS edge
                 ON edge.project_id = waits.project_id AND edge.task_id = waits.id WHERE {OPEN}
             UNION ALL
             SELECT waits.id, waits.blocked_by_task_id, 'needs' FROM htasks AS waits
                 WHERE {OPEN} AND waits.blocker IS NOT NULL AND waits.blocked_by_task_id IS NOT NULL
             UNION ALL
             SELECT waits.id, waits.parent_id, 'under' FROM htasks AS waits WHERE {OPEN} AND waits.parent_id IS NOT NULL
             UNION ALL
             SELECT waits.id, child.id, 'part' FROM htasks AS waits JOIN htasks AS child
                 ON child.project_id = waits.project_id AND child.swarm_id = waits.swarm_id
                    AND child.parent_id = waits.id AND child.is_blocking
             WHERE {OPEN}"
        )))
        .bind(swarm_id)
        .all()
        .await
    }

    /// Returns id and title of what an htask needs and is not completed: dependencies, its own and those of what is above it.
    pub(crate) async fn open_needs(&mut self, id: &HTaskId) -> Result<Vec<(String, String)>, StoreError> {
        self.sql(
            "WITH RECURSIVE line (id) AS (
                 SELECT $2
                 UNION
                 SELECT htasks.parent_id FROM line JOIN htasks ON htasks.project_id = $1 AND htasks.id = line.id
                 WHERE htasks.parent_id IS NOT NULL
             )
             SELECT DISTINCT needed.id, needed.title FROM line
                 JOIN htask_dependencies AS edge ON edge.project_id = $1 AND edge.task_id = line.id
                 JOIN htasks AS needed ON needed.project_id = $1 AND needed.id = edge.depends_on_id
             WHERE needed.status <> 'COMPLETED' ORDER BY needed.id LIMIT 20",
        )
        .bind(id)
        .all()
        .await
    }

    /// Returns the htasks that are blocked until this one is completed.
    pub(crate) async fn htasks_blocked_by(
        &mut self,
        swarm_id: &SwarmId,
        id: &HTaskId,
    ) -> Result<Vec<String>, StoreError> {
        self.sql(
            "SELECT id FROM htasks WHERE project_id = $1 AND swarm_id = $2 AND blocked_by_task_id = $3
                AND blocker IS NOT NULL ORDER BY created_order",
        )
        .bind(swarm_id)
        .bind(id)
        .values()
        .await
    }

    /// Returns every htask of a swarm that has a blocking htask with a blocker of its own somewhere under it.
    pub(crate) async fn htasks_held_back(&mut self, swarm_id: &SwarmId) -> Result<BTreeSet<String>, StoreError> {
        let ids: Vec<String> = self
            .sql(
                "WITH RECURSIVE above (id) AS (
                 SELECT parent_id FROM htasks
                 WHERE project_id = $1 AND swarm_id = $2 AND blocker IS NOT NULL AND is_blocking
                    AND archived_at IS NULL AND parent_id IS NOT NULL
                 UNION
                 SELECT htasks.parent_id FROM above JOIN htasks ON htasks.project_id = $1 AND htasks.id = above.id
                 WHERE htasks.parent_id IS NOT NULL
             )
             SELECT id FROM above",
            )
            .bind(swarm_id)
            .values()
            .await?;
        Ok(ids.into_iter().collect())
    }

    /// Tells whether a lease of a swarm has ended that is not ended in the file.
    pub(crate) async fn has_expired_htasks(&mut self, swarm_id: &SwarmId, now: Timestamp) -> Result<bool, StoreError> {
        self.sql(
            "SELECT EXISTS (SELECT 1 FROM htasks WHERE project_id = $1 AND swarm_id = $2 AND claimed_by IS NOT NULL
                AND lease_expires_at <= $3)",
        )
        .with((swarm_id, now))
        .value()
        .await
    }

    /// Reads the htasks of a swarm whose lease has ended, the first to end first.
    pub(crate) async fn expired_htasks(
        &mut self,
        swarm_id: &SwarmId,
        now: Timestamp,
    ) -> Result<Vec<StoredHTask>, StoreError> {
        self.sql(
            "SELECT * FROM htasks WHERE project_id = $1 AND swarm_id = $2 AND claimed_by IS NOT NULL
                AND lease_expires_at <= $3 ORDER BY lease_expires_at, fencing_token",
        )
        .with((swarm_id, now))
        .read_all()
        .await
    }

    /// Reads the htasks of a swarm that are claimed, by token.
    pub(crate) async fn claimed_htasks(&mut self, swarm_id: &SwarmId) -> Result<Vec<StoredHTask>, StoreError> {
        self.sql(
            "SELECT * FROM htasks WHERE project_id = $1 AND swarm_id = $2 AND claimed_by IS NOT NULL
             ORDER BY fencing_token",
        )
        .bind(swarm_id)
        .read_all()
        .await
    }

    /// Reads what one agent has claimed in a swarm, the first lease to end first, at most `limit`.
    pub(crate) async fn htasks_held_by(
        &mut self,
        swarm_id: &SwarmId,
        agent_id: &str,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<StoredHTask>, StoreError> {
        self.sql(
            "SELECT * FROM htasks WHERE project_id = $1 AND swarm_id = $2 AND claimed_by IS NOT NULL
                AND claimed_by = $3 AND lease_expires_at > $4 ORDER BY lease_expires_at, fencing_token LIMIT $5",
        )
        .with((swarm_id, agent_id, now, limit))
        .read_all()
        .await
    }

    /// Writes a new htask with its dependencies; `eta_rank` is the time in its `eta_target`.
    pub(crate) async fn insert_htask(
        &mut self,
        swarm_id: &SwarmId,
        stored: &StoredHTask,
        eta_rank: i64,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let task = &stored.task;
        self.sql(
            "INSERT INTO htasks (project_id, id, swarm_id, parent_id, level, sequence_number, created_order,
                workstream_type, custom_workstream_type, title, description, owner, execution_target, priority,
                eta_target, eta_rank, acceptance_criteria, context_refs, depends_on, evidence_required,
                evidence_provided, status, is_blocking, learnings, created_at, updated_at)
             SELECT $1, $2, $3, $4, $5, $6, COALESCE(MAX(created_order), 0) + 1, $7, $8, $9, $10, $11, $12, $13, $14,
                $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $24 FROM htasks WHERE project_id = $1",
        )
        .bind(&task.task_id)
        .bind(swarm_id)
        .bind(&task.parent_id)
        .bind(task.level)
        .bind(task.sequence_number)
        .bind(task.workstream_type)
        .bind(&task.custom_workstream_type)
        .bind(&task.title)
        .bind(&task.description)
        .bind(&task.owner)
        .bind(task.execution_target)
        .bind(task.priority)
        .bind(&task.eta_target)
        .bind(eta_rank)
        .bind(json(&task.acceptance_criteria))
        .bind(json(&task.context_refs))
        .bind(json(&task.depends_on))
        .bind(json(&task.evidence_required))
        .bind(json(&task.evidence_provided))
        .bind(task.status)
        .bind(task.is_blocking)
        .bind(json(&stored.learnings))
        .bind(at)
        .run()
        .await?;
        for needed in &task.depends_on {
            self.sql(
                "INSERT INTO htask_dependencies (project_id, task_id, depends_on_id) VALUES ($1, $2, $3)
                 ON CONFLICT DO NOTHING",
            )
            .with((&task.task_id, needed))
            .run()
            .await?;
        }
        Ok(())
    }

    /// Writes the fields of an htask that can change.
    pub(crate) async fn save_htask(&mut self, stored: &StoredHTask, at: Timestamp) -> Result<(), StoreError> {
        let task = &stored.task;
        let blocked_by = task.blocker.as_ref().and_then(|blocker| blocker.blocked_by_task_id.as_ref());
        self.sql(
            "UPDATE htasks SET status = $3, status_before = $4, blocker = $5, blocked_by_task_id = $6, waiver = $7,
                claimed_by = $8, fencing_token = $9, lease_expires_at = $10, evidence_provided = $11, result = $12,
                learnings = $13, decision_impact = $14, linked_memory_id = $15, auto_closed_parent = $16,
                started_at = $17, completed_at = $18, updated_at = $19
             WHERE project_id = $1 AND id = $2",
        )
        .bind(&task.task_id)
        .bind(task.status)
        .bind(stored.status_before)
        .bind(task.blocker.as_ref().map(json))
        .bind(blocked_by)
        .bind(task.waiver.as_ref().map(json))
        .bind(task.claim.as_ref().map(|claim| claim.claimed_by.as_str()))
        .bind(stored.last_token)
        .bind(stored.last_lease_end)
        .bind(json(&task.evidence_provided))
        .bind(task.result.as_ref().map(json))
        .bind(json(&stored.learnings))
        .bind(&stored.decision_impact)
        .bind(&stored.linked_memory_id)
        .bind(&stored.auto_closed_parent)
        .bind(task.started_at)
        .bind(task.completed_at)
        .bind(at)
        .run()
        .await
    }
}
