//! Reading lines.

use proptest::prelude::*;

use crate::domain::{Redactor, Timestamp};
use crate::expect::filters::FILTERS;
use crate::expect::predicates::PREDICATES;
use crate::expect::queries::QUERIES;
use crate::expect::{AnswerView, CheckCapture, Expectation};

fn problem(text: &str) -> String {
    text.parse::<Expectation>().map_or_else(|error| error.to_string(), |_| "read".to_owned())
}

#[test]
fn what_people_write_is_read() {
    for text in [
        "jsonpath $.items count > 0",
        "header Content-Type contains json",
        "jsonpath $.user.email == 'ada@example.com'",
        "certificate Expire-Date daysAfterNow > 14",
        r#"jsonpath "$.a[?(@.b == 'x y')].c" includes 3"#,
        "schema schemas/user.json",
        r#"schema {"type": "object", "required": ["id"]}"#,
        "status == 200",
        r#"header "Location" matches "^/login\\?next=""#,
        "header Location == /login",
        r"body matches /^\/a\d+$/",
        "bytes startsWith hex,efbbbf;",
        "md5 == base64,X03MO1qnZdYdgyfeuILPmQ==;",
        "cookie \"session[HttpOnly]\" exists",
        "  jsonpath $.a not exists  # gone since 2.0",
        "redirects count == 0",
        "differs-from-baseline",
        "assets isEmpty",
        "build startsWith 37",
        "jsonpath '$[\"a b\"]' == -1.5",
    ] {
        assert_eq!(problem(text), "read", "{text}");
        let read: Expectation = serde_json::from_value(serde_json::json!(text)).expect("read");
        assert_eq!(serde_json::to_value(&read).expect("written"), serde_json::json!(text));
    }
}

#[test]
fn what_cannot_be_read_is_told_with_its_place_and_the_nearest_word() {
    for (text, right) in [
        ("jsonpath $ containz x", "column 12: there is no predicate `containz`; did you mean `contains`?"),
        ("jsonpat $.a exists", "column 1: there is no query `jsonpat`; did you mean `jsonpath`?"),
        ("jsonpath $.a cuont == 1", "column 14: there is no filter `cuont`; did you mean `count`?"),
        ("jsonpath $.a not exist", "column 18: there is no predicate `exist`; did you mean `exists`?"),
        ("header", "column 7: the line ends, and `header` needs the name of a header field"),
        ("body == \"a", "column 9: the closing `\"` is missing"),
        ("body matches \"\\d+\"", "column 15: `\\d` is no escape: write `\\\\d`, or use single quotes"),
        ("body == a b", "column 11: nothing can stand behind the predicate but `b` does: quote a value with blanks"),
        ("jsonpath $.a nth x == 1", "column 18: `nth` needs a whole number, and string \"x\" stands here"),
        ("jsonpath $.é.[ exists", "column 10: `$.é.[` is no JSONPath: see its character 5 (quote a path with blanks)"),
        ("body matches '('", "column 14: the regular expression cannot be read: unclosed group"),
        (
            "regex 'a' exists",
            "column 7: the pattern has no group: put what shall be read in ( ), or use `body matches`",
        ),
        ("body\nexists", "column 5: an expectation is one line"),
        (
            "jsonpath $.a == 99999999999999999999",
            "column 17: whole numbers are exact up to 18446744073709551615: \
                                                  compare a longer one as a text",
        ),
        ("certificate Expires exists", "column 13: a certificate has no field `Expires`; did you mean `Expire-Date`?"),
        ("jsonpath $.a format %Q exists", "column 21: `%Q` is no format of dates; one is `%Y-%m-%dT%H:%M:%S%z`"),
    ] {
        assert_eq!(problem(text), right, "{text}");
    }
    assert!(
        problem("status").starts_with("column 7: the line ends, and a filter or predicate can stand here: ==, !=, >")
    );
    assert!(problem("xyz").starts_with("column 1: `xyz` is no query; there are status, url, redirects,"));
    assert_eq!(problem(&"x".repeat(4097)), "an expectation has at most 4096 bytes, and this one has 4097");
    assert!(
        problem(r#"schema {"$ref": "a.json"}"#)
            .starts_with("column 8: `$ref` of the schema is `a.json`: only references")
    );
}

#[test]
fn every_word_has_its_own_example_in_the_users_page() {
    let page = include_str!("../../../docs/expectations.md");
    let words = QUERIES.iter().flat_map(|rows| rows.iter().map(|row| row.name));
    let words = words.chain(FILTERS.iter().flat_map(|rows| rows.iter().map(|row| row.name)));
    let words = words.chain(PREDICATES.iter().flat_map(|rows| rows.iter().map(|row| row.name)));
    let examples: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("| `")?.split("` | `").nth(1)).collect();
    let examples: Vec<&str> = examples.iter().filter_map(|example| example.split("` |").next()).collect();
    for word in words {
        let mut rows = page.lines().filter(|line| line.starts_with(&format!("| `{word}")));
        assert!(rows.next().is_some(), "`{word}` is not told");
    }
    assert!(examples.len() >= 50, "{} examples", examples.len());
    for example in examples {
        assert_eq!(problem(&example.replace("\\|", "|")), "read", "{example}");
    }
}

#[test]
fn a_capture_has_a_name_and_a_query() {
    let redactor = Redactor::default();
    let answer = AnswerView::new(200, &[], br#"{"id": 7, "list": []}"#, Timestamp::UNKNOWN, &redactor);
    let capture: CheckCapture = "order_id: jsonpath $.id".parse().expect("a capture");
    assert_eq!((capture.name(), capture.read(&answer)), ("order_id", Ok("7".to_owned())));
    let reason = |text: &str| text.parse::<CheckCapture>().expect("a capture").read(&answer).unwrap_err().reason();
    assert_eq!(
        reason("a: jsonpath $.x").as_deref(),
        Some("expected a value for `a: jsonpath $.x`, got nothing: no such path")
    );
    assert!(
        reason("a: jsonpath $.list").is_some_and(|reason| reason.ends_with("list [], which cannot stand in a request"))
    );
    let problem = |text: &str| text.parse::<CheckCapture>().unwrap_err().to_string();
    assert_eq!(
        problem("id jsonpath $.id"),
        "column 1: a capture is written `name: query`, such as `id: jsonpath $.id`"
    );
    assert_eq!(problem("id: jsonpat $.id"), "column 5: there is no query `jsonpat`; did you mean `jsonpath`?");
    assert_eq!(
        problem("id: jsonpath $.id == 3"),
        "column 19: `==` is no filter; there are count, nth, first, last, jsonpath, \
                                                   regex, replace, split, toInt, toFloat, toDate, format, daysAfterNow, \
                                                   daysBeforeNow, urlDecode, base64Decode"
    );
}

fn any_line() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("jsonpath"),
        Just("$.a[?(@.b==1)]"),
        Just("$..a"),
        Just("not"),
        Just("=="),
        Just("matches"),
        Just("/a+/"),
        Just("header"),
        Just("\"a\\u{e9}\""),
        Just("'x y'"),
        Just("hex,0a;"),
        Just("count"),
        Just("nth"),
        Just("-1"),
        Just("schema"),
        Just("{\"type\":\"object\"}"),
        Just("toDate"),
        Just("%Y"),
        Just("format"),
        Just("regex"),
        Just("(a)"),
        Just("body"),
        Just("replace"),
        Just("\u{0}"),
        Just("é"),
        Just("\\"),
        Just("\""),
        Just("cookie"),
        Just("a[Path]"),
    ];
    prop_oneof![any::<String>(), proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.join(" "))]
}

proptest! {
    #[test]
    fn any_line_is_read_or_told_what_is_wrong_on_one_line(text in any_line(), body in any::<Vec<u8>>()) {
        match text.parse::<Expectation>() {
            Ok(read) => {
                prop_assert_eq!(read.to_string(), text);
                let redactor = Redactor::default();
                let outcome = read.evaluate(&AnswerView::new(200, &[], &body, Timestamp::UNKNOWN, &redactor));
                prop_assert!(outcome.reason().is_none_or(|reason| !reason.contains('\n')));
            }
            Err(error) => prop_assert!(!error.to_string().contains('\n'), "{}", error),
        }
    }
}
