//! Attacks with signed tokens, each refused; and the token that is good.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{EncodingKey, Header, encode};
use rcgen::KeyPair;
use serde_json::json;

use super::*;
use crate::domain::{FixedClock, ProjectId, Timestamp};

const NOW: i64 = 1_800_000_000;
const AUDIENCE: &str = "https://mcp.example.com/mcp";
const ISSUER: &str = "https://id.example.com";

/// An issuer's key with its id.
struct Signer {
    id: &'static str,
    pair: KeyPair,
}

impl Signer {
    fn new(id: &'static str) -> Self {
        Self { id, pair: KeyPair::generate().expect("a key pair") }
    }

    fn key(&self) -> EncodingKey {
        EncodingKey::from_ec_pem(self.pair.serialize_pem().as_bytes()).expect("a key")
    }

    fn public(&self) -> Value {
        let mut key = Jwk::from_encoding_key(&self.key(), Algorithm::ES256).expect("a public key");
        key.common.key_id = Some(self.id.to_owned());
        serde_json::to_value(key).expect("JSON")
    }

    fn token(&self, claims: &Value) -> String {
        let header = Header { kid: Some(self.id.to_owned()), ..Header::new(Algorithm::ES256) };
        encode(&header, claims, &self.key()).expect("a token")
    }
}

/// A judge whose issuer publishes these keys, and how often it was asked.
struct Court {
    issuer: Issuer,
    published: Arc<Mutex<Vec<Value>>>,
    asked: Arc<AtomicUsize>,
    clock: Arc<FixedClock>,
}

fn court(keys: &[&Signer]) -> Court {
    let published = Arc::new(Mutex::new(keys.iter().map(|signer| signer.public()).collect::<Vec<_>>()));
    let asked = Arc::new(AtomicUsize::new(0));
    let (set, count) = (published.clone(), asked.clone());
    let fetch: FetchDocument = Arc::new(move |url| {
        let keys = set.lock().expect("a lock").clone();
        count.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            assert_eq!(url.as_str(), "https://id.example.com/keys");
            if keys.is_empty() { Err("refused".to_owned()) } else { Ok(json!({ "keys": keys }).to_string()) }
        })
    });
    let settings = IssuerSettings {
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        keys_url: Some("https://id.example.com/keys".to_owned()),
    };
    let clock = Arc::new(FixedClock::new(Timestamp::from_micros(NOW * 1_000_000)));
    Court { issuer: Issuer::new(&settings, fetch, clock.clone()).expect("an issuer"), published, asked, clock }
}

fn claims(changed: Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "exp": NOW + 100_000, "nbf": NOW - 10, "scope": "openid mcp:read validate",
    });
    if let (Some(claims), Some(changed)) = (claims.as_object_mut(), changed.as_object()) {
        for (name, value) in changed {
            if value.is_null() {
                claims.remove(name);
            } else {
                claims.insert(name.clone(), value.clone());
            }
        }
    }
    claims
}

#[tokio::test]
async fn a_good_token_stands_for_its_subject_with_its_scopes() {
    let signer = Signer::new("a");
    let court = court(&[&signer]);
    let principal = court.issuer.principal(&signer.token(&claims(json!({})))).await.expect("good");
    assert_eq!(principal.name(), Some("jwt:ada"));
    assert_eq!(Scope::ALL.map(|scope| principal.may(scope)), [true, true, false, false]);
    let listed =
        claims(json!({ "scope": null, "scp": ["write"], "aud": ["https://other.example", AUDIENCE], "nbf": null }));
    let principal = court.issuer.principal(&signer.token(&listed)).await.expect("good");
    assert_eq!(Scope::ALL.map(|scope| principal.may(scope)), [false, false, true, false]);
    let bound = claims(json!({ "projects": ["shop"] }));
    let principal = court.issuer.principal(&signer.token(&bound)).await.expect("good");
    let project = |name: &str| ProjectId::from_name(name).expect("a name");
    assert!(principal.may_use(&project("shop")) && !principal.may_use(&project("blog")));
    assert_eq!(court.asked.load(Ordering::SeqCst), 1, "the keys are kept");
}

#[tokio::test]
async fn claims_that_are_not_for_us_or_not_for_now_are_refused() {
    let signer = Signer::new("a");
    let court = court(&[&signer]);
    for changed in [
        json!({ "aud": "https://other.example/mcp" }),
        json!({ "aud": null }),
        json!({ "aud": [] }),
        json!({ "iss": "https://evil.example.com" }),
        json!({ "iss": null }),
        json!({ "exp": NOW - 61 }),
        json!({ "exp": null }),
        json!({ "exp": "tomorrow" }),
        json!({ "exp": -5 }),
        json!({ "nbf": NOW + 61 }),
        json!({ "nbf": "soon" }),
        json!({ "sub": null }),
        json!({ "sub": "" }),
        json!({ "sub": "ada\u{1b}[2J" }),
        json!({ "sub": "x".repeat(201) }),
    ] {
        let token = signer.token(&claims(changed.clone()));
        assert_eq!(court.issuer.principal(&token).await, Err(Refusal::BadToken), "{changed}");
    }
    for within in [json!({ "exp": NOW - 59 }), json!({ "nbf": NOW + 59 })] {
        assert!(court.issuer.principal(&signer.token(&claims(within))).await.is_ok(), "clocks differ");
    }
}

#[tokio::test]
async fn unsigned_tokens_and_those_signed_with_a_shared_secret_are_refused() {
    let signer = Signer::new("a");
    let court = court(&[&signer]);
    let part = |value: &Value| {
        let encoded = encode(&Header::default(), value, &EncodingKey::from_secret(b"x")).expect("a token");
        encoded.split('.').nth(1).expect("claims").to_owned()
    };
    let good = claims(json!({}));
    for algorithm in ["none", "None", "NONE", ""] {
        let head = part(&json!({ "alg": algorithm, "kid": "a", "typ": "JWT" }));
        for signature in ["", "AAAA"] {
            let token = format!("{head}.{}.{signature}", part(&good));
            assert_eq!(court.issuer.principal(&token).await, Err(Refusal::BadToken), "{algorithm}");
        }
    }
    // The public key as the secret of an HMAC: who mixes the families up takes it for a signature of the issuer.
    let public = signer.pair.public_key_pem();
    let raw = signer.public().to_string();
    for secret in [public.as_bytes(), raw.as_bytes(), b""] {
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let header = Header { kid: Some("a".to_owned()), ..Header::new(algorithm) };
            let token = encode(&header, &good, &EncodingKey::from_secret(secret)).expect("a token");
            assert_eq!(court.issuer.principal(&token).await, Err(Refusal::BadToken), "{algorithm:?}");
        }
    }
}

#[tokio::test]
async fn a_token_of_another_key_is_refused_whatever_its_header_says() {
    let (signer, thief) = (Signer::new("a"), Signer::new("a"));
    let court = court(&[&signer]);
    assert_eq!(court.issuer.principal(&thief.token(&claims(json!({})))).await, Err(Refusal::BadToken), "wrong key");
    let mut header = Header { kid: Some("a".to_owned()), ..Header::new(Algorithm::ES256) };
    header.jwk = Some(serde_json::from_value(thief.public()).expect("a key"));
    header.jku = Some("https://evil.example.com/keys".to_owned());
    let token = encode(&header, &claims(json!({})), &thief.key()).expect("a token");
    assert_eq!(court.issuer.principal(&token).await, Err(Refusal::BadToken), "key brought along");
    let unnamed = encode(&Header::new(Algorithm::ES256), &claims(json!({})), &signer.key()).expect("a token");
    assert_eq!(court.issuer.principal(&unnamed).await, Err(Refusal::BadToken), "no key id");
    let header =
        Header { crit: Some(vec!["exp".to_owned()]), kid: Some("a".to_owned()), ..Header::new(Algorithm::ES256) };
    let critical = encode(&header, &claims(json!({})), &signer.key()).expect("a token");
    assert_eq!(court.issuer.principal(&critical).await, Err(Refusal::BadToken), "an extension that must be known");
    let good = signer.token(&claims(json!({})));
    let forged = good.replacen('.', "..", 1);
    for broken in [&good[..good.len() - 4], &forged, "a.b.c", "", &"x".repeat(20_000)] {
        assert_eq!(court.issuer.principal(broken).await, Err(Refusal::BadToken), "broken");
    }
}

#[tokio::test]
async fn a_new_key_is_found_at_once_and_one_that_was_taken_back_is_forgotten() {
    let (old, new) = (Signer::new("old"), Signer::new("new"));
    let court = court(&[&old]);
    assert!(court.issuer.principal(&old.token(&claims(json!({})))).await.is_ok());
    *court.published.lock().expect("a lock") = vec![new.public()];
    assert!(court.issuer.principal(&new.token(&claims(json!({})))).await.is_ok(), "rotated");
    assert_eq!(court.issuer.principal(&old.token(&claims(json!({})))).await, Err(Refusal::BadToken), "taken back");
}

#[tokio::test]
async fn old_keys_are_asked_for_again_and_outlive_an_outage_for_an_hour() {
    let signer = Signer::new("a");
    let court = court(&[&signer]);
    let token = signer.token(&claims(json!({})));
    assert!(court.issuer.principal(&token).await.is_ok());
    court.published.lock().expect("a lock").clear();
    court.clock.advance_ms(601_000);
    assert!(court.issuer.principal(&token).await.is_ok(), "an outage");
    assert_eq!(court.asked.load(Ordering::SeqCst), 2);
    court.clock.advance_ms(3_000_000);
    assert_eq!(court.issuer.principal(&token).await, Err(Refusal::IssuerUnreachable), "nobody can tell any more");
}

#[tokio::test]
async fn invented_key_ids_do_not_make_us_hammer_the_issuer() {
    let (signer, other) = (Signer::new("a"), Signer::new("unknown"));
    let court = court(&[&signer]);
    let token = other.token(&claims(json!({})));
    for _ in 0..100 {
        assert_eq!(court.issuer.principal(&token).await, Err(Refusal::BadToken));
    }
    assert!(court.asked.load(Ordering::SeqCst) <= 6, "asked {} times", court.asked.load(Ordering::SeqCst));
    assert!(court.issuer.principal(&signer.token(&claims(json!({})))).await.is_ok());
}

#[test]
fn settings_that_cannot_be_safe_are_refused_with_the_flag() {
    let made = |issuer: &str, audience: &str, keys_url: Option<&str>| {
        let settings = IssuerSettings {
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            keys_url: keys_url.map(str::to_owned),
        };
        let fetch: FetchDocument = Arc::new(|_| Box::pin(async { Err("never".to_owned()) }));
        let clock = Arc::new(FixedClock::new(Timestamp::from_micros(0)));
        Issuer::new(&settings, fetch, clock).map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(made(ISSUER, AUDIENCE, None), Ok(()));
    assert_eq!(made("http://127.0.0.1:9000", "http://127.0.0.1:8787/mcp", None), Ok(()));
    for (result, flag) in [
        (made("http://id.example.com", AUDIENCE, None), "--jwt-issuer"),
        (made("id.example.com", AUDIENCE, None), "--jwt-issuer"),
        (made(ISSUER, "api://orchestrator", None), "--jwt-audience"),
        (made(ISSUER, AUDIENCE, Some("http://id.example.com/keys")), "--jwt-jwks-url"),
    ] {
        assert!(result.as_ref().is_err_and(|message| message.starts_with(flag)), "{result:?}");
    }
}
