//! What several htask tools say of an htask.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{BlockChange, HTask, one_line};

/// An htask and where it stands now.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Changed {
    task_id: String,
    status: String,
}

/// Says an htask on one line, as a quote.
pub(super) fn line(task: &HTask) -> String {
    let level = task.level.as_str().split('_').next().unwrap_or_default();
    let claim = task.claim.as_ref().map(|claim| {
        let agent = one_line(&claim.claimed_by, 40);
        format!(", claimed by {agent} until {} with fencing_token {}", claim.lease_expires_at, claim.fencing_token)
    });
    let blocker = task.blocker.as_ref().map(|blocker| format!(", blocked: {}", one_line(&blocker.blocker_reason, 80)));
    let waiver = task.waiver.as_ref().map(|waiver| format!(", waived by {}", one_line(&waiver.waiver_approved_by, 80)));
    let title = one_line(&task.title, 120);
    format!(
        "> {} {level} {} {} {title}{}{}{}",
        task.task_id,
        task.priority,
        task.status.as_str().to_lowercase(),
        claim.unwrap_or_default(),
        blocker.unwrap_or_default(),
        waiver.unwrap_or_default()
    )
}

/// Says what blocking or unblocking changed.
pub(super) fn changed_lines(change: &BlockChange) -> Vec<String> {
    let mut lines = vec![format!("{}: {}", change.status.as_str().to_lowercase(), change.task_id)];
    if !change.ancestors.is_empty() {
        let ids = change.ancestors.iter().map(ToString::to_string).collect::<Vec<_>>();
        lines.push(format!("changed with it: {}", ids.join(", ")));
    }
    lines
}
