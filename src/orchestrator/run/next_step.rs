//! What to do now: one imperative sentence for a model and for a person. What it quotes stands in backticks or brackets
//! (docs/design/outside.md, O4).

use crate::domain::{
    ANONYMOUS, Cause, DriftAnswer, DriftReport, Grade, HTaskRef, Proof, ProofResult, Task, TaskReport, TaskStatus,
    Verdict, one_line,
};

/// How long a quoted reason may be, in characters.
const QUOTE: usize = 160;
/// How many checks are named.
const SHOWN: usize = 4;
/// The rule that a task with too few checks can never meet (gate.md).
const ENOUGH_PROOFS: &str = "G3";

/// Returns the next step of a report whose other fields are filled in.
pub(super) fn next_step(
    task: &Task,
    report: &TaskReport,
    proofs: &[Proof],
    verdict: Option<&Verdict>,
    drift: Option<&DriftReport>,
) -> String {
    let id = &task.id;
    if report.running {
        return format!("Call task_status with task_id {id} and wait_seconds 45 until it has ended.");
    }
    match (task.status, report.cause) {
        (TaskStatus::Done, _) => done(report),
        (TaskStatus::Pending, _) if !proofs.is_empty() && report.proofs.failing == 0 => format!(
            "Choose a check that fails without the change, in a new task with baseline true: this one shows nothing. Or deploy, and run it with task_id {id}."
        ),
        (TaskStatus::Pending, _) if !proofs.is_empty() => {
            format!("Deploy, then run it with task_id {id}: what is red now must be green then.")
        }
        (_, Some(Cause::Interrupted)) => {
            format!("Run it again with task_id {id}: the process that ran it ended before it was finished.")
        }
        (_, Some(Cause::Cancelled)) => format!("Run it again with task_id {id} when it may go on."),
        (TaskStatus::LocalFail, _) => local_fail(report, id.as_str()),
        (TaskStatus::EnvDrift, _) => env_drift(drift, id.as_str()),
        (TaskStatus::ProdFail, _) => prod_fail(report, proofs, verdict, id.as_str()),
        _ => format!("Run it with task_id {id}."),
    }
}

/// What to do with a DONE of an htask: it is evidence there, when the htask takes it, and completes nothing by itself.
pub(super) fn next_step_for_htask(report: &TaskReport, htask: &HTaskRef) -> String {
    format!(
        "Task {}, attempt {}, is done: complete htask {} with htask_complete if it is still open (htask_tree shows which evidence it has and needs).",
        report.task_id, report.attempt, htask.task_id
    )
}

/// A DONE is reported with what is weak about it, and what would make the next one strong. Its id stands beside this: said
/// twice, it takes the room of the headline.
fn done(report: &TaskReport) -> String {
    let weakness = report.assurance.as_ref().and_then(|assurance| assurance.weaknesses().into_iter().next());
    match (report.assurance.as_ref().and_then(|assurance| assurance.grade), weakness) {
        (Some(Grade::Unproven), Some(weakness)) => {
            format!(
                "Report the task as done but unproven, with its headline and task_id; to prove the next one, {}.",
                weakness.fix
            )
        }
        (_, Some(weakness)) => {
            format!(
                "Report the task as done, with its headline and task_id; to make the next one stronger, {}.",
                weakness.fix
            )
        }
        _ => "Report the task as done, with its task_id.".to_owned(),
    }
}

fn local_fail(report: &TaskReport, id: &str) -> String {
    match report.failing.first() {
        // The command is part of the bar, which does not change.
        Some(row) if row.exit_code == Some(0) => {
            let why = first_line(row.error_message.as_deref());
            format!(
                "Create a new task whose local_tests run tests: `{}` ran none ({why}).",
                one_line(&row.endpoint, 80)
            )
        }
        Some(row) if row.result == ProofResult::Unverified => {
            let why = first_line(row.error_message.as_deref());
            format!("Make `{}` runnable ({why}), then run it again with task_id {id}.", one_line(&row.endpoint, 80))
        }
        Some(row) => {
            let why = first_line(row.error_message.as_deref());
            format!("Fix `{}` ({why}), then run it again with task_id {id}.", one_line(&row.endpoint, 80))
        }
        None => format!("Fix the local tests, then run it again with task_id {id}."),
    }
}

fn env_drift(drift: Option<&DriftReport>, id: &str) -> String {
    let first = drift.into_iter().flat_map(|report| &report.checks).find_map(|check| match &check.answer {
        DriftAnswer::Found { recommendation, .. } => Some(one_line(recommendation, QUOTE)),
        _ => None,
    });
    let advice = first.unwrap_or_else(|| "Remove the drift".to_owned());
    format!("{}, then run it again with task_id {id}.", advice.trim_end_matches('.'))
}

fn prod_fail(report: &TaskReport, proofs: &[Proof], verdict: Option<&Verdict>, id: &str) -> String {
    let Some(row) = report.failing.first() else {
        let why = report.gate.as_ref().and_then(|gate| gate.reasons.first());
        return match why {
            Some(_) if policy_fix(verdict).is_some() => format!(
                "To meet policy.require, {}; then prove it in a new task.",
                policy_fix(verdict).unwrap_or_default()
            ),
            Some(why) if lacks_proofs(verdict) => format!(
                "Create a new task with more checks, or with a smaller required_proofs ({}).",
                one_line(why, QUOTE).trim_end_matches('.')
            ),
            Some(why) => format!("Meet the gate in a new task ({}).", one_line(why, QUOTE).trim_end_matches('.')),
            None => format!("Run it again with task_id {id}."),
        };
    };
    let why = first_line(row.error_message.as_deref());
    let lacking = verdict.and_then(|verdict| verdict.reasons.iter().find(|reason| reason.rule == ENOUGH_PROOFS));
    let anonymous = proofs.iter().any(|proof| proof.check == row.check && proof.user_tested == ANONYMOUS);
    match (row.result, row.response_code) {
        // Trying again changes nothing, and neither does a task with the same checks.
        (ProofResult::Unverified, _) if row.is_blocked() => {
            let blocked: Vec<&str> = report
                .failing
                .iter()
                .filter(|row| row.is_blocked())
                .take(SHOWN)
                .map(|row| row.check.as_str())
                .collect();
            format!(
                "Create a new task that asks production itself instead of {} ({why}); only a person can allow another address.",
                blocked.join(", ")
            )
        }
        // Its criteria are frozen, and even when all of them passed they would not be enough.
        _ if lacking.is_some() => format!(
            "Create a new task: this one cannot pass ({}). Add checks or give required_proofs; before it runs, fix {} ({why}).",
            one_line(lacking.map_or("", |reason| &reason.text), QUOTE),
            row.check
        ),
        (ProofResult::Unverified, _) => format!(
            "Make {} observable ({why}), then run it again with task_id {id}; changed checks need a new task.",
            row.check
        ),
        (ProofResult::Fail, Some(300..=399)) => format!(
            "Ask in a new task for the address that {} leads to, or set follow_redirects on it ({why}).",
            row.check
        ),
        (ProofResult::Fail, Some(code @ 200..=299)) if why.contains(&format!("got {code}")) && !why.contains('`') => {
            format!(
                "Create a new task with expected_status {code} on {} if that is the right answer ({why}), else fix production and run this one again with task_id {id}.",
                row.check
            )
        }
        (_, Some(401 | 403)) if anonymous => format!(
            "Log in as a test user (a person adds one to test_users): set `user` on {} in a new task, or fix production ({why}) and run it again with task_id {id}.",
            row.check
        ),
        _ => format!(
            "Fix {} `{}` ({why}), deploy, then run it again with task_id {id}.",
            row.check,
            one_line(&row.endpoint, 100)
        ),
    }
}

/// What would meet the first word of the policy that does not hold.
fn policy_fix(verdict: Option<&Verdict>) -> Option<String> {
    let verdict = verdict?;
    let reason = verdict.reasons.iter().find(|reason| reason.rule == "G12")?;
    let weaknesses = verdict.assurance.as_ref()?.weaknesses();
    Some(weaknesses.into_iter().find(|weakness| reason.text.ends_with(&weakness.clause))?.fix)
}

fn lacks_proofs(verdict: Option<&Verdict>) -> bool {
    verdict.is_some_and(|verdict| verdict.reasons.iter().any(|reason| reason.rule == ENOUGH_PROOFS))
}

fn first_line(message: Option<&str>) -> String {
    one_line(message.and_then(|message| message.lines().next()).unwrap_or("no reason was recorded"), QUOTE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        Criteria, FailingCheck, GateName, GateReason, GateSummary, LedgerSummary, ProofCounts, TaskId, Timestamp,
    };

    fn step(result: ProofResult, response_code: Option<u16>, message: &str) -> String {
        step_beside(result, response_code, message, Vec::new())
    }

    fn step_beside(result: ProofResult, response_code: Option<u16>, message: &str, reasons: Vec<GateReason>) -> String {
        let now = Timestamp::from_micros(1_000_000);
        let task = Task {
            id: TaskId::generate(now),
            title: "Deploy".into(),
            description: String::new(),
            criteria: Criteria {
                local_tests: Vec::new(),
                live_checks: Vec::new(),
                ui_tests: Vec::new(),
                required_proofs: Some(1),
            },
            criteria_digest: String::new(),
            status: TaskStatus::ProdFail,
            cause: Some(Cause::Failed),
            attempt: 1,
            created_at: now,
            updated_at: now,
        };
        let row = FailingCheck {
            check: "task_check_4".into(),
            endpoint: "https://api.example.com/x".into(),
            result,
            response_code,
            exit_code: None,
            error_message: Some(message.into()),
        };
        let report = TaskReport {
            task_id: task.id.clone(),
            title: task.title.clone(),
            status: task.status,
            cause: task.cause,
            attempt: 1,
            running: false,
            headline: String::new(),
            assurance: None,
            gate: Some(GateSummary {
                name: GateName::ValidationToProd,
                passed: false,
                reasons: reasons.iter().map(|reason| reason.text.clone()).collect(),
            }),
            proofs: ProofCounts { required: 1, passing: 0, failing: 1, unverified: 0 },
            failing: vec![row],
            drift: None,
            context: Vec::new(),
            memories: Vec::new(),
            warnings: Vec::new(),
            next_step: String::new(),
            ledger: LedgerSummary { entries: 1, head: String::new() },
            duration_ms: 1,
        };
        let verdict = Verdict {
            gate: GateName::ValidationToProd,
            passed: false,
            reasons,
            cause: task.cause,
            proofs_required: 1,
            proofs_counted: 0,
            assurance: None,
        };
        next_step(&task, &report, &[], Some(&verdict), None)
    }

    /// Found by a stranger: an agent that does as told came back to the same refusal.
    #[test]
    fn what_only_a_new_task_or_a_person_can_change_is_not_sent_round_in_a_circle() {
        let blocked =
            step(ProofResult::Unverified, None, "blocked by policy: example.org is not production (allow it)");
        assert!(blocked.contains("new task") && blocked.contains("only a person"), "{blocked}");
        assert!(!blocked.contains("run it again"), "{blocked}");
        let slow = step(ProofResult::Unverified, None, "no answer within 2000 ms (make it faster, or raise timeout_s)");
        assert!(
            slow.contains("run it again with task_id") && slow.contains("changed checks need a new task"),
            "{slow}"
        );
    }

    #[test]
    fn a_task_with_too_few_checks_is_told_so_by_the_rule_and_not_by_the_words() {
        let reason = |rule: &str| GateReason { rule: rule.into(), check: None, text: "why".into(), unverified: false };
        let told = |rule| step_beside(ProofResult::Fail, Some(500), "expected 200, got 500", vec![reason(rule)]);
        assert!(
            told("G3")
                .starts_with("Create a new task: this one cannot pass (why). Add checks or give required_proofs;"),
            "{}",
            told("G3")
        );
        assert!(told("G2").starts_with("Fix task_check_4"), "{}", told("G2"));
    }
}
