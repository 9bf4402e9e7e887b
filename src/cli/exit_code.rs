//! What the exit codes mean.

use std::process::ExitCode;

use crate::domain::{
    Cause, CommandEnd, CommandRun, DriftAnswer, DriftKind, DriftReport, ProofResult, TaskReport, TaskStatus,
};
use crate::orchestrator::OrchestratorError;

/// How a command ended, as scripts see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Done, passed, no drift.
    Success = 0,
    /// Usage or configuration.
    Usage = 2,
    /// Unverified, nothing was checked, a service or the store is not available.
    CouldNot = 3,
    /// LOCAL_FAIL.
    LocalFail = 4,
    /// PROD_FAIL, a check failed, a ledger does not verify.
    Refused = 5,
    /// ENV_DRIFT.
    Drift = 6,
    /// An invariant of ours does not hold.
    Bug = 70,
    /// Interrupted or cancelled: 128 and the number of SIGINT, as shells have it.
    Interrupted = 130,
}

/// The whole table, for `--help` and the README.
pub(crate) const TABLE: [(Exit, &str); 8] = [
    (Exit::Success, "done, passed, no drift"),
    (Exit::Usage, "usage or configuration"),
    (Exit::CouldNot, "could not: unverified, nothing was checked, service or store not available"),
    (Exit::LocalFail, "local tests failed (LOCAL_FAIL)"),
    (Exit::Refused, "refused by the gate (PROD_FAIL), a check failed, a ledger does not verify"),
    (Exit::Drift, "drift (ENV_DRIFT)"),
    (Exit::Bug, "our bug"),
    (Exit::Interrupted, "interrupted"),
];

impl Exit {
    /// Returns the number that the shell sees.
    pub(crate) const fn number(self) -> u8 {
        self as u8
    }

    /// Returns the exit of a command that ends with an error.
    pub(crate) fn of_error(error: &OrchestratorError) -> Self {
        match error.exit_code() {
            2 => Self::Usage,
            5 => Self::Refused,
            70 => Self::Bug,
            _ => Self::CouldNot,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}

/// Returns the table as the last part of `--help`.
pub(crate) fn table_text() -> String {
    let mut text = String::from("Exit codes:");
    for (exit, meaning) in TABLE {
        text.push_str(&format!("\n  {:>3}  {meaning}", exit.number()));
    }
    text
}

/// Maps the end of a run.
pub(crate) fn of_task(report: &TaskReport) -> Exit {
    if report.status == TaskStatus::Done {
        return Exit::Success;
    }
    if matches!(report.cause, Some(Cause::Cancelled | Cause::Interrupted)) {
        return Exit::Interrupted;
    }
    match (report.status, report.cause) {
        (TaskStatus::ProdFail, Some(Cause::Unverified)) => Exit::CouldNot,
        // A command that ran and tested nothing is a failing test; one that could not be run says nothing.
        (TaskStatus::LocalFail, Some(Cause::Unverified))
            if report.failing.iter().all(|row| row.exit_code.is_none()) =>
        {
            Exit::CouldNot
        }
        (TaskStatus::LocalFail, _) => Exit::LocalFail,
        (TaskStatus::ProdFail, _) => Exit::Refused,
        (TaskStatus::EnvDrift, _) => Exit::Drift,
        _ => Exit::CouldNot,
    }
}

/// Maps a drift report; `named` are the kinds that the command line asked for by name, `strict` is `--strict`.
pub(crate) fn of_drift(report: &DriftReport, named: &[DriftKind], strict: bool) -> Exit {
    if report.has_drift() {
        return Exit::Drift;
    }
    let missed = report.checks.iter().any(|check| {
        matches!(check.answer, DriftAnswer::Unverified { .. })
            && (strict || check.explicit || named.contains(&check.kind))
    });
    if missed || !report.checked_anything() { Exit::CouldNot } else { Exit::Success }
}

/// Maps the result of a single check, or of a deployment's command.
pub(crate) const fn of_result(result: ProofResult) -> Exit {
    match result {
        ProofResult::Pass => Exit::Success,
        ProofResult::Fail => Exit::Refused,
        ProofResult::Unverified => Exit::CouldNot,
    }
}

/// Maps the end of a deployment's command.
pub(crate) fn of_command(run: &CommandRun) -> Exit {
    match run.end {
        CommandEnd::Cancelled => Exit::Interrupted,
        _ => of_result(ProofResult::from(&run.outcome())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::render::samples;
    use crate::domain::{DriftCheck, Timestamp};

    fn drift(checks: Vec<DriftCheck>) -> DriftReport {
        DriftReport { checks, checked_at: Timestamp::from_micros(0) }
    }

    fn check(kind: DriftKind, answer: DriftAnswer, explicit: bool) -> DriftCheck {
        DriftCheck {
            kind,
            subject: String::new(),
            url: None,
            route: None,
            response_code: None,
            answer,
            build: None,
            explicit,
        }
    }

    fn unverified() -> DriftAnswer {
        DriftAnswer::Unverified { why: "DATABASE_URL is not set".into(), fix: "set it".into() }
    }

    #[test]
    fn a18_every_end_of_a_task_has_an_exit_code_of_its_own() {
        for (status, cause, exit) in [
            (TaskStatus::Done, None, 0),
            (TaskStatus::LocalFail, Some(Cause::Failed), 4),
            (TaskStatus::LocalFail, Some(Cause::Unverified), 3),
            (TaskStatus::LocalFail, Some(Cause::Cancelled), 130),
            (TaskStatus::ProdFail, Some(Cause::Failed), 5),
            (TaskStatus::ProdFail, Some(Cause::Unverified), 3),
            (TaskStatus::ProdFail, Some(Cause::Interrupted), 130),
            (TaskStatus::EnvDrift, Some(Cause::Drift), 6),
            (TaskStatus::Pending, None, 3),
        ] {
            let report = samples::report(status, cause);
            assert_eq!(of_task(&report).number(), exit, "{status} {cause:?}");
        }
    }

    #[test]
    fn d02_nothing_checked_is_could_not() {
        assert_eq!(of_drift(&drift(vec![]), &[], false), Exit::CouldNot);
        let nothing_here = DriftAnswer::NotApplicable { why: "no schema".into() };
        assert_eq!(of_drift(&drift(vec![check(DriftKind::Schema, nothing_here, false)]), &[], false), Exit::CouldNot);
    }

    #[test]
    fn d03_what_was_named_and_not_verified_is_could_not() {
        let clean = || check(DriftKind::Health, DriftAnswer::Clean, false);
        let silent = drift(vec![clean(), check(DriftKind::Schema, unverified(), false)]);
        assert_eq!(of_drift(&silent, &[], false), Exit::Success);
        assert_eq!(of_drift(&silent, &[], true), Exit::CouldNot);
        assert_eq!(of_drift(&silent, &[DriftKind::Schema], false), Exit::CouldNot);
        let named = drift(vec![clean(), check(DriftKind::Route, unverified(), true)]);
        assert_eq!(of_drift(&named, &[], false), Exit::CouldNot);
    }

    #[test]
    fn a_finding_wins_over_what_was_not_verified() {
        let found = DriftAnswer::Found { issue: "i".into(), recommendation: "r".into() };
        let report = drift(vec![check(DriftKind::Route, unverified(), true), check(DriftKind::Health, found, false)]);
        assert_eq!(of_drift(&report, &[], true), Exit::Drift);
    }

    #[test]
    fn a_proof_passes_fails_or_could_not_be_had() {
        for (result, exit) in [
            (ProofResult::Pass, Exit::Success),
            (ProofResult::Fail, Exit::Refused),
            (ProofResult::Unverified, Exit::CouldNot),
        ] {
            assert_eq!(of_result(result), exit);
        }
    }

    #[test]
    fn a_deployment_that_could_not_start_is_not_one_that_failed() {
        let run = |end| CommandRun::not_run("fly deploy", end);
        assert_eq!(of_command(&run(CommandEnd::Exited { exit_code: 0 })), Exit::Success);
        assert_eq!(of_command(&run(CommandEnd::Exited { exit_code: 1 })), Exit::Refused);
        assert_eq!(
            of_command(&run(CommandEnd::NotStarted { why: "fly: not found".into(), fix: None })),
            Exit::CouldNot
        );
        assert_eq!(of_command(&run(CommandEnd::Cancelled)), Exit::Interrupted);
    }

    #[test]
    fn the_table_is_ordered_and_complete() {
        assert!(TABLE.windows(2).all(|pair| pair[0].0 < pair[1].0));
        let numbers: Vec<u8> = TABLE.iter().map(|(exit, _)| exit.number()).collect();
        assert_eq!(numbers, [0, 2, 3, 4, 5, 6, 70, 130]);
    }
}
