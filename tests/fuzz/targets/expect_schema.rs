//! Schemas: any text is a schema or told what is wrong with it, and any document is judged by it within its bound.

#![no_main]

use libfuzzer_sys::fuzz_target;
use snipara_orchestrator::domain::{Redactor, Timestamp};
use snipara_orchestrator::expect::{AnswerView, Expectation};

fuzz_target!(|input: (&str, &[u8])| {
    let (schema, body) = input;
    let file: Expectation = "schema a.json".parse().expect("a line");
    let Ok(expectation) = file.with_schema(schema) else { return };
    let redactor = Redactor::default();
    let _ = expectation.evaluate(&AnswerView::new(200, &[], body, Timestamp::UNKNOWN, &redactor));
});
