//! UI tests: one Playwright spec is one check.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use tokio::io::AsyncReadExt;
use tokio_util::sync::CancellationToken;

use super::probe::{CheckRun, Observation, RetryBudget, Tried, Validator};
use super::ui_report::{Report, judge};
use super::ui_spec::{locate, pattern};
use crate::domain::{CommandEnd, CommandRun, Outcome, one_line};
use crate::executor::{CommandSpec, Invocation};

/// The command that installs the runner.
const INSTALL: &str = "npm install --save-dev @playwright/test";
/// Variables that name the address under test.
const BASE_URLS: [&str; 3] = ["PLAYWRIGHT_BASE_URL", "PLAYWRIGHT_TEST_BASE_URL", "BASE_URL"];
/// Why a spec does not count that may have asked another server than production.
const OWN_SERVER: &str = "ran under a configuration that starts a server of its own (webServer), which may have answered in production's place";
/// The most of a report that is read: traces and screenshots go elsewhere, so a real one is far smaller.
const MAX_REPORT_BYTES: u64 = 32 * 1024 * 1024;

/// What a spec that was played came to.
struct Played {
    outcome: Outcome,
    duration_ms: u64,
    own_server: bool,
}

impl Validator {
    pub(super) async fn run_ui_test(&self, spec: &str, budget: RetryBudget<'_>) -> CheckRun {
        let play = || async {
            let at = self.deps.clock.now();
            let seen = self.observe_spec(spec, budget.cancel).await;
            Tried { attempts: vec![self.recorded(at, &seen)], seen }
        };
        let (last, attempts) = self.settle(budget, play).await;
        let not_counted = last.told.iter().any(|line| line == OWN_SERVER).then(|| OWN_SERVER.to_owned());
        let run = self.check_run(last, attempts, self.deps.redactor.text(spec), None);
        CheckRun { not_counted, ..run }
    }

    async fn observe_spec(&self, spec: &str, cancel: &CancellationToken) -> Observation {
        let (outcome, duration_ms, own_server) = match self.play(spec, cancel).await {
            Ok(played) => (played.outcome, played.duration_ms, played.own_server),
            Err(outcome) => (outcome, 0, false),
        };
        Observation {
            // Only a spec that ran is tried again: what cannot start now cannot start a second later either.
            may_pass_later: matches!(outcome, Outcome::Failed { .. }),
            duration_ms,
            told: own_server.then(|| OWN_SERVER.to_owned()).into_iter().collect(),
            ..Observation::of(outcome)
        }
    }

    /// Runs the spec and judges its report. `Err` is the outcome when nothing was run.
    async fn play(&self, spec: &str, cancel: &CancellationToken) -> Result<Played, Outcome> {
        let executor = &self.deps.executor;
        let repository = executor.repository();
        let path = locate(repository, spec).map_err(|error| error.outcome())?;
        if executor.find_program("npx").is_none() {
            return Err(Outcome::unverified("npx is not installed", Some("install Node.js, which brings npx")));
        }
        if !has_playwright(repository) {
            return Err(Outcome::unverified("Playwright is not installed in the repository", Some(INSTALL)));
        }
        let unwritable = |error: io::Error| {
            Outcome::unverified(format!("no temporary folder for the report: {error}"), Some("make TMPDIR writable"))
        };
        let folder = tempfile::Builder::new().prefix("snipara-ui-").tempdir().map_err(unwritable)?;
        let report_file = folder.path().join("report.json");
        let mut command = command(spec, &path, &report_file, self.deps.ui_timeout_ms);
        command.environment.extend(self.base_urls());
        let run = executor.run(&command, cancel).await;
        let duration_ms = run.duration_ms;
        let played = |outcome| Played { outcome, duration_ms, own_server: false };
        Ok(match ended(&run) {
            Err(outcome) => played(outcome),
            Ok(exit_code) => match read_report(&report_file).await {
                Err(error) => played(no_report(&error, &run)),
                Ok(json) => match Report::parse(&json) {
                    Err(error) => played(no_report(&error, &run)),
                    Ok(report) => Played {
                        own_server: report.starts_a_server(),
                        ..played(judge(&report, &canonical(report.files()).await, &path, exit_code))
                    },
                },
            },
        })
    }

    /// The variables in which configurations of Playwright look for the address that is tested.
    fn base_urls(&self) -> Vec<(String, String)> {
        let Some(production) = &self.deps.production else { return Vec::new() };
        BASE_URLS.iter().map(|name| ((*name).to_owned(), production.to_string())).collect()
    }
}

/// Without `--`: Playwright takes what follows it for the tests and runs every spec (1.65 `program.ts`). The
/// pattern begins with `^` and thus cannot be taken for an option.
fn command(spec: &str, path: &Path, report_file: &Path, timeout_ms: u64) -> CommandSpec {
    let arguments = ["npx", "--no-install", "playwright", "test", "--reporter=json"];
    let mut arguments: Vec<String> = arguments.map(str::to_owned).to_vec();
    arguments.push(pattern(path));
    CommandSpec {
        label: format!("playwright test {spec}"),
        invocation: Invocation::Direct(arguments),
        directory: None,
        environment: vec![
            ("PLAYWRIGHT_JSON_OUTPUT_FILE".to_owned(), report_file.to_string_lossy().into_owned()),
            ("FORCE_COLOR".to_owned(), "0".to_owned()),
        ],
        timeout_ms,
    }
}

/// Returns the exit code, or the outcome of a run that gave none.
fn ended(run: &CommandRun) -> Result<i32, Outcome> {
    Err(match &run.end {
        CommandEnd::Exited { exit_code } => return Ok(*exit_code),
        CommandEnd::TimedOut { timeout_ms } => Outcome::unverified(
            format!("Playwright did not end within {timeout_ms} ms"),
            Some("make the spec faster, or raise timeouts in the configuration"),
        ),
        CommandEnd::Signalled { signal } => {
            Outcome::unverified(format!("Playwright was ended by signal {signal}"), None)
        }
        CommandEnd::NotStarted { why, fix } => {
            Outcome::unverified(format!("Playwright did not start: {why}"), Some(fix.as_deref().unwrap_or(INSTALL)))
        }
        CommandEnd::Cancelled | CommandEnd::Refused { .. } => run.outcome(),
    })
}

fn no_report(error: &(dyn std::error::Error + 'static), run: &CommandRun) -> Outcome {
    let said = [&run.stderr.text, &run.stdout.text].into_iter().find(|text| !text.trim().is_empty());
    let said = said.map(|text| format!("; it said: {}", one_line(text, 200))).unwrap_or_default();
    Outcome::unverified(format!("Playwright left no report ({error}){said}"), Some(INSTALL))
}

/// Tells whether Node would find Playwright from the repository: there, or in a folder above (a workspace).
fn has_playwright(repository: &Path) -> bool {
    repository.ancestors().any(|folder| folder.join("node_modules/@playwright/test/package.json").is_file())
}

async fn read_report(path: &Path) -> io::Result<Vec<u8>> {
    let file = tokio::fs::File::open(path).await?;
    let mut json = Vec::new();
    file.take(MAX_REPORT_BYTES).read_to_end(&mut json).await?;
    Ok(json)
}

/// Resolves symbolic links as those of the spec were. A file that is gone stays as it is and matches nothing.
async fn canonical(files: BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
    let mut resolved = BTreeSet::new();
    for file in files {
        let real = tokio::fs::canonicalize(&file).await;
        resolved.insert(real.unwrap_or(file));
    }
    resolved
}
