//! As whom a request is sent: what a test user's login gave, or a login that is under way.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderName, HeaderValue};
use reqwest::cookie::{CookieStore, Jar};
use url::Url;

use crate::domain::SecretText;

/// As whom a request is sent.
#[derive(Debug, Clone)]
pub enum Session {
    /// A test user. What it holds is sent on hops to production's origin only.
    User(Arc<UserSession>),
    /// Nobody yet: a login goes on. Each answer's cookies are kept, and every hop leads to production or to a host that a
    /// person named.
    Login(Arc<CookieJar>),
}

/// What a test user sends.
#[derive(Debug, Default)]
pub struct UserSession {
    /// Headers, in the place of a check's own.
    pub headers: Vec<(String, SecretText)>,
    /// The cookies of its login.
    pub cookies: Option<Arc<CookieJar>>,
}

impl Session {
    /// Makes the session of who sends one header.
    pub fn with_header(name: impl Into<String>, value: SecretText) -> Self {
        Self::User(Arc::new(UserSession { headers: vec![(name.into(), value)], cookies: None }))
    }
}

/// Makes a header whose value logs do not show; nothing when HTTP forbids it.
pub fn secret_header(name: &str, value: &SecretText) -> Option<(HeaderName, HeaderValue)> {
    let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
    let mut value = HeaderValue::from_str(value.expose()).ok()?;
    value.set_sensitive(true);
    Some((name, value))
}

/// Cookies, each for the addresses that it was set for (RFC 6265 §5.4). They are never shown.
#[derive(Default)]
pub struct CookieJar {
    jar: Jar,
    values: Mutex<Vec<SecretText>>,
}

impl fmt::Debug for CookieJar {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CookieJar")
    }
}

impl CookieJar {
    /// Keeps the cookies that an answer of an address sets.
    pub(crate) fn keep(&self, headers: &HeaderMap, url: &Url) {
        let values = headers.get_all(SET_COOKIE).iter().filter_map(|line| {
            let line = String::from_utf8_lossy(line.as_bytes());
            let (_, value) = line.split(';').next()?.split_once('=')?;
            Some(SecretText::new(value.trim().trim_matches('"')))
        });
        self.values.lock().unwrap_or_else(PoisonError::into_inner).extend(values);
        self.jar.set_cookies(&mut headers.get_all(SET_COOKIE).iter(), url);
    }

    /// Returns the cookies for an address as they are sent; nothing when there are none.
    pub(super) fn header(&self, url: &Url) -> Option<HeaderValue> {
        self.jar.cookies(url)
    }

    /// Returns the values of all cookies that were ever set.
    pub fn values(&self) -> Vec<SecretText> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Joins cookies of several sources; of one name the first counts.
pub(super) fn joined(sources: impl IntoIterator<Item = HeaderValue>) -> Option<HeaderValue> {
    let (mut names, mut pairs) = (HashSet::new(), Vec::new());
    for source in sources {
        for pair in String::from_utf8_lossy(source.as_bytes()).split(';').map(str::trim) {
            let name = pair.split('=').next().unwrap_or_default();
            if !pair.is_empty() && names.insert(name.to_owned()) {
                pairs.push(pair.to_owned());
            }
        }
    }
    let mut value = HeaderValue::from_str(&pairs.join("; ")).ok().filter(|_| !pairs.is_empty())?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(text: &'static str) -> HeaderValue {
        HeaderValue::from_static(text)
    }

    #[test]
    fn of_two_cookies_of_one_name_the_first_source_counts() {
        let all = joined([header("sid=new"), header("sid=old; lang=de"), header("sid=forged; theme=dark")]);
        assert_eq!(all, Some(header("sid=new; lang=de; theme=dark")));
        assert_eq!(joined([header("")]), None);
    }

    #[test]
    fn cookies_are_kept_for_their_addresses_and_never_shown() {
        let jar = CookieJar::default();
        let mut headers = HeaderMap::new();
        headers.append(SET_COOKIE, header("sid=s3cret-of-ada; Path=/app; HttpOnly"));
        let at = |address: &str| Url::parse(address).expect("a URL");
        jar.keep(&headers, &at("https://a.test/app/login"));
        assert_eq!(jar.header(&at("https://a.test/app/me")), Some(header("sid=s3cret-of-ada")));
        for elsewhere in ["https://a.test/other", "https://b.test/app/me"] {
            assert_eq!(jar.header(&at(elsewhere)), None, "{elsewhere}");
        }
        assert_eq!(jar.values().iter().map(SecretText::expose).collect::<Vec<_>>(), ["s3cret-of-ada"]);
        assert!(!format!("{jar:?}").contains("s3cret"));
    }
}
