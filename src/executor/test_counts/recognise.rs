//! Knows a test runner by the arguments of its process.

use super::count::TestsRan;
use super::launchers::behind_launchers;
use super::nothing::nothing_in;
use super::printed::Printed;
use super::runner::CountedRunner;
use super::runners::all;

/// A command line whose program is a known test runner.
#[derive(Debug, Clone)]
pub(crate) struct TestCommand<'a> {
    runner: &'static CountedRunner,
    arguments: Vec<&'a str>,
}

impl<'a> TestCommand<'a> {
    /// Knows the runner behind assignments (`CI=1`), launchers (`npx`, `uv run`, `bundle exec`) and paths
    /// (`./node_modules/.bin/jest`). `None` for every other program, script starters (`npm test`, `make`) included.
    #[must_use]
    pub(crate) fn recognise(argv: &[&'a str]) -> Option<Self> {
        let argv = behind_launchers(argv);
        all().find_map(|runner| {
            let arguments = runner.commands.iter().find_map(|command| arguments_of(command, runner.valued, argv))?;
            Some(Self { runner, arguments })
        })
    }

    /// The runner's name, as people write it.
    #[must_use]
    pub(crate) const fn name(&self) -> &'static str {
        self.runner.name
    }

    /// Returns the argument that makes the runner run no test, as it was written.
    #[must_use]
    pub(crate) fn runs_nothing(&self) -> Option<String> {
        nothing_in(self.runner.nothing, &self.arguments)
    }

    /// Environment variables that the runner needs so that its output can be read.
    #[must_use]
    pub(crate) const fn environment(&self) -> &'static [(&'static str, &'static str)] {
        self.runner.environment
    }

    /// Where the runner writes its reports, as globs below its folder. Only a file written since the command began counts.
    #[must_use]
    pub(crate) const fn reports(&self) -> &'static [&'static str] {
        self.runner.reports
    }

    /// Reads how many tests ran.
    #[must_use]
    pub(crate) fn count(&self, printed: &Printed<'_>) -> TestsRan {
        self.runner.count(printed)
    }
}

/// Returns the arguments besides the words of `command`, when `argv` is such a command.
pub(super) fn arguments_of<'a>(command: &str, valued: &[&str], argv: &[&'a str]) -> Option<Vec<&'a str>> {
    let mut words = command.split(' ');
    let (program, mut rest) = argv.split_first()?;
    is_one_of(words.next()?, program_name(program)).then_some(())?;
    let mut arguments = Vec::new();
    for word in words {
        if let Some(goals) = word.strip_prefix('~') {
            let is_goal = |argument: &&str| argument.split(' ').next().is_some_and(|goal| is_one_of(goals, goal));
            rest.iter().any(is_goal).then_some(())?;
            continue;
        }
        rest = after_word(word, valued, rest, &mut arguments)?;
    }
    arguments.extend(rest);
    Some(arguments)
}

fn after_word<'a, 'b>(
    word: &str,
    valued: &[&str],
    mut rest: &'b [&'a str],
    skipped: &mut Vec<&'a str>,
) -> Option<&'b [&'a str]> {
    loop {
        let (argument, after) = rest.split_first()?;
        if is_one_of(word, argument) {
            return Some(after);
        }
        if !argument.starts_with(['-', '+']) {
            return None;
        }
        skipped.push(argument);
        rest = after;
        if valued.contains(argument) {
            let (value, after) = rest.split_first()?;
            skipped.push(value);
            rest = after;
        }
    }
}

/// A name ends in `*` or begins with it where anything may stand there.
pub(super) fn is_one_of(names: &str, given: &str) -> bool {
    names.split('|').any(|name| match (name.strip_prefix('*'), name.strip_suffix('*')) {
        (Some(end), _) => given.ends_with(end),
        (_, Some(beginning)) => given.starts_with(beginning),
        _ => name == given,
    })
}

pub(super) fn program_name(program: &str) -> &str {
    let name = program.rsplit(['/', '\\']).next().unwrap_or(program);
    // `npx vitest@3`.
    let name = name.split_once('@').map(|(name, _)| name).filter(|name| !name.is_empty()).unwrap_or(name);
    [".exe", ".cmd", ".bat", ".phar"].into_iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name)
}
