//! Bodies that are too large, too deep, too slow, or no message.

use std::time::Duration;

use serde_json::json;
use snipara_orchestrator::http::{HttpLimits, HttpSettings};
use snipara_orchestrator::mcp::Server;

use crate::support::http_served::{HttpServed, Told, initialize, modern, posting_text, raw, told};
use crate::support::mcp_client::{every_tool, failing_opener};

async fn server(limits: HttpLimits) -> HttpServed {
    let settings = HttpSettings { limits, ..HttpSettings::default() };
    HttpServed::start(settings, Server::new(&every_tool(), failing_opener()).expect("a server")).await
}

async fn posted(server: &HttpServed, text: impl Into<reqwest::Body>) -> Told {
    told(posting_text(&server.url("/mcp"), text)).await
}

#[tokio::test]
async fn a_body_over_4_mib_is_refused_and_one_below_is_read() {
    let server = server(HttpLimits::default()).await;
    let large = |bytes: usize| format!("{{\"padding\":\"{}\"}}", "x".repeat(bytes));
    let refused = posted(&server, large(4 * 1024 * 1024)).await;
    assert_eq!(refused.status, 413, "{refused:?}");
    assert_eq!(refused.json()["error"]["message"], "the body is larger than 4194304 bytes");
    let read = posted(&server, large(4 * 1024 * 1024 - 100)).await;
    assert_eq!((read.status, &read.json()["error"]["code"]), (400, &json!(-32600)));
}

#[tokio::test]
async fn a_body_without_a_length_is_counted_as_it_comes() {
    let server = server(HttpLimits { body_bytes: 1000, ..HttpLimits::default() }).await;
    for path in ["/mcp", "/messages?sessionId=x"] {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n\
             accept: application/json, text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        );
        let chunk = format!("200\r\n{}\r\n", " ".repeat(0x200));
        let answer = raw(server.address, format!("{head}{chunk}{chunk}0\r\n\r\n").as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{path}: {answer}");
    }
}

#[tokio::test]
async fn a_deeply_nested_body_is_a_parse_error_in_both_eras() {
    let server = server(HttpLimits::default()).await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let text = format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{{\"a\":{deep}}}}}");
    let answer = posted(&server, text.clone()).await;
    assert_eq!((answer.status, &answer.json()["error"]["code"]), (400, &json!(-32700)), "{answer:?}");
    let request = posting_text(&server.url("/mcp"), text).header("mcp-protocol-version", "2026-07-28");
    let answer = told(request.header("mcp-method", "tools/list")).await;
    assert_eq!((answer.status, &answer.json()["error"]["code"]), (400, &json!(-32700)), "{answer:?}");
}

#[tokio::test]
async fn what_is_no_message_is_told_in_json_rpc_s_form() {
    let server = server(HttpLimits::default()).await;
    let batch = json!([initialize()]).to_string();
    for (text, code) in [
        ("{", -32700),
        ("", -32700),
        ("{\"a\":\"\\ud83d\"}", -32700),
        (batch.as_str(), -32600),
        ("{\"jsonrpc\":\"2.0\"}", -32600),
        ("7", -32600),
    ] {
        let answer = posted(&server, text.to_owned()).await;
        assert_eq!((answer.status, &answer.json()["error"]["code"]), (400, &json!(code)), "{text}: {answer:?}");
    }
    let form = reqwest::Client::new().post(server.url("/mcp")).header("accept", "application/json, text/event-stream");
    let form = told(form.header("content-type", "text/plain").body(initialize().to_string())).await;
    assert_eq!(form.status, 415, "a page can send this without asking: {form:?}");
}

#[tokio::test]
async fn a_body_that_drips_is_given_up() {
    let server = server(HttpLimits { body: Duration::from_millis(50), ..HttpLimits::default() }).await;
    let head = "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\
                accept: application/json, text/event-stream\r\n\r\n{";
    let answer = raw(server.address, head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
}

#[tokio::test]
async fn wrong_parameters_of_a_known_method_are_invalid_parameters_over_http() {
    let server = server(HttpLimits::default()).await;
    let answer = told(modern(&server.url("/mcp"), "tools/call", json!({"name": 7}))).await;
    assert_eq!(answer.json()["error"]["code"], -32602, "{answer:?}");
}
