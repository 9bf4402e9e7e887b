//! What a failure tells.

use super::{NOW, line, on_json, told};
use crate::domain::{Outcome, Redactor, SecretText};
use crate::expect::AnswerView;

#[test]
fn expected_and_observed_are_told_in_one_line() {
    let redactor = Redactor::default();
    let outcome =
        line("jsonpath $.items count > 0").evaluate(&AnswerView::new(200, &[], b"{\"items\": []}", NOW, &redactor));
    assert_eq!(outcome.reason().as_deref(), Some("expected `jsonpath $.items count > 0`, got 0"));
    assert_eq!(on_json("jsonpath $.a == 3", r#"{"a": "3"}"#), "\"3\"");
    assert_eq!(on_json("jsonpath $.a > 2", r#"{"a": "3"}"#), "string \"3\": types differ, number is needed");
    assert_eq!(on_json("jsonpath $.b > 2", r#"{"a": "3"}"#), "nothing: no such path");
    assert_eq!(on_json("jsonpath $.a not exists", r#"{"a": [1, {"b": null}]}"#), r#"[1, {"b": null}]"#);
}

#[test]
fn what_is_observed_is_short_seen_and_holds_no_secret() {
    let redactor = Redactor::new([SecretText::new("0f1e2d3c4b5a69788796a5b4")]);
    let body = format!("a\u{1b}[31m\u{202e}b\u{e0041}\n0f1e2d3c4b5a69788796a5b4 {}", "x".repeat(500));
    let Outcome::Failed { observed, .. } =
        line("body == a").evaluate(&AnswerView::new(200, &[], body.as_bytes(), NOW, &redactor))
    else {
        panic!("it holds");
    };
    assert_eq!(observed.chars().count(), 120);
    assert!(observed.starts_with("\"ab\\n") && observed.ends_with('…'), "{observed}");
    assert!(!observed.contains("0f1e2d3c"), "{observed}");
    let long = "k".repeat(20_000);
    assert!(
        told(line("body == a").evaluate(&AnswerView::new(200, &[], long.as_bytes(), NOW, &redactor)))
            .starts_with("\"kkk")
    );
}
