//! A token that is taken out of the file is good no more, without a restart.

use std::path::Path;

use serde_json::json;

use super::{ADA, READER};
use crate::support::http_process::Site;
use crate::support::http_served::{initialize, modern, posting, told};
use crate::support::patience::PATIENCE;

fn write(file: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(file, text).expect("written");
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).expect("private");
}

#[tokio::test]
async fn a_token_that_was_taken_out_of_the_file_is_refused_and_its_open_stream_ends() {
    let site = Site::new().await;
    let file = site.path().join("tokens");
    write(&file, &format!("ada read,validate {ADA}\nreader read {READER}\n"));
    let server = site.serve(&["--token-file", file.to_str().expect("text")]).await;
    let asking = |token: &'static str| told(modern(&server.url, "tools/list", json!({})).bearer_auth(token));
    assert_eq!((asking(ADA).await.status, asking(READER).await.status), (200, 200));
    let opened = told(posting(&server.url, &initialize()).bearer_auth(READER)).await;
    let session = opened.header("mcp-session-id").expect("a session");
    let listening = reqwest::Client::new().get(&server.url).header("accept", "text/event-stream");
    let listening = listening.header("mcp-session-id", session).bearer_auth(READER).send().await.expect("a stream");
    assert_eq!(listening.status(), 200);

    // Half a file changes nothing.
    write(&file, "ada read,val");
    let end = tokio::time::Instant::now() + PATIENCE;
    while !server.told().contains("last tokens are used on") {
        assert_eq!(asking(READER).await.status, 200);
        assert!(tokio::time::Instant::now() < end, "{}", server.told());
    }
    write(&file, &format!("ada read,validate {ADA}\n"));
    while asking(READER).await.status != 401 {
        assert!(tokio::time::Instant::now() < end, "the token is still good");
    }
    assert_eq!(asking(ADA).await.status, 200);
    // Nobody ends it but the server: the client only reads.
    let ended = tokio::time::timeout(PATIENCE, listening.bytes()).await.expect("the stream ends");
    assert!(ended.is_ok(), "{ended:?}");
    assert!(!server.told().contains("planted"), "{}", server.told());
}

#[tokio::test]
async fn a_file_without_any_token_lets_nobody_in() {
    let site = Site::new().await;
    let file = site.path().join("tokens");
    write(&file, &format!("ada admin {ADA}\n"));
    let server = site.serve(&["--token-file", file.to_str().expect("text")]).await;
    let listing = || modern(&server.url, "tools/list", json!({}));
    assert_eq!(told(listing().bearer_auth(ADA)).await.status, 200);
    write(&file, "# nobody\n");
    let end = tokio::time::Instant::now() + PATIENCE;
    while told(listing().bearer_auth(ADA)).await.status != 401 {
        assert!(tokio::time::Instant::now() < end, "the token is still good");
    }
    assert_eq!(told(listing()).await.status, 401, "nor is anybody let in without one");
}
