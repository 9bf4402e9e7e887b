//! What a finished command tells of tests: what its runner printed, else the reports that it wrote.

use std::path::Path;

use ignore::WalkBuilder;
use ignore::overrides::OverrideBuilder;

use super::Invocation;
use super::test_counts::{Printed, TestCommand, TestCount, TestsRan, read_report, said_in};
use crate::domain::{CommandRun, TestsTold, Timestamp};

/// The most report files of one command that are read.
const REPORTS: usize = 2_000;
/// The largest report that is read, in bytes.
const REPORT_BYTES: u64 = 16 * 1024 * 1024;
/// How deep below the repository reports are looked for.
const DEPTH: usize = 12;
/// What makes a shell do more than start one program.
const SHELL_SYNTAX: [char; 12] = ['|', '&', ';', '<', '>', '(', ')', '$', '`', '*', '?', '\n'];

/// Returns the words of a command that starts one program.
pub(super) fn words_of(invocation: &Invocation) -> Option<Vec<String>> {
    match invocation {
        Invocation::Direct(words) => Some(words.clone()),
        Invocation::Shell(line) if line.contains(SHELL_SYNTAX) => None,
        Invocation::Shell(line) => shlex::split(line),
    }
}

/// Returns the variables that a known runner needs so that what it prints can be read, and `CI`, which watch modes heed.
pub(super) fn variables_of(words: Option<&[String]>) -> Vec<(String, String)> {
    let words: Vec<&str> = words.unwrap_or_default().iter().map(String::as_str).collect();
    let known = TestCommand::recognise(&words).map(|command| command.environment()).unwrap_or_default();
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    [("CI", "1")].iter().chain(known).map(pair).collect()
}

/// Says what a command told of tests; `None` when it says nothing about any.
pub(super) fn told_tests(
    words: Option<&[String]>,
    run: &CommandRun,
    repository: &Path,
    started: Timestamp,
) -> Option<TestsTold> {
    let printed = Printed {
        stdout: &run.stdout.text,
        stderr: &run.stderr.text,
        is_cut: run.stdout.truncated || run.stderr.truncated,
    };
    let words: Vec<&str> = words.unwrap_or_default().iter().map(String::as_str).collect();
    let known = TestCommand::recognise(&words).filter(|_| !may_be_shadowed(&words, repository));
    let Some(command) = known else {
        return said_in(&printed).map(|count| TestsTold::Said { ran: count.ran });
    };
    let runner = command.name().to_owned();
    let told = |count: TestCount| TestsTold::Ran {
        runner: runner.clone(),
        ran: count.fresh(),
        failed: count.failed,
        skipped: count.skipped,
        cached: count.cached,
    };
    Some(match command.count(&printed) {
        TestsRan::Counted(count) => told(count),
        TestsRan::Kept => TestsTold::Kept { runner },
        TestsRan::NotReadable { why } => match reported(repository, command.reports(), started) {
            Some(count) => told(count),
            None => TestsTold::NotReadable { runner, why },
        },
    })
}

/// Programs of a repository that start its runner, and the folders into which tools install theirs.
const WRAPPERS: [&str; 4] = ["gradlew", "mvnw", "mvnw.cmd", "gradlew.bat"];
const TOOL_FOLDERS: [&str; 8] = ["node_modules", ".venv", "venv", "env", "vendor", "bin", ".tox", ".nox"];

/// Tells whether code of the repository may answer in the runner's place: a program or a Python module of its own, or a
/// search path that the command sets.
fn may_be_shadowed(words: &[&str], repository: &Path) -> bool {
    let sets_path = words.iter().take_while(|word| word.contains('=') || **word == "env").any(|word| {
        ["PATH=", "PYTHONPATH=", "NODE_PATH=", "RUBYLIB=", "PERL5LIB="].iter().any(|name| word.starts_with(name))
    });
    let own_program = words.iter().find(|word| !word.contains('=') && **word != "env").is_some_and(|program| {
        let path = program.trim_start_matches("./");
        let first = path.split('/').next().unwrap_or_default();
        program.contains('/')
            && !program.starts_with('/')
            && !TOOL_FOLDERS.contains(&first)
            && !WRAPPERS.contains(&path.rsplit('/').next().unwrap_or(path))
    });
    let own_module = words.windows(2).any(|pair| {
        let [option, module] = pair else { return false };
        let module = module.split('.').next().unwrap_or_default();
        *option == "-m" && (repository.join(module).is_dir() || repository.join(format!("{module}.py")).is_file())
    });
    sets_path || own_program || own_module
}

/// Adds the reports that were written since the command began.
fn reported(repository: &Path, globs: &[&str], started: Timestamp) -> Option<TestCount> {
    if globs.is_empty() {
        return None;
    }
    let mut overrides = OverrideBuilder::new(repository);
    for glob in globs {
        overrides.add(glob).ok()?;
    }
    let walk = WalkBuilder::new(repository)
        .standard_filters(false)
        .follow_links(false)
        .max_depth(Some(DEPTH))
        .overrides(overrides.build().ok()?)
        .filter_entry(|entry| !matches!(entry.file_name().to_str(), Some("node_modules" | ".git")))
        .build();
    let is_new = |entry: &ignore::DirEntry| {
        let metadata = entry.metadata().ok()?;
        let is_report = metadata.is_file() && metadata.len() <= REPORT_BYTES;
        let written = metadata.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?.as_micros();
        let begun = u128::try_from(started.as_micros()).unwrap_or_default();
        (is_report && written >= begun).then_some(())
    };
    let counts = walk
        .filter_map(Result::ok)
        .filter(|entry| is_new(entry).is_some())
        .take(REPORTS)
        .filter_map(|entry| read_report(&std::fs::read_to_string(entry.path()).ok()?));
    counts.reduce(TestCount::and)
}
