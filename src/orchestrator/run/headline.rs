//! The verdict in one sentence. It quotes nothing that came from outside.

use crate::domain::{Cause, Task, TaskReport, TaskStatus, pluralize};

/// Returns the headline of a report whose other fields are filled in.
pub(super) fn headline(task: &Task, report: &TaskReport) -> String {
    let status = report.status.as_str().to_uppercase();
    if report.running {
        return format!("{status}: the run goes on");
    }
    let proofs = report.proofs;
    let said = match (report.status, report.cause) {
        (TaskStatus::Done, _) => {
            return report.assurance.as_ref().map_or_else(
                || {
                    format!(
                        "DONE: {}; this version did not record what it rests on",
                        pluralize(proofs.passing, "proof", "proofs")
                    )
                },
                |assurance| assurance.headline(),
            );
        }
        (TaskStatus::Pending, _) if proofs.passing + proofs.failing + proofs.unverified > 0 => {
            let asked = proofs.passing + proofs.failing + proofs.unverified;
            let own = u32::try_from(task.criteria.live_checks.len()).unwrap_or(u32::MAX);
            let left = match own.saturating_sub(asked) {
                0 => String::new(),
                left => format!(", {left} not asked (only checks that change nothing are)"),
            };
            let (red, green, silent) = (proofs.failing, proofs.passing, proofs.unverified);
            format!("before the deploy {red} red, {green} green, {silent} not observed{left}")
        }
        (TaskStatus::Pending, _) => "it was not run yet".to_owned(),
        (_, Some(Cause::Interrupted)) => "its process ended before it was finished".to_owned(),
        (_, Some(Cause::Cancelled)) => "somebody stopped it".to_owned(),
        (TaskStatus::LocalFail, _) => {
            let ran_none = report.failing.iter().any(|row| row.exit_code == Some(0));
            let why = if ran_none { ": 0 tests ran, or no number of them can be trusted" } else { "" };
            format!("{} did not pass{why}", pluralize(report.failing.len(), "local test", "local tests"))
        }
        (TaskStatus::EnvDrift, _) => {
            let findings = report.drift.as_ref().map_or(0, |drift| drift.issues.len());
            format!("{} between the repository and production", pluralize(findings, "difference", "differences"))
        }
        _ if proofs.failing == 0 && proofs.unverified == 0 => "the gate refuses it".to_owned(),
        _ => {
            let required = proofs.passing + proofs.failing + proofs.unverified;
            let parts = [(proofs.failing, "failed"), (proofs.unverified, "could not be observed")];
            let told: Vec<String> =
                parts.iter().filter(|(count, _)| *count > 0).map(|(count, how)| format!("{count} {how}")).collect();
            format!("of {required} required checks {}", told.join(", "))
        }
    };
    format!("{status}: {said}")
}
