//! PHPUnit and Pest.

use crate::executor::test_counts::count::TestCount;
use crate::executor::test_counts::pattern::OutputPattern;
use crate::executor::test_counts::runner::{CountedRunner, Find, Reader, Summary, Times, once};
use crate::executor::test_counts::summary::count_of;

const LISTS: &[&str] = &[
    "--list-tests",
    "--list-tests-xml",
    "--list-suites",
    "--list-groups",
    "--list-test-files",
    "--check-version",
    "--check-php-configuration",
    "--generate-configuration",
    "--migrate-configuration",
    "--warm-coverage-cache",
    "--atleast-version",
    "--todos",
    "--init",
    "-h",
];

pub(in crate::executor::test_counts) static RUNNERS: &[CountedRunner] = &[
    // One entry, as `artisan test` starts the one that the project has.
    CountedRunner {
        name: "PHPUnit or Pest",
        commands: &[
            "phpunit|simple-phpunit|paratest|pest",
            "php artisan test",
            "artisan test",
            "sail test|pest|phpunit",
            "sail artisan test",
        ],
        valued: &["-d"],
        nothing: LISTS,
        reader: Reader::Summaries(&[
            once(r"^  Tests: +(?P<list>\d+ [a-z]+(?:, \d+ [a-z]+)*)(?: \(\d+ assertions?\))?$"),
            Summary { find: Find::Own(phpunit_summaries), times: Times::Once },
        ]),
        none: &[OutputPattern::new(r"^No tests executed!$"), OutputPattern::new(r"^ +INFO +No tests found\.")],
        fix: "run it without `--no-output`, `--compact` and other printers",
        ..CountedRunner::DEFAULT
    },
];

static OK: OutputPattern = OutputPattern::new(r"^OK \((?P<list>\d+ tests?, \d+ assertions?)\)$");
static OTHERS: OutputPattern = OutputPattern::new(
    r"^(?P<head>OK, but .*|FAILURES!|ERRORS!|WARNINGS!)\n(?P<list>Tests: \d+, Assertions: \d+(?:, [A-Za-z ]+: \d+)*)\.$",
);
static WARNINGS: OutputPattern = OutputPattern::new(r", Warnings: (?P<number>\d+)");

fn phpunit_summaries(text: &str) -> Vec<TestCount> {
    let others = OTHERS.all(text).into_iter().filter_map(|found| {
        let count = count_of(&found)?;
        // Up to PHPUnit 9 a class without a test is a test with a warning.
        let is_old = found.name("head")?.as_str() == "WARNINGS!";
        let warnings = WARNINGS.first(found.name("list")?.as_str());
        let warnings =
            warnings.and_then(|found| found.name("number")?.as_str().parse::<u64>().ok()).unwrap_or_default();
        let empty = if is_old { warnings } else { 0 };
        Some(TestCount::of(count.passed.saturating_sub(empty), count.failed, count.skipped))
    });
    OK.all(text).iter().filter_map(count_of).chain(others).collect()
}
