//! The status of an answer against the statuses that are accepted. Pure.

use crate::domain::{ExpectedStatus, Outcome};

/// Judges a status: `expected 200, got 401`.
pub(in crate::validator) fn judge_status(expected: &ExpectedStatus, status: u16) -> Outcome {
    if expected.accepts(status) { Outcome::Passed } else { Outcome::failed(expected.to_string(), status.to_string()) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_failure_says_what_was_expected_and_what_came() {
        let expected = ExpectedStatus::from_json(&json!([200, "3xx"])).expect("a list");
        assert_eq!(judge_status(&expected, 302), Outcome::Passed);
        assert_eq!(judge_status(&expected, 401), Outcome::failed("200 or 3xx", "401"));
        assert_eq!(judge_status(&ExpectedStatus::default(), 301).reason().as_deref(), Some("expected 2xx, got 301"));
    }
}
