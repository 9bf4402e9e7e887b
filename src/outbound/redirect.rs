//! The next hop of a redirect. Pure.

use url::Url;

use super::RequestSpec;
use crate::domain::{Method, Origin};

/// A redirect that cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum RedirectError {
    /// Not http(s).
    #[error("a redirect to the scheme `{0}`")]
    Scheme(String),
    /// A user name or password in the address would be sent as credentials.
    #[error("a redirect to an address that holds credentials")]
    Credentials,
}

/// Tells whether a status asks to go elsewhere (RFC 9110 §15.4); 300 and 304 do not.
pub(super) const fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// Returns a Location whose bytes beyond ASCII are percent-encoded as they are, in whatever charset they were written.
pub(super) fn ascii_location(location: &[u8]) -> String {
    location.iter().fold(String::new(), |mut text, byte| {
        match byte.is_ascii() {
            true => text.push(char::from(*byte)),
            false => text.push_str(&format!("%{byte:02X}")),
        }
        text
    })
}

/// Returns the request for the next hop; nothing when `location` is not an address, so that the answer stands.
///
/// 303 turns everything but HEAD into GET, 301 and 302 turn POST into GET (RFC 9110 §15.4); with the body go the
/// headers that describe it. On another origin every header that may identify somebody is left out.
pub(super) fn next_hop(
    request: &RequestSpec,
    status: u16,
    location: &str,
) -> Result<Option<RequestSpec>, RedirectError> {
    let Ok(mut url) = request.url.join(location) else { return Ok(None) };
    if !matches!(url.scheme(), "http" | "https") {
        return Err(RedirectError::Scheme(crate::domain::one_line(url.scheme(), 20)));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(RedirectError::Credentials);
    }
    url.set_fragment(None);
    let mut next = RequestSpec { url, ..request.clone() };
    let becomes_get = match status {
        303 => request.method != Method::Head,
        301 | 302 => request.method == Method::Post,
        _ => false,
    };
    if becomes_get {
        next.method = Method::Get;
        next.body = None;
        next.headers.retain(|(name, _)| !name.as_str().starts_with("content-"));
    }
    if !same_origin(&request.url, &next.url) {
        next.headers.retain(|(name, _)| !identifies_somebody(name.as_str()));
    }
    Ok(Some(next))
}

fn same_origin(left: &Url, right: &Url) -> bool {
    Origin::of(left).is_ok_and(|origin| origin.contains(right))
}

/// Headers such as `Authorization`, `Cookie`, `X-Api-Key`, `X-CSRF-Token`: known by the parts of their names, which are
/// in lower case.
fn identifies_somebody(name: &str) -> bool {
    const PARTS: [&str; 14] = [
        "auth",
        "cookie",
        "token",
        "key",
        "secret",
        "session",
        "csrf",
        "xsrf",
        "credential",
        "passw",
        "jwt",
        "signature",
        "bypass",
        "access",
    ];
    PARTS.iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderName, HeaderValue};

    use super::*;
    use crate::outbound::Route;

    fn post() -> RequestSpec {
        RequestSpec {
            method: Method::Post,
            url: Url::parse("https://a.test/one").expect("a URL"),
            headers: [("authorization", "x"), ("content-language", "en"), ("x-api-key", "k"), ("accept", "*/*")]
                .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
                .to_vec(),
            body: Some((Bytes::from_static(b"{}"), "application/json")),
            timeout_ms: 1000,
            follow_redirects: true,
            credential: None,
            route: Route::default(),
        }
    }

    fn names(request: &RequestSpec) -> Vec<&str> {
        request.headers.iter().map(|(name, _)| name.as_str()).collect()
    }

    #[test]
    fn c04_methods_and_bodies_follow_rfc_9110() {
        for (status, method, body) in [
            (301, Method::Get, false),
            (302, Method::Get, false),
            (303, Method::Get, false),
            (307, Method::Post, true),
            (308, Method::Post, true),
        ] {
            let next = next_hop(&post(), status, "/two").expect("allowed").expect("a hop");
            assert_eq!((next.method, next.body.is_some()), (method, body), "{status}");
            assert_eq!(next.url.as_str(), "https://a.test/two");
            assert_eq!(names(&next).contains(&"content-language"), body);
        }
        let put = RequestSpec { method: Method::Put, ..post() };
        assert_eq!(next_hop(&put, 302, "/two").expect("allowed").expect("a hop").method, Method::Put);
        let head = RequestSpec { method: Method::Head, ..post() };
        assert_eq!(next_hop(&head, 303, "/two").expect("allowed").expect("a hop").method, Method::Head);
    }

    #[test]
    fn c04_headers_that_identify_somebody_stay_on_their_origin() {
        let same = next_hop(&post(), 307, "https://a.test:443/two").expect("allowed").expect("a hop");
        assert_eq!(names(&same), ["authorization", "content-language", "x-api-key", "accept"]);
        for other in ["https://b.test/", "http://a.test/", "https://a.test:444/", "//b.test/x"] {
            let next = next_hop(&post(), 307, other).expect("allowed").expect("a hop");
            assert_eq!(names(&next), ["content-language", "accept"], "{other}");
        }
    }

    #[test]
    fn c04_strange_destinations_are_refused_or_left_alone() {
        assert_eq!(
            next_hop(&post(), 302, "file:///etc/passwd").map(|_| ()),
            Err(RedirectError::Scheme("file".to_owned()))
        );
        assert_eq!(next_hop(&post(), 302, "https://me:pw@a.test/").map(|_| ()), Err(RedirectError::Credentials));
        assert!(next_hop(&post(), 302, "https://[").expect("no refusal").is_none());
        assert!(!is_redirect(304) && !is_redirect(300) && !is_redirect(200));
    }
}
