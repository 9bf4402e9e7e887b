//! Reads one summary: a list of numbers with words, which all runners write in their own order.

use regex::Captures;

use super::count::TestCount;
use super::pattern::OutputPattern;

/// What a word of a summary counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Passed,
    Failed,
    Skipped,
    /// All tests, the skipped ones included.
    Total,
    /// Nothing that matters here, or what another number holds already.
    Beside,
}

const WORDS: &[(Kind, &[&str])] = &[
    (Kind::Passed, &["passed", "pass", "passing", "succeeded", "xfailed", "xpassed", "flaky", "expected fail"]),
    (
        Kind::Failed,
        &["failed", "fail", "failing", "failure", "failures", "error", "errors", "cancelled", "interrupted"],
    ),
    (Kind::Failed, &["unexpected successes", "invalid", "timed out", "exec failed"]),
    (Kind::Skipped, &["skipped", "skip", "skips", "ignored", "pending", "pendings", "omissions", "todo", "todos"]),
    (Kind::Skipped, &["excluded", "incomplete", "did not run", "canceled"]),
    (Kind::Total, &["total", "tests", "test", "tests run", "examples", "example", "runs", "run"]),
    (Kind::Total, &["doctests", "doctest", "properties", "property"]),
    (Kind::Beside, &["assertions", "assertion", "expect calls", "snapshots", "measured", "filtered out", "deselected"]),
    (
        Kind::Beside,
        &["warnings", "warning", "risky", "deprecated", "deprecations", "notices", "notice", "notifications"],
    ),
    (
        Kind::Beside,
        &["phpunit warnings", "phpunit deprecations", "phpunit notices", "flakes", "rerun", "expected failures"],
    ),
    (Kind::Beside, &["tests collected", "test collected", "subtests passed", "subtests failed", "subtests skipped"]),
    (Kind::Beside, &["error occurred outside of examples", "errors occurred outside of examples"]),
];

/// Groups of a pattern that are one number each.
const GROUPS: &[(&str, Kind)] = &[
    ("passed", Kind::Passed),
    ("failed", Kind::Failed),
    ("errors", Kind::Failed),
    ("skipped", Kind::Skipped),
    ("unreached", Kind::Skipped),
    ("total", Kind::Total),
];

static PARENTHESES: OutputPattern = OutputPattern::new(r"\([^()\n]*\)");
static NUMBER_FIRST: OutputPattern = OutputPattern::new(r"^(?P<number>\d+) (?P<word>[a-z ]+)$");
static WORD_FIRST: OutputPattern = OutputPattern::new(r"^(?P<word>[a-z ]+?)[:=]? *(?P<number>\d+)$");

/// Reads the group `list` of a match ("2 passed, 1 skipped", "Tests run: 3, Failures: 0") and the groups of one number. `None` when a word is not known: a format that is half understood is not read.
pub(super) fn count_of(found: &Captures<'_>) -> Option<TestCount> {
    let mut numbers = Vec::new();
    if let Some(list) = found.name("list") {
        // "(1 slow)" and "(12 ms)" say more of the number before them.
        let list = PARENTHESES.remove_from(list.as_str()).to_lowercase();
        for item in list.split([',', ';', '|', '\n']).map(str::trim).filter(|item| !item.is_empty()) {
            numbers.push(item_of(item)?);
        }
    }
    for (group, kind) in GROUPS {
        if let Some(number) = found.name(group) {
            // Tables write a dash for zero.
            numbers.push((*kind, number.as_str().parse().unwrap_or_default()));
        }
    }
    Some(counted(&numbers))
}

fn item_of(item: &str) -> Option<(Kind, u64)> {
    let found = NUMBER_FIRST.first(item).or_else(|| WORD_FIRST.first(item))?;
    let word = found.name("word")?.as_str().split_whitespace().collect::<Vec<_>>().join(" ");
    let (kind, _) = WORDS.iter().find(|(_, words)| words.contains(&word.as_str()))?;
    Some((*kind, found.name("number")?.as_str().parse().ok()?))
}

fn counted(numbers: &[(Kind, u64)]) -> TestCount {
    let sum = |kind| {
        let of_kind = numbers.iter().filter(|(each, _)| *each == kind);
        of_kind.fold(0_u64, |sum, (_, number)| sum.saturating_add(*number))
    };
    let (failed, skipped) = (sum(Kind::Failed), sum(Kind::Skipped));
    let passed = if numbers.iter().any(|(kind, _)| *kind == Kind::Passed) {
        sum(Kind::Passed)
    } else {
        sum(Kind::Total).saturating_sub(failed).saturating_sub(skipped)
    };
    TestCount::of(passed, failed, skipped)
}
