//! Reads the report that a runner wrote, whatever its form.

use serde_json::Value;

use super::count::{TestCount, TestsRan};
use super::junit::junit_in;
use super::runners::go::go_events;
use super::tap::tap_in;

/// Reads a whole report: JUnit XML, the JSON of Jest, Vitest, Mocha, Playwright or RSpec, the events of `go test -json`, or
/// TAP. `None` when it is none of them or breaks off. The caller adds the files of one run with [`TestCount::and`].
#[must_use]
pub(crate) fn read_report(text: &str) -> Option<TestCount> {
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.starts_with('<') {
        return junit_in(text);
    }
    if text.starts_with('{') {
        return serde_json::from_str(text).ok().as_ref().and_then(json_count).or_else(|| {
            match go_events(text, false) {
                Some(TestsRan::Counted(count)) => Some(count),
                _ => None,
            }
        });
    }
    tap_in(text)
}

/// Where each form holds its numbers: of the passed, the failed, the skipped.
const FORMS: &[[&[&str]; 3]] = &[
    // Jest, Vitest.
    [&["/numPassedTests"], &["/numFailedTests"], &["/numPendingTests", "/numTodoTests"]],
    // Mocha.
    [&["/stats/passes"], &["/stats/failures"], &["/stats/pending"]],
    // Playwright: `expected` are those that ended as the test says, `flaky` those that passed when tried again.
    [&["/stats/expected", "/stats/flaky"], &["/stats/unexpected"], &["/stats/skipped"]],
];

fn json_count(report: &Value) -> Option<TestCount> {
    let number = |pointer: &&str| report.pointer(pointer).and_then(Value::as_u64);
    let sum = |pointers: &[&str]| -> Option<u64> { pointers.iter().map(number).sum() };
    let form =
        |[passed, failed, skipped]: &[&[&str]; 3]| Some(TestCount::of(sum(passed)?, sum(failed)?, sum(skipped)?));
    FORMS.iter().find_map(form).or_else(|| {
        // RSpec tells the number of all.
        let [total, failed, skipped] =
            ["/summary/example_count", "/summary/failure_count", "/summary/pending_count"].map(|at| number(&at));
        let (failed, skipped) = (failed?, skipped?);
        Some(TestCount::of(total?.saturating_sub(failed).saturating_sub(skipped), failed, skipped))
    })
}
