//! UI tests: one Playwright spec is one check.

use std::io;
use std::path::{Path, PathBuf};

use tokio::io::AsyncReadExt;
use tokio_util::sync::CancellationToken;

use super::probe::{CheckRun, Observation, RetryBudget, Tried, Validator};
use super::ui_report::{FilesWithProjects, Report, judge};
use super::ui_spec::{locate, pattern};
use crate::domain::{CommandEnd, CommandRun, Outcome, one_line};
use crate::executor::{CommandSpec, Invocation};

/// The command that installs the runner.
const INSTALL: &str = "npm install --save-dev @playwright/test";
/// Variables that name the address under test.
const BASE_URLS: [&str; 3] = ["PLAYWRIGHT_BASE_URL", "PLAYWRIGHT_TEST_BASE_URL", "BASE_URL"];
/// Why a spec does not count that may have asked another server than production.
const OWN_SERVER: &str = "ran under a configuration that starts a server of its own (webServer), which may have answered in production's place";
/// How the names of configurations of Playwright end (its `configLoader.ts`).
const CONFIG_ENDS: [&str; 6] = ["ts", "js", "mts", "mjs", "cts", "cjs"];
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
        let (last, attempts) = self.settle(budget, play, &|| format!("playwright test {spec}")).await;
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

    /// Says why a path is no spec of the repository; nothing when it is one. Nothing is run.
    pub fn spec_problem(&self, spec: &str) -> Option<String> {
        locate(self.deps.executor.repository(), spec).err().map(|error| error.to_string())
    }

    /// Runs the spec and judges its report. `Err` is the outcome when nothing was run.
    async fn play(&self, spec: &str, cancel: &CancellationToken) -> Result<Played, Outcome> {
        let executor = &self.deps.executor;
        let repository = executor.repository();
        let path = locate(repository, spec).map_err(|error| error.outcome())?;
        if executor.find_program("npx").is_none() {
            return Err(Outcome::unverified("npx is not installed", Some("install Node.js, which brings npx")));
        }
        let package = package_of(repository, &path);
        if !has_playwright(&package) {
            return Err(Outcome::unverified("Playwright is not installed in the repository", Some(INSTALL)));
        }
        let unwritable = |error: io::Error| {
            Outcome::unverified(format!("no temporary folder for the report: {error}"), Some("make TMPDIR writable"))
        };
        let folder = tempfile::Builder::new().prefix("snipara-ui-").tempdir().map_err(unwritable)?;
        let report_file = folder.path().join("report.json");
        let mut command = command(spec, &path, &report_file, self.deps.ui_timeout_ms);
        command.directory = Some(package);
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
            // Before 1.45 it had this name (playwright's reporters/json.ts).
            ("PLAYWRIGHT_JSON_OUTPUT_NAME".to_owned(), report_file.to_string_lossy().into_owned()),
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

/// The nearest folder above a spec, up to the repository, that holds a configuration of Playwright: a package of a
/// monorepo has its own. Without one, the repository.
fn package_of(repository: &Path, spec: &Path) -> PathBuf {
    let root = repository.canonicalize().unwrap_or_else(|_| repository.to_owned());
    let configured =
        |folder: &&Path| CONFIG_ENDS.iter().any(|end| folder.join(format!("playwright.config.{end}")).is_file());
    let above = spec.ancestors().skip(1).take_while(|folder| folder.starts_with(&root));
    above.into_iter().find(configured).map_or_else(|| repository.to_owned(), Path::to_owned)
}

/// Tells whether Node would find Playwright from a folder: there, or in a folder above (a workspace).
fn has_playwright(folder: &Path) -> bool {
    folder.ancestors().any(|folder| folder.join("node_modules/@playwright/test/package.json").is_file())
}

async fn read_report(path: &Path) -> io::Result<Vec<u8>> {
    let file = tokio::fs::File::open(path).await?;
    let mut json = Vec::new();
    file.take(MAX_REPORT_BYTES).read_to_end(&mut json).await?;
    Ok(json)
}

/// Resolves symbolic links as those of the spec were. A file that is gone stays as it is and matches nothing.
async fn canonical(files: FilesWithProjects) -> FilesWithProjects {
    let mut resolved = FilesWithProjects::new();
    for (file, projects) in files {
        let real = tokio::fs::canonicalize(&file).await;
        resolved.entry(real.unwrap_or(file)).or_default().extend(projects);
    }
    resolved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spec_runs_in_the_nearest_folder_with_a_configuration() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().canonicalize().expect("a path");
        let web = root.join("apps/web");
        std::fs::create_dir_all(web.join("e2e")).expect("folders");
        let spec = web.join("e2e/a.spec.ts");
        assert_eq!(package_of(&root, &spec), root, "without a configuration it is the repository");
        std::fs::write(root.join("playwright.config.js"), "").expect("written");
        assert_eq!(package_of(&root, &spec), root);
        std::fs::write(web.join("playwright.config.mts"), "").expect("written");
        assert_eq!(package_of(&root, &spec), web);
        assert_eq!(package_of(&web.join("e2e"), &spec), web.join("e2e"), "what lies above the repository is not asked");
    }
}
