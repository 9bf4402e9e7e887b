//! Companion handoffs for people: their requirements, and the outcome of coordinating them.

use super::paint::{Paint, line};
use crate::domain::{EvidenceCheck, HandoffEvidence, HandoffGate};
use crate::orchestrator::Coordination;

/// How many files are shown.
const FILES: usize = 6;

/// Shows the outcome of coordinating. With `quiet` only the verdict.
pub(crate) fn coordination(coordination: &Coordination, paint: Paint, quiet: bool) -> String {
    let mut text = format!("{} {} ({})\n", paint.success("✓"), coordination.message, coordination.swarm_id);
    if quiet {
        return text;
    }
    let or_none = |text: &Option<String>| text.as_deref().map_or_else(|| "none".to_owned(), line);
    row(&mut text, paint, "Swarm", if coordination.resumed_swarm { "was there before" } else { "is new" });
    row(&mut text, paint, "Workflow", &or_none(&coordination.workflow_id));
    row(&mut text, paint, "Phase", &or_none(&coordination.current_phase_id));
    if let Some(title) = &coordination.feature_task_title {
        let id = coordination.feature_task_id.as_ref().map_or_else(|| "not made".to_owned(), ToString::to_string);
        row(&mut text, paint, "Feature", &format!("{} ({id})", line(title)));
    }
    row(&mut text, paint, "Proof gate", needed(coordination.proof_gate_required));
    row(&mut text, paint, "Drift check", needed(coordination.drift_check_required));
    listed(&mut text, paint, "Claim files", &coordination.claim_files);
    listed(&mut text, paint, "Workstreams", &coordination.workstreams);
    listed(&mut text, paint, "Sandbox", &coordination.runtime_phase_ids);
    for key in &coordination.state_keys {
        row(&mut text, paint, "State", &line(key));
    }
    for action in &coordination.next_actions {
        text.push_str(&format!("  $ {}\n", line(action)));
    }
    text
}

/// Shows the requirements. With `quiet` only the verdict.
pub(crate) fn handoff_gate(gate: &HandoffGate, paint: Paint, quiet: bool) -> String {
    let mut text = format!("{}\n", paint.strong(&gate.message));
    if quiet {
        return text;
    }
    row(&mut text, paint, "Routing", &line(&gate.routing_level));
    row(&mut text, paint, "Proof gate", needed(gate.proof_gate_required));
    row(&mut text, paint, "Drift check", needed(gate.drift_check_required));
    row(&mut text, paint, "Phases", &gate.workflow_phase_count.to_string());
    listed(&mut text, paint, "Claim files", &gate.claim_files);
    listed(&mut text, paint, "Workstreams", &gate.workstreams);
    listed(&mut text, paint, "Sandbox", &gate.runtime_phase_ids);
    for item in &gate.required_evidence {
        row(&mut text, paint, "Evidence", &evidence(item));
    }
    text
}

/// Shows the given and the missing evidence. With `quiet` only the verdict.
pub(crate) fn evidence_check(check: &EvidenceCheck, paint: Paint, quiet: bool) -> String {
    let mark = if check.passed { paint.success("✓") } else { paint.error("✗") };
    let mut text = format!("{mark} {} ({} of {})\n", check.message, check.matched_count, check.required_count);
    if quiet {
        return text;
    }
    for matched in &check.matched {
        let provided = &matched.provided;
        let shown = [&provided.description, &provided.url, &provided.proof_id, &provided.task_id];
        let shown = shown.into_iter().flatten().next().map_or_else(String::new, |shown| line(shown));
        text.push_str(&format!("  {} {} <- {shown}\n", paint.success("given"), evidence(&matched.required)));
    }
    for item in &check.missing {
        text.push_str(&format!("  {} {}\n", paint.error("missing"), evidence(item)));
    }
    text
}

fn evidence(item: &HandoffEvidence) -> String {
    format!("{}: {}", line(&item.kind), line(&item.description))
}

const fn needed(needed: bool) -> &'static str {
    if needed { "required" } else { "not required" }
}

fn row(text: &mut String, paint: Paint, name: &str, value: &str) {
    text.push_str(&format!("  {} {value}\n", paint.dim(format!("{name:<12}"))));
}

fn listed(text: &mut String, paint: Paint, name: &str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    let mut shown = items.iter().take(FILES).map(|item| line(item)).collect::<Vec<_>>().join(", ");
    if items.len() > FILES {
        shown.push_str(&format!(" and {} more", items.len() - FILES));
    }
    row(text, paint, name, &shown);
}
