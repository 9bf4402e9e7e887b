//! Prisma's answers about a schema and the database's migrations.
//!
//! Source of the texts: outputs of the real tool, recorded in `tests/fixtures/prisma/`; the codes are Prisma's
//! error reference (P1000 to P1017: the database cannot be used; P1012: the schema is not valid).

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

use super::check::relative_to;
use crate::domain::{CommandEnd, CommandRun, DriftAnswer, one_line};
use crate::executor::{CommandSpec, Invocation};

/// The most bytes of a schema that are read for the names of its variables.
const MAX_SCHEMA_BYTES: u64 = 1024 * 1024;

/// Which of Prisma's commands is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// `prisma validate`: is the schema valid?
    Validate,
    /// `prisma migrate status`: does the database have every migration?
    Status,
}

impl Step {
    const fn words(self) -> &'static [&'static str] {
        match self {
            Self::Validate => &["validate"],
            Self::Status => &["migrate", "status"],
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Validate => "prisma validate",
            Self::Status => "prisma migrate status",
        }
    }
}

/// A schema with the Prisma that is installed for it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Project {
    directory: PathBuf,
    launcher: &'static [&'static str],
    /// The schema, or the folder of a schema in several files, relative to `directory`.
    schema: PathBuf,
    /// Whether the schema takes the database's address from `DATABASE_URL`.
    pub(super) names_database_url: bool,
}

impl Project {
    /// Finds the Prisma that is installed for a schema (relative to the repository): nothing is ever installed.
    ///
    /// # Errors
    /// The answer of the comparison, when Prisma is not installed.
    pub(super) fn of(repository: &Path, schema: &Path) -> Result<Self, DriftAnswer> {
        let file = repository.join(schema);
        let folders = file.ancestors().skip(1).take_while(|folder| folder.starts_with(repository));
        let mut project = None;
        for folder in folders {
            if folder.join("node_modules/.bin/prisma").exists() {
                project = Some((folder, &["npx", "--no-install", "prisma"][..]));
                break;
            }
            // Yarn's Plug'n'Play keeps no node_modules, and `yarn run` refuses a program that is not installed.
            if folder.join(".pnp.cjs").is_file() && folder.join("yarn.lock").is_file() {
                project = Some((folder, &["yarn", "run", "prisma"][..]));
                break;
            }
        }
        let Some((directory, launcher)) = project else { return Err(not_installed(install_command(repository))) };
        let whole = if has_sibling_schemas(&file) { file.parent().unwrap_or(&file) } else { &file };
        let relative = relative_to(whole, directory);
        let schema = if relative.as_os_str().is_empty() { PathBuf::from(".") } else { relative };
        let names_database_url = names_database_url(&file);
        Ok(Self { directory: directory.to_owned(), launcher, schema, names_database_url })
    }

    /// Makes the command for one step.
    pub(super) fn command(&self, step: Step, timeout_ms: u64) -> CommandSpec {
        let words = self.launcher.iter().chain(step.words()).map(|word| (*word).to_owned());
        let argv: Vec<String> = words.chain([format!("--schema={}", self.schema.display())]).collect();
        let environment = [
            ("NO_COLOR", "1"),
            ("CI", "1"),
            ("PRISMA_HIDE_UPDATE_MESSAGE", "1"),
            // Prisma's and npm's version checks would call other machines.
            ("CHECKPOINT_DISABLE", "1"),
            ("npm_config_update_notifier", "false"),
            // Prisma would download a missing engine. A drift check installs nothing, so the address leads nowhere.
            ("PRISMA_ENGINES_MIRROR", "http://127.0.0.1:9"),
        ];
        CommandSpec {
            label: argv.join(" "),
            invocation: Invocation::Direct(argv),
            directory: Some(self.directory.clone()),
            environment: environment.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
            timeout_ms,
        }
    }
}

/// A schema in several files is given as its folder; a file of its own has a data source of its own.
fn has_sibling_schemas(file: &Path) -> bool {
    let Some(entries) = file.parent().and_then(|folder| folder.read_dir().ok()) else { return false };
    entries.flatten().map(|entry| entry.path()).any(|path| {
        path != file
            && path.extension().is_some_and(|extension| extension == "prisma")
            && !DATASOURCE.is_match(&read_start(&path))
    })
}

fn names_database_url(file: &Path) -> bool {
    DATABASE_URL.is_match(&read_start(file))
}

/// Reads the start of a regular file. A file that cannot be read counts as empty: Prisma itself will report it.
fn read_start(path: &Path) -> String {
    let mut bytes = Vec::new();
    if path.symlink_metadata().is_ok_and(|metadata| metadata.is_file())
        && let Ok(file) = File::open(path)
        && file.take(MAX_SCHEMA_BYTES).read_to_end(&mut bytes).is_err()
    {
        bytes.clear();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn install_command(repository: &Path) -> &'static str {
    let has = |file: &str| repository.join(file).is_file();
    if has("pnpm-lock.yaml") {
        "pnpm install --frozen-lockfile"
    } else if has("yarn.lock") {
        "yarn install --immutable"
    } else if has("bun.lock") || has("bun.lockb") {
        "bun install --frozen-lockfile"
    } else if has("package-lock.json") {
        "npm ci"
    } else {
        "npm install --save-dev prisma"
    }
}

fn not_installed(command: &str) -> DriftAnswer {
    DriftAnswer::unverified("Prisma is not installed in the repository", format!("run `{command}`"))
}

/// Says that a variable with the database's address is missing.
pub(super) fn no_database_url(variable: &str) -> DriftAnswer {
    DriftAnswer::unverified(
        format!("{variable} is not set"),
        format!("set {variable} where snipara-orchestrator runs, to the database that production uses"),
    )
}

#[expect(clippy::expect_used, reason = "the pattern is a constant; every test of this file compiles it")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a valid pattern")
}

static DATASOURCE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?m)^\s*datasource\s+\w+\s*\{"));
static DATABASE_URL: LazyLock<Regex> = LazyLock::new(|| pattern(r#"(?m)^\s*url\s*=\s*env\(\s*"DATABASE_URL"\s*\)"#));
static MISSING_VARIABLE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)(?:environment variable not found|cannot resolve environment variable): (\w+)"));
static DATABASE_CODE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bP10(?:0\d|1[0134567])\b"));

/// Prisma, or a part of it, is not there.
const NOT_INSTALLED: [&str; 6] = [
    "npx canceled due to missing packages",
    "could not determine executable to run",
    "command not found",
    "command \"prisma\" not found",
    "couldn't find a script named \"prisma\"",
    "cannot find module",
];
const NO_ENGINE: [&str; 4] = ["/all_commits/", "binaries.prisma.sh", "failed to fetch the engine", "engine binary"];
/// The database could not be asked.
const NO_DATABASE: [&str; 8] = [
    "can't reach database server",
    "please make sure your database server is running",
    "could not connect",
    "connection refused",
    "timed out",
    "authentication failed",
    "permission denied",
    "does not exist",
];
/// The database's address, which comes from the environment, cannot be used; the schema may be valid.
const BAD_ADDRESS: [&str; 2] = ["the provided database string is invalid", "error validating datasource"];
/// The database and the repository's migrations differ.
const DIFFERENT: [&str; 6] = [
    "have not yet been applied",
    "following migration have failed",
    "following migrations have failed",
    "migrations table from your database are different",
    "drift detected",
    "not in sync",
];

/// Reads what a run of Prisma says: drift, clean, or unverified with reason and fix. Pure.
///
/// A run that fails without saying anything known is unverified: neither valid (D04) nor drift (D05).
pub(super) fn read_prisma(step: Step, schema: &str, run: &CommandRun) -> DriftAnswer {
    let name = step.name();
    let by_hand = || format!("run `{}` by hand and read what it says", run.command);
    let exit_code = match &run.end {
        CommandEnd::Exited { exit_code } => *exit_code,
        CommandEnd::Signalled { signal } => {
            return DriftAnswer::unverified(format!("{name} was ended by signal {signal}"), by_hand());
        }
        CommandEnd::TimedOut { timeout_ms } => {
            return DriftAnswer::unverified(format!("{name} did not end within {} s", timeout_ms / 1000), by_hand());
        }
        CommandEnd::Cancelled => return crate::drift::detector::cancelled(),
        CommandEnd::NotStarted { why, fix } => {
            return DriftAnswer::unverified(
                format!("{name} could not be started: {why}"),
                fix.clone().unwrap_or_else(|| "install Node.js with npx".to_owned()),
            );
        }
        CommandEnd::Refused { why, fix } => {
            return DriftAnswer::unverified(format!("{name} was refused: {why}"), fix.clone());
        }
    };
    let said = said(run);
    let lower = said.to_lowercase();
    let says = |markers: &[&str]| markers.iter().any(|marker| lower.contains(marker));
    let schema = one_line(schema, 120);
    if step == Step::Status {
        if says(&DIFFERENT) {
            return different(&schema, &said);
        }
        if exit_code == 0 && says(&["database schema is up to date"]) {
            return DriftAnswer::Clean;
        }
    } else if exit_code == 0 && says(&["is valid"]) {
        return DriftAnswer::Clean;
    }
    if let Some(variable) = MISSING_VARIABLE.captures(&said).and_then(|found| found.get(1)) {
        return no_database_url(variable.as_str());
    }
    if says(&NOT_INSTALLED) {
        return not_installed("npm ci");
    }
    if says(&NO_ENGINE) {
        return DriftAnswer::unverified(
            "Prisma's engine is not installed, and a drift check downloads nothing",
            "run `npx --no-install prisma version` once where binaries.prisma.sh can be reached",
        );
    }
    if says(&["not managed by prisma migrate", "no migration found"]) {
        return DriftAnswer::unverified(
            "the database is not managed by Prisma Migrate",
            "baseline it (https://pris.ly/d/migrate-baseline), so that migrations can be compared",
        );
    }
    let unusable = says(&BAD_ADDRESS) || DATABASE_CODE.is_match(&said);
    if unusable || (step == Step::Status && says(&NO_DATABASE)) {
        return DriftAnswer::unverified(
            format!("{name} could not use the database: {}", error_line(&said)),
            "check the database's address and that it can be reached from here",
        );
    }
    if step == Step::Validate && says(&["validation error count", "p1012"]) {
        return DriftAnswer::found(
            format!("schema {schema} is not valid: {}", error_line(&said)),
            format!("Fix `{schema}` as `prisma validate` says."),
        );
    }
    let detail = if said.is_empty() { "nothing was written".to_owned() } else { error_line(&said) };
    DriftAnswer::unverified(format!("{name} ended with exit code {exit_code}: {detail}"), by_hand())
}

/// Joins both streams without npm's own remarks and empty lines.
fn said(run: &CommandRun) -> String {
    let lines = run.stdout.text.lines().chain(run.stderr.text.lines()).map(str::trim);
    let lines = lines.filter(|line| {
        let lower = line.to_ascii_lowercase();
        !lower.is_empty() && !lower.starts_with("npm warn") && !lower.starts_with("npm notice")
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn different(schema: &str, said: &str) -> DriftAnswer {
    let lower = said.to_lowercase();
    let what = if lower.contains("have failed") {
        "a migration has failed in the database"
    } else if lower.contains("are different") {
        "the database has other migrations than the repository"
    } else if lower.contains("have not yet been applied") {
        "migrations are not applied to the database"
    } else {
        "the database differs from the migrations"
    };
    let names = migration_names(said);
    let names = if names.is_empty() { String::new() } else { format!(": {}", one_line(&names.join(", "), 160)) };
    DriftAnswer::found(
        format!("schema {schema}: {what}{names}"),
        format!("Review the migrations of `{schema}` and apply them the repository's way before deploying."),
    )
}

/// Names of migrations are listed on lines of their own, as `20260101000000_init`.
fn migration_names(said: &str) -> Vec<&str> {
    let is_name = |line: &&str| {
        line.split_once('_').is_some_and(|(time, name)| {
            time.len() >= 8 && time.bytes().all(|byte| byte.is_ascii_digit()) && !name.contains(char::is_whitespace)
        })
    };
    said.lines().filter(is_name).collect()
}

/// Returns the line that says what is wrong: the most special error line, else the last line.
fn error_line(said: &str) -> String {
    let error = |line: &&str| line.starts_with("error: ") || line.starts_with("Error: P1");
    let any = |line: &&str| line.to_ascii_lowercase().starts_with("error") || line.starts_with("npm error");
    let line = said.lines().find(error).or_else(|| said.lines().find(any)).or_else(|| said.lines().last());
    let line = line.unwrap_or_default();
    one_line(line.strip_prefix("Error: ").or_else(|| line.strip_prefix("error: ")).unwrap_or(line), 200)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::CapturedOutput;

    fn run(end: CommandEnd, stdout: &str, stderr: &str) -> CommandRun {
        let captured = |text: &str| CapturedOutput { text: text.to_owned(), ..CapturedOutput::default() };
        CommandRun { stdout: captured(stdout), stderr: captured(stderr), ..CommandRun::not_run("npx prisma", end) }
    }

    /// Reads a recorded run: four lines of head, then both streams.
    fn recorded(text: &str) -> CommandRun {
        let (head, streams) = text.split_once("--- stdout\n").expect("stdout");
        let (stdout, stderr) = streams.split_once("--- stderr\n").expect("stderr");
        let exit = head.lines().find_map(|line| line.strip_prefix("exit: ")).expect("an exit code");
        run(CommandEnd::Exited { exit_code: exit.parse().expect("a number") }, stdout, stderr)
    }

    macro_rules! fixture {
        ($name:literal) => {
            recorded(include_str!(concat!("../../../../tests/fixtures/prisma/", $name, ".txt")))
        };
    }

    fn read(step: Step, run: &CommandRun) -> DriftAnswer {
        read_prisma(step, "prisma/schema.prisma", run)
    }

    fn issue(answer: DriftAnswer) -> String {
        match answer {
            DriftAnswer::Found { issue, .. } => issue,
            other => panic!("no finding: {other:?}"),
        }
    }

    fn why(answer: DriftAnswer) -> String {
        match answer {
            DriftAnswer::Unverified { why, fix } => {
                assert!(!fix.is_empty());
                why
            }
            other => panic!("not unverified: {other:?}"),
        }
    }

    #[test]
    fn recorded_clean_runs_are_clean() {
        assert_eq!(read(Step::Validate, &fixture!("validate_clean_6")), DriftAnswer::Clean);
        assert_eq!(read(Step::Validate, &fixture!("validate_clean_7")), DriftAnswer::Clean);
        assert_eq!(read(Step::Status, &fixture!("status_clean_6")), DriftAnswer::Clean);
        assert_eq!(read(Step::Status, &fixture!("status_database_ahead_6")), DriftAnswer::Clean);
    }

    #[test]
    fn recorded_drift_is_found_and_names_the_migrations() {
        assert_eq!(
            issue(read(Step::Status, &fixture!("status_pending_6"))),
            "schema prisma/schema.prisma: migrations are not applied to the database: \
             20260101000000_init, 20260201000000_add_name"
        );
        assert_eq!(
            issue(read(Step::Status, &fixture!("status_diverged_6"))),
            "schema prisma/schema.prisma: the database has other migrations than the repository: \
             20260301000000_other, 20260201000000_add_name"
        );
        assert_eq!(
            issue(read(Step::Status, &fixture!("status_failed_6"))),
            "schema prisma/schema.prisma: a migration has failed in the database: 20260201000000_add_name"
        );
        for invalid in [fixture!("validate_invalid_6"), fixture!("validate_invalid_7")] {
            assert_eq!(
                issue(read(Step::Validate, &invalid)),
                "schema prisma/schema.prisma is not valid: Type \"Itn\" is neither a built-in type, nor refers to \
                 another model, composite type, or enum."
            );
        }
    }

    #[test]
    fn d05_a_missing_tool_engine_or_variable_is_unverified() {
        assert_eq!(why(read(Step::Validate, &fixture!("not_installed"))), "Prisma is not installed in the repository");
        for (step, missing) in [
            (Step::Validate, fixture!("validate_no_engine_6")),
            (Step::Validate, fixture!("validate_download_refused_6")),
            (Step::Status, fixture!("status_no_engine_7")),
        ] {
            assert!(why(read(step, &missing)).starts_with("Prisma's engine is not installed"));
        }
        for (step, missing) in [
            (Step::Validate, fixture!("validate_no_env_6")),
            (Step::Validate, fixture!("validate_no_env_7")),
            (Step::Status, fixture!("status_no_env_6")),
        ] {
            assert_eq!(why(read(step, &missing)), "DATABASE_URL is not set");
        }
        let not_started = CommandEnd::NotStarted { why: "npx is not on the PATH".to_owned(), fix: None };
        assert!(why(read(Step::Validate, &run(not_started, "", ""))).ends_with("npx is not on the PATH"));
    }

    #[test]
    fn a_database_that_cannot_be_asked_is_unverified() {
        assert!(
            why(read(Step::Status, &fixture!("status_unreachable_adapter_6")))
                .ends_with("Can't reach database server at `127.0.0.1:1`")
        );
        assert!(why(read(Step::Status, &fixture!("status_no_database_6"))).ends_with("Database `nope` does not exist"));
        assert_eq!(
            why(read(Step::Status, &fixture!("status_no_migrations_6"))),
            "the database is not managed by Prisma Migrate"
        );
        // Not recorded: the native engine's form, as Prisma's error reference gives it.
        let coded =
            run(CommandEnd::Exited { exit_code: 1 }, "", "Error: P1001: Can't reach database server at `db:5432`");
        assert!(why(read(Step::Status, &coded)).contains("P1001"));
    }

    #[test]
    fn d04_failing_without_a_word_is_unverified() {
        for step in [Step::Validate, Step::Status] {
            let silent = run(CommandEnd::Exited { exit_code: 1 }, "", "npm warn config x\n");
            assert!(why(read(step, &silent)).ends_with("exit code 1: nothing was written"));
            let ended = run(CommandEnd::Exited { exit_code: 0 }, "", "");
            assert!(why(read(step, &ended)).ends_with("exit code 0: nothing was written"));
        }
        assert!(why(read(Step::Status, &run(CommandEnd::TimedOut { timeout_ms: 30_000 }, "", ""))).contains("30 s"));
        assert!(why(read(Step::Status, &run(CommandEnd::Signalled { signal: 9 }, "", ""))).contains("signal 9"));
    }

    fn project(files: &[(&str, &str)], schema: &str) -> (tempfile::TempDir, Result<Project, DriftAnswer>) {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
            std::fs::write(path, text).expect("written");
        }
        let project = Project::of(folder.path(), Path::new(schema));
        (folder, project)
    }

    #[test]
    fn d06_only_what_is_installed_is_run() {
        let (_folder, missing) =
            project(&[("prisma/schema.prisma", ""), ("pnpm-lock.yaml", "")], "prisma/schema.prisma");
        let DriftAnswer::Unverified { why, fix } = missing.expect_err("not installed") else { panic!("unverified") };
        assert_eq!(
            (why.as_str(), fix.as_str()),
            ("Prisma is not installed in the repository", "run `pnpm install --frozen-lockfile`")
        );

        let (folder, installed) = project(
            &[("packages/db/prisma/schema.prisma", ""), ("packages/db/node_modules/.bin/prisma", "")],
            "packages/db/prisma/schema.prisma",
        );
        let spec = installed.expect("installed").command(Step::Status, 1000);
        assert_eq!(spec.label, "npx --no-install prisma migrate status --schema=prisma/schema.prisma");
        assert_eq!(spec.directory.as_deref(), Some(folder.path().join("packages/db").as_path()));
        let (_folder, yarn) =
            project(&[("a/schema.prisma", ""), (".pnp.cjs", ""), ("yarn.lock", "")], "a/schema.prisma");
        let spec = yarn.expect("installed").command(Step::Validate, 1000);
        assert_eq!(spec.label, "yarn run prisma validate --schema=a/schema.prisma");
    }

    #[test]
    fn a_schema_in_several_files_is_given_as_its_folder() {
        let bin = ("node_modules/.bin/prisma", "");
        let main = ("db/schema.prisma", "datasource db {\n  url = env(\"DATABASE_URL\")\n}\n");
        let (_folder, several) = project(&[bin, main, ("db/user.prisma", "model User {}\n")], "db/schema.prisma");
        let several = several.expect("installed");
        assert_eq!((several.schema.as_path(), several.names_database_url), (Path::new("db"), true));
        let other = ("db/other.prisma", "datasource other {\n}\n");
        let (_folder, apart) = project(&[bin, main, other], "db/schema.prisma");
        assert_eq!(apart.expect("installed").schema, Path::new("db/schema.prisma"));
    }
}
