//! What the gate asks of an expectation.

use super::{NOW, line};
use crate::domain::Redactor;
use crate::expect::{AnswerPlace, AnswerView};

#[test]
fn the_place_it_speaks_of_is_known() {
    let place = |text: &str| line(text).place();
    assert_eq!(place("header Content-Type contains json"), AnswerPlace::MediaType);
    assert_eq!(place("header X-Build == 1"), AnswerPlace::Header("x-build".to_owned()));
    assert_eq!(place("jsonpath $.error exists"), AnswerPlace::JsonKey("error".to_owned()));
    assert_eq!(place("jsonpath $ isObject"), AnswerPlace::Body);
    assert_eq!(place("schema a.json"), AnswerPlace::Body);
    assert_eq!(place("duration < 100"), AnswerPlace::Transport);
}

#[test]
fn what_pins_its_place_down_is_exact() {
    let exact = [
        "body == ''",
        "body isEmpty",
        "header Content-Type startsWith text/html",
        "jsonpath $.error isObject",
        "schema a.json",
    ];
    assert!(exact.iter().all(|text| line(text).is_exact()));
    for text in [
        "body contains a",
        "body not == a",
        "body != a",
        "body matches .",
        "jsonpath $.a exists",
        "differs-from-baseline",
    ] {
        assert!(!line(text).is_exact(), "{text}");
    }
}

#[test]
fn only_what_holds_on_failures_alone_demands_one() {
    for text in [
        "status == 500",
        "status >= 400",
        "jsonpath $.error exists",
        "jsonpath $.error.code == 7",
        "jsonpath $.errors count > 0",
        "jsonpath $.success == false",
        "jsonpath $.ok not == true",
        "jsonpath $.statusCode == 503",
    ] {
        assert!(line(text).demands_failure(), "{text}");
    }
    for text in [
        "status == 200",
        "status < 500",
        "status == 302",
        "jsonpath $.error == null",
        "jsonpath $.error not exists",
        "jsonpath $.errors isEmpty",
        "jsonpath $.errors isList",
        "jsonpath $.success == true",
        "jsonpath $.ok isBoolean",
        "jsonpath $.status == failed",
        "jsonpath $.status == 1",
        "jsonpath $.data == 500",
        "body contains error",
    ] {
        assert!(!line(text).demands_failure(), "{text}");
    }
}

#[test]
fn how_an_answer_came_tells_no_deployment_from_another() {
    for text in [
        "status == 200",
        "url contains a",
        "redirects count == 0",
        "ip exists",
        "duration < 9",
        "certificate Issuer exists",
        "version == '2'",
    ] {
        assert!(!line(text).can_discriminate(), "{text}");
    }
    assert!(
        ["body contains a", "header ETag == a", "jsonpath $.a == 1", "build == a", "title == a"]
            .iter()
            .all(|text| line(text).can_discriminate())
    );
}

#[test]
fn what_holds_on_every_bare_answer_says_nothing() {
    let redactor = Redactor::default();
    let control = AnswerView::new(404, &[], b"no such page", NOW, &redactor);
    for (text, nothing) in [
        ("body matches .*", true),
        ("body exists", true),
        ("bytes count >= 0", true),
        ("header X-Error not exists", true),
        ("body not contains zebra", true),
        ("status < 500", true),
        ("status == 200", false),
        ("body contains order", false),
        ("jsonpath $.id exists", false),
        ("jsonpath $.error not exists", true),
        ("jsonpath $ exists", true),
        ("schema {}", true),
        (r#"schema {"required": ["id"]}"#, false),
        ("title == Orders", false),
    ] {
        assert_eq!(line(text).says_nothing(Some(&control), NOW), nothing, "{text}");
    }
}
