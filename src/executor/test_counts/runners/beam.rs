//! ExUnit.

use crate::executor::test_counts::pattern::OutputPattern;
use crate::executor::test_counts::runner::{CountedRunner, Find, Reader, Summary, Times};

pub(in crate::executor::test_counts) static RUNNERS: &[CountedRunner] = &[CountedRunner {
    name: "mix test",
    commands: &["mix test|coveralls|test.watch"],
    nothing: &["--exclude=test", "--dry-run", "-h"],
    // In an umbrella each application prints one, below its name.
    reader: Reader::Summaries(&[
        Summary {
            // Up to 1.18 the excluded are in the number, later they stand in parentheses and are not.
            find: Find::OutputPattern(OutputPattern::new(
                r"^Finished in .*\n(?P<list>(?:\d+ (?:doctests?|properties|property|tests?), )+\d+ failures?(?:, \d+ (?:excluded|skipped|invalid))*)(?: \(\d+ excluded\))?$",
            )),
            times: Times::OnceOrAnnounced(OutputPattern::new(APPLICATION)),
        },
        Summary {
            // Since 1.20.
            find: Find::OutputPattern(OutputPattern::new(
                r"^Result: (?:(?P<passed>\d+)(?:/\d+)? passed(?: \([^()\n]+\))?|0 tests)(?P<list>(?:, \d+ (?:skipped|excluded|invalid))*)(?:\nFailed: (?P<failed>\d+) .*)?$",
            )),
            times: Times::OnceOrAnnounced(OutputPattern::new(APPLICATION)),
        },
    ]),
    none: &[OutputPattern::new(r"^There are no tests to run$"), OutputPattern::new(r"^No stale tests$")],
    fix: "run it with its default formatter",
    ..CountedRunner::DEFAULT
}];

const APPLICATION: &str = r"^==> \w+$";
