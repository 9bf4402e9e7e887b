//! Who guesses tokens has to wait; who has one does not wait for who guesses.

use std::net::IpAddr;

use serde_json::json;
use snipara_orchestrator::mcp::Server;

use super::{ADA, READER, settings};
use crate::support::http_served::{HttpServed, modern, told};
use crate::support::mcp_client::{every_tool, failing_opener};

#[tokio::test]
async fn wrong_tokens_are_told_429_and_when_to_come_back() {
    let server =
        HttpServed::start(settings(None), Server::new(&every_tool(), failing_opener()).expect("a server")).await;
    let list = |token: &str| told(modern(&server.url("/mcp"), "tools/list", json!({})).bearer_auth(token));
    assert_eq!(list(ADA).await.status, 200);
    let mut wrong = Vec::new();
    for number in 0..11 {
        wrong.push(list(&format!("planted-token-of-nobody-{number}")).await);
    }
    let statuses: Vec<u16> = wrong.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [[401; 10].as_slice(), &[429]].concat());
    let refused = wrong.last().expect("an answer");
    let wait: u64 = refused.header("retry-after").expect("when").parse().expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    assert!(refused.body.contains("too_many_wrong_tokens") && !refused.body.contains("planted"), "{refused:?}");
    // Further ones make the wait long enough for the rest of this test.
    for _ in 0..2 {
        list("planted-token-of-nobody").await;
    }
    assert_eq!(list(ADA).await.status, 200, "who was right here before does not wait for who guesses");
    assert_eq!(list(READER).await.status, 429, "whether another token is right is not told meanwhile");
    let elsewhere = reqwest::Client::builder().local_address("127.0.0.2".parse::<IpAddr>().expect("an address"));
    let request = modern(&server.url("/mcp"), "tools/list", json!({})).bearer_auth(READER).build().expect("a request");
    let answer = elsewhere.build().expect("a client").execute(request).await.expect("an answer");
    assert_eq!(answer.status(), 200, "another address does not wait either");
}
