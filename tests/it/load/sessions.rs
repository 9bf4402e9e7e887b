//! 200 sessions that listen, 64 callers, one that never reads, one that vanishes.

use futures_util::StreamExt;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::callers::{CALLERS, Session, open, remembered};
use super::usage::resident_kib;
use crate::support::http_process::{HttpProcess, Site, task};
use crate::support::http_served::told;
use crate::support::mcp_process::runs;
use crate::support::patience::until;

const SESSIONS: usize = 200;
const CALLS: usize = 1_280;

/// Opens sessions that each listen, asks [`CALLERS`] at once, and ends them; returns the ids of what was remembered.
async fn wave(server: &HttpProcess, sessions: usize, calls: usize) -> Vec<String> {
    let client = reqwest::Client::new();
    let sessions = open(&client, &server.url, sessions).await;
    let streams = futures_util::future::join_all(sessions.iter().map(Session::listen)).await;
    let calls = (0..calls).map(|number| {
        let session = &sessions[number % sessions.len()];
        async move {
            let content = format!("the job number{number} of the queue restarts by itself");
            let id = remembered(&told(session.calling("remember", &json!({"content": content}))).await);
            let recalled = told(session.calling("recall", &json!({"query": format!("number{number}")}))).await;
            assert!(recalled.body.contains(&id), "what was acknowledged is found at once: {recalled:?}");
            id
        }
    });
    let ids = futures_util::stream::iter(calls).buffer_unordered(CALLERS).collect().await;
    drop(streams);
    futures_util::future::join_all(sessions.into_iter().map(Session::close)).await;
    ids
}

#[tokio::test]
async fn two_hundred_sessions_and_sixty_four_callers_lose_nothing_and_the_memory_comes_back() {
    let site = Site::new().await;
    let server = site.serve(&["--toolsets", "all", "--allow-any-command"]).await;
    let mut ids = wave(&server, 4, 64).await;
    let idle = resident_kib(server.id());

    // Asks for more than the system keeps between the two, and reads none of it.
    let mut deaf = TcpStream::connect(server.authority()).await.expect("a connection");
    let asking = tokio::spawn(async move {
        let health = b"GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(1_000);
        while deaf.write_all(&health).await.is_ok() {}
    });

    // Begins a run and is gone.
    let client = reqwest::Client::new();
    let session = Session::open(&client, &server.url).await;
    let gate = site.path().join("gate");
    let waiting = format!("while ! test -e {}; do sleep 0.05; done", gate.display());
    let run = session.calling("run_task", &task(&[&format!("sh -c '{waiting}'")]));
    let vanishing = tokio::spawn(told(run));
    until("the local test runs", || runs(&waiting)).await;
    vanishing.abort();

    ids.extend(wave(&server, SESSIONS, CALLS).await);
    let busy = resident_kib(server.id());
    asking.abort();
    std::fs::write(&gate, "").expect("written");
    until("the run of the client that is gone has ended", || {
        site.sqlite3("SELECT state FROM runs") == "ended" && site.sqlite3("SELECT status FROM tasks") == "done"
    })
    .await;
    session.close().await;

    // By another path: the store's file holds every memory that was acknowledged.
    let stored = site.sqlite3("SELECT id FROM memories WHERE content LIKE '%number%'");
    let mut stored: Vec<&str> = stored.lines().collect();
    stored.sort_unstable();
    ids.sort_unstable();
    assert!(stored == ids, "{} of {} are stored", stored.len(), ids.len());
    assert!(busy > idle, "the load was none: {idle} KiB, then {busy}");
    until("the memory comes back to within 20 % of idle", || resident_kib(server.id()) * 10 <= idle * 12).await;
}
