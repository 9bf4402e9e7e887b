//! What each query reads.

use rcgen::{CertificateParams, KeyPair, SanType, SerialNumber};

use super::{NOW, headers, line, on_json, told};
use crate::domain::Redactor;
use crate::expect::AnswerView;

#[test]
fn each_query_reads_its_part_of_an_answer() {
    let headers = headers(&[
        ("Content-Type", "text/plain"),
        ("X-Two", "a"),
        ("x-two", "b"),
        (
            "Set-Cookie",
            "session=abc; Path=/; Max-Age=60; HttpOnly; Expires=Wed, 13-Jan-2027 22:23:01 GMT; SameSite=Lax",
        ),
        ("Set-Cookie", "other=1"),
    ]);
    let (redirects, broken) = (vec!["https://a.test/b".to_owned()], vec!["https://a.test/x.js".to_owned()]);
    let redactor = Redactor::default();
    let mut answer = AnswerView::new(201, &headers, b"Order 7: ok", NOW, &redactor);
    answer.http_version = "2";
    answer.url = "https://a.test/b";
    answer.redirects = &redirects;
    answer.ip = Some("127.0.0.1");
    answer.duration_ms = 12;
    answer.build = Some("37b73f8");
    answer.broken_assets = Some(&broken);
    answer.differs_from_baseline = Some(true);
    for text in [
        "status == 201",
        "version == '2'",
        "url endsWith /b",
        "redirects count == 1",
        "redirects last == https://a.test/b",
        "ip == 127.0.0.1",
        "duration < 13",
        "header content-type == text/plain",
        "header X-Two includes b",
        "header X-None not exists",
        "body == 'Order 7: ok'",
        "bytes count == 11",
        "regex 'Order (\\d+)' toInt == 7",
        "sha256 == hex,143e3fcec766826a9dc294876630026a53763e6410892d1bbb3f3a6a7fcf5694;",
        "md5 == hex,f97a05a2081e68846e403287987b21e6;",
        "cookie session == abc",
        "cookie session[Path] == /",
        "cookie session[Max-Age] == 60",
        "cookie session[HttpOnly] exists",
        "cookie session[Secure] not exists",
        "cookie session[Expires] daysAfterNow > 40",
        "cookie none not exists",
        "build startsWith 37b",
        "assets includes https://a.test/x.js",
        "differs-from-baseline",
        "certificate Subject not exists",
    ] {
        assert_eq!(told(line(text).evaluate(&answer)), "passed", "{text}");
    }
}

#[test]
fn what_was_not_observed_is_unverified() {
    let redactor = Redactor::default();
    let mut answer = AnswerView::new(200, &[], b"{\"a\": 1}", NOW, &redactor);
    answer.cut = true;
    for (text, why) in [
        ("assets isEmpty", "unverified: the page's assets were not asked"),
        ("differs-from-baseline", "unverified: there is no baseline to compare with"),
        ("body contains a", "unverified: the body is longer than the 8 bytes that were read"),
        ("jsonpath $.a == 1", "unverified: the body is longer than the 8 bytes that were read"),
        ("schema a.json", "unverified: the schema a.json was not read"),
        ("status == 200", "passed"),
    ] {
        assert_eq!(told(line(text).evaluate(&answer)), why, "{text}");
    }
}

#[test]
fn the_fields_of_a_certificate_are_read() {
    let mut params = CertificateParams::new(vec!["a.test".to_owned()]).expect("names");
    params.subject_alt_names.push(SanType::IpAddress("127.0.0.1".parse().expect("an address")));
    params.serial_number = Some(SerialNumber::from(vec![10, 27]));
    params.not_before = rcgen::date_time_ymd(2026, 11, 1);
    params.not_after = rcgen::date_time_ymd(2026, 12, 30);
    let certificate = params.self_signed(&KeyPair::generate().expect("a key")).expect("a certificate");
    let redactor = Redactor::default();
    let mut answer = AnswerView::new(200, &[], b"", NOW, &redactor);
    answer.certificate = Some(certificate.der());
    for (text, right) in [
        ("certificate Expire-Date daysAfterNow > 14", "passed"),
        ("certificate expire-date daysAfterNow > 40", "29"),
        ("certificate Start-Date daysBeforeNow == 29", "passed"),
        ("certificate Subject-Alt-Name == 'DNS:a.test, IP Address:127.0.0.1'", "passed"),
        ("certificate Serial-Number == 0a:1b", "passed"),
        ("certificate Issuer contains 'CN='", "passed"),
        ("certificate Expire-Date format %Y-%m-%d == 2026-12-30", "passed"),
    ] {
        assert_eq!(told(line(text).evaluate(&answer)), right, "{text}");
    }
}

#[test]
fn a_schema_is_asked_inline_and_from_a_file() {
    let inline = r#"schema {"type": "object", "required": ["id"]}"#;
    assert_eq!(on_json(inline, r#"{"id": 1}"#), "passed");
    assert_eq!(on_json(inline, r#"{"x": 1}"#), r#"the document: "id" is a required property"#);
    let file = line("schema schemas/user.json");
    assert_eq!(file.schema_file(), Some("schemas/user.json"));
    let file = file.with_schema(r#"{"type": "array"}"#).expect("a schema");
    let redactor = Redactor::default();
    let answer = AnswerView::new(200, &[], b"{}", NOW, &redactor);
    assert_eq!(told(file.evaluate(&answer)), r#"the document: {} is not of type "array""#);
    assert_eq!(file.to_string(), "schema schemas/user.json");
    let problem = line("schema a.json").with_schema(r#"{"$ref": "b.json"}"#).unwrap_err().to_string();
    assert!(problem.starts_with("`schema a.json`: `$ref` of the schema is `b.json`"), "{problem}");
}

#[test]
fn a_body_that_is_no_json_is_no_missing_path() {
    assert_eq!(
        on_json("jsonpath $.a not exists", "<html>"),
        "a body that is no JSON: it is not JSON: see line 1, column 1"
    );
    assert_eq!(
        on_json("jsonpath $.a == 1", r#"{"a": 1, "a": 2}"#),
        "a body that is no JSON: the key `a` stands twice in one object"
    );
    assert_eq!(on_json("jsonpath $.a == 1", "\u{feff}{\"a\": 1}"), "passed");
}
