//! A token issuer on loopback: metadata, keys that can change, and tokens signed with them.

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use rcgen::KeyPair;
use serde_json::{Value, json};
use snipara_orchestrator::domain::{Clock, SystemClock};

use super::production::{Answer, Production};

/// A key of an issuer.
pub struct SigningKey {
    id: &'static str,
    key: EncodingKey,
}

impl SigningKey {
    pub fn new(id: &'static str) -> Self {
        let pair = KeyPair::generate().expect("a key pair");
        Self { id, key: EncodingKey::from_ec_pem(pair.serialize_pem().as_bytes()).expect("a key") }
    }

    fn public(&self) -> Value {
        let mut key = Jwk::from_encoding_key(&self.key, Algorithm::ES256).expect("a public key");
        key.common.key_id = Some(self.id.to_owned());
        serde_json::to_value(key).expect("JSON")
    }
}

/// The issuer; it stops when it is dropped.
pub struct Issuer {
    host: Production,
}

impl Issuer {
    /// Starts an issuer that publishes these keys.
    pub async fn publishing(keys: &[&SigningKey]) -> Self {
        let host = Production::start().await;
        let metadata = json!({"issuer": host.url(), "jwks_uri": host.at("/keys")});
        host.answer("/.well-known/oauth-authorization-server", Answer::json(200, &metadata));
        let issuer = Self { host };
        issuer.publish(keys);
        issuer
    }

    /// Publishes these keys from now on, and no other.
    pub fn publish(&self, keys: &[&SigningKey]) {
        let keys: Vec<Value> = keys.iter().map(|key| key.public()).collect();
        self.host.answer("/keys", Answer::json(200, &json!({ "keys": keys })));
    }

    pub fn url(&self) -> String {
        self.host.url()
    }

    /// Returns how often the keys were asked for.
    pub fn asked(&self) -> usize {
        self.host.count("/keys")
    }

    /// Signs a token for a subject that may do these things for the next minutes.
    pub fn token(&self, key: &SigningKey, subject: &str, audience: &str, scope: &str) -> String {
        let now = SystemClock.now().as_micros() / 1_000_000;
        let claims = json!({"iss": self.url(), "aud": audience, "sub": subject, "scope": scope, "exp": now + 600, "nbf": now - 5});
        let header = Header { kid: Some(key.id.to_owned()), ..Header::new(Algorithm::ES256) };
        encode(&header, &claims, &key.key).expect("a token")
    }
}
