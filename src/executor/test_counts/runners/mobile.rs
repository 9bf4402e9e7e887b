//! Dart and Flutter.

use crate::executor::test_counts::pattern::OutputPattern;
use crate::executor::test_counts::runner::{CountedRunner, Reader, once};

pub(in crate::executor::test_counts) static RUNNERS: &[CountedRunner] = &[CountedRunner {
    name: "dart test",
    commands: &["dart|flutter|fvm test", "dart run test", "fvm dart|flutter test"],
    valued: &["-d", "--device-id"],
    nothing: &["-h"],
    reader: Reader::Summaries(&[
        once(
            r"^(?:\d+:\d+ )?\+(?P<passed>\d+)(?: ~(?P<skipped>\d+))?(?: -(?P<failed>\d+))?: (?:All tests passed!|All other tests passed!|All tests skipped\.|Some tests failed\.)$",
        ),
        // The reporter for GitHub's logs.
        once(
            r"^(?:🎉|❌|❎) (?P<passed>\d+) tests? passed(?:, (?P<failed>\d+) failed)?(?:, (?P<skipped>\d+) skipped)?\.$",
        ),
    ]),
    none: &[
        OutputPattern::new(r"^(?:\d+:\d+ \+0: )?No tests ran\.$"),
        OutputPattern::new(r"^No tests (?:match|were found)"),
        OutputPattern::new(r#"^Test directory "test" not found\."#),
    ],
    fix: "run it with the reporter compact or expanded",
    ..CountedRunner::DEFAULT
}];
