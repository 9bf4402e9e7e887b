//! Values that are more than text: addresses, hosts, redirected names. Reasons never show the value.

use std::net::{IpAddr, SocketAddr};

use url::{Host, Url};

/// An address cannot be used, as a fragment behind the name of its setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BaseUrlError {
    #[error("it is empty")]
    Empty,
    #[error("it holds white space or control characters")]
    Blank,
    #[error("it is not an http(s) URL such as https://api.example.com")]
    NotAUrl,
    #[error("it holds a user name or password: use test_users")]
    Credentials,
    #[error("it holds a query or a fragment")]
    Query,
}

/// Reads an http(s) address without credentials, query and fragment. Without a scheme this machine means http, and any
/// other host https.
///
/// # Errors
/// When it is something else; the error does not show the value.
pub(crate) fn base_url(text: &str) -> Result<Url, BaseUrlError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(BaseUrlError::Empty);
    }
    if text.chars().any(|character| character.is_control() || character.is_whitespace()) {
        return Err(BaseUrlError::Blank);
    }
    let full = if text.contains("://") { text.to_owned() } else { with_scheme(text).ok_or(BaseUrlError::NotAUrl)? };
    let url = Url::parse(&full).map_err(|_| BaseUrlError::NotAUrl)?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(BaseUrlError::NotAUrl);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(BaseUrlError::Credentials);
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(BaseUrlError::Query);
    }
    Ok(url)
}

/// Puts the scheme before `HOST[:PORT][/PATH]`. A single word is no host: it is rather a mistake than a name of the network.
fn with_scheme(text: &str) -> Option<String> {
    let (authority, _) = text.split_once('/').unwrap_or((text, ""));
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !authority.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return None;
    }
    let (is_here, is_named) = match Host::parse(host).ok()? {
        Host::Ipv4(address) => (address.is_loopback(), true),
        Host::Ipv6(address) => (address.is_loopback(), true),
        Host::Domain(name) => (name == "localhost", name == "localhost" || port.is_some() || name.contains('.')),
    };
    is_named.then(|| format!("{}://{text}", if is_here { "http" } else { "https" }))
}

/// A name and port, and where to connect instead.
pub(crate) type Redirected = (String, u16, SocketAddr);

/// Reads curl's `HOST:PORT:ADDRESS`, or `HOST:PORT:ADDRESS:PORT`; IPv6 hosts in brackets.
pub(crate) fn resolve_flag(text: &str) -> Option<Redirected> {
    let host_end = if text.starts_with('[') { text.find(']')?.checked_add(1)? } else { text.find(':')? };
    let (host, rest) = text.split_at_checked(host_end)?;
    let (port, target) = rest.strip_prefix(':')?.split_once(':')?;
    redirected(host, port, target)
}

/// Reads the file's form: `host:port` and `address:port` (or an address, for the same port).
pub(crate) fn resolve_pair(name: &str, target: &str) -> Option<Redirected> {
    let (host, port) = name.rsplit_once(':')?;
    redirected(host, port, target)
}

fn redirected(host: &str, port: &str, target: &str) -> Option<Redirected> {
    let host = Host::parse(host).ok()?.to_string().trim_end_matches('.').to_ascii_lowercase();
    let port: u16 = port.parse().ok().filter(|port| *port != 0)?;
    let target = target.trim();
    let address = target.parse::<SocketAddr>().ok().or_else(|| {
        let bare = target.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(target);
        bare.parse::<IpAddr>().ok().map(|address| SocketAddr::new(address, port))
    })?;
    Some((host, port, address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e20_only_http_addresses_are_production() {
        for wrong in [
            "not-a-url",
            "ftp://x.example",
            "http://",
            "https:/x",
            "localhost:port",
            ":3000",
            "javascript:alert(1)",
            "",
            "https://a b",
            "//x.example",
            "https://u:p@x.example",
            "https://x.example/?a=b",
            "https://x.example/#a",
            "/x",
            "https:x.example",
        ] {
            assert!(base_url(wrong).is_err(), "{wrong}");
        }
        for right in ["https://api.example.com", "http://127.0.0.1:8080", "https://x.example/base", "http://[::1]:1/"] {
            assert!(base_url(right).is_ok(), "{right}");
        }
    }

    #[test]
    fn without_a_scheme_this_machine_is_http_and_every_other_host_https() {
        for (typed, meant) in [
            ("localhost:3000", "http://localhost:3000/"),
            ("LOCALHOST", "http://localhost/"),
            ("127.0.0.1", "http://127.0.0.1/"),
            ("127.9.9.9:80/base", "http://127.9.9.9/base"),
            ("[::1]:8080", "http://[::1]:8080/"),
            ("[::1]", "http://[::1]/"),
            ("api.example.com", "https://api.example.com/"),
            ("api.example.com:8443/v1", "https://api.example.com:8443/v1"),
            ("192.168.1.2", "https://192.168.1.2/"),
            ("intranet:8080", "https://intranet:8080/"),
            ("localhost.example.com", "https://localhost.example.com/"),
        ] {
            assert_eq!(base_url(typed).expect(typed).as_str(), meant);
        }
    }

    #[test]
    fn a_redirected_name_is_read_in_both_of_its_forms() {
        let expected = ("api.example.com".to_owned(), 443, "127.0.0.1:8443".parse().expect("address"));
        assert_eq!(resolve_flag("api.example.com:443:127.0.0.1:8443"), Some(expected.clone()));
        assert_eq!(resolve_pair("API.example.com:443", "127.0.0.1:8443"), Some(expected));
        let same_port = ("x.example".to_owned(), 80, "127.0.0.1:80".parse().expect("address"));
        assert_eq!(resolve_flag("x.example:80:127.0.0.1"), Some(same_port.clone()));
        assert_eq!(resolve_pair("x.example:80", "127.0.0.1"), Some(same_port));
        let six = ("[::1]".to_owned(), 80, "[::2]:81".parse().expect("address"));
        assert_eq!(resolve_flag("[::1]:80:[::2]:81"), Some(six));
        assert_eq!(resolve_flag("x.example:80:[::2]").map(|found| found.2), "[::2]:80".parse().ok());
        for wrong in ["", "x", "x:80", "x:80:", "x:port:127.0.0.1", "x:0:127.0.0.1", "x:80:name:1", "[::1:80:127.0.0.1"]
        {
            assert_eq!(resolve_flag(wrong), None, "{wrong}");
        }
    }
}
