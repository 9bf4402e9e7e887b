//! Commands that have flags beyond the fields of their request.

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Args, FromArgMatches};
use serde_json::{Map, Value};

use super::endpoint::{parse_check, seconds_to_ms};
use super::request_args::{RequestArgs, RequestFlags};
use crate::domain::{
    CloseRequest, CompleteRequest, DEFAULT_CHECK_TIMEOUT_MS, DriftQuery, ExpectedStatus, ForgetQuery, LiveCheck,
    NewFeature, NewHTask, NewInitiative, NewMemory, NextQuery, RunRequest, SwarmPlacement, json_problem,
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
    // Read first: what stands before it takes its values out of the matches, places and all.
    #[command(flatten)]
    expectations: Expectations,
    /// A live check as JSON; repeatable, after the endpoints.
    ///
    /// Its fields are url, method, expected_status, expect, headers, body, timeout_s, user, users, follow_redirects, capture,
    /// name, safe, once. Short forms such as "/api/orders" are read, too.
    #[arg(long = "check", value_name = "JSON", value_parser = parse_check)]
    checks: Vec<LiveCheck>,
    /// The time for each live check that does not say its own [default: 30].
    #[arg(long, value_name = "SECONDS", value_parser = seconds_to_ms, hide_short_help = true)]
    timeout: Option<u64>,
}

impl CheckWords {
    /// An earlier task keeps its criteria where nothing is given; a new one has none then.
    fn complete(self, request: RunRequest) -> RunRequest {
        let mut live_checks = request.live_checks.unwrap_or_default();
        let endpoints = live_checks.len();
        live_checks.extend(self.checks);
        for (holder, line) in self.expectations.0 {
            let index = match holder {
                Holder::Endpoint(index) => index,
                Holder::Check(index) => endpoints + index,
            };
            live_checks.get_mut(index).into_iter().for_each(|check| check.expect.push(line.clone()));
        }
        if let Some(timeout_ms) = self.timeout {
            for check in live_checks.iter_mut().filter(|check| check.timeout_ms == DEFAULT_CHECK_TIMEOUT_MS) {
                check.timeout_ms = timeout_ms;
            }
        }
        let new = request.task_id.is_none();
        RunRequest {
            may_choose_id: true,
            local_tests: request.local_tests.or_else(|| new.then(Vec::new)),
            live_checks: (new || !live_checks.is_empty()).then_some(live_checks),
            ui_tests: request.ui_tests.or_else(|| new.then(Vec::new)),
            ..request
        }
    }
}

/// The lines of `--expect`, each with the live check before it.
#[derive(Debug, Clone, Default)]
struct Expectations(Vec<(Holder, String)>);

/// Which live check a line of `--expect` is for: the so manyth `--endpoint`, or the so manyth `--check`.
#[derive(Debug, Clone, Copy)]
enum Holder {
    Endpoint(usize),
    Check(usize),
}

impl Args for Expectations {
    fn augment_args(command: clap::Command) -> clap::Command {
        let expect = Arg::new("expect").long("expect").value_name("EXPECTATION").action(ArgAction::Append);
        command.arg(expect.help("What the answer of the check before it must show; repeatable").long_help(
            "What the answer of the `--endpoint` or `--check` before it must show, such as \"jsonpath $.items count > 0\"; repeatable",
        ))
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Expectations {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let places = |name: &str| matches.indices_of(name).into_iter().flatten().enumerate();
        let endpoints = places("live_checks").map(|(index, place)| (place, Holder::Endpoint(index)));
        let mut holders: Vec<(usize, Holder)> =
            endpoints.chain(places("checks").map(|(index, place)| (place, Holder::Check(index)))).collect();
        holders.sort_unstable_by_key(|(place, _)| *place);
        let lines = matches.get_many::<String>("expect").into_iter().flatten().zip(places("expect"));
        let held = lines.map(|(line, (_, place))| {
            let holder = holders.iter().rev().find(|(before, _)| *before < place);
            holder.map(|(_, holder)| (*holder, line.clone())).ok_or_else(|| {
                let message = "--expect stands before every live check: give it behind its `--endpoint` or `--check`\n";
                clap::Error::raw(ErrorKind::ArgumentConflict, message)
            })
        });
        held.collect::<Result<_, _>>().map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
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

/// `htask-create-feature` and `htask-bootstrap`.
#[derive(Debug, Clone, Args)]
pub(crate) struct HTaskFeature {
    #[command(flatten)]
    pub(crate) feature: RequestArgs<NewFeature>,
    #[command(flatten)]
    pub(crate) initiative: RequestArgs<NewInitiative>,
    #[command(flatten)]
    pub(crate) placement: RequestArgs<SwarmPlacement>,
}

/// `htask-next`.
#[derive(Debug, Clone, Args)]
pub(crate) struct HTaskNext {
    #[command(flatten)]
    pub(crate) query: RequestArgs<NextQuery>,
    #[command(flatten)]
    pub(crate) placement: RequestArgs<SwarmPlacement>,
}

/// `htask-create`.
#[derive(Debug, Clone, Args)]
pub(crate) struct HTaskCreate {
    #[command(flatten)]
    pub(crate) task: RequestArgs<NewHTask>,
    #[command(flatten)]
    pub(crate) placement: RequestArgs<SwarmPlacement>,
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
    /// Use the waiver without being asked; at a terminal only.
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
    fn an_expectation_is_of_the_check_before_it() {
        let request = request(
            "x run t -e /a --expect 'status == 200' --check '\"/b\"' --expect one --expect two -e /c --expect three",
        );
        let checks = request.live_checks.expect("checks");
        let lines: Vec<_> = checks.iter().map(|check| (check.url.as_str(), check.expect.join("|"))).collect();
        assert_eq!(lines, [("/a", "status == 200".into()), ("/c", "three".into()), ("/b", "one|two".to_owned())]);
        let early = CommandLine::try_parse_from(["x", "run", "t", "--expect", "title exists", "-e", "/a"]);
        assert!(early.expect_err("refused").to_string().contains("behind its `--endpoint`"));
    }

    #[test]
    fn the_time_is_for_checks_that_do_not_say_their_own() {
        let request = request("x run t --check '{\"url\": \"/b\", \"timeout_s\": 1}' -e /a --timeout 5");
        let checks = request.live_checks.expect("checks");
        assert_eq!(checks.iter().map(|check| check.timeout_ms).collect::<Vec<_>>(), [5000, 1000]);
    }
}
