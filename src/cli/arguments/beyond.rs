//! Commands that have flags beyond the fields of their request.

use clap::Args;
use serde_json::{Map, Value};

use super::endpoint::{parse_check, seconds_to_ms};
use super::request_args::{RequestArgs, RequestFlags};
use crate::domain::{
    CloseRequest, CompleteRequest, DEFAULT_CHECK_TIMEOUT_MS, DriftQuery, ExpectedStatus, ForgetQuery, LiveCheck,
    NewHTask, NewMemory, RunRequest, json_problem,
};

/// The criteria of a task: `run` and `checklist`.
#[derive(Debug, Clone, Args)]
pub(crate) struct CriteriaArgs<P: RequestFlags + Send + Sync> {
    #[command(flatten)]
    request: RequestArgs<P>,
    #[command(flatten)]
    checks: CheckWords,
}

impl<P: RequestFlags + Send + Sync + Into<RunRequest>> CriteriaArgs<P> {
    pub(crate) fn request(self) -> RunRequest {
        self.checks.complete(self.request.0.into())
    }
}

/// The live checks that the short form of `--endpoint` cannot say.
#[derive(Debug, Clone, Default, Args)]
struct CheckWords {
    /// A live check as JSON with url, method, expected_status, expect, headers, body, timeout_s, user,
    /// follow_redirects, capture, name, safe, once; or short, such as "/api/orders"; repeatable, after the endpoints.
    #[arg(long = "check", value_name = "JSON", value_parser = parse_check)]
    checks: Vec<LiveCheck>,
    /// The time for each live check that does not say its own [default: 30].
    #[arg(long, value_name = "SECONDS", value_parser = seconds_to_ms)]
    timeout: Option<u64>,
}

impl CheckWords {
    /// An earlier task keeps its criteria where nothing is given; a new one has none then.
    fn complete(self, request: RunRequest) -> RunRequest {
        let mut live_checks = request.live_checks.unwrap_or_default();
        live_checks.extend(self.checks);
        if let Some(timeout_ms) = self.timeout {
            for check in live_checks.iter_mut().filter(|check| check.timeout_ms == DEFAULT_CHECK_TIMEOUT_MS) {
                check.timeout_ms = timeout_ms;
            }
        }
        let new = request.task_id.is_none();
        RunRequest {
            local_tests: request.local_tests.or_else(|| new.then(Vec::new)),
            live_checks: (new || !live_checks.is_empty()).then_some(live_checks),
            ui_tests: request.ui_tests.or_else(|| new.then(Vec::new)),
            ..request
        }
    }
}

/// `validate`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Validate {
    #[command(flatten)]
    check: RequestArgs<LiveCheck>,
}

impl Validate {
    /// In 0.1 `--expect` took the status: a line that is nothing but one still does.
    pub(crate) fn check(self) -> LiveCheck {
        let mut check = self.check.0;
        if let [line] = check.expect.as_slice()
            && let Ok(status) = line.parse::<ExpectedStatus>()
        {
            check.expected_status = status;
            check.expect.clear();
        }
        check
    }
}

/// `check-drift`.
#[derive(Debug, Clone, Args)]
pub(crate) struct CheckDrift {
    #[command(flatten)]
    pub(crate) query: RequestArgs<DriftQuery>,
    /// Compare the schema; named like this, an unverified answer is exit code 3.
    #[arg(long, overrides_with = "check_schema")]
    pub(crate) schema: bool,
    /// Look at the health routes; named like this, an unverified answer is exit code 3.
    #[arg(long, overrides_with = "check_health")]
    pub(crate) health: bool,
    /// Compare the deployed version, too.
    #[arg(long)]
    pub(crate) version_check: bool,
    /// Exit with 3 when anything is unverified.
    #[arg(long)]
    pub(crate) strict: bool,
}

/// `remember`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Remember {
    #[command(flatten)]
    pub(crate) memory: RequestArgs<NewMemory>,
    /// Keep it for ever (so it is without this flag).
    #[arg(long, conflicts_with = "ttl_days")]
    pub(crate) permanent: bool,
}

/// `forget`: one memory, or all that match every filter.
#[derive(Debug, Clone, Args)]
pub(crate) struct Forget {
    #[command(flatten)]
    pub(crate) query: RequestArgs<ForgetQuery>,
    /// Remove many without being asked.
    #[arg(long)]
    pub(crate) yes: bool,
}

/// `htask-create`.
#[derive(Debug, Clone, Args)]
pub(crate) struct HTaskCreate {
    #[command(flatten)]
    pub(crate) task: RequestArgs<NewHTask>,
    /// Its parent waits for it (so it is without this flag).
    #[arg(long, overrides_with = "is_blocking")]
    pub(crate) blocking: bool,
}

/// `htask-complete`.
#[derive(Debug, Clone, Args)]
pub(crate) struct HTaskComplete {
    #[command(flatten)]
    pub(crate) request: RequestArgs<CompleteRequest>,
    /// What came out, in short.
    #[arg(long, value_name = "TEXT")]
    pub(crate) result: Option<String>,
    /// What came out, as a JSON object.
    #[arg(long, value_name = "OBJECT", value_parser = parse_object)]
    pub(crate) result_json: Option<Map<String, Value>>,
}

/// `htask-close`.
#[derive(Debug, Clone, Args)]
pub(crate) struct HTaskClose {
    #[command(flatten)]
    pub(crate) request: RequestArgs<CloseRequest>,
    /// Use the waiver without being asked.
    #[arg(long)]
    pub(crate) yes: bool,
}

fn parse_object(text: &str) -> Result<Map<String, Value>, String> {
    serde_json::from_str(text).map_err(|error| format!("{}; give a JSON object", json_problem(&error)))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::arguments::{Command, CommandLine};

    fn request(line: &str) -> RunRequest {
        match CommandLine::try_parse_from(shlex::split(line).expect("words")).expect(line).command {
            Command::Run(run) => run.request(),
            Command::Checklist(checklist) => checklist.request(),
            _ => panic!("{line}"),
        }
    }

    #[test]
    fn e21_a_new_task_without_tests_has_none() {
        let request = request("x run Deploy");
        assert_eq!(request.local_tests, Some(Vec::new()));
        assert_eq!(request.required_proofs, None);
    }

    #[test]
    fn a_task_that_runs_again_keeps_its_criteria() {
        for line in ["x run --task task_1", "x checklist --task task_1"] {
            let request = request(line);
            assert_eq!((request.local_tests, request.live_checks, request.ui_tests), (None, None, None));
        }
    }

    #[test]
    fn how_answers_converge_is_given_as_json() {
        let asked = request(r#"x run t --converge '{"consecutive_successes": 5}'"#).converge.expect("given");
        assert_eq!(asked.consecutive_successes, Some(5));
    }

    #[test]
    fn the_time_is_for_checks_that_do_not_say_their_own() {
        let request = request("x run t --check '{\"url\": \"/b\", \"timeout_s\": 1}' -e /a --timeout 5");
        let checks = request.live_checks.expect("checks");
        assert_eq!(checks.iter().map(|check| check.timeout_ms).collect::<Vec<_>>(), [5000, 1000]);
    }
}
