//! Attacks on the door: other hosts, other origins, tokens in URLs, headers that stand twice, panics.

use axum::Router;
use axum::routing::get;
use serde_json::json;
use snipara_orchestrator::http::{HttpServer, HttpSettings};
use snipara_orchestrator::mcp::Server;

use crate::support::http_process::Site;
use crate::support::http_served::{HttpServed, initialize, modern, posting, raw, told};
use crate::support::mcp_client::{every_tool, failing_opener};

const ROUTES: [(&str, &str); 7] = [
    ("POST", "/mcp"),
    ("GET", "/sse"),
    ("POST", "/messages?sessionId=x"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/.well-known/oauth-protected-resource"),
];

async fn status(server: &HttpServed, method: &str, path: &str, headers: &str) -> u16 {
    let request = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\ncontent-length: 0\r\n{headers}\r\n\r\n");
    let answer = raw(server.address, request.as_bytes()).await;
    let status = answer.split(' ').nth(1).unwrap_or_else(|| panic!("no answer: {answer}"));
    status.parse().expect("a status")
}

fn handler() -> Server {
    Server::new(&every_tool(), failing_opener()).expect("a server")
}

#[tokio::test]
async fn every_route_refuses_other_hosts_and_origins_and_tokens_in_its_url() {
    let server = HttpServed::start(HttpSettings::default(), handler()).await;
    for (method, path) in ROUTES {
        for headers in [
            "host: evil.example",
            "host: 127.0.0.1.evil.example",
            "host: localhost\r\norigin: https://evil.example",
            "host: localhost\r\norigin: null",
        ] {
            assert_eq!(status(&server, method, path, headers).await, 403, "{method} {path} {headers}");
        }
        let joint = if path.contains('?') { '&' } else { '?' };
        let path = format!("{path}{joint}access_token=planted");
        assert_eq!(status(&server, method, &path, "host: localhost").await, 400, "{method} {path}");
    }
}

#[tokio::test]
async fn headers_that_could_be_read_in_two_ways_are_refused() {
    let server = HttpServed::start(HttpSettings::default(), handler()).await;
    for headers in [
        "host: localhost\r\nhost: localhost",
        "host: localhost\r\nmcp-session-id: a\r\nmcp-session-id: b",
        "host: localhost\r\nauthorization: Bearer a\r\nauthorization: Bearer b",
        "host: localhost\r\ncontent-length: 5",
        "host: localhost\r\ntransfer-encoding: chunked, identity",
        "host: localhost\r\nx-smuggled : a",
        "",
    ] {
        assert_eq!(status(&server, "POST", "/mcp", headers).await, 400, "{headers}");
    }
}

#[tokio::test]
async fn a_second_request_inside_of_a_body_is_not_answered() {
    let server = HttpServed::start(HttpSettings::default(), handler()).await;
    // Both lengths are given: what a proxy takes for the body must not be a request to us.
    let request = "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n\
                   2c\r\nGET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n  \r\n0\r\n\r\n";
    let answer = raw(
        server.address,
        format!("{request}GET /nothing HTTP/1.1\r\nconnection: close\r\nhost: localhost\r\n\r\n").as_bytes(),
    )
    .await;
    assert!(!answer.contains("ok\n"), "{answer}");
}

#[tokio::test]
async fn a_page_of_a_configured_origin_may_read_answers_and_no_other_may() {
    let settings =
        HttpSettings { allowed_origins: vec!["https://app.example.com".to_owned()], ..HttpSettings::default() };
    let server = HttpServed::start(settings, handler()).await;
    let url = server.url("/mcp");
    let preflight = |origin: &'static str| {
        let asked = reqwest::Client::new().request(reqwest::Method::OPTIONS, &url);
        told(
            asked
                .header("origin", origin)
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "content-type, mcp-protocol-version"),
        )
    };
    let allowed = preflight("https://app.example.com").await;
    assert_eq!(allowed.status, 200, "{allowed:?}");
    assert_eq!(allowed.header("access-control-allow-origin"), Some("https://app.example.com"));
    assert_eq!(allowed.header("access-control-allow-headers"), Some("content-type, mcp-protocol-version"));
    assert_eq!(preflight("https://evil.example").await.status, 403);
    assert_eq!(preflight("http://localhost:3000").await.header("access-control-allow-origin"), None);
    let answer = told(posting(&url, &initialize()).header("origin", "https://app.example.com")).await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("https://app.example.com"), "{answer:?}");
    let exposed = answer.header("access-control-expose-headers").expect("exposed headers").to_lowercase();
    assert!(exposed.contains("mcp-session-id") && exposed.contains("www-authenticate"), "{exposed}");
}

#[tokio::test]
async fn without_configured_origins_no_page_may_read_anything() {
    let server = HttpServed::start(HttpSettings::default(), handler()).await;
    let answer = told(posting(&server.url("/mcp"), &initialize()).header("origin", "http://localhost:3000")).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, None));
}

#[tokio::test]
async fn a_handler_that_panics_is_answered_and_the_connection_serves_on() {
    let broken = Router::new().route("/broken", get(async || -> &'static str { panic!("planted-secret") }));
    let server = HttpServer::bind(HttpSettings::default()).await.expect("a server").with_routes(broken);
    let server = HttpServed::over(server, handler());
    let answer = told(reqwest::Client::new().get(server.url("/broken"))).await;
    assert_eq!(answer.status, 500);
    assert!(!answer.body.contains("planted-secret"), "{}", answer.body);
    assert_eq!(told(modern(&server.url("/mcp"), "tools/list", json!({}))).await.status, 200);
}

#[tokio::test]
async fn nothing_that_a_caller_sent_is_logged() {
    let site = Site::new().await;
    let server = site.serve(&["--verbose"]).await;
    let url = format!("{}?note=planted-token-0003", server.url);
    let sent = posting(&url, &initialize()).header("authorization", "Bearer planted-token-0001");
    told(sent.header("x-api-key", "planted-token-0002")).await;
    told(posting(&server.url, &json!({"planted-token-0004": 1}))).await;
    let refused = reqwest::Client::new().get(format!("http://{}/healthz?token=planted-token-0005", server.authority()));
    told(refused).await;
    assert!(!server.told().contains("planted-token"), "{}", server.told());
}

/// curl, fetch and hand-written clients send `*/*` or no `Accept`, and people write `/mcp/`.
#[tokio::test]
async fn the_endpoint_is_found_with_a_slash_and_whatever_accept_takes_both_forms() {
    let server = HttpServed::start(HttpSettings::default(), handler()).await;
    let body = initialize().to_string();
    let head = format!(
        "POST /mcp/ HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (accept, status) in [("", "200"), ("accept: */*\r\n", "200"), ("accept: text/html\r\n", "406")] {
        let answer = raw(server.address, format!("{head}{accept}\r\n{body}").as_bytes()).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{accept}: {answer}");
    }
}

/// SDKs look for OAuth at addresses of their own, and read `error` as a text.
#[tokio::test]
async fn an_address_where_nothing_is_answers_404_with_a_text_as_error() {
    let server = HttpServed::start(HttpSettings::default(), handler()).await;
    for path in
        ["/.well-known/oauth-protected-resource", "/.well-known/oauth-authorization-server", "/register", "/nowhere"]
    {
        let answer = told(reqwest::Client::new().get(server.url(path))).await;
        assert_eq!((answer.status, answer.json()["error"].as_str()), (404, Some("not_found")), "{path}: {answer:?}");
    }
}
