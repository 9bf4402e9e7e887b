//! 10,000 connections that ask nothing.

use std::io::ErrorKind;

use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use super::callers::calling;
use super::usage::{raise_descriptors, resident_kib};
use crate::support::http_process::Site;
use crate::support::http_served::told;
use crate::support::patience::{PATIENCE, until};

/// How many there are where the system lets one process open so many files; fewer elsewhere.
const IDLE: usize = 10_000;
/// The default of `--max-connections`.
const CAP: usize = 4_096;
/// What this process and the server need besides.
const OTHER: usize = 1_000;

#[tokio::test]
async fn ten_thousand_idle_connections_are_refused_politely_at_the_cap_and_the_memory_comes_back() {
    let most = usize::try_from(raise_descriptors()).unwrap_or(usize::MAX);
    let idle_connections = IDLE.min(most.saturating_sub(OTHER));
    let cap = CAP.min(idle_connections / 2);
    assert!(cap > 0, "{most} open files are too few (ulimit -Hn)");
    let site = Site::new().await;
    let server = site.serve(&["--max-connections", &cap.to_string()]).await;
    let address = server.authority();
    let idle = resident_kib(server.id());

    let mut standing = Vec::new();
    for _ in 0..idle_connections {
        standing.push(TcpStream::connect(&address).await.expect("a connection"));
    }
    // They are accepted in the order in which they came.
    for mut refused in standing.split_off(cap) {
        let mut answer = String::new();
        let read = tokio::time::timeout(PATIENCE, refused.read_to_string(&mut answer)).await.expect("told in time");
        read.expect("an answer that is not taken back");
        assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("retry-after: 5"), "{answer:?}");
    }
    let silent =
        |stream: &TcpStream| matches!(stream.try_read(&mut [0]), Err(error) if error.kind() == ErrorKind::WouldBlock);
    assert_eq!(standing.iter().filter(|stream| silent(stream)).count(), cap, "up to the cap they are kept");

    drop(standing);
    until("the memory comes back to within 20 % of idle", || resident_kib(server.id()) * 10 <= idle * 12).await;
    assert_eq!(told(calling(&server.url, "list_tasks", json!({}))).await.status, 200, "there is room again");
}
