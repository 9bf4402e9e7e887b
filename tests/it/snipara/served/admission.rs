//! Whose calls are carried out, on which project, and with which scope.

use std::num::NonZeroU32;

use serde_json::{Value, json};
use snipara_orchestrator::http::auth::Access;
use snipara_orchestrator::mcp::ServerOptions;

use crate::support::mcp_client::opener;
use crate::support::served::{Answered, Served, access, access_with, tools_call};
use crate::support::world::World;

const ADA: &str = "planted-token-of-ada-0001";
const EVE: &str = "planted-token-of-eve-0002";
const BOB: &str = "planted-token-of-bob-0003";

/// Ada may read and write here, Eve reads here only, Bob's token is good for another project.
async fn served(world: &World) -> Served {
    let lines = format!("ada read,write {ADA} world\neve read {EVE}\nbob read,write {BOB} elsewhere\n");
    Served::with(opener(world), &ServerOptions::default(), access(&lines)).await
}

async fn remember(served: &Served, path: &str, headers: &[(&str, &str)]) -> Answered {
    let body = if path.starts_with("/mcp") {
        tools_call("snipara_remember", &json!({ "text": "kept" }))
    } else {
        json!({ "tool": "snipara_remember", "params": { "text": "kept" } })
    };
    served.send("POST", path, headers, body.to_string()).await
}

fn count(world: &World) -> String {
    world.sqlite3("SELECT count(*) FROM memories").trim().to_owned()
}

#[tokio::test]
async fn the_key_may_stand_in_either_header_and_without_one_nothing_is_done() {
    let world = World::new().await;
    let served = served(&world).await;
    let bearer = format!("Bearer {ADA}");
    for headers in [[("X-API-Key", ADA)], [("x-api-key", ADA)], [("Authorization", bearer.as_str())]] {
        for path in ["/mcp/world", "/v1/world/mcp", "/api/mcp/world"] {
            assert_eq!(remember(&served, path, &headers).await.status, 200, "{path} {headers:?}");
        }
    }
    assert_eq!(count(&world), "9");
    for headers in [vec![], vec![("x-api-key", "planted-token-of-nobody")], vec![("authorization", "Basic eDp5")]] {
        for path in ["/mcp/world", "/v1/world/mcp"] {
            let refused = remember(&served, path, &headers).await;
            assert_eq!(refused.status, 401, "{path} {headers:?}");
            assert!(refused.headers.contains_key("www-authenticate"));
            assert!(!refused.text.contains("planted"), "{}", refused.text);
        }
        for path in ["/capabilities", "/v1/world/automation"] {
            assert_eq!(served.send("GET", path, &headers, "").await.status, 401, "{path}");
        }
    }
    assert_eq!(count(&world), "9");
}

#[tokio::test]
async fn another_project_and_a_token_of_another_project_are_not_found_in_the_same_words() {
    let world = World::new().await;
    let served = served(&world).await;
    let words = |answered: &Answered| answered.json()["error"].as_str().expect("words").to_owned();
    for path in ["/mcp/world", "/v1/world/mcp", "/api/mcp/world"] {
        let foreign_token = remember(&served, path, &[("x-api-key", BOB)]).await;
        let elsewhere = path.replace("world", "elsewhere");
        let foreign_project = remember(&served, &elsewhere, &[("x-api-key", ADA)]).await;
        assert_eq!((foreign_token.status, foreign_project.status), (404, 404), "{path}");
        assert_eq!(words(&foreign_token).replace("world", "elsewhere"), words(&foreign_project));
    }
    assert_eq!(count(&world), "0");
    let odd = remember(&served, "/mcp/World%20", &[("x-api-key", ADA)]).await;
    assert_eq!(odd.status, 404, "another name is another project");
}

#[tokio::test]
async fn a_scope_that_is_missing_is_named_with_403_and_in_a_batch_in_band() {
    let world = World::new().await;
    let served = served(&world).await;
    let key = [("x-api-key", EVE)];
    for path in ["/mcp/world", "/v1/world/mcp"] {
        let refused = remember(&served, path, &key).await;
        assert_eq!((refused.status, refused.json()["code"].clone()), (403, json!("insufficient_scope")), "{path}");
        let challenge = refused.headers.get("www-authenticate").and_then(|value| value.to_str().ok());
        assert!(challenge.is_some_and(|challenge| challenge.contains("scope=\"write\"")), "{challenge:?}");
    }
    let recall = tools_call("rlm_recall", &json!({ "query": "anything" }));
    let batch = json!([tools_call("rlm_remember", &json!({ "text": "no" })), recall]);
    let answered = served.send("POST", "/mcp/world", &key, batch.to_string()).await;
    let replies: Vec<Value> = serde_json::from_str(&answered.text).expect("a list");
    assert_eq!(replies[0]["result"]["code"], "insufficient_scope", "{replies:?}");
    assert_eq!(replies[1]["result"]["isError"], false, "{replies:?}");
    assert_eq!(count(&world), "0");
}

/// Found by a reader of the code: our own tools ask a person for these, and these routes did them unasked.
#[tokio::test]
async fn what_needs_a_person_s_word_needs_admin_where_nobody_can_be_asked() {
    let world = World::new().await;
    let lines = format!("ada read,write {ADA} world\neve admin {EVE} world\n");
    let served = Served::with(opener(&world), &ServerOptions::default(), access(&lines)).await;
    for _ in 0..2 {
        remember(&served, "/mcp/world", &[("x-api-key", ADA)]).await;
    }
    let forget = async |key: &'static str| {
        let body = tools_call("snipara_forget", &json!({ "older_than_days": 0 })).to_string();
        served.send("POST", "/mcp/world", &[("x-api-key", key)], body).await
    };
    let refused = forget(ADA).await;
    assert!(refused.text.contains("admin"), "{}", refused.text);
    let waiver = json!({ "swarm_id": "s", "task_id": "h", "waiver_reason": "late", "waiver_approved_by": "Boss" });
    let body = json!({ "tool": "rlm_htask_close", "params": waiver }).to_string();
    let waived = served.send("POST", "/v1/world/mcp", &[("x-api-key", ADA)], body).await;
    assert!(waived.text.contains("admin"), "{}", waived.text);
    assert_eq!(count(&world), "2");
    assert_eq!(forget(EVE).await.status, 200);
}

/// What a web page may send without asking is refused: its browser would not even show it the answer.
#[tokio::test]
async fn a_body_that_is_not_called_json_is_refused() {
    let world = World::new().await;
    let served = Served::with(opener(&world), &ServerOptions::default(), Access::open()).await;
    let body = json!({ "tool": "snipara_remember", "params": { "text": "planted by a page" } }).to_string();
    for kind in ["text/plain", "application/x-www-form-urlencoded", "text/plain;application/json"] {
        for path in ["/mcp/world", "/v1/world/mcp", "/api/mcp/world"] {
            let headers = [("content-type", kind), ("origin", "http://localhost:3000")];
            assert_eq!(served.send("POST", path, &headers, body.clone()).await.status, 415, "{path} {kind}");
        }
    }
    assert_eq!(count(&world), "0");
}

#[tokio::test]
async fn each_message_of_a_batch_is_counted() {
    let world = World::new().await;
    let access = access_with(&format!("ada read,write {ADA}"), NonZeroU32::new(20));
    let served = Served::with(opener(&world), &ServerOptions::default(), access).await;
    let batch = json!(vec![tools_call("snipara_remember", &json!({ "text": "kept" })); 16]).to_string();
    let send = async || served.send("POST", "/mcp/world", &[("x-api-key", ADA)], batch.clone()).await.status;
    assert_eq!((send().await, send().await), (200, 429));
    assert_eq!(count(&world), "16");
}
