//! `go test`, which prints no number of its own: tests are counted by their lines (`-v`) or events (`-json`).

use std::collections::HashMap;

use serde_json::Value;

use crate::executor::test_counts::count::{TestCount, TestsRan};
use crate::executor::test_counts::pattern::OutputPattern;
use crate::executor::test_counts::printed::Plain;
use crate::executor::test_counts::runner::{CountedRunner, Reader, once};

pub(in crate::executor::test_counts) static RUNNERS: &[CountedRunner] = &[
    CountedRunner {
        name: "go test",
        commands: &["go test", "richgo test"],
        valued: &["-C"],
        nothing: &[
            "-run=^$|NONE|XXX|xxx|none",
            "--run=^$|NONE|XXX|xxx|none",
            "-list",
            "--list",
            "-c",
            "-n",
            "-h",
            "-help",
        ],
        reader: Reader::Own(count),
        ..CountedRunner::DEFAULT
    },
    CountedRunner {
        name: "gotestsum",
        commands: &["gotestsum"],
        nothing: &["-h", "--watch", "-run=^$|NONE"],
        reader: Reader::Summaries(&[once(
            r"^DONE (?:\d+ runs, )?(?P<list>\d+ tests?(?:, \d+ (?:skipped|failures?|errors?))*) in [\d.]+s$",
        )]),
        fix: "run it without `--hide-summary`",
        ..CountedRunner::DEFAULT
    },
];

static EVENT: OutputPattern = OutputPattern::new(r#"^\{"Time":".*"Action":""#);
static STARTED: OutputPattern = OutputPattern::new(r"^=== RUN +(?P<name>\S+)$");
static ENDED: OutputPattern = OutputPattern::new(r"^ *--- (?P<word>PASS|FAIL|SKIP): (?P<name>\S+) \([\d.]+s\)$");
static PACKAGE: OutputPattern = OutputPattern::new(
    r"^(?:(?P<ok>ok) +\t(?P<name>\S+)\t(?:(?P<cached>\(cached\))|[\d.]+s)(?P<rest>.*)|\?? +\t\S+\t\[no test files\]|\t\S+\t\tcoverage: .*)$",
);
/// What ends the lines of a package, so that equal names of two packages are two tests.
static END_OF_PACKAGE: OutputPattern = OutputPattern::new(r"^(?:ok|FAIL|\?) *\t.*$");

/// The tests of one package by name, with how each ended.
type Tests = HashMap<String, Option<Outcome>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed,
    Skipped,
}

fn count(plain: &Plain) -> TestsRan {
    if EVENT.is_in(&plain.stdout) {
        return go_events(&plain.stdout, plain.is_cut)
            .map_or_else(|| not_readable("printed no whole events"), |ran| cut(ran, plain));
    }
    let lines = PACKAGE.all(&plain.stdout);
    let packages: Vec<_> = lines.iter().filter(|line| line.name("ok").is_some()).collect();
    let is_empty =
        |line: &&regex::Captures<'_>| line.name("rest").is_some_and(|rest| rest.as_str().contains("[no tests to run]"));
    let tests = counted_by_lines(&plain.stdout);
    if tests.ran.saturating_add(tests.skipped) > 0 {
        return cut(TestsRan::Counted(tests), plain);
    }
    match packages.iter().filter(|line| !is_empty(line)).collect::<Vec<_>>().as_slice() {
        [] if lines.is_empty() || plain.is_cut => not_readable("printed no result of a package"),
        [] => TestsRan::Counted(TestCount::default()),
        full if full.iter().all(|line| line.name("cached").is_some()) => TestsRan::Kept,
        _ => not_readable("says only that packages are ok, not how many tests ran"),
    }
}

fn cut(ran: TestsRan, plain: &Plain) -> TestsRan {
    match ran {
        TestsRan::Counted(count) if plain.is_cut && count.ran == 0 => not_readable("printed more than is kept"),
        TestsRan::Counted(count) => TestsRan::Counted(TestCount { at_least: plain.is_cut, ..count }),
        other => other,
    }
}

fn not_readable(what: &str) -> TestsRan {
    TestsRan::NotReadable { why: format!("go test {what}: run it with `-v` or `-json`") }
}

fn counted_by_lines(text: &str) -> TestCount {
    let (mut sum, mut tests) = (TestCount::default(), Tests::new());
    for line in text.lines() {
        if END_OF_PACKAGE.is_in(line) {
            let is_cached = line.contains("(cached)");
            sum = sum.and(with_cached(leaves(&std::mem::take(&mut tests)), is_cached));
        } else if let Some(name) = STARTED.first(line).and_then(|found| found.name("name")) {
            tests.insert(name.as_str().to_owned(), None);
        } else if let Some(found) = ENDED.first(line) {
            let outcome = match found.name("word").map(|word| word.as_str()) {
                Some("PASS") => Outcome::Passed,
                Some("FAIL") => Outcome::Failed,
                _ => Outcome::Skipped,
            };
            // A line of a test that did not begin is the output of another one.
            if let Some(slot) = found.name("name").and_then(|name| tests.get_mut(name.as_str())) {
                *slot = Some(outcome);
            }
        }
    }
    sum.and(leaves(&tests))
}

const fn with_cached(count: TestCount, is_cached: bool) -> TestCount {
    TestCount { cached: if is_cached { count.ran } else { 0 }, ..count }
}

/// Counts the tests without subtests: a parent whose subtests were all skipped passes and tests nothing.
fn leaves(tests: &Tests) -> TestCount {
    let is_leaf =
        |name: &str| !tests.keys().any(|other| other.strip_prefix(name).is_some_and(|rest| rest.starts_with('/')));
    tests.iter().filter(|(name, _)| is_leaf(name)).fold(TestCount::default(), |sum, (_, outcome)| match outcome {
        Some(Outcome::Passed) => sum.and(TestCount::of(1, 0, 0)),
        Some(Outcome::Failed) => sum.and(TestCount::of(0, 1, 0)),
        Some(Outcome::Skipped) => sum.and(TestCount::of(0, 0, 1)),
        None => sum,
    })
}

/// Counts the events of `go test -json` (`go doc test2json`). `None` when a line of it breaks off and it is not cut.
pub(in crate::executor::test_counts) fn go_events(text: &str, is_cut: bool) -> Option<TestsRan> {
    let mut packages: HashMap<String, (Tests, bool)> = HashMap::new();
    let mut is_events = false;
    for line in text.lines().map(str::trim).filter(|line| line.starts_with('{')) {
        let event: Value = match serde_json::from_str(line) {
            Ok(event) => event,
            Err(_) if is_cut => continue,
            Err(_) => return None,
        };
        let word = |name: &str| event.get(name).and_then(Value::as_str);
        // Events of the build have no package.
        let (Some(action), Some(package)) = (word("Action"), word("Package")) else { continue };
        is_events = true;
        let (tests, is_cached) = packages.entry(package.to_owned()).or_default();
        let outcome = match (action, word("Test")) {
            ("run", Some(_)) => None,
            ("pass", Some(_)) => Some(Outcome::Passed),
            ("fail", Some(_)) => Some(Outcome::Failed),
            ("skip", Some(_)) => Some(Outcome::Skipped),
            ("output", None) => {
                *is_cached |= word("Output").is_some_and(|text| text.trim_end().ends_with("(cached)"));
                continue;
            }
            _ => continue,
        };
        let name = word("Test").unwrap_or_default();
        if outcome.is_none() || tests.contains_key(name) {
            tests.insert(name.to_owned(), outcome);
        }
    }
    let sum = packages.values().map(|(tests, is_cached)| with_cached(leaves(tests), *is_cached));
    is_events.then(|| TestsRan::Counted(sum.fold(TestCount::default(), TestCount::and)))
}
