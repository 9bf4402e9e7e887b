//! Each door leaves one line a call, and nothing of what was given.

use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use super::{ADA, about, mcp, tokens, trail};
use crate::support::http_process::{Site, task};
use crate::support::http_served::{initialize, modern, posting, told};
use crate::support::patience::PATIENCE;

#[tokio::test]
async fn a_call_of_each_door_is_one_line_with_a_digest_and_none_of_its_text() {
    let site = Site::new().await;
    site.asked("remember", &["planted-argument of the terminal"]).await;
    let mut server = mcp(&site, &[]).await;
    for arguments in [
        json!({"content": "planted-argument", "type": "fact"}),
        json!({"type": "fact", "content": "planted-argument"}),
        json!({"content": "planted-argument of another kind"}),
    ] {
        server.structured("remember", arguments).await;
    }
    assert!(server.hang_up().await);
    let server = site.serve(&["--token-file", &tokens(&site)]).await;
    let call = json!({"name": "remember", "arguments": {"content": "planted-argument", "type": "fact"}});
    assert_eq!(told(modern(&server.url, "tools/call", call).bearer_auth(ADA)).await.status, 200);
    let published = json!({"tool": "snipara_remember", "params": {"content": "planted-argument of a route"}});
    let route = format!("http://{}/mcp/it", server.authority());
    assert_eq!(told(posting(&route, &published).header("x-api-key", ADA)).await.status, 200);
    let lines = trail(&site);
    let calls = about(&lines, "remember");
    let told: Vec<_> = calls.iter().map(|line| (line["door"].as_str(), line["who"].as_str())).collect();
    assert_eq!(
        told,
        [
            (Some("cli"), Some("person")),
            (Some("mcp"), Some("caller")),
            (Some("mcp"), Some("caller")),
            (Some("mcp"), Some("caller")),
            (Some("http"), Some("ada")),
            (Some("http"), Some("ada")),
        ],
        "{lines:?}"
    );
    for line in &calls {
        assert!(line["outcome"] == "ok" && line["process"].is_u64() && line["duration_ms"].is_u64(), "{line}");
        let time = line["time"].as_str().expect("a time");
        assert!(time.len() == 24 && time.ends_with('Z'), "{time}");
    }
    let digest = |index: usize| calls[index]["digest"].as_str().expect("a digest");
    assert_eq!(digest(1), digest(2), "the order of fields makes no difference");
    assert_eq!(digest(1), digest(4), "nor does the door");
    assert_ne!(digest(1), digest(3));
    let file = site.home().join("projects/it/audit.jsonl");
    let text = std::fs::read_to_string(&file).expect("a file");
    assert!(!text.contains("planted"), "{text}");
    for file in [file, site.home().join("projects/it/audit.key")] {
        let mode = std::fs::metadata(&file).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.display());
    }
}

#[tokio::test]
async fn a_run_is_written_with_its_task() {
    let site = Site::new().await;
    let mut server = mcp(&site, &[]).await;
    let report = server.structured("run_task", task(&[])).await;
    assert!(server.hang_up().await);
    let words = ["Deploy", "-e", "/api/users", "-r", "1", "--test", "exit 1"];
    let run = site.command("run", &words).output();
    let run = tokio::time::timeout(PATIENCE, run).await.expect("an end in time").expect("it ran");
    assert_eq!(run.status.code(), Some(4), "{run:?}");
    let lines = trail(&site);
    let [called] = about(&lines, "run_task")[..] else { panic!("{lines:?}") };
    assert_eq!((&called["outcome"], &called["task_id"]), (&json!("ok"), &report["task_id"]));
    let [typed] = about(&lines, "run")[..] else { panic!("{lines:?}") };
    assert_eq!((&typed["outcome"], &typed["exit_code"]), (&json!("local_fail"), &json!(4)));
    assert!(typed["task_id"].as_str().is_some_and(|task| task.starts_with("task_")), "{typed}");
}

#[tokio::test]
async fn a_login_is_written_once_a_session_and_once_for_who_has_none() {
    let site = Site::new().await;
    let server = site.serve(&["--token-file", &tokens(&site)]).await;
    let logins = || about(&trail(&site), "login").len();
    for _ in 0..3 {
        assert_eq!(told(modern(&server.url, "tools/list", json!({})).bearer_auth(ADA)).await.status, 200);
    }
    assert_eq!(logins(), 1);
    for sessions in 2..4 {
        assert_eq!(told(posting(&server.url, &initialize()).bearer_auth(ADA)).await.status, 200);
        assert_eq!(logins(), sessions);
    }
    let lines = trail(&site);
    assert!(about(&lines, "login").iter().all(|line| line["who"] == "ada" && line["outcome"] == "ok"), "{lines:?}");
}
