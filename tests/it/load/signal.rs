//! SIGTERM while 64 callers write and tasks run.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use serde_json::json;

use super::callers::{CALLERS, Session, open, remembered};
use crate::support::http_process::{Site, endless, task};
use crate::support::http_served::{Told, told};
use crate::support::mcp_process::runs;
use crate::support::patience::until;

const RUNS: u32 = 8;

/// Remembers one thing after another until the server is gone; notes what it acknowledged.
async fn write(session: Session, caller: usize, acknowledged: Arc<Mutex<BTreeSet<String>>>) {
    for number in 0.. {
        let content = format!("caller {caller} learned fact{number}");
        let Ok(answer) = session.calling("remember", &json!({"content": content})).send().await else { return };
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let Ok(body) = answer.text().await else { return };
        let answer = Told { status, headers, body };
        if status != 200 || !answer.body.contains("memory_id") {
            return;
        }
        acknowledged.lock().expect("unpoisoned").insert(remembered(&answer));
    }
}

#[tokio::test]
async fn sigterm_under_load_loses_nothing_and_records_every_run() {
    let site = Site::new().await;
    let mut server = site.serve(&["--toolsets", "all", "--allow-any-command"]).await;
    let client = reqwest::Client::new();
    let acknowledged = Arc::new(Mutex::new(BTreeSet::new()));

    let mut running = Vec::new();
    for number in 0..RUNS {
        let (command, marker) = endless(86_500 + number);
        let session = Session::open(&client, &server.url).await;
        let run = tokio::spawn(told(session.calling("run_task", &task(&[&command]))));
        until("the local test runs", || runs(&marker)).await;
        running.push((run, marker));
    }
    let sessions = open(&client, &server.url, CALLERS).await;
    let writing: Vec<_> = sessions
        .into_iter()
        .enumerate()
        .map(|(caller, session)| tokio::spawn(write(session, caller, acknowledged.clone())))
        .collect();
    until("every caller was answered several times", || acknowledged.lock().expect("unpoisoned").len() > 4 * CALLERS)
        .await;
    server.signal("TERM");
    assert_eq!(server.ended().await.code(), Some(0), "{}", server.told());
    for writing in writing {
        writing.await.expect("no panic");
    }

    for (run, marker) in running {
        let report = run.await.expect("an answer").json()["result"]["structuredContent"].clone();
        assert_eq!(report["cause"], "cancelled", "{report}");
        assert!(!runs(&marker), "the child outlived its server");
    }
    assert_eq!(site.sqlite3("SELECT DISTINCT state, report IS NULL FROM runs"), "ended|0", "each run is recorded");
    assert_eq!(site.sqlite3("SELECT count(*) FROM runs"), RUNS.to_string());
    let stored = site.sqlite3("SELECT id FROM memories");
    let stored: BTreeSet<String> = stored.lines().map(str::to_owned).collect();
    let acknowledged = acknowledged.lock().expect("unpoisoned").clone();
    let lost: Vec<_> = acknowledged.difference(&stored).collect();
    assert!(lost.is_empty(), "{lost:?}");
    let verified = site.asked("proofs", &["verify"]).await;
    assert!(verified["problems"].as_array().is_none_or(Vec::is_empty), "{verified}");
}
