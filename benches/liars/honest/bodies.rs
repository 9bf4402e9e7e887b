//! Bodies in every form that servers send.

use crate::liars::answer::{Answer, Delivery, bare, html, json, text, typed};
use crate::liars::case::{Case, honest};
use crate::liars::checks::{ask, with};
use crate::liars::encoding::{bare_deflate, brotli, deflate, gzip, utf16, zstd};
use crate::liars::rule::{When, on};

const ROWS: &str = r#"{"rows":[{"id":1,"name":"Ada"}]}"#;
const SEEN: &str = "jsonpath $.rows[0].name == Ada";

/// One route answers this.
fn body(id: &'static str, what: &'static str, answer: Answer, expect: &[&str]) -> Case {
    honest(id, what, vec![on("/files/thing").says(answer)], vec![ask("/files/thing", expect)])
}

/// An answer of the interface that the agent reads as JSON.
fn readable(id: &'static str, what: &'static str, answer: Answer) -> Case {
    body(id, what, answer, &[SEEN])
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        readable("gzip", "JSON, compressed with gzip.", json(ROWS).encoded("gzip", gzip)),
        readable("x-gzip", "JSON, compressed with gzip under its old name.", json(ROWS).encoded("x-gzip", gzip)),
        readable("brotli", "JSON, compressed with Brotli.", json(ROWS).encoded("br", brotli)),
        readable("zstd", "JSON, compressed with Zstandard.", json(ROWS).encoded("zstd", zstd)),
        readable("deflate", "JSON, compressed with deflate.", json(ROWS).encoded("deflate", deflate)),
        readable(
            "bare-deflate",
            "JSON, compressed with deflate without its head.",
            json(ROWS).encoded("deflate", bare_deflate),
        ),
        readable("chunked", "JSON in chunks.", json(ROWS).delivered(Delivery::Chunked)),
        readable("until-closed", "JSON that ends with its connection.", json(ROWS).delivered(Delivery::UntilClosed)),
        readable("byte-order-mark", "JSON after a byte order mark.", json(&format!("\u{feff}{ROWS}"))),
        readable("utf-16", "JSON in UTF-16, said so.", typed("application/json; charset=utf-16", utf16(ROWS))),
        readable("xssi-prefix", "JSON behind the guard against inclusion.", json(&format!(")]}}',\n{ROWS}"))),
        readable(
            "problem-type",
            "JSON under a media type of its own.",
            typed("application/vnd.shop.rows+json; v=2", ROWS),
        ),
        readable("text-json", "JSON under its old media type.", typed("text/json", ROWS)),
        body("no-media-type", "A text without a media type.", typed("", "ok"), &["body == ok"]),
        body("no-content", "204, and the agent says so.", bare(204), &[]).asking(vec![
            with(ask("/files/thing", &[]), "expected_status", serde_json::json!(204)),
            ask("/api/users", &[]),
            ask("/api/cart", &[]),
        ]),
        body("text-ok", "One word as text.", text("ok"), &["body == ok"]),
        body("text-ok-as-page", "One word that the framework labels HTML.", html("ok"), &["body == ok"]),
        body("empty-text", "An empty text file.", text(""), &[]),
        body("csv", "A table as CSV.", typed("text/csv", "id,total\n1,990\n"), &["body contains '1,990'"]),
        body("json-lines", "One JSON document a line.", typed("application/x-ndjson", "{\"id\":1}\n{\"id\":2}\n"), &[]),
        body(
            "json-lines-as-json",
            "One JSON document a line, labelled as JSON text sequence.",
            typed("application/jsonl", "{\"id\":1}\n{\"id\":2}\n"),
            &[],
        ),
        body(
            "event-stream",
            "Events that go on.",
            typed("text/event-stream", "data: 1\n\n").delivered(Delivery::Stream),
            &[],
        )
        .asking(vec![
            with(
                ask("/files/thing", &["header Content-Type startsWith text/event-stream"]),
                "timeout_s",
                serde_json::json!(1),
            ),
            ask("/api/users", &[]),
            ask("/api/cart", &[]),
        ]),
        body(
            "xml",
            "A document in XML.",
            typed("application/xml", "<?xml version='1.0'?><rows><row id='1'/></rows>"),
            &[],
        ),
        body(
            "rss",
            "A feed.",
            typed("application/rss+xml", "<rss version='2.0'><channel><title>News</title></channel></rss>"),
            &[],
        ),
        body(
            "soap",
            "A SOAP answer without a fault.",
            typed("text/xml", "<Envelope><Body><OrdersResponse/></Body></Envelope>"),
            &[],
        ),
        body("protobuf", "A message of bytes.", typed("application/x-protobuf", vec![8, 1, 18, 3, 65, 100, 97]), &[]),
        body(
            "picture",
            "A picture.",
            typed("image/png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec()),
            &["bytes count > 8"],
        ),
        body("document", "A PDF.", typed("application/pdf", "%PDF-1.7\n%%EOF"), &["body startsWith '%PDF'"]),
        body(
            "latin-1-page",
            "A page in ISO-8859-1.",
            typed("text/html; charset=iso-8859-1", b"<html><title>Caf\xe9</title><h1>Caf\xe9</h1></html>".to_vec()),
            &[],
        ),
        body(
            "metrics",
            "Metrics that speak of errors.",
            text("# HELP errors_total Errors.\nerrors_total 3\nup 1\n"),
            &[],
        ),
        body(
            "a-log-of-errors",
            "A log file that ends with an error.",
            text("12:00 started\n12:01 ERROR disk full\n"),
            &[],
        ),
        honest(
            "big-download",
            "A download of 12 MiB.",
            vec![on("/files/big").says(typed("application/octet-stream", vec![7; 12 << 20]))],
            vec![ask("/files/big", &["header Content-Length == '12582912'"])],
        ),
        honest(
            "entity-tags",
            "A route that answers 304 to who has it.",
            vec![
                on("/api/thing").and(When::Header("if-none-match", "")).says(bare(304)),
                on("/api/thing").says(json(ROWS).header("etag", "\"v1\"")),
            ],
            vec![ask("/api/thing", &[SEEN])],
        ),
    ]
}
