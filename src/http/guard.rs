//! Where a request may come from: the guard that stands before every route.
//!
//! A page in a browser can send requests to loopback, also under a name of its own (DNS rebinding); it cannot choose
//! their `Host` and `Origin`.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::uri::Authority;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};

use super::error::HttpError;
use super::refusal::refuse;
use super::settings::HttpSettings;

/// Names that a URL's query has for tokens.
const TOKEN_NAMES: [&str; 14] = [
    "token",
    "access_token",
    "id_token",
    "auth_token",
    "api_key",
    "apikey",
    "api-key",
    "x-api-key",
    "snipara_api_key",
    "key",
    "authorization",
    "auth",
    "bearer",
    "jwt",
];
/// Headers that two readers could understand differently when they stand twice.
const SINGLE: [HeaderName; 5] = [
    header::HOST,
    header::ORIGIN,
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    HeaderName::from_static("mcp-session-id"),
];

/// The hosts and origins that are let in.
#[derive(Debug)]
pub(super) struct Guard {
    bound: IpAddr,
    hosts: Vec<(String, Option<u16>)>,
    origins: Vec<String>,
}

impl Guard {
    /// Reads the lists.
    ///
    /// # Errors
    /// When an entry is not a host or not an origin.
    pub(super) fn new(settings: &HttpSettings, bound: SocketAddr) -> Result<Self, HttpError> {
        let hosts = settings.allowed_hosts.iter().map(|entry| host_entry(entry)).collect::<Result<_, _>>()?;
        let origins = settings.allowed_origins.iter().map(|entry| origin_entry(entry)).collect::<Result<_, _>>()?;
        Ok(Self { bound: bound.ip(), hosts, origins })
    }

    /// Returns the origins that were configured, as browsers write them.
    pub(super) fn origins(&self) -> &[String] {
        &self.origins
    }

    /// Returns the answer to a request that is not let in.
    fn refusal(&self, uri: &Uri, headers: &HeaderMap) -> Option<Response> {
        if let Some(name) = SINGLE.iter().find(|name| headers.get_all(*name).iter().nth(1).is_some()) {
            return Some(refuse(StatusCode::BAD_REQUEST, &format!("the header {name} stands more than once")));
        }
        let Some(host) = headers.get(header::HOST) else {
            return Some(refuse(StatusCode::BAD_REQUEST, "the header Host is missing"));
        };
        let named = host.to_str().ok().and_then(|host| host.parse::<Authority>().ok());
        let allowed = named.is_some_and(|host| self.allows_host(&host))
            && uri.authority().is_none_or(|authority| self.allows_host(authority));
        if !allowed {
            let message = "the header Host names neither loopback nor an allowed host: start the server with \
                           --allow-host-header HOST for each name that it is reached by";
            return Some(refuse(StatusCode::FORBIDDEN, message));
        }
        if headers.get(header::ORIGIN).is_some_and(|origin| !self.allows_origin(origin)) {
            let message = "the header Origin names neither loopback nor an allowed origin: start the server with \
                           --allow-origin ORIGIN for each web page that may call it";
            return Some(refuse(StatusCode::FORBIDDEN, message));
        }
        names_a_token(uri.query().unwrap_or_default()).then(|| {
            let message = "a token does not belong in a URL, where logs keep it: send `Authorization: Bearer TOKEN`";
            refuse(StatusCode::BAD_REQUEST, message)
        })
    }

    fn allows_host(&self, authority: &Authority) -> bool {
        if authority.as_str().contains('@') {
            return false;
        }
        let host = bare(authority.host());
        is_loopback(&host)
            || (!self.bound.is_unspecified() && host.parse::<IpAddr>().is_ok_and(|address| address == self.bound))
            || self
                .hosts
                .iter()
                .any(|(name, port)| *name == host && port.is_none_or(|port| authority.port_u16() == Some(port)))
    }

    fn allows_origin(&self, origin: &HeaderValue) -> bool {
        let Some(normal) = origin.to_str().ok().and_then(origin_of) else { return false };
        self.origins.contains(&normal.0) || is_loopback(&normal.1)
    }
}

/// Lets a request through, or says why not.
pub(super) async fn check_host_and_origin(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    match guard.refusal(request.uri(), request.headers()) {
        None => next.run(request).await,
        Some(refusal) => refusal,
    }
}

fn names_a_token(query: &str) -> bool {
    url::form_urlencoded::parse(query.as_bytes())
        .any(|(name, _)| TOKEN_NAMES.iter().any(|token| name.eq_ignore_ascii_case(token)))
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Takes the brackets of an IPv6 address away, and capitals.
fn bare(host: &str) -> String {
    host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase()
}

fn host_entry(entry: &str) -> Result<(String, Option<u16>), HttpError> {
    let wrong = || HttpError::Entry {
        field: "--allow-host-header",
        value: entry.to_owned(),
        wrong: "not a host: write HOST or HOST:PORT, such as mcp.example.com",
    };
    if entry.parse::<std::net::Ipv6Addr>().is_ok() {
        return Ok((bare(entry), None));
    }
    let authority = entry.parse::<Authority>().map_err(|_| wrong())?;
    if authority.host().is_empty() || entry.contains(['@', '*']) {
        return Err(wrong());
    }
    Ok((bare(authority.host()), authority.port_u16()))
}

fn origin_entry(entry: &str) -> Result<String, HttpError> {
    origin_of(entry).map(|(origin, _)| origin).ok_or_else(|| HttpError::Entry {
        field: "--allow-origin",
        value: entry.to_owned(),
        wrong: "not an origin: write scheme, host and port, such as https://app.example.com",
    })
}

/// Returns an origin as browsers write it, and its host. Returns nothing for `null` and for text that is not an origin.
fn origin_of(text: &str) -> Option<(String, String)> {
    let url = url::Url::parse(text).ok()?;
    let plain = matches!(url.scheme(), "http" | "https")
        && matches!(url.path(), "" | "/")
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    plain.then(|| Some((url.origin().ascii_serialization(), bare(url.host_str()?))))?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(hosts: &[&str], origins: &[&str]) -> Guard {
        let owned = |list: &[&str]| list.iter().map(|entry| (*entry).to_owned()).collect();
        let settings =
            HttpSettings { allowed_hosts: owned(hosts), allowed_origins: owned(origins), ..HttpSettings::default() };
        Guard::new(&settings, "192.0.2.7:80".parse().expect("an address")).expect("a guard")
    }

    fn status(guard: &Guard, uri: &str, headers: &[(&str, &str)]) -> u16 {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name.parse::<HeaderName>().expect("a name"), value.parse().expect("a value"));
        }
        guard.refusal(&uri.parse().expect("a uri"), &map).map_or(200, |refusal| refusal.status().as_u16())
    }

    #[test]
    fn only_known_hosts_are_let_in() {
        let guard = guard(&["mcp.example.com", "ported.example.com:8443"], &[]);
        let status = |host: &str| status(&guard, "/mcp", &[("host", host)]);
        for host in ["localhost:1", "LOCALHOST", "127.0.0.1:8787", "[::1]:80", "192.0.2.7", "mcp.example.com:9"] {
            assert_eq!(status(host), 200, "{host}");
        }
        assert_eq!(status("ported.example.com:8443"), 200);
        for host in [
            "evil.example",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "ported.example.com:1",
            "localhost@evil.example",
            "evil@localhost",
            "192.0.2.8",
            "",
            "a b",
        ] {
            assert_eq!(status(host), 403, "{host}");
        }
    }

    #[test]
    fn the_target_is_judged_as_the_host_is() {
        let guard = guard(&[], &[]);
        assert_eq!(status(&guard, "http://evil.example/mcp", &[("host", "localhost")]), 403);
        assert_eq!(status(&guard, "http://localhost/mcp", &[("host", "localhost")]), 200);
    }

    #[test]
    fn only_known_origins_are_let_in() {
        let guard = guard(&[], &["https://app.example.com", "http://tool.example.com:8080"]);
        let status = |origin: &str| status(&guard, "/mcp", &[("host", "localhost"), ("origin", origin)]);
        for origin in
            ["https://app.example.com", "https://app.example.com:443", "http://localhost:3000", "http://[::1]:1"]
        {
            assert_eq!(status(origin), 200, "{origin}");
        }
        assert_eq!(status("http://tool.example.com:8080"), 200);
        for origin in [
            "null",
            "",
            "https://evil.example",
            "http://app.example.com",
            "https://app.example.com:444",
            "https://app.example.com.evil.example",
            "http://localhost.evil.example",
            "https://x@app.example.com",
            "file://localhost",
            "localhost",
        ] {
            assert_eq!(status(origin), 403, "{origin}");
        }
    }

    #[test]
    fn headers_that_stand_twice_and_missing_hosts_are_refused() {
        let guard = guard(&[], &[]);
        assert_eq!(status(&guard, "/mcp", &[]), 400);
        for name in ["host", "origin", "authorization", "content-type", "mcp-session-id"] {
            let headers = [("host", "localhost"), (name, "http://localhost"), (name, "http://localhost")];
            assert_eq!(status(&guard, "/mcp", &headers), 400, "{name}");
        }
    }

    #[test]
    fn a_token_in_the_url_is_refused() {
        let guard = guard(&[], &[]);
        let status = |uri: &str| status(&guard, uri, &[("host", "localhost")]);
        for query in ["token=x", "a=b&ACCESS_TOKEN=x", "api%5Fkey=x", "x-api-key=", "authorization=Bearer+x"] {
            assert_eq!(status(&format!("/mcp?{query}")), 400, "{query}");
        }
        assert_eq!(status("/messages?sessionId=token"), 200);
    }

    #[test]
    fn entries_that_are_none_are_named() {
        let refused = |hosts: &[&str], origins: &[&str]| {
            let owned = |list: &[&str]| list.iter().map(|entry| (*entry).to_owned()).collect();
            let settings = HttpSettings {
                allowed_hosts: owned(hosts),
                allowed_origins: owned(origins),
                ..HttpSettings::default()
            };
            Guard::new(&settings, settings.bind).expect_err("refused").to_string()
        };
        for host in ["https://x.example", "*.example.com", "a b", ""] {
            assert!(refused(&[host], &[]).contains("--allow-host-header"), "{host}");
        }
        for origin in ["app.example.com", "*", "https://app.example.com/path", "null"] {
            assert!(refused(&[], &[origin]).contains("--allow-origin"), "{origin}");
        }
    }
}
