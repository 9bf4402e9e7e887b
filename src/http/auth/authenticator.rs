//! From a request's headers to a principal.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, header};
use url::Url;

use crate::domain::{AuditSink, SharedClock};

use super::addresses::Addresses;
use super::issuer::{Issuer, IssuerError, IssuerSettings};
use super::key_set::FetchDocument;
use super::rate_limit::RateLimit;
use super::refusal::Refusal;
use super::tokens::{ReadTokens, Tokens};
use crate::domain::Principal;
use crate::reload::Reloading;

/// How many requests a minute a principal with a token may make when nobody says otherwise.
const PER_MINUTE: NonZeroU32 = NonZeroU32::MIN.saturating_add(5_999);

/// How often the token of an open stream is checked again.
const RECHECK: Duration = Duration::from_secs(5);

/// The settings of access: accepted tokens and limits.
#[derive(Default)]
pub struct AccessSettings {
    /// The tokens that were handed out.
    pub tokens: Tokens,
    /// Reads them again while the server runs; they stay as they are without.
    pub read_tokens: Option<ReadTokens>,
    /// The issuer whose signed tokens are accepted, too.
    pub issuer: Option<IssuerSettings>,
    /// Requests a minute of one principal; 6,000 when tokens are asked for, and no bound when they are not.
    pub per_minute: Option<NonZeroU32>,
    /// The trail that is told who was let in and who was refused.
    pub audit: Option<AuditSink>,
}

/// The access of a server: who may call it. Made once from the settings and shared by all requests.
#[derive(Debug)]
pub struct Access {
    /// Decided at the start: when the last token is revoked, nobody may call, rather than everybody.
    open: bool,
    tokens: Reloading<Tokens>,
    issuer: Option<Issuer>,
    metadata_address: Option<String>,
    pub(super) rate_limit: RateLimit,
    pub(super) addresses: Addresses,
    audit: Option<AuditSink>,
}

impl Access {
    /// Makes the access of a server that asks for no token: everybody is one anonymous principal.
    pub fn open() -> Self {
        let tokens = Reloading::fixed(Tokens::default());
        Self {
            open: true,
            tokens,
            issuer: None,
            metadata_address: None,
            rate_limit: RateLimit::new(None),
            addresses: Addresses::default(),
            audit: None,
        }
    }

    /// Makes access from settings; `fetch` reads an issuer's documents when they are needed.
    ///
    /// # Errors
    /// When the issuer's settings cannot be used.
    pub fn new(settings: AccessSettings, fetch: FetchDocument, clock: SharedClock) -> Result<Self, IssuerError> {
        let issuer = settings.issuer.map(|issuer| Issuer::new(&issuer, fetch, clock)).transpose()?;
        let metadata_address = issuer.as_ref().map(|issuer| metadata_address(issuer.audience()));
        let open = settings.tokens.is_empty() && issuer.is_none();
        let per_minute = settings.per_minute.or((!open).then_some(PER_MINUTE));
        let tokens = settings.tokens.reloading(settings.read_tokens);
        Ok(Self {
            open,
            tokens,
            issuer,
            metadata_address,
            rate_limit: RateLimit::new(per_minute),
            addresses: Addresses::default(),
            audit: settings.audit,
        })
    }

    /// Tells whether no token is asked for; such a server may listen on loopback only.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Returns the trail that is told about callers.
    pub fn audit(&self) -> Option<&AuditSink> {
        self.audit.as_ref()
    }

    /// Waits until these headers do not stand for this principal any more: until the token is revoked, is given other
    /// scopes, or runs out.
    pub(super) async fn revoked(self: Arc<Self>, headers: HeaderMap, principal: Principal) {
        loop {
            tokio::time::sleep(RECHECK).await;
            match self.identify(&headers).await {
                Ok(now) if now == principal => {}
                // An issuer that cannot be reached has not revoked the token.
                Err(Refusal::IssuerUnreachable) => {}
                _ => return,
            }
        }
    }

    /// Finds who sent a request by its `Authorization: Bearer` header.
    ///
    /// # Errors
    /// When no token was sent or it is not valid.
    pub async fn identify(&self, headers: &HeaderMap) -> Result<Principal, Refusal> {
        self.principal(bearer(headers)).await
    }

    /// As [`Access::identify`], and by `X-API-Key`, which Snipara's own clients send.
    ///
    /// # Errors
    /// As [`Access::identify`]; when both headers are sent and differ.
    pub async fn identify_with_api_key(&self, headers: &HeaderMap) -> Result<Principal, Refusal> {
        let key = single(headers, "x-api-key");
        match (bearer(headers), key) {
            (Credential::Nothing, key) => self.principal(key).await,
            (bearer, Credential::Nothing) => self.principal(bearer).await,
            (Credential::Token(bearer), Credential::Token(key)) if bearer == key => {
                self.principal(Credential::Token(key)).await
            }
            _ => self.principal(Credential::Unreadable).await,
        }
    }

    async fn principal(&self, sent: Credential<'_>) -> Result<Principal, Refusal> {
        if self.is_open() {
            return Ok(Principal::anonymous());
        }
        let token = match sent {
            Credential::Token(token) => token,
            Credential::Nothing => return Err(Refusal::NoToken),
            Credential::Unreadable => return Err(Refusal::BadToken),
        };
        if let Some(principal) = self.tokens.get().find(token) {
            return Ok(principal);
        }
        match &self.issuer {
            Some(issuer) => issuer.principal(token).await,
            None => Err(Refusal::BadToken),
        }
    }

    /// Counts so many more requests of a principal: those of a batch beside its first.
    ///
    /// # Errors
    /// When that is too much.
    pub fn charge(&self, principal: &Principal, more: usize) -> Result<(), Refusal> {
        self.rate_limit.charge(principal, more)
    }

    /// Returns the address at which clients learn where tokens come from, when an issuer hands them out.
    pub fn metadata_address(&self) -> Option<&str> {
        self.metadata_address.as_deref()
    }

    /// Returns the issuer's name and the address that its tokens must be made for.
    pub(super) fn issuer(&self) -> Option<(&str, &str)> {
        self.issuer.as_ref().map(|issuer| (issuer.name(), issuer.audience_text()))
    }
}

/// Where RFC 9728 puts the metadata of a resource: the well-known name comes before the resource's path.
fn metadata_address(audience: &Url) -> String {
    let mut address = audience.clone();
    address.set_query(None);
    address.set_path(&format!("/.well-known/oauth-protected-resource{}", audience.path().trim_end_matches('/')));
    address.to_string()
}

/// What a header holds.
#[derive(Debug, PartialEq, Eq)]
enum Credential<'a> {
    Nothing,
    Token(&'a str),
    Unreadable,
}

/// Reads a header that may stand there only once: of two, a proxy may have checked the other one.
fn single<'a>(headers: &'a HeaderMap, name: &str) -> Credential<'a> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Credential::Nothing,
        (Some(value), None) => value.to_str().map_or(Credential::Unreadable, |text| Credential::Token(text.trim())),
        (Some(_), Some(_)) => Credential::Unreadable,
    }
}

fn bearer(headers: &HeaderMap) -> Credential<'_> {
    let value = match single(headers, header::AUTHORIZATION.as_str()) {
        Credential::Token(value) => value,
        other => return other,
    };
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty() => {
            Credential::Token(token.trim())
        }
        // Another scheme, such as Basic, does not carry one of our tokens.
        _ => Credential::Unreadable,
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    const ADA: &str = "planted-token-of-ada-0001";

    fn access() -> Access {
        let tokens = Tokens::read(&format!("ada read {ADA}")).expect("tokens");
        Access { open: false, tokens: Reloading::fixed(tokens), ..Access::open() }
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).expect("a value"))
        };
        pairs.iter().map(pair).fold(HeaderMap::new(), |mut headers, (name, value)| {
            headers.append(name, value);
            headers
        })
    }

    #[tokio::test]
    async fn the_bearer_header_is_read_and_nothing_else() {
        let (access, bearer) = (access(), format!("Bearer {ADA}"));
        for good in [bearer.as_str(), &format!("bearer  {ADA}")] {
            let principal = access.identify(&headers(&[("authorization", good)])).await.expect("ada");
            assert_eq!(principal.name(), Some("ada"));
        }
        let basic = format!("Basic {ADA}");
        for (sent, refusal) in [
            (vec![], Refusal::NoToken),
            (vec![("x-api-key", ADA)], Refusal::NoToken),
            (vec![("authorization", "Bearer")], Refusal::BadToken),
            (vec![("authorization", ADA)], Refusal::BadToken),
            (vec![("authorization", basic.as_str())], Refusal::BadToken),
            (vec![("authorization", "Bearer planted-token-of-eve")], Refusal::BadToken),
            (vec![("authorization", bearer.as_str()), ("authorization", bearer.as_str())], Refusal::BadToken),
        ] {
            assert_eq!(access.identify(&headers(&sent)).await, Err(refusal), "{sent:?}");
        }
    }

    #[tokio::test]
    async fn snipara_s_clients_may_send_the_key_in_their_own_header_and_two_that_differ_are_refused() {
        let (access, bearer) = (access(), format!("Bearer {ADA}"));
        for sent in [
            vec![("x-api-key", ADA)],
            vec![("authorization", bearer.as_str())],
            vec![("x-api-key", ADA), ("authorization", bearer.as_str())],
        ] {
            let principal = access.identify_with_api_key(&headers(&sent)).await.expect("ada");
            assert_eq!(principal.name(), Some("ada"), "{sent:?}");
        }
        let differing = headers(&[("x-api-key", ADA), ("authorization", "Bearer another-token-entirely")]);
        assert_eq!(access.identify_with_api_key(&differing).await, Err(Refusal::BadToken));
        assert_eq!(access.identify_with_api_key(&HeaderMap::new()).await, Err(Refusal::NoToken));
    }

    #[tokio::test]
    async fn where_no_token_is_asked_for_everybody_is_anonymous() {
        let access = Access::open();
        assert!(access.is_open());
        let principal = access.identify(&headers(&[("authorization", "Bearer whatever")])).await;
        assert_eq!(principal, Ok(Principal::anonymous()));
    }

    #[test]
    fn metadata_stands_before_the_resource_s_path() {
        for (audience, address) in [
            ("https://mcp.example.com/mcp", "https://mcp.example.com/.well-known/oauth-protected-resource/mcp"),
            ("https://mcp.example.com", "https://mcp.example.com/.well-known/oauth-protected-resource"),
        ] {
            assert_eq!(metadata_address(&Url::parse(audience).expect("a URL")), address);
        }
    }
}
