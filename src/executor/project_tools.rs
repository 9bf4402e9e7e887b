//! Finds a project's own linter, type check and build by looking at its files.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

use tokio_util::sync::CancellationToken;

use super::{CommandPolicy, CommandSpec, Executor, platform};
use crate::domain::{CommandEnd, CommandRun};

const CHECK_TIMEOUT_MS: u64 = 120_000;
const BUILD_TIMEOUT_MS: u64 = 300_000;
/// The most bytes of a project file that are read.
const FILE_LIMIT: u64 = 1024 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Lint,
    Typecheck,
    Build,
}

impl Purpose {
    const fn name(self) -> &'static str {
        match self {
            Self::Lint => "lint",
            Self::Typecheck => "type-check",
            Self::Build => "build",
        }
    }

    /// The names that scripts and targets for this purpose have.
    const fn scripts(self) -> &'static [&'static str] {
        match self {
            Self::Lint => &["lint"],
            Self::Typecheck => &["type-check", "typecheck", "check-types", "tsc"],
            Self::Build => &["build"],
        }
    }
}

/// What lies at the top of a repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Listing {
    files: BTreeSet<String>,
    package_scripts: BTreeSet<String>,
    make_targets: BTreeSet<String>,
    pyproject: String,
}

impl Executor {
    /// Runs the project's linter; it has two minutes.
    ///
    /// The first that fits: a `lint` script of package.json, clippy, `go vet`, ruff, ESLint, Gradle's `check`, a
    /// `lint` target of the Makefile. Without one, or without its program, the run is `NotStarted` with the reason.
    pub async fn run_lint(&self, cancel: &CancellationToken) -> CommandRun {
        self.run_tool(Purpose::Lint, CHECK_TIMEOUT_MS, cancel).await
    }

    /// Runs the project's type check; it has two minutes.
    ///
    /// The first that fits: a `type-check` script of package.json, `cargo check`, `go build`, mypy, tsc, Gradle's
    /// `classes`, a `type-check` target of the Makefile. Else as [`Self::run_lint`].
    pub async fn run_typecheck(&self, cancel: &CancellationToken) -> CommandRun {
        self.run_tool(Purpose::Typecheck, CHECK_TIMEOUT_MS, cancel).await
    }

    /// Runs the project's build; it has five minutes, and `SKIP_ENV_VALIDATION=true` in its environment.
    ///
    /// The first that fits: a `build` script of package.json, `cargo build`, `go build`, `uv build` or
    /// `python -m build`, Gradle's `build`, a `build` target of the Makefile. Else as [`Self::run_lint`].
    pub async fn run_build(&self, cancel: &CancellationToken) -> CommandRun {
        self.run_tool(Purpose::Build, BUILD_TIMEOUT_MS, cancel).await
    }

    async fn run_tool(&self, purpose: Purpose, timeout_ms: u64, cancel: &CancellationToken) -> CommandRun {
        let wrapper_may_run = self.settings.policy == CommandPolicy::Unrestricted;
        let candidates = candidates(purpose, &list(self.repository()), wrapper_may_run);
        match choose(purpose, candidates, |program| self.has(program)) {
            Ok(words) => {
                let mut spec = CommandSpec::direct(words, timeout_ms);
                if purpose == Purpose::Build {
                    spec.environment.push(("SKIP_ENV_VALIDATION".to_owned(), "true".to_owned()));
                }
                self.run(&spec, cancel).await
            }
            Err(end) => CommandRun::not_run(purpose.name(), end),
        }
    }

    fn has(&self, program: &str) -> bool {
        if program.contains('/') {
            platform::is_program(&self.repository().join(program))
        } else {
            self.find_program(program).is_some()
        }
    }
}

fn choose(
    purpose: Purpose,
    candidates: Vec<Vec<String>>,
    has_program: impl Fn(&str) -> bool,
) -> Result<Vec<String>, CommandEnd> {
    let mut missing = Vec::new();
    for words in candidates {
        match words.first() {
            Some(program) if has_program(program) => return Ok(words),
            Some(program) => missing.push(format!("`{program}`")),
            None => {}
        }
    }
    let name = purpose.name();
    Err(if missing.is_empty() {
        CommandEnd::NotStarted {
            why: format!("no {name} command is known for this repository"),
            fix: Some(format!("add a `{name}` script to package.json or a `{name}` target to the Makefile")),
        }
    } else {
        let missing = missing.join(" or ");
        CommandEnd::NotStarted {
            why: format!("the {name} command needs {missing}, which is not on the PATH"),
            fix: Some(format!("install {missing}")),
        }
    })
}

/// Returns what fits, best first.
fn candidates(purpose: Purpose, listing: &Listing, wrapper_may_run: bool) -> Vec<Vec<String>> {
    let has = |file: &str| listing.files.contains(file);
    let has_any = |start: &str| listing.files.iter().any(|file| file.starts_with(start));
    let pick = |lint: &'static str, typecheck: &'static str, build: &'static str| match purpose {
        Purpose::Lint => lint,
        Purpose::Typecheck => typecheck,
        Purpose::Build => build,
    };
    let mut lines: Vec<String> = Vec::new();

    if let Some(script) = purpose.scripts().iter().find(|script| listing.package_scripts.contains(**script)) {
        let manager = match () {
            () if has("pnpm-lock.yaml") => "pnpm",
            () if has("yarn.lock") => "yarn",
            () if has("bun.lock") || has("bun.lockb") => "bun",
            () => "npm",
        };
        lines.push(format!("{manager} run {script}"));
    }
    if has("Cargo.toml") {
        lines.push(pick("cargo clippy --all-targets", "cargo check --all-targets", "cargo build").to_owned());
    }
    if has("go.mod") {
        lines.push(pick("go vet ./...", "go build ./...", "go build ./...").to_owned());
    }
    let prefix = if has("uv.lock") { "uv run " } else { "" };
    match purpose {
        Purpose::Lint if has("ruff.toml") || has(".ruff.toml") || listing.pyproject.contains("ruff") => {
            lines.push(format!("{prefix}ruff check ."));
        }
        Purpose::Typecheck if has("mypy.ini") || has(".mypy.ini") || listing.pyproject.contains("mypy") => {
            lines.push(format!("{prefix}mypy ."));
        }
        Purpose::Build if listing.pyproject.contains("[build-system]") => {
            let build = if has("uv.lock") { "uv build" } else { "python -m build" };
            lines.push(build.to_owned());
        }
        _ => {}
    }
    if purpose == Purpose::Lint && (has_any("eslint.config.") || has_any(".eslintrc")) {
        lines.push("npx --no-install eslint .".to_owned());
    }
    if purpose == Purpose::Typecheck && has("tsconfig.json") {
        lines.push("npx --no-install tsc --noEmit".to_owned());
    }
    if has("build.gradle") || has("build.gradle.kts") {
        let program = if wrapper_may_run && has("gradlew") { "./gradlew" } else { "gradle" };
        lines.push(format!("{program} {}", pick("check", "classes", "build")));
    }
    if let Some(target) = purpose.scripts().iter().find(|target| listing.make_targets.contains(**target)) {
        lines.push(format!("make {target}"));
    }
    lines.iter().map(|line| line.split(' ').map(str::to_owned).collect()).collect()
}

fn list(repository: &Path) -> Listing {
    let files: BTreeSet<String> = std::fs::read_dir(repository)
        .map(|entries| entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect())
        .unwrap_or_default();
    let read = |name: &str| if files.contains(name) { read(&repository.join(name)) } else { String::new() };
    let makefile = ["GNUmakefile", "makefile", "Makefile"].into_iter().find(|name| files.contains(*name));
    Listing {
        package_scripts: package_scripts(&read("package.json")),
        make_targets: makefile.map(|name| make_targets(&read(name))).unwrap_or_default(),
        pyproject: read("pyproject.toml"),
        files,
    }
}

/// Reads the beginning of a regular file. A file that cannot be read counts as empty.
fn read(file: &Path) -> String {
    let mut bytes = Vec::new();
    let is_regular = file.metadata().is_ok_and(|metadata| metadata.is_file());
    if is_regular && let Ok(file) = std::fs::File::open(file) {
        // A file that breaks off while it is read is judged by what was read.
        let _ = file.take(FILE_LIMIT).read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn package_scripts(package: &str) -> BTreeSet<String> {
    let package: serde_json::Value = serde_json::from_str(package).unwrap_or_default();
    let scripts = package.get("scripts").and_then(serde_json::Value::as_object);
    scripts.map(|scripts| scripts.keys().cloned().collect()).unwrap_or_default()
}

/// Reads the targets of rules: `name other: prerequisites`, not `name := value` (GNU make manual, "Rule Syntax").
fn make_targets(makefile: &str) -> BTreeSet<String> {
    makefile
        .lines()
        .filter(|line| !line.starts_with(['\t', '#', '.']))
        .filter_map(|line| line.split_once(':'))
        .filter(|(targets, rest)| !rest.starts_with('=') && !rest.starts_with(":=") && !targets.contains('='))
        .flat_map(|(targets, _)| targets.split_whitespace())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn lines(purpose: Purpose, listing: &Listing) -> Vec<String> {
        candidates(purpose, listing, false).iter().map(|words| words.join(" ")).collect()
    }

    fn everything() -> Listing {
        let files = [
            "Cargo.toml",
            "go.mod",
            "uv.lock",
            "eslint.config.js",
            "tsconfig.json",
            "build.gradle.kts",
            "gradlew",
            "pnpm-lock.yaml",
        ];
        Listing {
            files: set(&files),
            package_scripts: set(&["lint", "type-check", "build", "dev"]),
            make_targets: set(&["lint", "typecheck", "build"]),
            pyproject: "[build-system]\n[tool.ruff]\n[tool.mypy]".to_owned(),
        }
    }

    #[test]
    fn each_kind_of_project_has_its_tools_and_the_projects_own_scripts_come_first() {
        assert_eq!(
            lines(Purpose::Lint, &everything()),
            [
                "pnpm run lint",
                "cargo clippy --all-targets",
                "go vet ./...",
                "uv run ruff check .",
                "npx --no-install eslint .",
                "gradle check",
                "make lint",
            ]
        );
        assert_eq!(
            lines(Purpose::Typecheck, &everything()),
            [
                "pnpm run type-check",
                "cargo check --all-targets",
                "go build ./...",
                "uv run mypy .",
                "npx --no-install tsc --noEmit",
                "gradle classes",
                "make typecheck",
            ]
        );
        assert_eq!(
            lines(Purpose::Build, &everything()),
            ["pnpm run build", "cargo build", "go build ./...", "uv build", "gradle build", "make build"]
        );
    }

    #[test]
    fn whatever_is_found_is_also_allowed_for_callers() {
        let policy = CommandPolicy::Restricted { allowed: Vec::new() };
        for purpose in [Purpose::Lint, Purpose::Typecheck, Purpose::Build] {
            for line in lines(purpose, &everything()) {
                super::super::allow::decide(&line, &policy, Path::new("/srv/app")).expect(&line);
            }
        }
    }

    #[test]
    fn the_repositorys_own_wrapper_is_for_persons_only() {
        let found = candidates(
            Purpose::Build,
            &Listing { files: set(&["build.gradle", "gradlew"]), ..Listing::default() },
            true,
        );
        assert_eq!(found, [["./gradlew", "build"]]);
    }

    #[test]
    fn a_missing_program_is_passed_over_and_named_when_nothing_else_fits() {
        let chosen =
            choose(Purpose::Lint, candidates(Purpose::Lint, &everything(), false), |program| program == "make");
        assert_eq!(chosen, Ok(vec!["make".to_owned(), "lint".to_owned()]));
        let rust = Listing { files: set(&["Cargo.toml"]), ..Listing::default() };
        match choose(Purpose::Lint, candidates(Purpose::Lint, &rust, false), |_| false) {
            Err(CommandEnd::NotStarted { why, .. }) => assert!(why.contains("`cargo`"), "{why}"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_unknown_project_has_no_tools_and_that_is_no_failure() {
        match choose(Purpose::Build, candidates(Purpose::Build, &Listing::default(), true), |_| true) {
            Err(CommandEnd::NotStarted { why, fix: Some(_) }) => {
                assert!(why.contains("no build command is known"), "{why}")
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn targets_are_told_from_variables_and_recipes() {
        let makefile = "X := 1\nY ::= 2\nZ = a:b\n.PHONY: lint\nlint check: src\n\tcp a:b c\nbuild:\n";
        assert_eq!(make_targets(makefile), set(&["lint", "check", "build"]));
    }
}
