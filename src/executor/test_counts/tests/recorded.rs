//! What each runner printed, and how many tests it ran, failed and skipped.

use super::{Fixture, counted, fixture};
use crate::executor::test_counts::{Printed, TestCount, TestsRan};

/// Path: passed, failed, skipped.
macro_rules! counts {
    ($($path:literal: $passed:literal $failed:literal $skipped:literal,)+) => {
        [$(($path, fixture!($path), counted($passed, $failed, $skipped)),)+]
    };
}

#[test]
fn recorded_outputs_are_counted() {
    let rows = counts! {
        "bats/failing": 1 1 0, "bats/none": 0 0 0, "bats/passing": 2 0 1, "bats/pretty": 2 0 1,
        "bats/several": 2 0 2, "bats/skipped": 0 0 1,
        "bun/colours": 4 0 4, "bun/failing": 1 1 0, "bun/none": 0 0 0, "bun/passing": 4 0 4,
        "bun/skipped": 0 0 2,
        "cargo_test/colours": 4 0 1, "cargo_test/failing": 1 1 0, "cargo_test/filtered_out": 0 0 0,
        "cargo_test/merged_doctests": 4 0 0, "cargo_test/none": 0 0 0, "cargo_test/passing": 4 0 1,
        "cargo_test/quiet": 4 0 1, "cargo_test/several": 4 0 0, "cargo_test/skipped": 0 0 2,
        "ctest/failing": 1 1 0, "ctest/no_match": 0 0 0, "ctest/none": 0 0 0, "ctest/passing": 2 0 1,
        "ctest/skipped": 0 0 1,
        "cypress/failing": 1 1 2, "cypress/none": 0 0 0, "cypress/passing": 3 0 1, "cypress/skipped": 0 0 2,
        "dart/failing": 1 1 0, "dart/failures_only": 5 0 1, "dart/flutter": 1 0 0, "dart/github": 1 0 0,
        "dart/none": 0 0 0, "dart/passing": 2 0 1, "dart/skipped": 0 0 2,
        "deno/colours": 4 0 2, "deno/dot": 4 0 2, "deno/failing": 1 1 0, "deno/filtered_out": 0 0 0,
        "deno/none": 0 0 0, "deno/passing": 4 0 2, "deno/skipped": 0 0 2,
        "django/none": 0 0 0, "django/passing": 1 0 1,
        "dotnet/failing": 2 1 0, "dotnet/none": 0 0 0, "dotnet/normal_verbosity": 1 0 1,
        "dotnet/passing": 3 0 1, "dotnet/several": 5 0 1, "dotnet/skipped": 0 0 2,
        "dotnet/terminal_logger": 3 0 1, "dotnet/testing_platform": 3 0 1,
        "dotnet/testing_platform_none": 0 0 0,
        "go_test/failing_json": 1 1 0, "go_test/failing_verbose": 1 1 0, "go_test/no_match_plain": 0 0 0,
        "go_test/no_match_verbose": 0 0 0, "go_test/none_json": 0 0 0, "go_test/none_plain": 0 0 0,
        "go_test/none_verbose": 0 0 0, "go_test/passing_json": 4 0 1, "go_test/passing_verbose": 4 0 1,
        "go_test/skipped_json": 0 0 2, "go_test/skipped_verbose": 0 0 2,
        "gradle/dry_run": 0 0 0, "gradle/none": 0 0 0,
        "jest/colours": 4 0 4, "jest/failing": 1 1 0, "jest/json": 4 0 4, "jest/none": 0 0 0,
        "jest/none_allowed": 0 0 0, "jest/passing": 4 0 4, "jest/skipped": 0 0 2,
        "maven/colours": 4 0 2, "maven/failing": 1 2 0, "maven/none": 0 0 0, "maven/passing": 4 0 2,
        "maven/several": 7 0 2, "maven/skip_tests": 0 0 0, "maven/skipped": 0 0 1,
        "minitest/failing": 1 2 0, "minitest/none": 0 0 0, "minitest/passing": 2 0 1, "minitest/skipped": 0 0 1,
        "mix_test/all_excluded": 0 0 4, "mix_test/excluded_1_19": 0 0 0, "mix_test/failing_1_20": 1 1 2,
        "mix_test/passing_1_20": 3 0 1, "mix_test/skipped_1_20": 0 0 2, "mix_test/colours": 3 0 1,
        "mix_test/failing": 1 1 0, "mix_test/none": 0 0 0, "mix_test/passing": 3 0 1,
        "mix_test/skipped": 0 0 1, "mix_test/some_excluded": 2 0 2, "mix_test/umbrella": 5 0 0,
        "mocha/colours": 2 0 2, "mocha/dot": 2 0 2, "mocha/failing": 1 1 0, "mocha/json": 2 0 2,
        "mocha/min": 2 0 2, "mocha/none": 0 0 0, "mocha/passing": 2 0 2, "mocha/skipped": 0 0 2,
        "mocha/tap": 2 0 2,
        "nextest/colours": 3 0 1, "nextest/failing": 1 1 0, "nextest/no_tests_pass": 0 0 0,
        "nextest/none": 0 0 0, "nextest/passing": 3 0 1, "nextest/several": 4 0 0, "nextest/skipped": 0 0 2,
        "node_test/colours": 4 0 4, "node_test/failing": 1 1 0, "node_test/file_without_tests": 0 0 0,
        "node_test/none": 0 0 0, "node_test/passing": 4 0 4, "node_test/skipped": 0 0 2,
        "node_test/spec": 4 0 4, "node_test/tap": 4 0 4, "node_test/junit": 4 0 4,
        "pest/failing": 1 1 0, "pest/none": 0 0 0, "pest/passing": 2 0 1, "pest/skipped": 0 0 2,
        "phpunit/colours": 2 0 2, "phpunit/empty_folder": 0 0 0, "phpunit/failing": 1 2 0,
        "phpunit/filtered_out": 0 0 0, "phpunit/none": 0 0 0, "phpunit/partly_skipped": 2 0 2,
        "phpunit/passing": 2 0 0, "phpunit/passing_colours": 2 0 0, "phpunit/skipped": 0 0 1,
        "phpunit/testdox": 2 0 2,
        "playwright/colours": 3 0 2, "playwright/dot": 2 4 2, "playwright/failing": 2 4 2,
        "playwright/line": 3 0 2, "playwright/none": 0 0 0, "playwright/passing": 3 0 2,
        "playwright/skipped": 0 0 4,
        "prove/failing": 2 0 0, "prove/none": 0 0 0, "prove/partly_skipped": 4 0 0, "prove/passing": 4 0 0,
        "prove/skipped": 0 0 0, "prove/verbose": 4 0 0,
        "pytest/collection_error": 0 1 0, "pytest/colours": 6 0 1, "pytest/deselected": 0 0 0,
        "pytest/failing": 1 2 0, "pytest/no_terminal_summary": 6 0 1, "pytest/none": 0 0 0,
        "pytest/passing": 6 0 1, "pytest/quiet": 6 0 1, "pytest/skipped": 0 0 1, "pytest/xdist": 6 0 1,
        "rspec/colours": 2 0 2, "rspec/failing": 1 1 0, "rspec/json": 2 0 2, "rspec/load_error": 0 0 0,
        "rspec/none": 0 0 0, "rspec/passing": 2 0 2, "rspec/skipped": 0 0 2,
        "sbt/failing": 2 1 0, "sbt/none": 0 0 0, "sbt/passing": 3 0 0, "sbt/several": 5 0 0,
        "swift/failing": 2 1 0, "swift/testing_failing": 1 1 0, "swift/testing_partly_skipped": 1 0 1,
        "swift/testing_skipped": 0 0 2, "swift/none": 0 0 0, "swift/only_testing": 2 0 0,
        "swift/only_xctest": 2 0 1, "swift/passing": 4 0 1, "swift/skipped": 0 0 2,
        "tap/failing": 0 1 0, "tap/none": 0 0 0, "tap/passing": 2 0 0, "tap/skipped": 0 0 0,
        "unittest/colours": 3 0 1, "unittest/failing": 1 2 0, "unittest/none": 0 0 0,
        "unittest/passing": 3 0 1, "unittest/skipped": 0 0 1,
        "vitest/colours": 4 0 4, "vitest/dot": 4 0 4, "vitest/failing": 1 1 0, "vitest/json": 4 0 4,
        "vitest/latest_none": 0 0 0, "vitest/latest_passing": 4 0 4, "vitest/latest_skipped": 0 0 2,
        "vitest/none": 0 0 0, "vitest/none_allowed": 0 0 0, "vitest/passing": 4 0 4, "vitest/skipped": 0 0 2,
        "vitest/tap": 4 0 4,
    };
    let wrong: Vec<_> = rows.iter().filter(|(_, fixture, expected)| fixture.count() != *expected).collect();
    let told: Vec<_> = wrong.iter().map(|(path, fixture, _)| format!("{path}: {:?}", fixture.count())).collect();
    assert!(told.is_empty(), "{told:#?}");
}

#[test]
fn a_run_that_prints_no_number_is_not_readable_and_says_what_to_do() {
    let rows = [
        (fixture!("go_test/passing_plain"), "-v"),
        (fixture!("go_test/skipped_plain"), "-v"),
        (fixture!("pytest/very_quiet"), "`-q`"),
        (fixture!("node_test/dot"), "--test-reporter=spec"),
        (fixture!("maven/quiet"), "`-q`"),
        (fixture!("gradle/passing"), "reports"),
        (fixture!("gradle/hostile"), "reports"),
        (fixture!("playwright/none_allowed"), "reporter"),
        (fixture!("cargo_test/no_run"), "harness"),
        (fixture!("deno/no_run"), "--reporter=pretty"),
    ];
    for (fixture, advice) in rows {
        let TestsRan::NotReadable { why } = fixture.count() else {
            panic!("{:?}: {:?}", fixture.argv, fixture.count());
        };
        assert!(why.contains(advice), "{why}");
    }
}

#[test]
fn results_kept_from_an_equal_earlier_run_are_told_apart() {
    assert_eq!(fixture!("go_test/cached_plain").count(), TestsRan::Kept);
    assert_eq!(fixture!("gradle/up_to_date").count(), TestsRan::Kept);
    for fixture in [fixture!("go_test/cached_verbose"), fixture!("go_test/cached_json")] {
        let TestsRan::Counted(count) = fixture.count() else { panic!("{:?}", fixture.argv) };
        assert_eq!((count.ran, count.cached, count.fresh()), (4, 4, 0));
    }
}

/// Other tasks may have run tests, too.
#[test]
fn the_number_of_a_failed_task_of_gradle_is_the_least() {
    let TestsRan::Counted(count) = fixture!("gradle/failing").count() else { panic!("a number") };
    assert_eq!((count.ran, count.failed, count.at_least), (3, 2, true));
}

#[test]
fn windows_line_ends_change_nothing() {
    let Fixture { stdout, stderr, .. } = fixture!("unittest/passing");
    let (stdout, stderr) = (stdout.replace('\n', "\r\n"), stderr.replace('\n', "\r\n"));
    let printed = Printed { stdout: &stdout, stderr: &stderr, is_cut: false };
    assert_eq!(fixture!("unittest/passing").command().count(&printed), counted(3, 0, 1));
}

#[test]
fn a_cut_output_with_several_summaries_counts_at_least_what_is_there() {
    let fixture = fixture!("cargo_test/passing");
    let end = fixture.stdout.rfind("running 1 test").expect("a last program");
    let printed = |stdout| Printed { stdout, stderr: fixture.stderr, is_cut: true };
    let count = fixture.command().count(&printed(fixture.stdout.get(end..).unwrap_or_default()));
    assert_eq!(count, TestsRan::Counted(TestCount { at_least: true, ..TestCount::of(1, 0, 0) }));
    assert!(matches!(fixture.command().count(&printed("")), TestsRan::NotReadable { .. }));
}

#[test]
fn a_cut_output_with_one_summary_at_its_end_is_exact() {
    let fixture = fixture!("pytest/passing");
    let printed = Printed { is_cut: true, ..fixture.printed() };
    assert_eq!(fixture.command().count(&printed), counted(6, 0, 1));
}
