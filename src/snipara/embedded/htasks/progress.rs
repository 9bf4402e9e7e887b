//! Trees with counts, out of a flat list.

use std::collections::BTreeMap;

use crate::domain::{HTask, HTaskNode, HTaskProgress, HTaskStatus};

/// Selects the shown part of a tree. Htasks that are not shown count all the same, except archived ones.
#[derive(Debug, Clone, Copy)]
pub(super) struct TreeFilter {
    /// How many levels.
    pub(super) depth: i64,
    /// Whether archived htasks are shown.
    pub(super) archived: bool,
    /// Whether completed and cancelled htasks are shown. One with something open under it is always shown.
    pub(super) completed: bool,
}

/// Builds the trees of the roots among `tasks`: those without a parent, or the one that is `root`.
///
/// `tasks` are in the order in which siblings are shown.
pub(super) fn trees(tasks: Vec<HTask>, root: Option<&str>, shown: TreeFilter) -> Vec<HTaskNode> {
    let mut children: BTreeMap<String, Vec<HTask>> = BTreeMap::new();
    let mut roots = Vec::new();
    for task in tasks {
        let is_root = match root {
            Some(root) => task.task_id.as_str() == root,
            None => task.parent_id.is_none(),
        };
        if task.archived_at.is_some() && !shown.archived && !(is_root && root.is_some()) {
            continue;
        }
        match &task.parent_id {
            Some(parent) if !is_root => children.entry(parent.to_string()).or_default().push(task),
            _ => roots.push(task),
        }
    }
    let nodes = roots.into_iter().map(|task| node(task, &mut children, shown, shown.depth));
    nodes.filter_map(|(node, _)| (root.is_some() || is_shown(&node, shown)).then_some(node)).collect()
}

fn is_shown(node: &HTaskNode, shown: TreeFilter) -> bool {
    let finished = matches!(node.task.status, HTaskStatus::Completed | HTaskStatus::Cancelled);
    shown.completed || !finished || !node.children.is_empty()
}

/// Builds one node, and counts its leaves: itself when nothing is under it.
fn node(
    task: HTask,
    children: &mut BTreeMap<String, Vec<HTask>>,
    shown: TreeFilter,
    depth: i64,
) -> (HTaskNode, HTaskProgress) {
    let below = children.remove(task.task_id.as_str()).unwrap_or_default();
    if below.is_empty() {
        let leaf = counted(task.status);
        return (HTaskNode { task, children: Vec::new(), progress: HTaskProgress::default() }, leaf);
    }
    let mut progress = HTaskProgress::default();
    let mut nodes = Vec::new();
    for child in below {
        let (node, leaves) = node(child, children, shown, depth - 1);
        progress = sum(progress, leaves);
        if depth > 1 && is_shown(&node, shown) {
            nodes.push(node);
        }
    }
    (HTaskNode { task, children: nodes, progress }, progress)
}

fn counted(status: HTaskStatus) -> HTaskProgress {
    let mut one = HTaskProgress { total: 1, ..HTaskProgress::default() };
    match status {
        HTaskStatus::Completed => one.completed = 1,
        HTaskStatus::InProgress => one.in_progress = 1,
        HTaskStatus::Blocked => one.blocked = 1,
        HTaskStatus::Pending => one.pending = 1,
        HTaskStatus::Failed => one.failed = 1,
        HTaskStatus::Cancelled => {}
    }
    one
}

fn sum(left: HTaskProgress, right: HTaskProgress) -> HTaskProgress {
    let (total, completed) = (left.total + right.total, left.completed + right.completed);
    HTaskProgress {
        total,
        completed,
        in_progress: left.in_progress + right.in_progress,
        blocked: left.blocked + right.blocked,
        pending: left.pending + right.pending,
        failed: left.failed + right.failed,
        percent: (completed * 100).checked_div(total).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::hierarchy::tests::htask;
    use super::*;
    use crate::domain::{HTaskId, HTaskLevel, Timestamp};

    const ALL: TreeFilter = TreeFilter { depth: 10, archived: false, completed: true };

    fn under(parent: &str, id: &str, level: HTaskLevel, status: HTaskStatus) -> HTask {
        HTask { parent_id: Some(HTaskId::parse(parent).expect("an id")), ..htask(id, level, status) }
    }

    fn feature() -> Vec<HTask> {
        vec![
            htask("f", HTaskLevel::N1, HTaskStatus::Blocked),
            under("f", "w", HTaskLevel::N2, HTaskStatus::Blocked),
            under("f", "empty", HTaskLevel::N2, HTaskStatus::Pending),
            under("w", "a", HTaskLevel::N3, HTaskStatus::Completed),
            under("w", "b", HTaskLevel::N3, HTaskStatus::Blocked),
            under("w", "c", HTaskLevel::N3, HTaskStatus::InProgress),
            HTask {
                archived_at: Some(Timestamp::from_micros(1)),
                ..under("w", "d", HTaskLevel::N3, HTaskStatus::Failed)
            },
        ]
    }

    fn ids(nodes: &[HTaskNode]) -> Vec<String> {
        nodes.iter().flat_map(|node| [vec![node.task.task_id.to_string()], ids(&node.children)].concat()).collect()
    }

    #[test]
    fn hidden_leaves_count_and_archived_ones_do_not() {
        let whole = trees(feature(), None, ALL);
        assert_eq!(ids(&whole), ["f", "w", "a", "b", "c", "empty"]);
        let expected =
            HTaskProgress { total: 4, completed: 1, in_progress: 1, blocked: 1, pending: 1, failed: 0, percent: 25 };
        assert_eq!(whole[0].progress, expected);
        assert_eq!(whole[0].children[1].progress, HTaskProgress::default(), "a leaf has nothing under it");
        let cut = trees(feature(), None, TreeFilter { depth: 1, ..ALL });
        assert_eq!((ids(&cut), cut[0].progress), (vec!["f".to_owned()], expected));
        let open = trees(feature(), None, TreeFilter { completed: false, ..ALL });
        assert_eq!((ids(&open).contains(&"a".to_owned()), open[0].progress), (false, expected));
        let archived = trees(feature(), None, TreeFilter { archived: true, ..ALL });
        assert_eq!((archived[0].progress.total, archived[0].progress.failed), (5, 1));
    }

    #[test]
    fn a_finished_parent_with_something_open_under_it_is_shown() {
        let mut tasks = feature();
        tasks[1].status = HTaskStatus::Completed;
        let open = trees(tasks, None, TreeFilter { completed: false, ..ALL });
        assert_eq!(ids(&open), ["f", "w", "b", "c", "empty"]);
    }

    #[test]
    fn a_root_that_was_asked_for_is_shown_whatever_it_is() {
        let tasks = vec![under("w", "a", HTaskLevel::N3, HTaskStatus::Completed)];
        let trees = trees(tasks, Some("a"), TreeFilter { completed: false, ..ALL });
        assert_eq!(ids(&trees), ["a"]);
    }
}
