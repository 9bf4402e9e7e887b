//! Whether answers that passed one after the other come of one build. Pure.

use std::collections::BTreeSet;

use serde_json::Value;

use super::evidence::json_of;
use crate::domain::{BuildAnswer, BuildPlace, BuildWord, PlaceKind, same_commit, words_of};
use crate::outbound::Exchange;

/// Headers in which productions name their build.
const BUILD_HEADERS: [&str; 9] = [
    "x-version",
    "x-app-version",
    "x-build",
    "x-build-id",
    "x-commit",
    "x-git-sha",
    "x-release",
    "x-revision",
    "x-deployment-id",
];

/// The fewest digits of a commit.
const SHORTEST_COMMIT: usize = 7;

/// How a line begins that says that answers do not come of one build.
pub(crate) const MIXED: &str = "mixed";

/// Says what differs between answers to one check that should come of one build.
pub(super) fn differing(exchanges: &[Exchange]) -> Option<String> {
    let distinct = |of: &dyn Fn(&Exchange) -> Option<String>| exchanges.iter().filter_map(of).collect::<BTreeSet<_>>();
    for name in BUILD_HEADERS {
        let builds = distinct(&|exchange| exchange.header(name).map(str::to_owned));
        if builds.len() > 1 {
            return Some(format!("{MIXED}: the answers name {} builds in the header {name}", builds.len()));
        }
    }
    let shapes = distinct(&|exchange| json_of(exchange).and_then(|value| shape(&value)));
    (shapes.len() > 1).then(|| format!("{MIXED}: the answers have different fields"))
}

/// Says which other commit than this one a header of an answer names.
pub(super) fn other_commit(exchange: &Exchange, build: &str) -> Option<String> {
    let path = exchange.url.path().to_owned();
    let place = BuildPlace { path, kind: PlaceKind::Guessed, field: None, is_cached: false };
    let words = words_of(&place, BuildAnswer::Headers(&exchange.headers));
    // Dates and counters have digits alone.
    let is_commit = |word: &&BuildWord| {
        word.named_for_commit()
            && word.word.len() >= SHORTEST_COMMIT
            && word.word.bytes().all(|byte| byte.is_ascii_hexdigit())
            && word.word.bytes().any(|byte| byte.is_ascii_alphabetic())
    };
    let other = words.iter().filter(is_commit).find(|word| !same_commit(&word.word.to_ascii_lowercase(), build))?;
    let short = |commit: &str| commit.chars().take(SHORTEST_COMMIT).collect::<String>();
    Some(format!("{MIXED}: the {} names {}, and production tells {}", other.field, short(&other.word), short(build)))
}

/// The names of the top level's fields; values and their kinds may change between two moments.
fn shape(value: &Value) -> Option<String> {
    let names: BTreeSet<&str> = value.as_object()?.keys().map(String::as_str).collect();
    Some(names.into_iter().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_that_names_another_commit_than_production_tells_is_told() {
        let build = "37b73f8a1b2c3d4e5f60718293a4b5c6d7e8f901";
        let told = |name: &str, value: &str| {
            other_commit(&Exchange::answered("http://a.test/x", 200, &[(name, value)], b"{}"), build)
        };
        let line = told("x-git-sha", "0f3c1de9aa77b1c2d3e4f5061728394a5b6c7d8e").expect("told");
        assert_eq!(line, "mixed: the header x-git-sha names 0f3c1de, and production tells 37b73f8");
        for (name, value) in [
            ("x-git-sha", "37b73f8"),
            ("x-commit", "37B73F8A1B2C"),
            ("x-revision", "20260101"),
            ("x-version", "1.2.3-0f3c1de"),
            ("x-request-id", "0f3c1de9aa77b1c2d3e4f5061728394a5b6c7d8e"),
            ("etag", "\"0f3c1de9\""),
        ] {
            assert_eq!(told(name, value), None, "{name}: {value}");
        }
    }

    #[test]
    fn two_builds_are_told_by_header_or_fields_and_changing_values_are_not() {
        let answer = |version: &str, body: &str| {
            Exchange::answered("http://a.test/", 200, &[("x-version", version)], body.as_bytes())
        };
        let told = |one: &Exchange, other: &Exchange| differing(&[one.clone(), other.clone()]);
        assert!(told(&answer("1", "{}"), &answer("2", "{}")).expect("mixed").contains("x-version"));
        assert!(told(&answer("1", r#"{"a":1}"#), &answer("1", r#"{"a":1,"b":2}"#)).expect("mixed").contains("fields"));
        assert_eq!(told(&answer("1", r#"{"at":1}"#), &answer("1", r#"{"at":2}"#)), None);
        assert_eq!(told(&answer("1", "[1]"), &answer("1", "[1,2]")), None);
    }
}
