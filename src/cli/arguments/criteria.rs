//! The words that describe a task: `run` and `checklist` share them.

use clap::Args;

use super::endpoint::{parse_check, parse_endpoint, seconds_to_ms};
use crate::domain::RunRequest;
use crate::domain::{DEFAULT_CHECK_TIMEOUT_MS, LiveCheck};

/// What must hold before a task may be done.
#[derive(Debug, Clone, Default, PartialEq, Args)]
#[command(next_help_heading = "Criteria")]
pub(crate) struct CriteriaWords {
    /// A local test: a command that runs in the repository; repeatable. Without it there are no local tests.
    #[arg(long = "test", short = 't', value_name = "COMMAND")]
    pub(crate) tests: Vec<String>,
    /// A live check, `[METHOD ]URL[ => STATUS]`, such as "POST /api/login => 201"; repeatable.
    #[arg(long = "endpoint", short = 'e', value_name = "ENDPOINT", value_parser = parse_endpoint)]
    pub(crate) endpoints: Vec<LiveCheck>,
    /// A live check as JSON with url, method, expected_status, headers, body, timeout_s, user, follow_redirects;
    /// repeatable, after the endpoints.
    #[arg(long = "check", value_name = "JSON", value_parser = parse_check)]
    pub(crate) checks: Vec<LiveCheck>,
    /// A Playwright spec in the repository; repeatable.
    #[arg(long = "ui-test", value_name = "SPEC")]
    pub(crate) ui_tests: Vec<String>,
    /// How many distinct proofs are needed [default: 3].
    #[arg(long, short = 'r', value_name = "NUMBER", allow_negative_numbers = true)]
    pub(crate) required_proofs: Option<i64>,
    /// The time for each live check that does not say its own [default: 30].
    #[arg(long, value_name = "SECONDS", value_parser = seconds_to_ms)]
    pub(crate) timeout: Option<u64>,
}

impl CriteriaWords {
    /// Makes the request for a task; an earlier task keeps its criteria where nothing is given.
    pub(crate) fn request(&self, title: Option<String>, task_id: Option<String>) -> RunRequest {
        let again = task_id.is_some();
        let mut live_checks: Vec<LiveCheck> = self.endpoints.iter().chain(&self.checks).cloned().collect();
        if let Some(timeout_ms) = self.timeout {
            for check in live_checks.iter_mut().filter(|check| check.timeout_ms == DEFAULT_CHECK_TIMEOUT_MS) {
                check.timeout_ms = timeout_ms;
            }
        }
        RunRequest {
            title,
            task_id,
            local_tests: given(self.tests.clone(), again),
            live_checks: given(live_checks, again),
            ui_tests: given(self.ui_tests.clone(), again),
            required_proofs: self.required_proofs,
            ..RunRequest::default()
        }
    }
}

fn given<T>(items: Vec<T>, again: bool) -> Option<Vec<T>> {
    if items.is_empty() && again { None } else { Some(items) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e21_a_new_task_without_tests_has_none() {
        let request = CriteriaWords::default().request(Some("Deploy".into()), None);
        assert_eq!(request.local_tests, Some(Vec::new()));
        assert_eq!(request.required_proofs, None);
    }

    #[test]
    fn a_task_that_runs_again_keeps_its_criteria() {
        let request = CriteriaWords::default().request(None, Some("task_1".into()));
        assert_eq!((request.local_tests, request.live_checks, request.ui_tests), (None, None, None));
    }

    #[test]
    fn the_time_is_for_checks_that_do_not_say_their_own() {
        let words = CriteriaWords {
            endpoints: vec![LiveCheck::get("/a")],
            checks: vec![parse_check(r#"{"url": "/b", "timeout_s": 1}"#).expect("a check")],
            timeout: Some(5000),
            ..CriteriaWords::default()
        };
        let checks = words.request(Some("t".into()), None).live_checks.expect("checks");
        assert_eq!(checks.iter().map(|check| check.timeout_ms).collect::<Vec<_>>(), [5000, 1000]);
    }
}
