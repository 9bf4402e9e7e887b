//! RSpec, and minitest with Rails.

use crate::executor::test_counts::runner::{CountedRunner, Reader, once};

pub(in crate::executor::test_counts) static RUNNERS: &[CountedRunner] = &[
    CountedRunner {
        name: "rspec",
        commands: &["rspec", "ruby -S rspec", "ruby *bin/rspec", "spring rspec"],
        valued: &["-I", "-r"],
        nothing: &["--dry-run", "--init", "-h", "-v"],
        reader: Reader::Summaries(&[once(r"^Finished in .*\n(?P<list>\d+ examples?, \d+ failures?.*)$")]),
        fix: "run it with the format progress, documentation or json",
        prints_reports: true,
        ..CountedRunner::DEFAULT
    },
    CountedRunner {
        name: "minitest",
        commands: &[
            "rails test|t|test:*",
            "ruby *bin/rails test|t|test:*",
            "spring test",
            "m",
            "ruby *_test.rb|*_spec.rb|test/*",
            "ruby -S rails test",
        ],
        valued: &["-I", "-r", "-e"],
        nothing: &["-h", "-e"],
        reader: Reader::Summaries(&[
            once(r"^(?P<list>\d+ runs, \d+ assertions, \d+ failures, \d+ errors, \d+ skips)$"),
            // test-unit.
            once(
                r"^(?P<list>\d+ tests, \d+ assertions, \d+ failures, \d+ errors, \d+ pendings, \d+ omissions, \d+ notifications)$",
            ),
        ]),
        fix: "run it with its default reporter",
        ..CountedRunner::DEFAULT
    },
];
