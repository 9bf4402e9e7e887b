//! Expectations: any line is read or told what is wrong with it, and any answer is judged by what was read; nothing
//! panics, and nothing that is told is longer than its bound.

#![no_main]

use libfuzzer_sys::fuzz_target;
use snipara_orchestrator::domain::{Outcome, Redactor, Timestamp};
use snipara_orchestrator::expect::{AnswerView, Expectation};

fuzz_target!(|input: (&str, &[u8])| {
    let (line, body) = input;
    let Ok(expectation) = line.parse::<Expectation>() else { return };
    assert_eq!(expectation.to_string(), line);
    let redactor = Redactor::default();
    let answer = AnswerView::new(200, &[], body, Timestamp::from_micros(1_796_040_000_000_000), &redactor);
    if let Outcome::Failed { expected, observed } = expectation.evaluate(&answer) {
        assert!(observed.chars().count() <= 120 && expected.chars().count() <= 162, "{expected} / {observed}");
        assert!(!observed.contains(char::is_control), "{observed:?}");
    }
    let _ = (expectation.place(), expectation.is_exact(), expectation.demands_failure());
});
