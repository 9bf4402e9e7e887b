//! Reports that runners wrote.

use crate::executor::test_counts::{TestCount, read_report};

macro_rules! report {
    ($file:literal) => {
        ($file, read_report(include_str!(concat!("../fixtures/reports/", $file))))
    };
}

#[test]
fn reports_of_every_form_are_counted() {
    let rows = [
        (report!("bats.xml"), (2, 0, 1)),
        (report!("bun.xml"), (4, 0, 4)),
        (report!("ctest.xml"), (2, 0, 2)),
        // Deno's report names steps, too.
        (report!("deno.xml"), (6, 0, 2)),
        (report!("gradle.xml"), (2, 0, 1)),
        (report!("jest.json"), (4, 0, 4)),
        (report!("mocha.json"), (2, 0, 2)),
        (report!("node_test.xml"), (4, 0, 4)),
        (report!("phpunit.xml"), (2, 0, 2)),
        (report!("playwright.json"), (3, 0, 2)),
        (report!("playwright.xml"), (3, 0, 2)),
        (report!("pytest.xml"), (6, 0, 1)),
        (report!("surefire.xml"), (2, 0, 1)),
        (report!("vitest.json"), (4, 0, 4)),
        (report!("vitest.xml"), (4, 0, 4)),
    ];
    for ((file, count), (passed, failed, skipped)) in rows {
        assert_eq!(count, Some(TestCount::of(passed, failed, skipped)), "{file}");
    }
}

#[test]
fn a_failed_test_of_a_report_is_counted_once() {
    let report = r#"<testsuites><testsuite name="a"><testcase name="x"><failure>no</failure><error/></testcase>
        <testcase name="y"><error message="no"/></testcase><testcase name="z"/></testsuite></testsuites>"#;
    assert_eq!(read_report(report), Some(TestCount::of(1, 2, 0)));
}

#[test]
fn what_is_no_whole_report_is_not_read() {
    let texts = [
        "",
        "passed",
        "ok  \tx/a\t0.005s",
        "<html><testcase/></html>",
        "<testsuite><testcase name=\"a\"/>",
        "{\"numPassedTests\": 143",
        "{\"passed\": 143}",
        "ok 1 - without a plan",
    ];
    for text in texts {
        assert_eq!(read_report(text), None, "{text}");
    }
}

#[test]
fn a_plan_bounds_the_tests_of_tap() {
    assert_eq!(read_report("1..1\nok 1 a\nok 2 fake\nok 3 fake\n"), Some(TestCount::of(1, 0, 0)));
    assert_eq!(read_report("TAP version 14\n1..0 # skip all\n"), Some(TestCount::default()));
}
