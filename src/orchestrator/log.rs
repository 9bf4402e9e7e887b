//! What happened to a task, in order, in lines for people.

use serde::Serialize;

use super::{Orchestrator, OrchestratorError};
use crate::domain::{Outcome, ProofResult, TaskId, TaskStatus, TestsTold, Timestamp, one_line, pluralize};
use crate::ledger::{Decision, DriftMoment, DriftRecord, Entry, Fact};

/// How many characters a line has at most.
const LINE: usize = 400;

/// What happened to a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TaskLog {
    /// The task.
    pub task_id: TaskId,
    /// Its title.
    pub title: String,
    /// What happened, oldest first.
    pub entries: Vec<LogEntry>,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogEntry {
    /// The entry of the ledger that holds it whole.
    pub seq: u64,
    /// When it was written.
    pub at: Timestamp,
    /// In which attempt; 0 and none are before the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// The kind of the entry.
    pub kind: String,
    /// What came of it, where something could come of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<ProofResult>,
    /// What happened, on one line.
    pub text: String,
    /// How long it took, in milliseconds, where it took time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
}

impl Orchestrator {
    /// Tells what happened to a task, in order: of one attempt, or of all.
    ///
    /// # Errors
    /// When there is no such task, or when the ledger cannot be read.
    pub async fn task_log(&self, task: &str, attempt: Option<u32>) -> Result<TaskLog, OrchestratorError> {
        let task = self.task(task).await?;
        let entries = self.deps.ledger.task_entries(&task.id, attempt).await?;
        Ok(TaskLog { task_id: task.id, title: task.title, entries: entries.iter().map(log_entry).collect() })
    }
}

fn log_entry(entry: &Entry) -> LogEntry {
    let Told { result, text, duration_ms } =
        if entry.is_tombstone { Told::of("its texts were removed") } else { told(&entry.fact) };
    LogEntry {
        seq: entry.seq,
        at: entry.at,
        attempt: entry.attempt,
        kind: entry.fact.kind().to_owned(),
        result,
        text: one_line(&text, LINE),
        duration_ms,
    }
}

/// What a fact says.
struct Told {
    result: Option<ProofResult>,
    text: String,
    duration_ms: Option<u64>,
}

impl Told {
    fn of(text: impl Into<String>) -> Self {
        Self { result: None, text: text.into(), duration_ms: None }
    }

    fn judged(passed: bool, text: impl Into<String>) -> Self {
        let result = if passed { ProofResult::Pass } else { ProofResult::Fail };
        Self { result: Some(result), ..Self::of(text) }
    }
}

fn told(fact: &Fact) -> Told {
    match fact {
        Fact::TaskCreated(created) => Told::of(match &created.criteria {
            Some(criteria) => format!(
                "created with {} and {}",
                pluralize(criteria.live_checks.len(), "live check", "live checks"),
                pluralize(criteria.local_tests.len(), "local test", "local tests")
            ),
            None => "created".to_owned(),
        }),
        Fact::RunStarted(started) => {
            let conditions = &started.conditions;
            let commit = conditions.commit.as_ref().map(|commit| {
                let dirty = if commit.dirty { " and more" } else { "" };
                format!(", commit {}{dirty}", commit.head.chars().take(7).collect::<String>())
            });
            Told::of(format!(
                "attempt {} against {} by the {}{}",
                started.attempt,
                conditions.production_origin,
                conditions.holder.label,
                commit.unwrap_or_default()
            ))
        }
        Fact::Transition(transition) => {
            let cause = transition.cause.map(|cause| format!(" ({})", cause.as_str())).unwrap_or_default();
            let [from, to] = [transition.from, transition.to].map(|status| status.as_str().to_uppercase());
            let text = format!("{from} → {to}{cause}");
            match transition.to {
                TaskStatus::Done => Told::judged(true, text),
                to if to.is_final() => Told::judged(false, text),
                _ => Told::of(text),
            }
        }
        Fact::LocalTest(record) | Fact::Deployment(record) => {
            let outcome = record.run.outcome();
            let tests = match record.run.tests {
                Some(TestsTold::Ran { ran, .. }) => format!(", {}", pluralize(ran, "test", "tests")),
                _ => String::new(),
            };
            Told {
                result: Some(ProofResult::from(&outcome)),
                text: format!("$ {}{tests}{}", record.run.command, reason(&outcome)),
                duration_ms: Some(record.run.duration_ms),
            }
        }
        Fact::Drift(drift) => told_of_drift(drift),
        Fact::Checklist(checklist) => Told::of(format!(
            "checklist of {}, {} required",
            pluralize(checklist.items.len(), "item", "items"),
            pluralize(checklist.required_proofs, "proof", "proofs")
        )),
        Fact::Proof(proof) => {
            let code = proof.response_code.map(|code| format!(" {code}")).unwrap_or_default();
            let tries =
                if proof.attempts.len() > 1 { format!(", {} asks", proof.attempts.len()) } else { String::new() };
            let optional = if proof.required { "" } else { " (optional)" };
            let why = proof.error_message.as_deref().filter(|_| !proof.passed());
            let why = why.map(|why| format!(": {why}")).unwrap_or_default();
            let text = format!("{}{optional}{code}{tries}{why}", proof.label());
            Told { result: Some(proof.result), text, duration_ms: Some(proof.duration_ms) }
        }
        Fact::Decision(decision) => told_of_decision(decision),
        Fact::RunInterrupted(_) => Told::judged(false, "interrupted: the process that ran it was gone"),
        Fact::Redaction(redaction) => Told::of(format!("the texts of entry {} were removed", redaction.seq)),
        other => Told::of(other.kind().replace('_', " ")),
    }
}

fn told_of_drift(drift: &DriftRecord) -> Told {
    let report = &drift.report;
    let when = match drift.when {
        DriftMoment::Before | DriftMoment::Asked => "drift",
        DriftMoment::Checked => "build after the checks",
        DriftMoment::After => "drift after the refusal",
    };
    match report.issues().first() {
        Some(issue) => Told::judged(false, format!("{when}: {issue}")),
        None => {
            let (compared, unverified) = (report.checked().len(), report.unverified().len());
            let is_silent = compared == 0 && unverified > 0;
            let result = if is_silent { ProofResult::Unverified } else { ProofResult::Pass };
            Told { result: Some(result), ..Told::of(format!("{when}: {compared} compared, {unverified} unverified")) }
        }
    }
}

fn told_of_decision(decision: &Decision) -> Told {
    let verdict = &decision.verdict;
    let counted = format!(
        "{} counted, {} required",
        pluralize(verdict.proofs_counted, "proof", "proofs"),
        verdict.proofs_required
    );
    match verdict.reasons.as_slice() {
        [] => Told::judged(verdict.passed, format!("the gate: {counted}")),
        [first, rest @ ..] => {
            let more = if rest.is_empty() { String::new() } else { format!(" (and {} more)", rest.len()) };
            Told::judged(verdict.passed, format!("the gate refuses, {counted}: {}{more}", first.text))
        }
    }
}

fn reason(outcome: &Outcome) -> String {
    outcome.reason().map(|reason| format!(": {reason}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Cause, GateName, GateReason, Verdict};
    use crate::ledger::Transition;

    #[test]
    fn an_end_is_marked_by_what_it_is_and_a_step_is_not() {
        let transition = |from, to, cause| told(&Fact::Transition(Transition { from, to, cause }));
        let step = transition(TaskStatus::Pending, TaskStatus::InProgress, None);
        assert_eq!((step.text.as_str(), step.result), ("PENDING → IN_PROGRESS", None));
        let refused = transition(TaskStatus::Validating, TaskStatus::ProdFail, Some(Cause::Unverified));
        assert_eq!(
            (refused.text.as_str(), refused.result),
            ("VALIDATING → PROD_FAIL (unverified)", Some(ProofResult::Fail))
        );
        assert_eq!(transition(TaskStatus::ProdOk, TaskStatus::Done, None).result, Some(ProofResult::Pass));
    }

    #[test]
    fn a_refusal_names_its_first_reason_and_how_many_there_are() {
        let reason = |text: &str| GateReason { rule: "G2".into(), text: text.into(), check: None, unverified: false };
        let verdict = Verdict {
            gate: GateName::ValidationToProd,
            passed: false,
            reasons: vec![reason("task_check_1 failed"), reason("task_check_2 failed")],
            cause: Some(Cause::Failed),
            proofs_required: 3,
            proofs_counted: 1,
            assurance: None,
        };
        let said = told_of_decision(&Decision { verdict, gatekeeper: "gatekeeper".into() });
        assert_eq!(said.text, "the gate refuses, 1 proof counted, 3 required: task_check_1 failed (and 1 more)");
        assert_eq!(said.result, Some(ProofResult::Fail));
    }
}
