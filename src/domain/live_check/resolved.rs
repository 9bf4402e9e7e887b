//! A live check that can be sent.

use http::{HeaderName, HeaderValue};
use url::Url;

use super::check::check_timeout;
use super::error::MAX_ADDRESSES;
use super::{ExpectedStatus, LiveCheck, LiveCheckError, Method};
use crate::domain::{Origin, Production, Redactor, RouteKey, StoredCheck, one_line};

/// A live check whose every field was looked at: its address is absolute, and what it sends is parsed.
///
/// It is made once, when a task's requirements are set or a check is asked for; behind that nothing reads its texts
/// again.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolvedCheck {
    asked: LiveCheck,
    url: Url,
    origin: Origin,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl ResolvedCheck {
    /// Makes a GET of a path on production that expects 200; the path may have a query.
    pub fn on(production: &Production, path: &str) -> Self {
        let path = path.trim().split('#').next().unwrap_or_default();
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let mut url = production.url.clone();
        url.set_path(&format!("{}/{}", url.path().trim_end_matches('/'), path.trim_start_matches('/')));
        url.set_query(query);
        url.set_fragment(None);
        Self { asked: LiveCheck::get(url.as_str()), url, origin: production.origin.clone(), headers: Vec::new() }
    }

    /// Returns the same check with other accepted statuses.
    #[must_use]
    pub fn with_expected_status(mut self, expected: ExpectedStatus) -> Self {
        self.asked.expected_status = expected;
        self
    }

    /// Returns the same check with another time for the whole exchange, in milliseconds.
    #[must_use]
    pub const fn with_timeout_ms(mut self, timeout_ms: u64) -> Self {
        self.asked.timeout_ms = timeout_ms;
        self
    }

    /// Returns what was asked, its address absolute and normalised: the form in which it is stored.
    pub const fn asked(&self) -> &LiveCheck {
        &self.asked
    }

    /// Returns what was asked, without what was parsed of it.
    pub fn into_asked(self) -> LiveCheck {
        self.asked
    }

    /// Returns the address.
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// Returns the address's origin.
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Returns the method.
    pub const fn method(&self) -> Method {
        self.asked.method
    }

    /// Returns the statuses that are accepted.
    pub const fn expected_status(&self) -> &ExpectedStatus {
        &self.asked.expected_status
    }

    /// Returns the headers that are sent.
    pub fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.headers
    }

    /// Returns the route that it asks for.
    pub fn route(&self) -> RouteKey {
        RouteKey::of(&self.url)
    }

    /// Returns the check as it may be kept and shown: without its secrets.
    #[must_use]
    pub fn redacted(&self, redactor: &Redactor) -> StoredCheck {
        StoredCheck(self.asked.redacted(redactor))
    }
}

impl LiveCheck {
    /// Returns the check with an absolute, normalised URL, after looking at every field.
    ///
    /// A path is put on production's origin, behind the path that `production` itself may have. A route without
    /// a leading slash is a path as well (D01). The query is kept to the letter (A12), the fragment dropped.
    ///
    /// # Errors
    /// When a field cannot be used; the message names it and what to do.
    pub fn resolved(&self, production: Option<&Url>) -> Result<ResolvedCheck, LiveCheckError> {
        let (url, origin) = resolve_url(&self.url, production)?;
        check_timeout(self.timeout_ms)?;
        self.check_addresses()?;
        let headers = self.parsed_headers()?;
        Ok(ResolvedCheck { asked: Self { url: url.to_string(), ..self.clone() }, url, origin, headers })
    }

    /// Looks at what can be judged without knowing production: the time and the headers.
    ///
    /// # Errors
    /// When a field cannot be used; the message names it and what to do.
    pub fn check(&self) -> Result<(), LiveCheckError> {
        check_timeout(self.timeout_ms)?;
        self.for_each_user()?;
        self.check_addresses()?;
        self.parsed_headers().map(|_| ())
    }

    /// Each address is one more ask, so a check that is asked once cannot name any.
    fn check_addresses(&self) -> Result<(), LiveCheckError> {
        match self.addresses.len() {
            0 => Ok(()),
            _ if self.once || !self.is_safe() => Err(LiveCheckError::AddressesOfOneAsk),
            1..=MAX_ADDRESSES => Ok(()),
            count => Err(LiveCheckError::TooManyAddresses(count)),
        }
    }

    fn parsed_headers(&self) -> Result<Vec<(HeaderName, HeaderValue)>, LiveCheckError> {
        let parsed = |(name, value): (&String, &String)| {
            let header = HeaderName::from_bytes(name.as_bytes()).ok().zip(HeaderValue::from_str(value).ok());
            header.ok_or_else(|| LiveCheckError::Header(one_line(name, 40)))
        };
        self.headers.iter().map(parsed).collect()
    }
}

/// Puts a path on production's address, or reads an absolute URL; http and https only, no credentials.
fn resolve_url(text: &str, production: Option<&Url>) -> Result<(Url, Origin), LiveCheckError> {
    let text = text.trim();
    let wrong = || LiveCheckError::NotAUrl(one_line(text, 120));
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err(wrong());
    }
    let mut url = if has_scheme(text) {
        Url::parse(text).map_err(|_| wrong())?
    } else if text.starts_with("//") {
        return Err(wrong());
    } else if begins_with_a_host(text) {
        return Err(LiveCheckError::NoScheme(one_line(text, 120)));
    } else {
        let base = production.ok_or_else(|| LiveCheckError::NoProduction(one_line(text, 120)))?;
        let prefix = base.as_str().split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
        Url::parse(&format!("{prefix}/{}", text.trim_start_matches('/'))).map_err(|_| wrong())?
    };
    if !matches!(url.scheme(), "http" | "https") {
        return Err(LiveCheckError::Scheme(one_line(url.scheme(), 20)));
    }
    if text.contains("}}://") || url.host_str().is_none_or(|host| host.contains(['{', '}', '%'])) {
        return Err(LiveCheckError::CaptureInOrigin);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(LiveCheckError::Credentials);
    }
    let origin = Origin::of(&url).map_err(|_| wrong())?;
    url.set_fragment(None);
    Ok((url, origin))
}

/// Tells whether a text without a scheme looks like `host/path` or `host:port`: a dotted name that ends in letters, an
/// IPv4 address, or a port.
fn begins_with_a_host(text: &str) -> bool {
    let first = text.split(['/', '?', '#']).next().unwrap_or_default();
    let (name, port) = first.split_once(':').map_or((first, None), |(name, port)| (name, Some(port)));
    let has_port = port.is_some_and(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()));
    let last = name.rsplit_once('.').map(|(_, last)| last);
    let is_domain = last.is_some_and(|last| last.len() >= 2 && last.bytes().all(|byte| byte.is_ascii_alphabetic()));
    let is_address = name.parse::<std::net::Ipv4Addr>().is_ok();
    !name.is_empty() && (has_port || is_address || (is_domain && first.len() < text.len()))
}

/// Tells whether the text begins with a scheme (RFC 3986 §3.1); a path's first segment holds no colon.
fn has_scheme(text: &str) -> bool {
    let start = text.split(['/', '?', '#']).next().unwrap_or_default();
    start.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.chars().all(|character| character.is_ascii_alphanumeric() || "+-.".contains(character))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn production() -> Url {
        Url::parse("https://api.example.com").expect("a URL")
    }

    fn resolved(url: &str) -> Result<String, LiveCheckError> {
        LiveCheck::get(url).resolved(Some(&production())).map(|check| check.into_asked().url)
    }

    #[test]
    fn d01_a_route_without_a_leading_slash_is_a_path() {
        assert_eq!(resolved("api/users").as_deref(), Ok("https://api.example.com/api/users"));
        assert_eq!(resolved("/api/users").as_deref(), Ok("https://api.example.com/api/users"));
    }

    #[test]
    fn a12_a_query_that_holds_production_is_kept_to_the_letter() {
        let url = "https://api.example.com/cb?next=https://api.example.com/home";
        assert_eq!(resolved(url).as_deref(), Ok(url));
        assert_eq!(
            resolved("/cb?next=https://api.example.com/home").as_deref(),
            Ok("https://api.example.com/cb?next=https://api.example.com/home")
        );
    }

    #[test]
    fn bad_addresses_get_one_clear_error() {
        assert_eq!(LiveCheck::get("/health").resolved(None), Err(LiveCheckError::NoProduction("/health".into())));
        assert_eq!(resolved("https://me:secret@api.example.com/"), Err(LiveCheckError::Credentials));
        assert_eq!(resolved("file:///etc/passwd"), Err(LiveCheckError::Scheme("file".into())));
        assert_eq!(resolved("ftp://x/y"), Err(LiveCheckError::Scheme("ftp".into())));
        assert_eq!(resolved("mailto:a@b"), Err(LiveCheckError::Scheme("mailto".into())));
        assert!(matches!(resolved("http://"), Err(LiveCheckError::NotAUrl(_))));
        assert!(matches!(resolved("//evil.example/x"), Err(LiveCheckError::NotAUrl(_))));
        assert!(matches!(resolved(""), Err(LiveCheckError::NotAUrl(_))));
    }

    #[test]
    fn absurd_time_outs_are_refused() {
        for timeout_ms in [0, 600_001, u64::MAX] {
            let check = LiveCheck { timeout_ms, ..LiveCheck::get("/x") };
            assert_eq!(check.resolved(Some(&production())), Err(LiveCheckError::Timeout(timeout_ms)));
        }
    }

    /// Found by a stranger: it was asked for as a path of production, and called missing there.
    #[test]
    fn a_host_without_a_scheme_is_refused_and_a_path_without_a_slash_is_not() {
        let production = Url::parse("https://api.example.com").expect("a URL");
        for host in ["127.0.0.1:18950/health", "api.example.com/health", "10.0.0.1/x", "shop:8080", "a.example.org/"] {
            let error = LiveCheck::get(host).resolved(Some(&production)).expect_err(host).to_string();
            assert!(error.contains(&format!("write https://{host}")) || error.contains("scheme"), "{host}: {error}");
        }
        for path in ["api/users", "v1.2/users", "openapi.json", "/a.example.org/x", "users?at=10:30"] {
            let url = LiveCheck::get(path).resolved(Some(&production)).expect(path).into_asked().url;
            assert!(url.starts_with("https://api.example.com/"), "{path}: {url}");
        }
    }

    #[test]
    fn a_path_on_production_is_the_same_whether_it_is_configured_or_asked_for() {
        for base in ["https://api.example.com", "https://api.example.com/app/"] {
            let production = Production::new(Url::parse(base).expect("a URL")).expect("production");
            for path in ["/", "/health", "health", "/a/../b?x=%20y&z=a b#f", "/%7euser/ü"] {
                let asked = LiveCheck::get(path).resolved(Some(&production.url)).expect(path);
                assert_eq!(ResolvedCheck::on(&production, path), asked, "{base} {path}");
            }
        }
    }
}
