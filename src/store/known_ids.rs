//! The ids of a kind, by how they begin.

use super::{Store, StoreError};
use crate::domain::{IdKind, KnownId};

/// The ids that begin with `$2`, newest first; of one owner's tasks or one swarm's htasks where `$3` names one.
const fn select(kind: IdKind) -> &'static str {
    match kind {
        IdKind::Task => {
            "SELECT t.id, t.title FROM tasks t WHERE t.project_id = $1 AND substr(t.id, 1, length($2)) = $2
             AND ($3 IS NULL OR EXISTS (SELECT 1 FROM task_owners o
                WHERE o.project_id = t.project_id AND o.task_id = t.id AND o.owner = $3))
             ORDER BY t.created_at DESC, t.id DESC LIMIT $4"
        }
        IdKind::HTask => {
            "SELECT id, title FROM htasks WHERE project_id = $1 AND substr(id, 1, length($2)) = $2
             AND ($3 IS NULL OR swarm_id = $3) ORDER BY created_order DESC, id LIMIT $4"
        }
        IdKind::Swarm => {
            "SELECT id, name FROM swarms WHERE project_id = $1 AND substr(id, 1, length($2)) = $2 AND $3 IS NULL
             ORDER BY created_at DESC, id LIMIT $4"
        }
    }
}

impl Store {
    /// Reads the ids of a kind that begin with a text, newest first; `within` is an owner of tasks, or a swarm of htasks.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn known_ids(
        &self,
        kind: IdKind,
        beginning: &str,
        within: Option<&str>,
        limit: u32,
    ) -> Result<Vec<KnownId>, StoreError> {
        self.is_in_place()?;
        let found = self.sql(select(kind)).bind(beginning).bind(within).bind(limit).all::<(String, String)>().await?;
        Ok(found.into_iter().map(|(id, title)| KnownId { id, title }).collect())
    }
}
