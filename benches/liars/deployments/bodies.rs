//! The body is not what its label says, or not there.

use serde_json::json;

use crate::liars::answer::{self, Answer, bare, html, typed};
use crate::liars::app::{ORDERS, plain};
use crate::liars::case::{Case, lie};
use crate::liars::checks::{ask, with};
use crate::liars::encoding::{gzip, gzip_twice, plain as unchanged, utf16};
use crate::liars::rule::on;

fn body(id: &'static str, what: &'static str, answer: Answer) -> Case {
    lie(id, what, vec![on("/api/orders").says(answer)])
}

fn file(id: &'static str, what: &'static str, answer: Answer, expect: &[&str]) -> Case {
    lie(id, what, vec![on("/files/report").says(answer)]).asking([vec![ask("/files/report", expect)], plain()].concat())
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        body("empty-json", "Nothing, labelled JSON.", answer::json("")),
        body("blank-json", "Blanks, labelled JSON.", answer::json(" \n")),
        body("empty-page", "Nothing, labelled HTML.", html("")),
        body("null-json", "The word null, where a list was.", answer::json("null")),
        body("undefined-json", "The word undefined, labelled JSON.", answer::json("undefined")),
        body("object-object", "A JavaScript object that became text.", answer::json("[object Object]")),
        body(
            "nan-json",
            "Python's NaN, which no JSON reader takes.",
            answer::json(r#"{"orders":[{"id":1,"total":NaN}]}"#),
        ),
        body("cut-json", "JSON that ends in the middle, with the right length.", answer::json(&ORDERS[..40])),
        body("two-documents", "Two JSON documents, one after the other.", answer::json(&format!("{ORDERS}{ORDERS}"))),
        body("twice-compressed", "Two layers compress, one says so.", answer::json(ORDERS).encoded("gzip", gzip_twice)),
        body(
            "label-without-compression",
            "The answer says gzip and is not.",
            answer::json(ORDERS).encoded("gzip", unchanged),
        ),
        body(
            "compression-without-label",
            "The answer is gzip and does not say so.",
            typed("application/json", gzip(ORDERS.as_bytes())),
        ),
        body(
            "page-as-json",
            "A page, labelled JSON.",
            answer::json("<!doctype html><title>Shop</title><div id=root></div>"),
        ),
        body("json-as-page", "JSON, labelled HTML: browsers show it, clients refuse it.", html(ORDERS))
            .asking([vec![ask("/api/orders", &["header Content-Type contains json"])], plain()].concat()),
        body("json-as-bytes", "JSON that is offered as a download.", typed("application/octet-stream", ORDERS))
            .asking([vec![ask("/api/orders", &["header Content-Type contains json"])], plain()].concat()),
        body("charset-lies", "UTF-16 that is labelled UTF-8.", typed("application/json; charset=utf-8", utf16(ORDERS))),
        body(
            "picture-as-json",
            "A picture, labelled JSON.",
            typed("application/json", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec()),
        ),
        body(
            "source-code",
            "The program's source instead of its output.",
            typed("application/x-httpd-php", "<?php echo json_encode(orders());"),
        ),
        body(
            "template-not-rendered",
            "The template's own text.",
            answer::json(r#"{"orders": [{% for order in orders %}{{ order }}{% endfor %}]}"#),
        ),
        lie(
            "nothing-where-a-list-was",
            "204 where a list was promised; the agent takes any 2xx.",
            vec![on("/api/orders").says(bare(204))],
        )
        .asking(
            [
                vec![with(ask("/api/orders", &["jsonpath $.orders count > 0"]), "expected_status", json!("2xx"))],
                plain(),
            ]
            .concat(),
        ),
        file(
            "wrong-artifact",
            "The download is another file than the one that was released.",
            typed("application/zip", "PK\x03\x04 the last release"),
            &["sha256 == hex,6f1ed002ab5595859014ebf0951522d9fbf2f4d7e1d7f3ba5f5d0d2cbdfb5d1a;"],
        ),
        file("empty-download", "The download has no bytes.", typed("application/pdf", ""), &["bytes count > 1000"]),
        file(
            "page-as-download",
            "The download is the sign-in page.",
            html("<title>Sign in</title><form><input type=password></form>"),
            &["body startsWith '%PDF'"],
        ),
        file(
            "stored-pointer",
            "The download is a Git LFS pointer.",
            typed("application/pdf", "version https://git-lfs.github.com/spec/v1\noid sha256:00"),
            &["body startsWith '%PDF'"],
        ),
    ]
}
