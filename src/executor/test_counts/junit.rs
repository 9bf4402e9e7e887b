//! Reads reports in the XML that JUnit's Ant task began and most runners write.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::count::TestCount;

/// Counts the elements `testcase`: attributes of suites repeat the sums of the suites inside them (PHPUnit) or leave out
/// what they hold (Deno). `None` when it is no such report, or breaks off.
pub(super) fn junit_in(text: &str) -> Option<TestCount> {
    let mut reader = Reader::from_str(text);
    let (mut count, mut is_report, mut depth) = (TestCount::default(), false, 0_usize);
    let mut test: Option<Outcome> = None;
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => {
                depth = depth.saturating_add(1);
                is_report |= is_suite(&start);
                test = within(test, &start);
            }
            Event::Empty(start) => {
                is_report |= is_suite(&start);
                if start.local_name().as_ref() == "testcase" {
                    count = count.and(within(None, &start).map_or_else(TestCount::default, Outcome::count));
                } else {
                    test = within(test, &start);
                }
            }
            Event::End(end) => {
                depth = depth.saturating_sub(1);
                if end.local_name().as_ref() == "testcase" {
                    count = count.and(test.take().map_or_else(TestCount::default, Outcome::count));
                }
            }
            Event::Eof => return (is_report && depth == 0).then_some(count),
            _ => {}
        }
    }
}

#[derive(Clone, Copy)]
enum Outcome {
    Passed,
    Failed,
    Skipped,
}

impl Outcome {
    const fn count(self) -> TestCount {
        match self {
            Self::Passed => TestCount::of(1, 0, 0),
            Self::Failed => TestCount::of(0, 1, 0),
            Self::Skipped => TestCount::of(0, 0, 1),
        }
    }
}

fn is_suite(element: &BytesStart<'_>) -> bool {
    matches!(element.local_name().as_ref(), "testsuites" | "testsuite")
}

fn within(test: Option<Outcome>, element: &BytesStart<'_>) -> Option<Outcome> {
    match (element.local_name().as_ref(), test) {
        // GoogleTest and CTest say it in `status`.
        ("testcase", _) if has(element, "status", &["notrun", "disabled", "skipped"]) => Some(Outcome::Skipped),
        // PHPUnit up to 9: a class without tests is a test of this class, a test without assertions an error of that type.
        ("testcase", _) if has(element, "class", &[r"PHPUnit\Framework\WarningTestCase"]) => Some(Outcome::Skipped),
        ("error", Some(_)) if has(element, "type", &[r"PHPUnit\Framework\RiskyTestError"]) => test,
        ("testcase", _) => Some(Outcome::Passed),
        ("failure" | "error", Some(_)) => Some(Outcome::Failed),
        // pytest writes a test that failed as expected as a skipped one.
        ("skipped", Some(Outcome::Passed)) if !has(element, "type", &["pytest.xfail"]) => Some(Outcome::Skipped),
        _ => test,
    }
}

fn has(element: &BytesStart<'_>, name: &str, values: &[&str]) -> bool {
    let found = element.try_get_attribute(name).ok().flatten();
    found.is_some_and(|found| values.iter().any(|value| found.value.as_ref() == *value))
}
