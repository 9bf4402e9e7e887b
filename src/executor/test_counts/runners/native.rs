//! CTest, Swift, Bats, prove and programs that print TAP.

use crate::executor::test_counts::count::TestCount;
use crate::executor::test_counts::pattern::OutputPattern;
use crate::executor::test_counts::runner::{CountedRunner, Find, Reader, Summary, Times, once};

pub(in crate::executor::test_counts) static RUNNERS: &[CountedRunner] = &[
    CountedRunner {
        name: "ctest",
        commands: &["ctest|ctest3"],
        nothing: &["-N", "--show-only", "--print-labels", "-H", "-h", "-help"],
        reader: Reader::Summaries(&[Summary { find: Find::Own(ctest_summaries), times: Times::Once }]),
        none: &[OutputPattern::new(r"^No tests were found!!!$")],
        fix: "run it without `-Q`",
        ..CountedRunner::DEFAULT
    },
    CountedRunner {
        name: "swift test",
        commands: &["swift test"],
        nothing: &["word:list|last", "--list-tests", "-l", "-h"],
        reader: Reader::Summaries(&[
            // XCTest sums up each suite; the outermost one holds all.
            once(
                r"^Test Suite '(?:All tests|Selected tests)' (?:passed|failed) at .*\n\s+ Executed (?P<total>\d+) tests?, with (?:(?P<skipped>\d+) tests? skipped and )?(?P<failed>\d+) failures? \(\d+ unexpected\) in .*$",
            ),
            Summary { find: Find::Own(swift_testing_summaries), times: Times::Once },
        ]),
        fix: "run it without `-q`",
        ..CountedRunner::DEFAULT
    },
    CountedRunner {
        name: "bats",
        commands: &["bats"],
        valued: &["-f", "--filter", "-j", "--jobs", "-F", "--formatter", "-o", "--output"],
        nothing: &["--count", "-c", "-h", "-v"],
        // Its pretty form; the plain one is TAP.
        reader: Reader::Summaries(&[once(
            r"^\n(?P<list>\d+ tests?, \d+ failures?(?:, \d+ skipped)?(?:, \d+ not run)?)(?: in \d+ seconds?)?$",
        )]),
        fix: "run it with the formatter tap or pretty",
        prints_reports: true,
        ..CountedRunner::DEFAULT
    },
    CountedRunner {
        name: "prove",
        commands: &["prove", "yath test"],
        nothing: &["--dry", "-D", "-h", "-V"],
        reader: Reader::Summaries(&[once(r"^Files=\d+, Tests=(?P<total>\d+), +\d+ wallclock secs \(")]),
        fix: "run it without `-Q`",
        ..CountedRunner::DEFAULT
    },
    CountedRunner {
        name: "TAP",
        commands: &["tape", "zunit", "tap-run"],
        nothing: &["-h"],
        reader: Reader::Summaries(&[]),
        fix: "let it print TAP, without a formatter behind it",
        prints_reports: true,
        ..CountedRunner::DEFAULT
    },
];

static CTEST: OutputPattern =
    OutputPattern::new(r"^\d+% tests passed, (?P<failed>\d+) tests? failed out of (?P<total>\d+)$");
static SKIPPED: OutputPattern = OutputPattern::new(r"^\t *\d+ - \S+ \(Skipped\)$");

fn ctest_summaries(text: &str) -> Vec<TestCount> {
    // The skipped ones are among the passed; the disabled ones are in no number.
    let skipped = u64::try_from(SKIPPED.all(text).len()).unwrap_or(u64::MAX);
    let number =
        |found: &regex::Captures<'_>, name| found.name(name).and_then(|number| number.as_str().parse::<u64>().ok());
    let counted = |found: &regex::Captures<'_>| {
        let (failed, total) = (number(found, "failed")?, number(found, "total")?);
        Some(TestCount::of(total.saturating_sub(failed).saturating_sub(skipped), failed, skipped))
    };
    CTEST.all(text).iter().filter_map(counted).collect()
}

static SWIFT_TESTING: OutputPattern =
    OutputPattern::new(r"^\S+ +Test run with (?P<total>\d+) tests?(?: in \d+ suites?)? (?:passed|failed) after .+\.$");
static SWIFT_ENDED: OutputPattern =
    OutputPattern::new(r#"^\S+ +Test (?:".*"|\w+\(.*\))(?: with \d+ test cases?)? (?P<word>passed|failed) after .+$"#);
static SWIFT_SKIPPED: OutputPattern =
    OutputPattern::new(r#"^\S+ +Test (?:".*"|\w+\(.*\)) (?:skipped|was cancelled)\b.*$"#);

/// Swift Testing counts the skipped tests, too, and names them only on lines of their own.
fn swift_testing_summaries(text: &str) -> Vec<TestCount> {
    let lines = |pattern: OutputPattern| u64::try_from(pattern.all(text).len()).unwrap_or(u64::MAX);
    let ended = SWIFT_ENDED.all(text);
    let failed = ended.iter().filter(|line| line.name("word").is_some_and(|word| word.as_str() == "failed")).count();
    let (ended, skipped) = (u64::try_from(ended.len()).unwrap_or(u64::MAX), lines(SWIFT_SKIPPED));
    let failed = u64::try_from(failed).unwrap_or(u64::MAX);
    let totals =
        SWIFT_TESTING.all(text).into_iter().filter_map(|found| found.name("total")?.as_str().parse::<u64>().ok());
    totals
        .map(|total| {
            // A quiet run names no test.
            let ran = if ended.saturating_add(skipped) == 0 { total } else { ended.min(total) };
            TestCount::of(ran.saturating_sub(failed), failed.min(ran), skipped)
        })
        .collect()
}
