//! Connections: how many, how slow, how idle.

use std::time::Duration;

use serde_json::json;
use snipara_orchestrator::http::{HttpLimits, HttpSettings};
use snipara_orchestrator::mcp::Server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::http_served::{HttpServed, modern, raw, told};
use crate::support::mcp_client::{every_tool, failing_opener};
use crate::support::patience::PATIENCE;

const HEALTH: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";

async fn server(limits: HttpLimits) -> HttpServed {
    let settings = HttpSettings { limits, ..HttpSettings::default() };
    HttpServed::start(settings, Server::new(&every_tool(), failing_opener()).expect("a server")).await
}

/// A connection that was answered once, so that the server has it, and stays.
async fn standing(server: &HttpServed) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.expect("a connection");
    stream.write_all(HEALTH).await.expect("written");
    let mut answer = [0; 12];
    tokio::time::timeout(PATIENCE, stream.read_exact(&mut answer)).await.expect("in time").expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 200");
    stream
}

#[tokio::test]
async fn connections_beyond_the_cap_are_told_to_come_later_and_a_closed_one_makes_room() {
    let server = server(HttpLimits { connections: 3, ..HttpLimits::default() }).await;
    let mut standing = vec![standing(&server).await, standing(&server).await, standing(&server).await];
    let refused = raw(server.address, HEALTH).await;
    assert!(refused.starts_with("HTTP/1.1 503"), "{refused}");
    assert!(refused.to_lowercase().contains("retry-after: 5"), "{refused}");
    standing.pop();
    let end = tokio::time::Instant::now() + PATIENCE;
    while !raw(server.address, b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        .await
        .starts_with("HTTP/1.1 200")
    {
        assert!(tokio::time::Instant::now() < end, "no room was made");
    }
}

#[tokio::test]
async fn a_head_that_drips_is_given_up_and_others_are_served_meanwhile() {
    let server = server(HttpLimits { headers: Duration::from_millis(100), ..HttpLimits::default() }).await;
    let mut slow = TcpStream::connect(server.address).await.expect("a connection");
    slow.write_all(b"GET /healthz HTTP/1.1\r\nhost: local").await.expect("written");
    assert_eq!(told(modern(&server.url("/mcp"), "tools/list", json!({}))).await.status, 200);
    let mut answer = Vec::new();
    let closed = tokio::time::timeout(PATIENCE, slow.read_to_end(&mut answer)).await.expect("closed in time");
    assert!(closed.is_err() || !answer.starts_with(b"HTTP/1.1 200"), "{answer:?}");
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let server = server(HttpLimits::default()).await;
    let request = format!("GET /healthz HTTP/1.1\r\nhost: localhost\r\nx-padding: {}\r\n\r\n", "x".repeat(256 * 1024));
    let answer = raw(server.address, request.as_bytes()).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    assert_eq!(told(reqwest::Client::new().get(server.url("/healthz"))).await.status, 200);
}

#[tokio::test]
async fn nonsense_is_refused_and_nobody_else_notices() {
    let server = server(HttpLimits::default()).await;
    for nonsense in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc"[..],
        b"\0\0\0\0\r\n\r\n",
        b"GET\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let answer = raw(server.address, nonsense).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.1 5"), "{answer}");
    }
    assert_eq!(told(reqwest::Client::new().get(server.url("/healthz"))).await.status, 200);
}

#[tokio::test]
async fn a_client_that_asks_and_never_reads_is_given_up() {
    let server = server(HttpLimits { reading: Duration::from_millis(100), ..HttpLimits::default() }).await;
    let mut stream = TcpStream::connect(server.address).await.expect("a connection");
    let asking = async { while stream.write_all(&HEALTH.repeat(100)).await.is_ok() {} };
    tokio::time::timeout(PATIENCE, asking).await.expect("the connection is closed");
    assert_eq!(told(reqwest::Client::new().get(server.url("/healthz"))).await.status, 200);
}

#[tokio::test]
async fn every_connection_beyond_the_cap_is_told_so_also_one_that_asks_nothing() {
    let server = server(HttpLimits { connections: 1, ..HttpLimits::default() }).await;
    let one = standing(&server).await;
    let mut idle = Vec::new();
    for _ in 0..200 {
        idle.push(TcpStream::connect(server.address).await.expect("a connection"));
    }
    for mut stream in idle {
        let mut answer = String::new();
        let told = tokio::time::timeout(PATIENCE, stream.read_to_string(&mut answer)).await.expect("a close in time");
        told.expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        assert!(
            head.starts_with("HTTP/1.1 503") && head.contains(&format!("content-length: {}", body.len())),
            "{head}"
        );
    }
    drop(one);
}
