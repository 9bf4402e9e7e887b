//! The table of known runners.
//!
//! A row names programs, the first words that they may be given, and the options that would let them run or load a
//! program of the caller's choosing. What the table does not know is refused. A new runner is one row, and lines in
//! `src/executor/allow/tests.rs` that pass and that are refused.

/// The names under which projects keep scripts, recipes and targets that check or build; `test:unit` is `test`, too.
pub(super) const SCRIPTS: &[&str] = &[
    "test",
    "tests",
    "lint",
    "check",
    "checks",
    "typecheck",
    "type-check",
    "types",
    "check-types",
    "tsc",
    "build",
    "compile",
    "format",
    "fmt",
    "format-check",
    "fmt-check",
    "unit",
    "integration",
    "e2e",
    "coverage",
    "verify",
    "validate",
    "all",
    "ci",
];

/// What may follow the program's name.
#[derive(Debug, Clone, Copy)]
pub(super) enum Words {
    /// Anything but refused options: the program does one harmless thing.
    Any,
    /// One of these, then anything but refused options.
    First(&'static [&'static str]),
    /// One of these two-word beginnings, then anything but refused options.
    FirstTwo(&'static [(&'static str, &'static str)]),
    /// One of the scripts, or one of these followed by a script.
    Script { direct: bool, verbs: &'static [&'static str], also: &'static [&'static str] },
    /// Only scripts and these options: what else could be given would be a variable or another task.
    Only { words: &'static [&'static str], options: &'static [&'static str] },
    /// Exactly these words, then a command that is itself in the table.
    Wraps(&'static [&'static str]),
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Runner {
    pub(super) programs: &'static [&'static str],
    pub(super) words: Words,
    /// Options that are refused, in any spelling: `-p`, `-px`, `--plugin`, `--plugin=x`, `--plug`.
    pub(super) refused: &'static [&'static str],
}

const fn runner(programs: &'static [&'static str], words: Words, refused: &'static [&'static str]) -> Runner {
    Runner { programs, words, refused }
}

const SCRIPT_OPTIONS: &[&str] = &[
    "-c",
    "-e",
    "-p",
    "-C",
    "-x",
    "--eval",
    "--print",
    "--exec",
    "--call",
    "--config",
    "--dir",
    "--cwd",
    "--prefix",
    "--script-shell",
    "--shell",
    "--shell-emulator",
    "--node-options",
    "--userconfig",
    "--globalconfig",
    "--preload",
    "--require",
    "--import",
    "--use-node-version",
    "--env-file",
    "--loader",
    "--registry",
];

pub(super) const RUNNERS: &[Runner] = &[
    runner(
        &["npm"],
        // npm takes options after the script for itself, in any abbreviation: only those that are known harmless.
        Words::Only {
            words: &[],
            options: &["--silent", "-s", "--if-present", "--workspaces", "-ws", "--ignore-scripts"],
        },
        &[],
    ),
    runner(&["pnpm", "yarn"], Words::Script { direct: true, verbs: &["run"], also: &["t"] }, SCRIPT_OPTIONS),
    runner(&["bun"], Words::Script { direct: false, verbs: &["run"], also: &["test", "build"] }, SCRIPT_OPTIONS),
    runner(&["npx"], Words::Wraps(&["--no-install"]), &[]),
    runner(
        &["cargo"],
        Words::First(&["test", "t", "check", "c", "clippy", "fmt", "build", "b", "doc", "nextest"]),
        &["--config", "-C", "-Z", "--tool-config-file", "--config-path"],
    ),
    runner(
        &["go"],
        Words::First(&["test", "vet", "build"]),
        &[
            "-exec",
            "-toolexec",
            "-vettool",
            "-overlay",
            "-modfile",
            "-C",
            "-ldflags",
            "-gcflags",
            "-asmflags",
            "-gccgoflags",
            "-compiler",
            "-pkgdir",
            "-o",
        ],
    ),
    runner(
        &["pytest", "py.test"],
        Words::Any,
        &["-p", "-c", "-o", "--override-ini", "--config-file", "--pdbcls", "--pyargs", "--plugins"],
    ),
    runner(&["ruff"], Words::First(&["check", "format"]), &["--config"]),
    runner(
        &["mypy"],
        Words::Any,
        &["-c", "--command", "--python-executable", "--install-types", "--non-interactive", "--custom-typing-module"],
    ),
    runner(&["pyright", "flake8"], Words::Any, &["--pythonpath", "--config", "--append-config"]),
    runner(&["black", "isort"], Words::Any, &["-c", "--code", "--config", "--settings-path"]),
    runner(
        &["python", "python3"],
        Words::FirstTwo(&[("-m", "build"), ("-m", "unittest")]),
        &["-C", "--config-setting", "--installer"],
    ),
    runner(&["python", "python3"], Words::Wraps(&["-m"]), &[]),
    runner(
        &["uv"],
        Words::First(&["build"]),
        &["--config-setting", "-C", "--config-file", "--directory", "-p", "--python"],
    ),
    runner(&["uv", "poetry"], Words::Wraps(&["run"]), &[]),
    runner(&["tox"], Words::Any, &["-c", "--conf", "-x", "--override", "--discover", "--devenv", "--installpkg"]),
    runner(&["tsc", "vue-tsc", "svelte-check"], Words::Any, &["--plugins"]),
    runner(
        &["eslint"],
        Words::Any,
        &["-c", "--config", "--rulesdir", "--parser", "--plugin", "--resolve-plugins-relative-to", "--init"],
    ),
    runner(&["prettier"], Words::Any, &["--plugin", "--config", "--plugin-search-dir"]),
    runner(&["biome"], Words::First(&["check", "lint", "format", "ci"]), &["--config-path"]),
    runner(
        &["jest"],
        Words::Any,
        &[
            "-c",
            "--config",
            "--globalSetup",
            "--globalTeardown",
            "--runner",
            "--testRunner",
            "--transform",
            "--resolver",
            "--setupFiles",
            "--setupFilesAfterEnv",
            "--testEnvironment",
            "--reporters",
            "--preset",
            "--init",
        ],
    ),
    runner(
        &["vitest"],
        Words::First(&["run", "related", "typecheck"]),
        &["-c", "--config", "--globalSetup", "--execArgv", "--poolOptions", "--ui", "--open", "--environment"],
    ),
    runner(&["playwright"], Words::First(&["test"]), &["-c", "--config", "--ui", "--tsconfig"]),
    runner(
        &["gradle"],
        Words::Only {
            words: &["assemble", "classes", "testClasses", "compileJava", "compileKotlin", "ktlintCheck", "detekt"],
            options: &[
                "--offline",
                "--info",
                "--quiet",
                "-q",
                "--stacktrace",
                "--continue",
                "--no-daemon",
                "--console=plain",
            ],
        },
        &[],
    ),
    runner(
        &["mvn"],
        Words::Only {
            words: &["package", "test-compile"],
            options: &["-q", "-B", "-o", "-U", "-ntp", "--batch-mode", "--offline", "--quiet", "--fail-at-end"],
        },
        &[],
    ),
    runner(
        &["make", "gmake"],
        Words::Only { words: &[], options: &["-k", "-s", "-B", "--silent", "--keep-going"] },
        &[],
    ),
    runner(&["just"], Words::Only { words: &[], options: &["--quiet", "-q"] }, &[]),
    runner(
        &["deno"],
        Words::Script { direct: false, verbs: &["task"], also: &["test", "lint", "check", "fmt"] },
        &["-c", "--config", "--preload", "--import", "--import-map", "--require", "--eval", "--cwd", "--rules-plugin"],
    ),
    runner(
        &["dotnet"],
        Words::First(&["test", "build", "format"]),
        &[
            "-p",
            "-property",
            "--property",
            "-s",
            "--settings",
            "--test-adapter-path",
            "-l",
            "--logger",
            "--collect",
            "--diag",
        ],
    ),
    runner(&["rspec"], Words::Any, &["-r", "--require", "-I", "-O", "--options", "--drb"]),
    runner(&["rubocop"], Words::Any, &["-r", "--require", "-c", "--config", "--plugin"]),
    runner(&["prisma"], Words::First(&["validate", "format"]), &["--config"]),
    runner(&["prisma"], Words::FirstTwo(&[("migrate", "status")]), &["--config"]),
];

/// Tells whether a script, a recipe or a target checks or builds, by its name.
pub(super) fn is_script(name: &str) -> bool {
    let head = name.split(':').next().unwrap_or(name);
    SCRIPTS.contains(&head)
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, ':' | '-' | '_' | '.'))
}
