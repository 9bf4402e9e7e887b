//! Whole lines against whole answers.

mod gate;
mod hurl;
mod lines;
mod observed;
mod page;
mod queries;

use crate::domain::{Outcome, Redactor, Timestamp};

use super::{AnswerView, Expectation};

/// 2026-11-30T12:00:00Z.
const NOW: Timestamp = Timestamp::from_micros(1_796_040_000_000_000);

fn headers(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn line(text: &str) -> Expectation {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Judges a body of JSON: `passed`, what was observed, or why it is unverified.
fn on_json(text: &str, body: &str) -> String {
    let headers = headers(&[("Content-Type", "application/json")]);
    let redactor = Redactor::default();
    told(line(text).evaluate(&AnswerView::new(200, &headers, body.as_bytes(), NOW, &redactor)))
}

fn told(outcome: Outcome) -> String {
    match outcome {
        Outcome::Passed => "passed".to_owned(),
        Outcome::Failed { observed, .. } => observed,
        Outcome::Unverified { why, .. } => format!("unverified: {why}"),
    }
}
