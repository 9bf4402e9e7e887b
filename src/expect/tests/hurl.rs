//! The answers that Hurl 7 gives, read from the sources of its runner: values, predicates and filters.

use super::on_json;

const BODY: &str = r#"{"one": 1, "half": 0.5, "two": 2.0, "digits": "1", "yes": true, "none": null, "empty": "", "list": [1, 2],
    "no_items": [], "object": {"a": 1}, "no_fields": {}, "big": 9007199254740993, "date": "2026-11-30T10:00:00+02:00",
    "id": "550e8400-e29b-41d4-a716-446655440000", "name": "Ada", "inner": "{\"a\": [7]}", "encoded": "a%20b", "b64": "aGk="}"#;

/// A line without its query `jsonpath`, and whether Hurl's answer is that it holds.
const TABLE: [(&str, bool); 62] = [
    // Numbers are compared as numbers, whole or not.
    ("$.one == 1", true),
    ("$.one == 1.0", true),
    ("$.two == 2", true),
    ("$.half > 0", true),
    ("$.half < 1", true),
    ("$.big == 9007199254740993", true),
    ("$.big == 9007199254740992", false),
    ("$.big > 9007199254740992", true),
    // No kind becomes another one: equality is false, and its negation true.
    ("$.digits == 1", false),
    ("$.digits != 1", true),
    ("$.digits not == 1", true),
    ("$.one == '1'", false),
    ("$.yes == 'true'", false),
    ("$.yes == 1", false),
    ("$.none == false", false),
    ("$.none == null", true),
    ("$.none != null", false),
    ("$.empty == null", false),
    // Order and parts need their kind, and `not` does not help.
    ("$.digits > 0", false),
    ("$.digits not > 0", false),
    ("$.none < 1", false),
    ("$.name > 'Aaa'", true),
    ("$.name <= 'Ada'", true),
    ("$.one contains 1", false),
    ("$.one not contains 2", false),
    ("$.name contains d", true),
    ("$.name not contains x", true),
    ("$.name startsWith A", true),
    ("$.name endsWith 'da'", true),
    ("$.name matches '^A.a$'", true),
    ("$.name matches /^a/", false),
    ("$.one matches 1", false),
    ("$.one not matches 2", false),
    ("$.list contains 2", true),
    ("$.list includes 2", true),
    ("$.list includes '2'", false),
    ("$.list not includes 3", true),
    ("$.name includes A", false),
    // Types.
    ("$.two isInteger", false),
    ("$.one isInteger", true),
    ("$.two isNumber", true),
    ("$.digits isNumber", false),
    ("$.none exists", true),
    ("$.list isList", true),
    ("$.object isObject", true),
    ("$.object isList", false),
    ("$.yes isBoolean", true),
    ("$.date isIsoDate", true),
    ("$.one isIsoDate", false),
    ("$.id isUuid", true),
    ("$.empty isEmpty", true),
    ("$.no_items isEmpty", true),
    ("$.no_fields isEmpty", true),
    ("$.one not isEmpty", false),
    // Nothing.
    ("$.missing exists", false),
    ("$.missing not exists", true),
    ("$.missing == null", false),
    ("$.missing != 1", false),
    ("$.missing isEmpty", false),
    ("$.missing count == 0", false),
    ("$.missing count not exists", false),
    ("$.object == 1", false),
];

#[test]
fn values_are_compared_as_hurl_compares_them() {
    for (rest, holds) in TABLE {
        let told = on_json(&format!("jsonpath {rest}"), BODY);
        assert_eq!(told == "passed", holds, "{rest}: {told}");
    }
}

/// Filters.
const FILTERED: [(&str, bool); 24] = [
    ("$.list count == 2", true),
    ("$.object count == 1", true),
    ("$.name count == 3", true),
    ("$.one count == 1", false),
    ("$.list nth 1 == 2", true),
    ("$.list nth -1 == 2", true),
    ("$.list nth 2 not exists", false),
    ("$.list first == 1", true),
    ("$.list last == 2", true),
    ("$.no_items first not exists", true),
    ("$.digits toInt == 1", true),
    ("$.half toInt == 0", true),
    ("$.name toInt == 0", false),
    ("$.digits toFloat == 1.0", true),
    ("$.yes toFloat == 1.0", false),
    ("$.inner jsonpath $.a[0] == 7", true),
    ("$.list jsonpath $[0] == 1", false),
    ("$.name regex '^(.)' == A", true),
    ("$.name regex '(x)' not exists", true),
    ("$.name replace da '' == A", true),
    ("$.encoded urlDecode split ' ' count == 2", true),
    ("$.b64 base64Decode == hex,6869;", true),
    ("$.date toDate '%Y-%m-%dT%H:%M:%S%:z' format '%d.%m.%Y %H' == '30.11.2026 08'", true),
    ("$.date toDate '%Y-%m-%dT%H:%M:%S%:z' daysBeforeNow == 0", true),
];

#[test]
fn filters_change_values_as_hurls_do() {
    for (rest, holds) in FILTERED {
        let told = on_json(&format!("jsonpath {rest}"), BODY);
        assert_eq!(told == "passed", holds, "{rest}: {told}");
    }
}

#[test]
fn we_differ_from_hurl_where_it_would_call_nothing_a_proof() {
    // Hurl negates what a predicate says of nothing, and calls an empty result of a path with several one that exists.
    for rest in ["$.missing not == 1", "$.missing not contains x", "$.list[?@>9] exists"] {
        assert_ne!(on_json(&format!("jsonpath {rest}"), BODY), "passed", "{rest}");
    }
    assert_eq!(on_json("jsonpath $.list[?@>9] count == 0", BODY), "passed");
}
