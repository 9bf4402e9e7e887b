//! Tokens that an issuer signs, through the real binary.

use serde_json::json;

use crate::support::http_process::{HttpProcess, Site};
use crate::support::http_served::{Told, modern, told};
use crate::support::issuer::{Issuer, SigningKey};

const AUDIENCE: &str = "https://mcp.example.com/mcp";

async fn serving(site: &Site, issuer: &Issuer) -> HttpProcess {
    site.serve(&["--jwt-issuer", &issuer.url(), "--jwt-audience", AUDIENCE]).await
}

async fn listed(server: &HttpProcess, token: &str) -> Told {
    told(modern(&server.url, "tools/list", json!({})).bearer_auth(token)).await
}

#[tokio::test]
async fn keys_are_found_through_the_issuer_s_metadata_kept_and_rotated() {
    let (site, first, second) = (Site::new().await, SigningKey::new("first"), SigningKey::new("second"));
    let issuer = Issuer::publishing(&[&first]).await;
    let server = serving(&site, &issuer).await;
    let token = issuer.token(&first, "ada", AUDIENCE, "read");
    for _ in 0..3 {
        assert_eq!(listed(&server, &token).await.status, 200, "{}", server.told());
    }
    assert_eq!(issuer.asked(), 1, "the keys are kept");
    issuer.publish(&[&second]);
    assert_eq!(listed(&server, &issuer.token(&second, "ada", AUDIENCE, "read")).await.status, 200, "rotated");
    assert_eq!(listed(&server, &token).await.status, 401, "taken back");
    assert!(!server.told().contains(&token), "{}", server.told());
}

#[tokio::test]
async fn a_signed_token_has_its_scopes_and_no_more() {
    let (site, key) = (Site::new().await, SigningKey::new("key"));
    let issuer = Issuer::publishing(&[&key]).await;
    let server = serving(&site, &issuer).await;
    let call = |scope: &str| {
        let params = json!({"name": "remember", "arguments": {"content": "x"}});
        let token = issuer.token(&key, "ada", AUDIENCE, scope);
        told(modern(&server.url, "tools/call", params).bearer_auth(token))
    };
    let refused = call("read validate").await;
    let challenge = refused.header("www-authenticate").expect("a challenge");
    assert_eq!(refused.status, 403, "{refused:?}");
    assert!(challenge.contains("insufficient_scope") && challenge.contains("scope=\"write\""), "{challenge}");
    assert_eq!(call("mcp:write").await.status, 200);
    let elsewhere = issuer.token(&key, "ada", "https://other.example/mcp", "admin");
    assert_eq!(listed(&server, &elsewhere).await.status, 401);
}

#[tokio::test]
async fn clients_learn_where_tokens_come_from_without_one() {
    let (site, key) = (Site::new().await, SigningKey::new("key"));
    let issuer = Issuer::publishing(&[&key]).await;
    let server = serving(&site, &issuer).await;
    let refused = told(modern(&server.url, "tools/list", json!({}))).await;
    assert_eq!(refused.status, 401);
    let address = "https://mcp.example.com/.well-known/oauth-protected-resource/mcp";
    let challenge = format!("Bearer resource_metadata=\"{address}\"");
    assert_eq!(refused.header("www-authenticate"), Some(challenge.as_str()));
    for path in ["/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"] {
        let document = told(reqwest::Client::new().get(format!("http://{}{path}", server.authority()))).await;
        assert_eq!(document.status, 200, "{document:?}");
        let document = document.json();
        assert_eq!(document["resource"], AUDIENCE);
        assert_eq!(document["authorization_servers"], json!([issuer.url()]));
        assert_eq!(document["scopes_supported"], json!(["read", "validate", "write", "admin"]));
        assert_eq!(document["bearer_methods_supported"], json!(["header"]));
    }
    let open = site.serve(&[]).await;
    let nothing = format!("http://{}/.well-known/oauth-protected-resource", open.authority());
    assert_eq!(told(reqwest::Client::new().get(nothing)).await.status, 404);
}

#[tokio::test]
async fn an_issuer_that_cannot_be_reached_is_told_as_such_and_lets_nobody_in() {
    let (site, key) = (Site::new().await, SigningKey::new("key"));
    let issuer = Issuer::publishing(&[&key]).await;
    let token = issuer.token(&key, "ada", AUDIENCE, "read");
    let server = serving(&site, &issuer).await;
    drop(issuer);
    let answer = listed(&server, &token).await;
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(answer.header("retry-after"), Some("10"));
}
