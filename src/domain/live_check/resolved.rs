//! An address, worked out on production's.

use url::Url;

use super::LiveCheckError;
use crate::domain::one_line;

/// Puts a path on production's address, or reads an absolute URL; http and https only, no credentials.
pub(super) fn resolve_url(text: &str, production: Option<&Url>) -> Result<Url, LiveCheckError> {
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
    if !url.username().is_empty() || url.password().is_some() {
        return Err(LiveCheckError::Credentials);
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(wrong());
    }
    url.set_fragment(None);
    Ok(url)
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
    use crate::domain::LiveCheck;

    fn production() -> Url {
        Url::parse("https://api.example.com").expect("a URL")
    }

    fn resolved(url: &str) -> Result<String, LiveCheckError> {
        LiveCheck::get(url).resolved(Some(&production())).map(|check| check.url)
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
            let url = LiveCheck::get(path).resolved(Some(&production)).expect(path).url;
            assert!(url.starts_with("https://api.example.com/"), "{path}: {url}");
        }
    }
}
