//! Tests that print a summary of 143 tests.

use super::{Fixture, fixture};
use crate::executor::test_counts::TestsRan;

fn ran(fixture: &Fixture) -> u64 {
    match fixture.count() {
        TestsRan::Counted(count) => count.ran,
        TestsRan::Kept | TestsRan::NotReadable { .. } => 0,
    }
}

/// All tests of these runs were skipped, or there was none.
#[test]
fn a_printed_summary_does_not_raise_the_number_of_a_run_without_tests() {
    let runs = [
        fixture!("jest/hostile"),
        fixture!("vitest/hostile"),
        fixture!("mocha/hostile"),
        fixture!("node_test/hostile"),
        fixture!("node_test/spec_hostile"),
        fixture!("bun/hostile"),
        fixture!("deno/hostile"),
        fixture!("playwright/hostile"),
        fixture!("cypress/hostile"),
        fixture!("pytest/hostile"),
        fixture!("unittest/hostile"),
        fixture!("maven/hostile"),
        fixture!("gradle/hostile"),
        fixture!("dotnet/hostile"),
        fixture!("rspec/hostile"),
        fixture!("minitest/hostile"),
        fixture!("phpunit/hostile"),
        fixture!("pest/hostile"),
        fixture!("mix_test/hostile"),
        fixture!("ctest/hostile"),
        fixture!("swift/hostile"),
        fixture!("dart/hostile"),
        fixture!("bats/hostile"),
        fixture!("prove/hostile"),
        fixture!("go_test/hostile_plain"),
    ];
    let raised: Vec<_> = runs.iter().filter(|run| ran(run) > 0).map(|run| (&run.argv, run.count())).collect();
    assert!(raised.is_empty(), "{raised:?}");
}

/// One test of these runs ran.
#[test]
fn a_printed_summary_does_not_raise_the_number_of_a_run_with_one_test() {
    let runs = [
        fixture!("cargo_test/hostile"),
        fixture!("cargo_test/hostile_no_capture"),
        fixture!("nextest/hostile"),
        fixture!("nextest/hostile_no_capture"),
    ];
    for run in runs {
        assert!(ran(&run) <= 1, "{:?}: {:?}", run.argv, run.count());
    }
}

/// Up to Go 1.19 nothing tells the lines of the runner from those of a test; a line without its beginning is not counted.
#[test]
fn a_line_of_go_without_its_beginning_is_not_counted() {
    assert_eq!(ran(&fixture!("go_test/hostile_verbose")), 1);
}
