//! The one call: an answer against every rule.

use super::answered::{JudgedAnswer, ReadAnswer};
use super::implausible::Implausible;
use super::{
    compressed_twice, empty_document, error_page, graphql_errors, json_failure, page_for_data, sign_in_page,
    unreadable_document,
};
use crate::expect::AnswerPlace;

/// A rule: the first thing that it finds wrong.
type Rule = fn(&JudgedAnswer<'_>, &ReadAnswer<'_>) -> Option<Implausible>;

/// In the order in which their findings say most: what cannot be read is not judged further.
const RULES: [Rule; 8] = [
    compressed_twice::find,
    empty_document::find,
    graphql_errors::find,
    json_failure::find,
    sign_in_page::find,
    error_page::find,
    page_for_data::find,
    unreadable_document::find,
];

/// What the rules say about one answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Plausibility {
    /// Why the answer does not pass; the first rule that no expectation overrules.
    pub(crate) implausible: Option<Implausible>,
    /// What is told in warnings and changes nothing else, one line each.
    pub(crate) told: Vec<String>,
}

/// Judges an answer that passed by its status.
///
/// Answers outside 2xx are plausible: they are judged by their status. `is_overruled` tells whether an expectation of the
/// check speaks of a place with `==`, `startsWith` or a typed predicate.
pub(crate) fn judge(answered: &JudgedAnswer<'_>, is_overruled: impl Fn(&AnswerPlace) -> bool) -> Plausibility {
    if !(200..300).contains(&answered.status) || answered.method == crate::domain::Method::Head {
        return Plausibility::default();
    }
    let reading = ReadAnswer::of(answered);
    let mut found = RULES.iter().filter_map(|rule| rule(answered, &reading));
    let implausible = found.find(|found| !is_overruled(&found.place));
    let told = graphql_errors::told(&reading).into_iter().collect();
    Plausibility { implausible, told }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, rule_of};
    use super::*;

    #[test]
    fn redirects_errors_and_heads_are_judged_by_their_status() {
        let lie = Sample::get("/api/orders").json(r#"{"error":"database is down"}"#);
        assert_eq!(rule_of(&lie), Some("json_failure"));
        for status in [301, 304, 401, 404, 500] {
            assert_eq!(rule_of(&lie.clone().status(status)), None, "{status}");
        }
        assert_eq!(rule_of(&Sample::head("/api/orders").json("")), None);
    }

    #[test]
    fn an_expectation_about_the_same_place_overrules_and_one_about_another_does_not() {
        let lie = Sample::get("/api/jobs/7").json(r#"{"error":"none"}"#);
        let overruled =
            |place: AnswerPlace| lie.with(|answered| judge(answered, |judged| *judged == place)).implausible;
        assert_eq!(overruled(AnswerPlace::JsonKey("error".into())), None);
        assert!(overruled(AnswerPlace::JsonKey("status".into())).is_some());
        assert!(overruled(AnswerPlace::MediaType).is_some());
    }

    #[test]
    fn what_is_said_fits_one_line_and_quotes_only_a_little() {
        let long = format!(r#"{{"error":"\u001b[31m{}"}}"#, "x".repeat(50_000));
        let lie = Sample::get("/api/orders").json(&long);
        let found = lie.with(|answered| judge(answered, |_| false)).implausible.expect("a finding");
        let message = found.message();
        assert!(message.chars().count() < 260 && !message.contains(['\n', '\u{1b}']), "{message}");
        assert!(!found.overruled_by.contains("xxxx"), "{}", found.overruled_by);
    }
}
