//! Htasks for people.

use super::paint::{Paint, line};
use crate::domain::{
    BlockChange, Completed, EvidenceVerdict, Feature, HTask, HTaskNode, HTaskStatus, HTaskTree, NextBatch,
};

fn status(task: &HTask, paint: Paint) -> String {
    let word = format!("{:<11}", task.status);
    match task.status {
        HTaskStatus::Completed => paint.success(word),
        HTaskStatus::Failed | HTaskStatus::Blocked => paint.error(word),
        _ => paint.warning(word),
    }
}

/// Shows an htask on one line: id, status, level, priority, title.
pub(crate) fn htask_line(task: &HTask, paint: Paint) -> String {
    let level = task.level.as_str().split('_').next().unwrap_or_default();
    let mut text = format!("{}  {} {level} {} {}", task.task_id, status(task, paint), task.priority, line(&task.title));
    if let Some(claim) = &task.claim {
        let who = line(&claim.claimed_by);
        let claimed =
            format!("claimed by {who} until {}, fencing token {}", claim.lease_expires_at, claim.fencing_token);
        text.push_str(&format!("  {}", paint.dim(claimed)));
    }
    if let Some(blocker) = &task.blocker {
        text.push_str(&format!("  {}: {}", blocker.blocker_type, line(&blocker.blocker_reason)));
    }
    if let Some(waiver) = &task.waiver {
        let why = format!("waived by {}: {}", line(&waiver.waiver_approved_by), line(&waiver.waiver_reason));
        text.push_str(&format!("  {}", paint.warning(why)));
    }
    text.push('\n');
    text
}

/// Shows a feature with the ids of its workstreams.
pub(crate) fn feature(feature: &Feature) -> String {
    let id = feature.feature_id.as_ref().map(ToString::to_string).unwrap_or_default();
    let mut text = format!("{id}  {}\n", line(&feature.title));
    for (name, id) in &feature.workstreams {
        text.push_str(&format!("  {id}  {}\n", line(name)));
    }
    for (name, ids) in &feature.starter_tasks {
        for id in ids {
            text.push_str(&format!("    {id}  starter task of {}\n", line(name)));
        }
    }
    text
}

/// Shows what to work on next, with what is above each.
pub(crate) fn next_batch(batch: &NextBatch, paint: Paint) -> String {
    let mut text = String::new();
    if batch.tasks.is_empty() {
        text.push_str("nothing is ready\n");
    }
    for (index, task) in batch.tasks.iter().enumerate() {
        text.push_str(&htask_line(task, paint));
        let path = batch.paths.get(index).map(|path| path.join(" › ")).unwrap_or_default();
        if !path.is_empty() {
            text.push_str(&format!("    {}\n", paint.dim(line(&path))));
        }
    }
    let shown = batch.tasks.len() as u64;
    if batch.total > shown {
        text.push_str(&format!("{} are ready in all\n", batch.total));
    }
    if !batch.already_yours.is_empty() {
        text.push_str("already claimed by the same agent:\n");
        for task in &batch.already_yours {
            text.push_str(&format!("  {}", htask_line(task, paint)));
        }
    }
    text
}

/// Shows what completing did; claims are shown as such.
pub(crate) fn completed(completed: &Completed, paint: Paint) -> String {
    let again = if completed.repeated { " (it was before; nothing was changed)" } else { "" };
    let mut text = format!("{} is {}{again}\n", completed.task_id, completed.status);
    for item in &completed.evidence {
        let verdict = match item.verdict {
            EvidenceVerdict::Verified => paint.success("verified"),
            EvidenceVerdict::Refused => paint.error("refused"),
            EvidenceVerdict::Claimed => paint.warning("claimed"),
        };
        let said = item.finding.as_deref().or(item.given.description.as_deref()).or(item.given.url.as_deref());
        text.push_str(&format!("  {verdict} {}: {}\n", line(&item.given.kind), line(said.unwrap_or_default())));
    }
    if let Some(parent) = &completed.auto_closed_parent {
        text.push_str(&format!("  with it {parent} is closed\n"));
    }
    if let Some(memory) = &completed.linked_memory_id {
        text.push_str(&format!("  remembered as {memory}\n"));
    }
    for warning in &completed.warnings {
        text.push_str(&format!("  {} {}\n", paint.warning("warning:"), line(warning)));
    }
    text
}

/// Shows trees, indented by level.
pub(crate) fn htask_tree(tree: &HTaskTree, paint: Paint) -> String {
    if tree.trees.is_empty() {
        return "no htasks\n".to_owned();
    }
    let mut text = String::new();
    for root in &tree.trees {
        node(&mut text, root, 0, paint);
    }
    text
}

fn node(text: &mut String, node: &HTaskNode, depth: usize, paint: Paint) {
    text.push_str(&"  ".repeat(depth));
    let shown = htask_line(&node.task, paint);
    if node.progress.total > 0 && !node.children.is_empty() {
        let progress = format!("{} of {} done", node.progress.completed, node.progress.total);
        text.push_str(&format!("{}  {}\n", shown.trim_end(), paint.dim(progress)));
    } else {
        text.push_str(&shown);
    }
    for child in &node.children {
        self::node(text, child, depth + 1, paint);
    }
}

/// Shows what blocking or unblocking did.
pub(crate) fn block_change(change: &BlockChange) -> String {
    let mut text = format!("{} is {}\n", change.task_id, change.status);
    for ancestor in &change.ancestors {
        text.push_str(&format!("  with it {ancestor} changed\n"));
    }
    text
}
