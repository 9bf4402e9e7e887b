//! Htasks as clients read them (snipara-wire.md §2, §S8).

use serde_json::{Value, json};

use super::{Payload, object, successful};
use crate::domain::{BlockChange, Closed, Completed, Feature, HTask, HTaskEvent, HTaskNode, HTaskTree, NextBatch};

/// Returns an htask: `task_id` and `id` are the same.
pub fn htask(task: &HTask) -> Payload {
    let mut payload = object(task);
    payload.insert("id".to_owned(), json!(task.task_id));
    payload
}

/// Returns what creating an htask answers: the htask itself.
pub fn htask_created(task: &HTask) -> Payload {
    successful(&htask(task))
}

/// Returns what creating a feature answers: `workstream_ids` (type → id) and the server's list `workstreams`.
pub fn feature(feature: &Feature) -> Payload {
    let ids: Payload = feature.workstreams.iter().map(|(name, id)| (name.clone(), json!(id))).collect();
    let starters: Payload = feature.starter_tasks.iter().map(|(name, ids)| (name.clone(), json!(ids))).collect();
    let list =
        feature.workstreams.iter().map(|(name, id)| json!({ "workstream_type": name, "task_id": id, "success": true }));
    successful(&json!({
        "feature_id": feature.feature_id, "task_id": feature.feature_id, "swarm_id": feature.swarm_id,
        "title": feature.title, "owner": feature.owner,
        "workstream_ids": ids, "workstreams": list.collect::<Vec<_>>(), "task_ids": starters,
    }))
}

/// Returns what to work on next; each htask has the `path` of titles above it.
pub fn next_batch(batch: &NextBatch) -> Payload {
    let tasks = batch.tasks.iter().enumerate().map(|(index, task)| {
        let mut row = htask(task);
        row.insert("path".to_owned(), json!(batch.paths.get(index).cloned().unwrap_or_default()));
        Value::Object(row)
    });
    let tasks: Vec<Value> = tasks.collect();
    let mut payload = successful(&json!({ "count": tasks.len(), "tasks": tasks, "total": batch.total }));
    if !batch.already_yours.is_empty() {
        let held: Vec<Payload> = batch.already_yours.iter().map(htask).collect();
        payload.insert("already_yours".to_owned(), json!(held));
    }
    payload
}

/// Returns what completing did.
pub fn completed(completed: &Completed) -> Payload {
    successful(completed)
}

/// Returns trees: `tree` for one root asked for by id, else `trees` and `total_roots`.
pub fn tree(tree: &HTaskTree) -> Payload {
    match (tree.single, tree.trees.first()) {
        (true, Some(root)) => successful(&json!({ "tree": node(root) })),
        _ => {
            let trees: Vec<Value> = tree.trees.iter().map(node).collect();
            successful(&json!({ "total_roots": trees.len(), "trees": trees }))
        }
    }
}

fn node(node: &HTaskNode) -> Value {
    let mut payload = htask(&node.task);
    payload.insert("children".to_owned(), node.children.iter().map(self::node).collect());
    payload.insert("progress".to_owned(), json!(node.progress));
    Value::Object(payload)
}

/// Returns what blocking or unblocking did; ancestors under both of the server's names.
pub fn block_change(change: &BlockChange) -> Payload {
    successful(&json!({
        "task_id": change.task_id, "status": change.status, "new_status": change.status,
        "affected_ancestors": change.ancestors, "reevaluated_ancestors": change.ancestors,
    }))
}

/// Returns what closing did.
pub fn closed(closed: &Closed) -> Payload {
    successful(closed)
}

/// Returns what happened to an htask, oldest first.
pub fn audit_trail(events: &[HTaskEvent]) -> Payload {
    object(&json!({ "events": events }))
}
