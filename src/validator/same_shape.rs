//! Whether answers that passed one after the other come of one build. Pure.

use std::collections::BTreeSet;

use serde_json::Value;

use super::evidence::json_of;
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

/// The names of the top level's fields; values and their kinds may change between two moments.
fn shape(value: &Value) -> Option<String> {
    let names: BTreeSet<&str> = value.as_object()?.keys().map(String::as_str).collect();
    Some(names.into_iter().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

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
