//! Runners of JavaScript and TypeScript.

use crate::executor::test_counts::count::TestCount;
use crate::executor::test_counts::pattern::OutputPattern;
use crate::executor::test_counts::runner::{CountedRunner, Find, Reader, Summary, Times, once};
use crate::executor::test_counts::summary::count_of;

pub(in crate::executor::test_counts) static RUNNERS: &[CountedRunner] = &[
    CountedRunner {
        name: "jest",
        commands: &["jest|jest.js", "node *jest.js|*/.bin/jest", "react-scripts|craco test"],
        valued: NODE_VALUED,
        nothing: &["--listTests", "--showConfig", "--clearCache", "--init", "-h", "-v"],
        reader: Reader::Summaries(&[once(r"^Test Suites: .*\nTests: +(?P<list>.+)$")]),
        none: NO_TESTS_FOUND,
        fix: "run it with its default reporter, or with `--json`",
        prints_reports: true,
        ..CountedRunner::DEFAULT
    },
    CountedRunner {
        name: "vitest",
        commands: &["vitest|vitest.mjs", "node *vitest.mjs|*/.bin/vitest"],
        valued: NODE_VALUED,
        nothing: &["word:list|init|bench", "--mergeReports", "--merge-reports", "--clearCache", "-h", "-v"],
        reader: Reader::Summaries(&[once(
            r"^ *Test Files  .*\n *Tests  (?:no tests|(?P<list>\d+ [a-z ]+(?: \| \d+ [a-z ]+)*) \(\d+\))$",
        )]),
        none: NO_TESTS_FOUND,
        fix: "run it with its default reporter, or with `--reporter=json`",
        prints_reports: true,
        ..CountedRunner::DEFAULT
    },
    CountedRunner {
        name: "mocha",
        commands: &["mocha|mocha.js|_mocha", "node *mocha.js|*/.bin/mocha"],
        valued: NODE_VALUED,
        nothing: &["--dry-run", "--list-reporters", "--list-interfaces", "-h", "-V"],
        reader: Reader::Summaries(&[once(r"^  (?P<list>\d+ passing(?: \(\S+\))?(?:\n  \d+ (?:pending|failing))*)$")]),
        none: &[],
        fix: "run it with the reporter spec or dot, or with `--reporter json`",
        prints_reports: true,
        ..CountedRunner::DEFAULT
    },
    CountedRunner {
        name: "node --test",
        commands: &["node|nodejs|tsx --test"],
        valued: NODE_VALUED,
        nothing: &["-e", "--eval", "-p", "--print", "-c", "--check", "-h", "-v"],
        reader: Reader::Summaries(&[Summary { find: Find::Own(node_summaries), times: Times::Once }]),
        none: &[],
        fix: "run it with `--test-reporter=spec` or tap",
        prints_reports: true,
        ..CountedRunner::DEFAULT
    },
    CountedRunner {
        name: "bun test",
        commands: &["bun test"],
        valued: &["--cwd", "--config", "-c", "--env-file"],
        nothing: &["-h"],
        reader: Reader::Summaries(&[once(r"^ (?P<list>\d+ pass\n(?: \d+ .+\n)*)Ran \d+ tests? across \d+ files?\.")]),
        none: &[OutputPattern::new(r"^No tests found!$")],
        fix: "run it with its default reporter",
        ..CountedRunner::DEFAULT
    },
    CountedRunner {
        name: "deno test",
        commands: &["deno test"],
        valued: &[],
        nothing: &["--no-run", "-h"],
        reader: Reader::Summaries(&[once(
            r"^(?:ok|FAILED) \| (?P<list>\d+ passed(?: \(\d+ steps?\))?(?: \| \d+ [a-z ]+(?: \(\d+ steps?\))?)*) \([^()]+\)$",
        )]),
        none: &[OutputPattern::new(r"^error: No test modules found$")],
        fix: "run it with `--reporter=pretty` or dot",
        ..CountedRunner::DEFAULT
    },
    CountedRunner {
        name: "playwright test",
        commands: &["playwright test", "node *playwright/cli.js test"],
        valued: &[],
        nothing: &["--list", "-h", "-V"],
        reader: Reader::Summaries(&[Summary { find: Find::Own(playwright_summaries), times: Times::Once }]),
        none: &[OutputPattern::new(r"^Error: No tests found")],
        fix: "run it with the reporter list, line, dot or json",
        prints_reports: true,
        ..CountedRunner::DEFAULT
    },
    CountedRunner {
        name: "cypress run",
        commands: &["cypress run"],
        valued: &[],
        nothing: &["-h"],
        reader: Reader::Summaries(&[once(
            r"^    (?:✔|✖)  (?:All specs passed!|\d+ of \d+ failed \(\d+%\)) +\S+ +(?P<total>\d+|-) +(?:\d+|-) +(?P<failed>\d+|-) +(?P<skipped>\d+|-) +(?P<unreached>\d+|-) *$",
        )]),
        none: &[OutputPattern::new(r"^Can't run because no spec files were found\.$")],
        fix: "run it with its default reporter and without `--quiet`",
        ..CountedRunner::DEFAULT
    },
];

const NODE_VALUED: &[&str] = &["-r", "--require", "--import", "--loader", "--experimental-loader", "--env-file", "-C"];

static NO_TESTS_FOUND: &[OutputPattern] = &[
    OutputPattern::new(r"^No test(?:s| files) found, exiting with code \d+"),
    OutputPattern::new(r"^No tests found related to files"),
];

static NODE: OutputPattern = OutputPattern::new(
    r"^(?:ℹ|#) tests \d+\n(?:(?:ℹ|#) suites \d+\n)?(?:ℹ|#) (?P<list>pass \d+\n(?:ℹ|#) fail \d+\n(?:ℹ|#) cancelled \d+\n(?:ℹ|#) skipped \d+\n(?:ℹ|#) todo \d+)\n(?:ℹ|#) duration_ms ",
);
/// Node counts a file that holds no test as a test that passed, by its path.
static FILE_AS_TEST: OutputPattern =
    OutputPattern::new(r"^(?:ok \d+ - |✔ )(?:/|[A-Za-z]:[/\\]).*\.[cm]?[jt]sx?(?: \([\d.]+ms\))?$");

fn node_summaries(text: &str) -> Vec<TestCount> {
    let files = u64::try_from(FILE_AS_TEST.all(text).len()).unwrap_or(u64::MAX);
    // The marks are no part of the list.
    let lists = NODE.all(text).into_iter().filter_map(|found| {
        let list = found.name("list")?.as_str().replace(['ℹ', '#'], "");
        NODE_LIST.first(&list).as_ref().and_then(count_of)
    });
    lists.map(|count| TestCount::of(count.passed.saturating_sub(files), count.failed, count.skipped)).collect()
}

static NODE_LIST: OutputPattern = OutputPattern::new(r"\A(?P<list>(?s:.+))\z");

static PLAYWRIGHT: OutputPattern = OutputPattern::new(
    r"^  (?P<list>(?P<number>\d+) (?P<word>failed|interrupted|flaky|skipped|did not run|passed))(?: \([\d.]+(?:ms|s|m|h)\))?$",
);

/// Playwright names under each number of failed and flaky tests which they are; a summary is a run of numbers in its order.
fn playwright_summaries(text: &str) -> Vec<TestCount> {
    const ORDER: [&str; 6] = ["failed", "interrupted", "flaky", "skipped", "did not run", "passed"];
    let (mut summaries, mut last) = (Vec::<TestCount>::new(), usize::MAX);
    for found in PLAYWRIGHT.all(text) {
        let word = found.name("word").map_or("", |word| word.as_str());
        let (Some(count), Some(place)) = (count_of(&found), ORDER.iter().position(|each| *each == word)) else {
            continue;
        };
        match summaries.last_mut().filter(|_| place > last) {
            Some(summary) => *summary = summary.and(count),
            None => summaries.push(count),
        }
        last = place;
    }
    summaries
}
