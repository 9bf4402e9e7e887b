//! The keys with which an issuer signs: fetched when they are needed, kept, and fetched anew when they change.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use jsonwebtoken::jwk::{Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{AlgorithmFamily, DecodingKey};
use serde_json::Value;
use url::Url;

use crate::domain::{SharedClock, Timestamp, one_line};

/// Fetches a document of an issuer: its text, or one line that says why not. The composition root makes it.
pub type FetchDocument = Arc<dyn Fn(Url) -> Pin<Box<dyn Future<Output = Result<String, String>> + Send>> + Send + Sync>;

/// How old keys may get before they are fetched anew: a key that the issuer took back is accepted no longer than that.
const FRESH_MS: i64 = 600_000;
/// How long keys are used when the issuer cannot be reached.
const USABLE_MS: i64 = 3_600_000;
/// One fetch in this time, and a few at once: invented key ids cannot make the server flood the issuer with requests.
const FETCH_PERIOD: Duration = Duration::from_secs(10);
const FETCHES_AT_ONCE: NonZeroU32 = NonZeroU32::MIN.saturating_add(4);
/// The most keys of one issuer that are read.
const MAX_KEYS: usize = 100;

/// Why there is no key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoKey {
    /// The issuer has none of this name.
    Unknown,
    /// The issuer's keys cannot be read.
    Unreachable,
}

/// One key, for one family of algorithms.
#[derive(Clone)]
pub(super) struct VerifyingKey {
    pub(super) key: DecodingKey,
    /// The one algorithm that the issuer allows with it, when it says so.
    pub(super) algorithm: Option<KeyAlgorithm>,
}

struct Known {
    keys: HashMap<String, VerifyingKey>,
    fetched: Timestamp,
}

impl Known {
    /// When the clock was set back, keys count as old, because their age is not known.
    fn is_younger(&self, than_ms: i64, now: Timestamp) -> bool {
        (0..than_ms).contains(&now.ms_since(self.fetched))
    }
}

/// The keys of one issuer.
pub(super) struct KeySet {
    issuer: Url,
    /// Where the keys are; asked of the issuer's metadata when not given.
    address: Option<Url>,
    fetch: FetchDocument,
    clock: SharedClock,
    known: RwLock<Option<Arc<Known>>>,
    /// Held by the one fetch at a time. The other requests wait for its result.
    turn: tokio::sync::Mutex<()>,
    rate_limit: DefaultDirectRateLimiter,
}

impl fmt::Debug for KeySet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("KeySet").field("issuer", &self.issuer.as_str()).finish_non_exhaustive()
    }
}

impl KeySet {
    pub(super) fn new(issuer: Url, address: Option<Url>, fetch: FetchDocument, clock: SharedClock) -> Self {
        let quota = Quota::with_period(FETCH_PERIOD).unwrap_or(Quota::per_minute(NonZeroU32::MIN));
        Self {
            issuer,
            address,
            fetch,
            clock,
            known: RwLock::new(None),
            turn: tokio::sync::Mutex::new(()),
            rate_limit: RateLimiter::direct(quota.allow_burst(FETCHES_AT_ONCE)),
        }
    }

    /// Finds a key by its id; asks the issuer when it is not known, or when what is known is old.
    pub(super) async fn key(&self, id: &str) -> Result<VerifyingKey, NoKey> {
        let before = self.known();
        if let Some(known) = &before
            && known.is_younger(FRESH_MS, self.clock.now())
            && let Some(key) = known.keys.get(id)
        {
            return Ok(key.clone());
        }
        let _turn = self.turn.lock().await;
        let meanwhile = self.known();
        let another_fetched = match (&before, &meanwhile) {
            (Some(before), Some(now)) => !Arc::ptr_eq(before, now),
            (None, now) => now.is_some(),
            (Some(_), None) => false,
        };
        if !another_fetched && self.rate_limit.check().is_ok() {
            match self.fetch_keys().await {
                Ok(keys) => self.keep(Known { keys, fetched: self.clock.now() }),
                Err(why) => tracing::warn!(issuer = %self.issuer, "the keys of the issuer cannot be read: {why}"),
            }
        }
        match self.known().filter(|known| known.is_younger(USABLE_MS, self.clock.now())) {
            Some(known) => known.keys.get(id).cloned().ok_or(NoKey::Unknown),
            None => Err(NoKey::Unreachable),
        }
    }

    fn known(&self) -> Option<Arc<Known>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, known: Known) {
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(known));
    }

    async fn fetch_keys(&self) -> Result<HashMap<String, VerifyingKey>, String> {
        let address = match &self.address {
            Some(address) => address.clone(),
            None => self.announced_address().await?,
        };
        let text = (self.fetch)(address).await?;
        keys_in(&text)
    }

    /// Asks the issuer's metadata where its keys are (RFC 8414, OpenID Connect Discovery).
    async fn announced_address(&self) -> Result<Url, String> {
        let mut why = String::new();
        for address in metadata_addresses(&self.issuer) {
            match (self.fetch)(address).await {
                Ok(text) => return announced(&self.issuer, &text),
                Err(error) => why = error,
            }
        }
        Err(format!("its metadata cannot be read: {why}; --jwt-jwks-url tells where the keys are"))
    }
}

/// Where an issuer's metadata may be: the path of the issuer goes behind the well-known name in RFC 8414, before it in
/// OpenID Connect.
fn metadata_addresses(issuer: &Url) -> Vec<Url> {
    let path = issuer.path().trim_end_matches('/').to_owned();
    let paths = [
        format!("/.well-known/oauth-authorization-server{path}"),
        format!("/.well-known/openid-configuration{path}"),
        format!("{path}/.well-known/openid-configuration"),
    ];
    let mut addresses: Vec<Url> = Vec::new();
    for path in paths {
        let mut address = issuer.clone();
        address.set_path(&path);
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    addresses
}

/// Reads metadata; it must be this issuer's own, or another's keys would be believed.
fn announced(issuer: &Url, text: &str) -> Result<Url, String> {
    let metadata: Value = serde_json::from_str(text).map_err(|_| "its metadata is not JSON".to_owned())?;
    let named = metadata.get("issuer").and_then(Value::as_str).unwrap_or_default();
    if named.trim_end_matches('/') != issuer.as_str().trim_end_matches('/') {
        return Err(format!("its metadata is that of another issuer, `{}`", one_line(named, 100)));
    }
    let address = metadata.get("jwks_uri").and_then(Value::as_str).ok_or("its metadata names no jwks_uri")?;
    Url::parse(address)
        .ok()
        .filter(is_safe)
        .ok_or_else(|| format!("its jwks_uri `{}` is not an https address", one_line(address, 100)))
}

/// Tells whether keys may be read from an address: nobody on the way can have changed them.
pub(super) fn is_safe(address: &Url) -> bool {
    let loopback = match address.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => return false,
    };
    address.scheme() == "https" || (address.scheme() == "http" && loopback)
}

/// Reads a JWK set; keys that cannot verify a signature are passed over, as other people's may stand there, too.
fn keys_in(text: &str) -> Result<HashMap<String, VerifyingKey>, String> {
    let set: Value = serde_json::from_str(text).map_err(|_| "its key set is not JSON".to_owned())?;
    let keys = set.get("keys").and_then(Value::as_array).ok_or("its key set has no list of keys")?;
    let usable = |value: &Value| {
        let key: Jwk = serde_json::from_value(value.clone()).ok()?;
        let for_signatures = matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature));
        let id = key.common.key_id.clone().filter(|id| !id.is_empty())?;
        let verifying = DecodingKey::from_jwk(&key).ok()?;
        // A symmetric key does not prove who signed, because both sides know it.
        let asymmetric = verifying.family() != AlgorithmFamily::Hmac;
        let key = VerifyingKey { key: verifying, algorithm: key.common.key_algorithm };
        (for_signatures && asymmetric).then_some((id, key))
    };
    Ok(keys.iter().take(MAX_KEYS).filter_map(usable).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("a URL")
    }

    #[test]
    fn metadata_is_looked_for_where_both_standards_put_it() {
        let told = |issuer: &str| metadata_addresses(&url(issuer)).iter().map(Url::to_string).collect::<Vec<_>>();
        assert_eq!(
            told("https://id.example.com/tenant"),
            [
                "https://id.example.com/.well-known/oauth-authorization-server/tenant",
                "https://id.example.com/.well-known/openid-configuration/tenant",
                "https://id.example.com/tenant/.well-known/openid-configuration",
            ]
        );
        assert_eq!(told("https://id.example.com").len(), 2);
    }

    #[test]
    fn metadata_of_another_issuer_or_with_keys_on_an_open_line_is_not_believed() {
        let issuer = url("https://id.example.com");
        let told = |named: &str, address: &str| {
            announced(&issuer, &format!(r#"{{"issuer":"{named}","jwks_uri":"{address}"}}"#))
        };
        assert!(told("https://id.example.com", "https://id.example.com/keys").is_ok());
        assert!(told("https://id.example.org", "https://id.example.com/keys").is_err());
        assert!(told("https://id.example.com", "http://id.example.com/keys").is_err());
        assert!(told("https://id.example.com", "file:///etc/passwd").is_err());
    }

    #[test]
    fn keys_that_cannot_prove_who_signed_are_passed_over() {
        let set = r#"{"keys":[{"kty":"oct","kid":"shared","k":"c2VjcmV0"},{"kty":"EC","crv":"P-256","kid":"broken"},
            {"kty":"strange","kid":"other"},{"kty":"RSA","n":"AQAB","e":"AQAB"},
            {"kty":"RSA","kid":"wrap","use":"enc","n":"AQAB","e":"AQAB"},{"kty":"RSA","kid":"good","n":"AQAB","e":"AQAB"}]}"#;
        let keys = keys_in(set).expect("a set");
        assert_eq!(keys.keys().collect::<Vec<_>>(), ["good"]);
        assert!(keys_in("{}").is_err() && keys_in("<html>").is_err());
    }
}
