//! The memory and the final state of a run. Both are made from its report alone and hold no raw output.

use serde_json::{Value, json};

use crate::domain::{Cause, MemoryType, NewMemory, Redactor, TaskReport, TaskStatus, Timestamp, one_line};

/// How many reasons an outcome names.
const REASONS: usize = 3;
/// How long a reason may be, in characters.
const REASON: usize = 160;
/// How long an outcome is remembered, in days.
const TTL_DAYS: i64 = 30;

/// Returns the memory of an end. Returns nothing when somebody stopped the run, or when its process ended before it.
///
/// Types and categories: gate.md L11.
pub(super) fn outcome(report: &TaskReport, redactor: &Redactor) -> Option<NewMemory> {
    if matches!(report.cause, Some(Cause::Cancelled | Cause::Interrupted)) {
        return None;
    }
    let (memory_type, category, what) = match report.status {
        TaskStatus::Done => (MemoryType::Decision, "validation", "is proven in production"),
        TaskStatus::LocalFail => (MemoryType::Learning, "failures", "failed its local tests"),
        TaskStatus::ProdFail if report.cause == Some(Cause::Unverified) => {
            (MemoryType::Learning, "failures", "could not be observed in production")
        }
        TaskStatus::ProdFail => (MemoryType::Learning, "failures", "failed in production"),
        TaskStatus::EnvDrift => (MemoryType::Learning, "drift", "was stopped by drift"),
        _ => return None,
    };
    let mut text = format!("“{}” {what} ({})", one_line(&report.title, 120), report.status);
    let reasons = match report.status {
        TaskStatus::Done => {
            let grade = report.assurance.as_ref().and_then(|assurance| assurance.grade);
            let grade = grade.map(|grade| format!("{}, ", grade.as_str())).unwrap_or_default();
            vec![format!("{grade}{} distinct proofs", report.proofs.passing)]
        }
        _ => reasons(report),
    };
    if !reasons.is_empty() {
        text.push_str(&format!(": {}", reasons.join("; ")));
    }
    text.push_str(&format!(
        ". Task {}, attempt {}, ledger entry {} {}",
        report.task_id, report.attempt, report.ledger.entries, report.ledger.head
    ));
    let memory = NewMemory::new(redactor.text(&text), memory_type);
    Some(NewMemory {
        category: Some(category.to_owned()),
        ttl_days: Some(TTL_DAYS),
        source: Some(report.task_id.to_string()),
        ..memory
    })
}

/// Why it did not pass, short: the gate's reasons, what drifted, or which tests failed and with which exit code.
fn reasons(report: &TaskReport) -> Vec<String> {
    let drift = report.drift.as_ref().map(|drift| drift.issues.as_slice()).unwrap_or_default();
    let gate = report.gate.as_ref().filter(|gate| !gate.passed).map(|gate| gate.reasons.as_slice()).unwrap_or_default();
    let told = if report.status == TaskStatus::EnvDrift && !drift.is_empty() { drift } else { gate };
    if !told.is_empty() {
        return told.iter().take(REASONS).map(|reason| one_line(reason, REASON)).collect();
    }
    let rows = report.failing.iter().take(REASONS).map(|row| {
        // The lines after the first are what the command printed.
        let why = row.error_message.as_deref().and_then(|message| message.lines().next()).unwrap_or("did not pass");
        one_line(&format!("{} `{}`: {why}", row.check, one_line(&row.endpoint, 80)), REASON)
    });
    rows.collect()
}

/// Returns the key of a task's final state in the project's swarm.
pub(super) fn final_state_key(report: &TaskReport) -> String {
    format!("task:{}", report.task_id)
}

/// Returns the final state of an attempt.
pub(super) fn final_state(report: &TaskReport, ended_at: Timestamp, redactor: &Redactor) -> Value {
    json!({
        "status": report.status,
        "cause": report.cause,
        "attempt": report.attempt,
        "title": redactor.text(&report.title),
        "proofs": report.proofs,
        "ledger_head": report.ledger.head,
        "ended_at": ended_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        FailingCheck, GateName, GateSummary, LedgerSummary, ProofCounts, ProofResult, Request, TaskId,
    };

    fn report(status: TaskStatus, cause: Option<Cause>) -> TaskReport {
        TaskReport {
            task_id: TaskId::generate(Timestamp::from_micros(0)),
            title: "Deploy".into(),
            status,
            cause,
            attempt: 2,
            running: false,
            headline: String::new(),
            assurance: None,
            gate: None,
            proofs: ProofCounts { required: 3, passing: 3, failing: 0, unverified: 0 },
            failing: Vec::new(),
            drift: None,
            context: Vec::new(),
            memories: Vec::new(),
            warnings: Vec::new(),
            next_step: String::new(),
            ledger: LedgerSummary { entries: 14, head: "sha256:ab".into() },
            duration_ms: 1,
        }
    }

    fn remembered(report: &TaskReport) -> Option<(MemoryType, String, String)> {
        let memory = outcome(report, &Redactor::default())?;
        assert_eq!((memory.ttl_days, memory.check()), (Some(30), Ok(())));
        Some((memory.memory_type, memory.category.expect("a category"), memory.content))
    }

    #[test]
    fn an_outcome_has_the_type_and_category_of_its_end() {
        let of = |status, cause| remembered(&report(status, cause)).map(|(kind, category, _)| (kind, category));
        assert_eq!(of(TaskStatus::Done, None), Some((MemoryType::Decision, "validation".into())));
        assert_eq!(of(TaskStatus::LocalFail, Some(Cause::Failed)), Some((MemoryType::Learning, "failures".into())));
        assert_eq!(of(TaskStatus::ProdFail, Some(Cause::Unverified)), Some((MemoryType::Learning, "failures".into())));
        assert_eq!(of(TaskStatus::EnvDrift, Some(Cause::Drift)), Some((MemoryType::Learning, "drift".into())));
        assert_eq!(of(TaskStatus::ProdFail, Some(Cause::Cancelled)), None);
        assert_eq!(of(TaskStatus::LocalFail, Some(Cause::Interrupted)), None);
    }

    #[test]
    fn an_outcome_tells_the_reason_and_never_what_a_command_printed() {
        let mut failed = report(TaskStatus::LocalFail, Some(Cause::Failed));
        failed.failing.push(FailingCheck {
            check: "local_test_1".into(),
            endpoint: "npm test -- --token hunter2-on-the-line".into(),
            result: ProofResult::Fail,
            response_code: None,
            exit_code: None,
            error_message: Some("expected exit code 0, got exit code 1\nstdout: PRINTED".into()),
        });
        let (_, _, content) = remembered(&failed).expect("an outcome");
        assert!(content.contains("local_test_1") && content.contains("got exit code 1"), "{content}");
        assert!(!content.contains("PRINTED") && !content.contains("hunter2"), "{content}");
        let mut refused = report(TaskStatus::ProdFail, Some(Cause::Failed));
        let reasons = vec!["task_check_2 GET /api/auth/session: expected 200, got 401".to_owned(); 9];
        refused.gate = Some(GateSummary { name: GateName::ValidationToProd, passed: false, reasons });
        let (_, _, content) = remembered(&refused).expect("an outcome");
        assert_eq!(content.matches("got 401").count(), REASONS, "{content}");
    }
}
