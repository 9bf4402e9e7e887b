//! Tells where a task stands and why, from its ledger entries alone.

use super::headline::headline;
use super::next_step::next_step;
use crate::domain::{
    Criteria, DriftReport, DriftSummary, FailingCheck, GateName, GateSummary, LedgerSummary, Proof, ProofCounts,
    ProofKind, ProofResult, Task, TaskReport, TaskStatus, Timestamp, Verdict, one_line,
};
use crate::ledger::{DriftMoment, Entry, Fact, Head};

/// How many characters of a failing test's output are told.
const OUTPUT_TAIL: usize = 600;

/// Builds the report of a task's last attempt from that attempt's entries.
///
/// `running` says whether the attempt goes on, `now` then ends its duration.
pub(in crate::orchestrator) fn report(
    task: &Task,
    entries: &[Entry],
    running: bool,
    head: &Head,
    now: Timestamp,
) -> TaskReport {
    let proofs: Vec<Proof> = entries.iter().filter_map(Entry::proof).collect();
    let drift = last_drift(entries);
    // A gate that let a task pass and a task that is not done contradict each other: then the status stands.
    let done = matches!(task.status, TaskStatus::ProdOk | TaskStatus::Done);
    let verdict = last_verdict(entries).filter(|verdict| verdict.passed == done);
    let gate = gate(task.status, verdict, drift);
    let mut failing = failing_tests(entries);
    failing.extend(in_order_of_reasons(failing_proofs(&proofs), gate.as_ref()));
    let started = entries.first().map_or(task.updated_at, |entry| entry.at);
    let ended = if running { now } else { entries.last().map_or(started, |entry| entry.at) };
    let mut report = TaskReport {
        task_id: task.id.clone(),
        title: task.title.clone(),
        status: task.status,
        cause: task.cause,
        attempt: task.attempt,
        running,
        gate,
        proofs: counts(task, &proofs, verdict, entries),
        failing,
        drift: drift.map(|report| DriftSummary {
            has_drift: report.has_drift(),
            issues: report.issues(),
            unverified: report.unverified(),
        }),
        context: Vec::new(),
        memories: Vec::new(),
        assurance: verdict.and_then(|verdict| verdict.assurance.clone()),
        headline: String::new(),
        warnings: warnings(task, entries, &proofs, drift),
        next_step: String::new(),
        ledger: LedgerSummary { entries: head.entries, head: head.hash.clone() },
        duration_ms: u64::try_from(ended.ms_since(started)).unwrap_or_default(),
    };
    report.headline = headline(task, &report);
    report.next_step = next_step(task, &report, &proofs, verdict, drift);
    report
}

fn last_drift(entries: &[Entry]) -> Option<&DriftReport> {
    entries.iter().rev().find_map(|entry| match &entry.fact {
        // What was asked after the checks is the build alone.
        Fact::Drift(drift) if drift.when != DriftMoment::Checked => Some(&drift.report),
        _ => None,
    })
}

fn last_verdict(entries: &[Entry]) -> Option<&Verdict> {
    entries.iter().rev().find_map(|entry| match &entry.fact {
        Fact::Decision(decision) => Some(&decision.verdict),
        _ => None,
    })
}

fn gate(status: TaskStatus, verdict: Option<&Verdict>, drift: Option<&DriftReport>) -> Option<GateSummary> {
    if let Some(verdict) = verdict {
        let reasons = verdict.reasons.iter().map(|reason| reason.text.clone()).collect();
        return Some(GateSummary { name: verdict.gate, passed: verdict.passed, reasons });
    }
    let drift = drift?;
    let stopped = status == TaskStatus::EnvDrift;
    Some(GateSummary {
        name: GateName::LocalToValidation,
        passed: !stopped,
        reasons: if stopped { drift.issues() } else { Vec::new() },
    })
}

fn counts(task: &Task, proofs: &[Proof], verdict: Option<&Verdict>, entries: &[Entry]) -> ProofCounts {
    let listed = entries.iter().rev().find_map(|entry| match &entry.fact {
        Fact::Checklist(checklist) => Some(checklist.required_proofs),
        _ => None,
    });
    // A baseline is about the checks alone.
    let before = task.status == TaskStatus::Pending;
    let of = |result: ProofResult| {
        let required = proofs.iter().filter(|proof| proof.result == result && proof.required);
        let required = required.filter(|proof| !before || proof.kind == ProofKind::Live);
        u32::try_from(required.count()).unwrap_or(u32::MAX)
    };
    ProofCounts {
        required: verdict
            .map(|verdict| verdict.proofs_required)
            .or(listed)
            .or(task.criteria.required_proofs)
            .unwrap_or(Criteria::DEFAULT_REQUIRED_PROOFS),
        passing: verdict.map_or_else(|| of(ProofResult::Pass), |verdict| verdict.proofs_counted),
        failing: of(ProofResult::Fail),
        unverified: of(ProofResult::Unverified),
    }
}

/// Puts rows, which come in the order in which checks ended, into that of the gate's reasons, failures first.
fn in_order_of_reasons(mut rows: Vec<FailingCheck>, gate: Option<&GateSummary>) -> Vec<FailingCheck> {
    let reasons = gate.map(|gate| gate.reasons.as_slice()).unwrap_or_default();
    rows.sort_by_cached_key(|row| {
        let names =
            |reason: &&String| reason.strip_prefix(row.check.as_str()).is_some_and(|rest| rest.starts_with(' '));
        let place = reasons.iter().position(|reason| names(&reason)).unwrap_or(usize::MAX);
        (row.result == ProofResult::Unverified, place)
    });
    rows
}

fn failing_tests(entries: &[Entry]) -> Vec<FailingCheck> {
    let mut failing = Vec::new();
    for entry in entries {
        let Fact::LocalTest(test) = &entry.fact else { continue };
        let outcome = test.run.outcome();
        if outcome.is_passed() {
            continue;
        }
        let mut message = outcome.reason().unwrap_or_default();
        for (stream, output) in [("stdout", &test.run.stdout.text), ("stderr", &test.run.stderr.text)] {
            if !output.trim().is_empty() {
                message.push_str(&format!("\n{stream}: {}", tail(output.trim())));
            }
        }
        failing.push(FailingCheck {
            check: test.name.clone(),
            endpoint: test.run.command.clone(),
            result: ProofResult::from(&outcome),
            response_code: None,
            exit_code: test.run.exit_code(),
            error_message: Some(message),
        });
    }
    failing
}

fn tail(output: &str) -> String {
    let length = output.chars().count();
    if length <= OUTPUT_TAIL {
        return output.to_owned();
    }
    let kept: String = output.chars().skip(length - OUTPUT_TAIL).collect();
    format!("…{kept}")
}

/// Returns the required items that did not pass. Optional items do not block: they are warnings.
fn failing_proofs(proofs: &[Proof]) -> Vec<FailingCheck> {
    proofs
        .iter()
        .filter(|proof| proof.required && !proof.passed())
        .map(|proof| FailingCheck {
            check: proof.check.clone(),
            endpoint: proof.endpoint.clone(),
            result: proof.result,
            response_code: proof.response_code,
            exit_code: None,
            error_message: proof.error_message.clone(),
        })
        .collect()
}

fn warnings(task: &Task, entries: &[Entry], proofs: &[Proof], drift: Option<&DriftReport>) -> Vec<String> {
    let mut warnings = Vec::new();
    let tested = entries.iter().any(|entry| matches!(entry.fact, Fact::LocalTest(_)));
    // A run that was stopped before its first test had ended is not one without tests; a DONE says it in its headline.
    let told_elsewhere =
        matches!(task.status, TaskStatus::Pending | TaskStatus::InProgress | TaskStatus::LocalFail | TaskStatus::Done);
    if !tested && !told_elsewhere {
        warnings.push("no local tests".to_owned());
    }
    let optional = proofs.iter().filter(|proof| proof.kind == ProofKind::Live);
    for proof in optional.filter(|proof| !proof.required && proof.result == ProofResult::Fail) {
        let why = proof.error_message.clone().unwrap_or_default();
        warnings.push(format!("{} (optional): {}", proof.label(), one_line(&why, 120)));
    }
    warnings.extend(proofs.iter().filter(|proof| proof.passed() && is_asked_for(proof)).filter_map(not_counted));
    for proof in proofs.iter().filter(|proof| is_asked_for(proof)) {
        warnings.extend(proof.told.iter().map(|line| format!("{}: {}", proof.label(), one_line(line, 160))));
    }
    warnings.extend(proofs.iter().filter(|proof| proof.kind == ProofKind::Health).flat_map(health_told));
    if let Some(report) = drift.filter(|report| report.has_drift() && task.status != TaskStatus::EnvDrift) {
        warnings.extend(report.issues().into_iter().map(|issue| format!("drift: {issue}")));
    }
    warnings
}

/// What the task or the policy asked for; what was only looked at beside it is not told.
fn is_asked_for(proof: &Proof) -> bool {
    proof.required && proof.kind != ProofKind::Health
}

/// What a health route said that changes nothing: degraded, or an answer that could not be judged.
fn health_told(proof: &Proof) -> Vec<String> {
    let is_success = proof.response_code.is_some_and(|code| (200..300).contains(&code));
    let unread = proof.error_message.as_ref().filter(|_| is_success && proof.result == ProofResult::Unverified);
    let offered = unread.filter(|why| !why.starts_with("not offered"));
    proof.told.iter().chain(offered).map(|line| format!("{}: {}", proof.label(), one_line(line, 160))).collect()
}

/// Says of a check that passed why it proves nothing.
fn not_counted(proof: &Proof) -> Option<String> {
    let why = proof.not_counted.as_ref().filter(|_| !proof.counts)?;
    Some(format!("{} does not count: it {}", proof.label(), one_line(why.trim_start_matches("it "), 160)))
}
