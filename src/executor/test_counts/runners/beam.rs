//! ExUnit.

use crate::executor::test_counts::pattern::Pattern;
use crate::executor::test_counts::runner::{Find, Reader, Runner, Summary, Times};

pub(in crate::executor::test_counts) static RUNNERS: &[Runner] = &[Runner {
    name: "mix test",
    commands: &["mix test|coveralls|test.watch"],
    nothing: &["--exclude=test", "--dry-run", "-h"],
    // In an umbrella each application prints one, below its name.
    reader: Reader::Summaries(&[
        Summary {
            // Up to 1.18 the excluded are in the number, later they stand in parentheses and are not.
            find: Find::Pattern(Pattern::new(
                r"^Finished in .*\n(?P<list>(?:\d+ (?:doctests?|properties|property|tests?), )+\d+ failures?(?:, \d+ (?:excluded|skipped|invalid))*)(?: \(\d+ excluded\))?$",
            )),
            times: Times::OnceOrAnnounced(Pattern::new(APPLICATION)),
        },
        Summary {
            // Since 1.20.
            find: Find::Pattern(Pattern::new(
                r"^Result: (?:(?P<passed>\d+)(?:/\d+)? passed(?: \([^()\n]+\))?|0 tests)(?P<list>(?:, \d+ (?:skipped|excluded|invalid))*)(?:\nFailed: (?P<failed>\d+) .*)?$",
            )),
            times: Times::OnceOrAnnounced(Pattern::new(APPLICATION)),
        },
    ]),
    none: &[Pattern::new(r"^There are no tests to run$"), Pattern::new(r"^No stale tests$")],
    fix: "run it with its default formatter",
    ..Runner::DEFAULT
}];

const APPLICATION: &str = r"^==> \w+$";
