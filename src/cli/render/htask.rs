//! Htasks for people.

use super::paint::{Paint, line};
use super::table::{Cell, Look, TableRow, table};
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

/// Returns the short word of its level: `N3`.
fn level(task: &HTask) -> &'static str {
    task.level.as_str().split('_').next().unwrap_or_default()
}

/// Shows an htask on one line: id, status, level, priority, title.
pub(crate) fn htask_line(task: &HTask, paint: Paint) -> String {
    let (id, level, title) = (paint.id(&task.task_id), level(task), line(&task.title));
    let notes = notes(task, paint);
    format!("{id}  {} {level} {} {title}{notes}\n", status(task, paint), task.priority)
}

/// Who has it, what blocks it, who waived it.
fn notes(task: &HTask, paint: Paint) -> String {
    let mut text = String::new();
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
    text
}

const HEADINGS: [&str; 5] = ["HTASK", "STATUS", "LEVEL", "PRIORITY", "TITLE"];

/// Makes the row of an htask; what hangs on it stands below.
fn row(task: &HTask, depth: usize, beside: &str, paint: Paint) -> TableRow<5> {
    let look = match task.status {
        HTaskStatus::Completed => Look::Good,
        HTaskStatus::Failed | HTaskStatus::Blocked => Look::Bad,
        _ => Look::Open,
    };
    let cells = [
        Cell::new(paint.id(&task.task_id), Look::Dim),
        Cell::new(task.status.to_string(), look),
        Cell::from(level(task)),
        Cell::from(task.priority.to_string()),
        Cell::from(format!("{}{}{beside}", INDENT.repeat(depth), line(&task.title))),
    ];
    let notes = notes(task, paint);
    TableRow { cells, below: if notes.is_empty() { notes } else { format!("  {notes}\n") } }
}

/// What one level deeper is set in by: white space at the beginning would be taken away.
const INDENT: &str = "· ";

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
    let mut rows = Vec::new();
    for (index, task) in batch.tasks.iter().enumerate() {
        let mut row = row(task, 0, "", paint);
        let path = batch.paths.get(index).map(|path| path.join(" › ")).unwrap_or_default();
        if !path.is_empty() {
            row.below.insert_str(0, &format!("    {}\n", paint.dim(line(&path))));
        }
        rows.push(row);
    }
    let mut text = if rows.is_empty() { "nothing is ready\n".to_owned() } else { table(HEADINGS, &rows, paint) };
    let shown = batch.tasks.len() as u64;
    if batch.total > shown {
        text.push_str(&format!("{} are ready in all\n", batch.total));
    }
    if !batch.already_yours.is_empty() {
        text.push_str("already claimed by the same agent:\n");
        let rows: Vec<TableRow<5>> = batch.already_yours.iter().map(|task| row(task, 0, "", paint)).collect();
        text.push_str(&table(HEADINGS, &rows, paint));
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
    for released in &completed.released {
        text.push_str(&format!("  {released} is not blocked any more\n"));
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
    let mut rows = Vec::new();
    for root in &tree.trees {
        node(&mut rows, root, 0, paint);
    }
    table(HEADINGS, &rows, paint)
}

fn node(rows: &mut Vec<TableRow<5>>, node: &HTaskNode, depth: usize, paint: Paint) {
    let is_parent = node.progress.total > 0 && !node.children.is_empty();
    let progress = format!("  ({} of {} done)", node.progress.completed, node.progress.total);
    rows.push(row(&node.task, depth, if is_parent { &progress } else { "" }, paint));
    for child in &node.children {
        self::node(rows, child, depth + 1, paint);
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
