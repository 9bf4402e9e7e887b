//! Tokens that an issuer signs (JWT, close to RFC 9068): checks the signature, the audience, the time and the scopes.

use jsonwebtoken::jwk::KeyAlgorithm;
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::{Number, Value};
use url::Url;

use crate::domain::SharedClock;

use super::key_set::{FetchDocument, KeySet, NoKey, VerifyingKey, is_safe};
use super::refusal::Refusal;
use crate::domain::Principal;
use crate::domain::{Scope, Scopes};

/// The algorithms whose key the verifier need not keep secret. Everything else, `none` and HS256 first, is refused.
const ALGORITHMS: [(Algorithm, KeyAlgorithm); 9] = [
    (Algorithm::RS256, KeyAlgorithm::RS256),
    (Algorithm::RS384, KeyAlgorithm::RS384),
    (Algorithm::RS512, KeyAlgorithm::RS512),
    (Algorithm::PS256, KeyAlgorithm::PS256),
    (Algorithm::PS384, KeyAlgorithm::PS384),
    (Algorithm::PS512, KeyAlgorithm::PS512),
    (Algorithm::ES256, KeyAlgorithm::ES256),
    (Algorithm::ES384, KeyAlgorithm::ES384),
    (Algorithm::EdDSA, KeyAlgorithm::EdDSA),
];
/// How far two clocks may be apart.
const LEEWAY_SECONDS: f64 = 60.0;
/// The longest token that is looked at.
const MAX_TOKEN_BYTES: usize = 16 * 1024;
/// The longest subject.
const MAX_SUBJECT_BYTES: usize = 200;

/// The issuer whose tokens are accepted, and the address that they must be made for.
#[derive(Debug, Clone)]
pub struct IssuerSettings {
    /// The issuer as its tokens name it in `iss`.
    pub issuer: String,
    /// This server's own address as clients know it: the tokens must name it in `aud`.
    pub audience: String,
    /// Where the issuer's keys are; asked of its metadata when not given.
    pub keys_url: Option<String>,
}

/// Settings of an issuer that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} `{value}` {problem}: give {fix}")]
pub struct IssuerError {
    field: &'static str,
    value: String,
    problem: &'static str,
    fix: &'static str,
}

/// Verifies the tokens of one issuer.
#[derive(Debug)]
pub(super) struct Issuer {
    issuer: String,
    audience: Url,
    audience_text: String,
    keys: KeySet,
    clock: SharedClock,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: Number,
    nbf: Option<Number>,
    scope: Option<Value>,
    scp: Option<Value>,
    projects: Option<Vec<String>>,
}

impl Issuer {
    pub(super) fn new(
        settings: &IssuerSettings,
        fetch: FetchDocument,
        clock: SharedClock,
    ) -> Result<Self, IssuerError> {
        let bad = |field, value: &str, problem, fix| IssuerError { field, value: value.to_owned(), problem, fix };
        let safe = |field, text: &str| {
            let fix = "an https address, or one on loopback";
            let url = Url::parse(text).map_err(|_| bad(field, text, "is not an address", fix))?;
            if is_safe(&url) { Ok(url) } else { Err(bad(field, text, "is not an https address", fix)) }
        };
        let issuer = safe("--jwt-issuer", &settings.issuer)?;
        let address = settings.keys_url.as_deref().map(|text| safe("--jwt-jwks-url", text)).transpose()?;
        let fix = "this server's address as clients write it, such as https://mcp.example.com/mcp";
        let audience = Url::parse(&settings.audience)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some() && url.fragment().is_none())
            .ok_or_else(|| bad("--jwt-audience", &settings.audience, "is not an http address", fix))?;
        Ok(Self {
            issuer: settings.issuer.clone(),
            audience,
            audience_text: settings.audience.clone(),
            keys: KeySet::new(issuer, address, fetch, clock.clone()),
            clock,
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.issuer
    }

    pub(super) fn audience(&self) -> &Url {
        &self.audience
    }

    /// Returns the audience as it was given: what tokens and metadata carry.
    pub(super) fn audience_text(&self) -> &str {
        &self.audience_text
    }

    /// Finds whom a token stands for.
    pub(super) async fn principal(&self, token: &str) -> Result<Principal, Refusal> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(Refusal::BadToken);
        }
        // The header is the attacker's word until the signature is checked: it chooses a key of the issuer, by name
        // only. Keys and addresses that it brings along (jwk, jku, x5c) are never looked at.
        let header = decode_header(token).map_err(|_| Refusal::BadToken)?;
        let algorithm = ALGORITHMS.iter().find(|(known, _)| *known == header.alg).ok_or(Refusal::BadToken)?;
        if header.crit.is_some() {
            return Err(Refusal::BadToken);
        }
        let id = header.kid.ok_or(Refusal::BadToken)?;
        let key = self.keys.key(&id).await.map_err(|error| match error {
            NoKey::Unknown => Refusal::BadToken,
            NoKey::Unreachable => Refusal::IssuerUnreachable,
        })?;
        self.judged(token, *algorithm, &key).ok_or(Refusal::BadToken)
    }

    fn judged(
        &self,
        token: &str,
        (algorithm, as_key): (Algorithm, KeyAlgorithm),
        key: &VerifyingKey,
    ) -> Option<Principal> {
        if key.algorithm.is_some_and(|allowed| allowed != as_key) {
            return None;
        }
        let mut validation = Validation::new(algorithm);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.set_issuer(&[&self.issuer]);
        // With and without the last slash is one address, and URL libraries add it on their own.
        let bare = self.audience_text.trim_end_matches('/');
        validation.set_audience(&[bare, &format!("{bare}/")]);
        // The times are judged below, by our own clock.
        validation.validate_exp = false;
        let claims: Claims = decode(token, &key.key, &validation).ok()?.claims;
        let now = self.clock.now().as_micros() as f64 / 1e6;
        let expires = claims.exp.as_f64()?;
        let begins = claims.nbf.as_ref().map_or(Some(0.0), Number::as_f64)?;
        if now >= expires + LEEWAY_SECONDS || now + LEEWAY_SECONDS < begins {
            return None;
        }
        let subject = claims.sub.as_str();
        if subject.is_empty() || subject.len() > MAX_SUBJECT_BYTES || subject.chars().any(char::is_control) {
            return None;
        }
        let scopes = [&claims.scope, &claims.scp].into_iter().flatten().flat_map(scopes_in).collect::<Scopes>();
        // No name in a token file has a colon: nobody becomes somebody else by choosing a name.
        Some(Principal::named(&format!("jwt:{subject}"), scopes, claims.projects))
    }
}

/// Reads `scope` (words in one text) or `scp` (a list, or such a text); `mcp:read` is `read`, other words are not ours.
fn scopes_in(claim: &Value) -> Vec<Scope> {
    let scope = |word: &str| Scope::named(word.strip_prefix("mcp:").unwrap_or(word));
    match claim {
        Value::String(words) => words.split_whitespace().filter_map(scope).collect(),
        Value::Array(words) => words.iter().filter_map(Value::as_str).filter_map(scope).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
