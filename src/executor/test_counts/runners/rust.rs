//! Cargo's own tests and nextest.

use crate::executor::test_counts::pattern::OutputPattern;
use crate::executor::test_counts::runner::{CountedRunner, Find, Reader, Summary, Times, once};

const CARGO_VALUED: &[&str] = &["-C", "--config", "-Z", "--color", "--manifest-path", "--target-dir"];

pub(in crate::executor::test_counts) static RUNNERS: &[CountedRunner] = &[
    CountedRunner {
        name: "cargo nextest",
        commands: &["cargo nextest", "cargo llvm-cov nextest"],
        valued: CARGO_VALUED,
        nothing: &["word:list|archive|show-config|self|replay", "--no-run", "-h", "-V"],
        // Of "2/3 tests run" the first number ran.
        reader: Reader::Summaries(&[once(r"^ +Summary \[ *[\d.]+s\] \d+(?:/\d+)? tests? run: (?P<list>.+)$")]),
        fix: "run it without `--status-level` and `--final-status-level`, and without a message format",
        ..CountedRunner::DEFAULT
    },
    CountedRunner {
        name: "cargo test",
        commands: &["cargo test|t", "cargo llvm-cov|hack|careful|miri test", "cargo llvm-cov"],
        valued: CARGO_VALUED,
        nothing: &["--no-run", "--list", "-h", "-V"],
        reader: Reader::Summaries(&[Summary {
            find: Find::OutputPattern(OutputPattern::new(
                r"^test result: (?:ok|FAILED)\. (?P<list>\d+ passed; \d+ failed; \d+ ignored; \d+ measured; \d+ filtered out)(?:; finished in [\d.]+s)?$",
            )),
            // Doctests that were merged into one program and those that were not sum up apart, under one announcement.
            times: Times::Announced {
                by: OutputPattern::new(r"^ +(?:Running (?:unittests |.+ \()|Doc-tests )"),
                more: Some(OutputPattern::new(r"^all doctests ran in ")),
            },
        }]),
        fix: "run it without `--format json`; a test program with `harness = false` prints no number",
        ..CountedRunner::DEFAULT
    },
];
