//! Trees of htasks.

use super::progress::{TreeFilter, trees};
use super::swarm_transaction::SwarmTransaction;
use crate::domain::{HTaskTree, TreeQuery};
use crate::snipara::SniparaError;

/// Returns the tree of one htask, or of every root.
pub(super) async fn tree(open: &mut SwarmTransaction, query: TreeQuery) -> Result<HTaskTree, SniparaError> {
    if let Some(root) = &query.task_id {
        open.task(root).await?;
    }
    let root = query.task_id.as_ref();
    let stored = open.transaction.htasks_under(&open.swarm.swarm_id, root).await?;
    let tasks = stored.into_iter().map(|stored| stored.task).collect();
    let shown =
        TreeFilter { depth: query.max_depth, archived: query.include_archived, completed: query.include_completed };
    Ok(HTaskTree { trees: trees(tasks, root.map(|root| root.as_str()), shown), single: root.is_some() })
}
