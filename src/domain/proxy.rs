//! Through which proxies calls go.

use std::fmt;

use percent_encoding::percent_decode_str;
use url::{Host, Url};

use super::SecretText;

/// A text names no proxy, as a fragment behind the name of its setting. It shows nothing of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProxyAddressError {
    /// Not an address.
    #[error("it is not the address of a proxy such as http://proxy.example.com:3128")]
    NotAnAddress,
    /// Another protocol.
    #[error("only proxies of HTTP are used, whose address begins with http:// or https://")]
    OtherProtocol,
}

/// One proxy of HTTP: `CONNECT` for https, whole addresses for http (RFC 9110 §9.3.6, RFC 9112 §3.2.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyAddress {
    /// Scheme, host and port, without the login.
    pub url: Url,
    /// What it is told of us (Basic, RFC 7617).
    pub login: Option<ProxyLogin>,
}

/// A name and a password for a proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct ProxyLogin {
    pub name: SecretText,
    pub password: SecretText,
}

impl ProxyAddress {
    /// Reads `[http[s]://][NAME:PASSWORD@]HOST[:PORT]`, as curl reads its variables.
    ///
    /// # Errors
    /// When it is something else.
    pub fn read(text: &str) -> Result<Self, ProxyAddressError> {
        let text = text.trim();
        let full = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let mut url = Url::parse(&full).map_err(|_| ProxyAddressError::NotAnAddress)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(ProxyAddressError::OtherProtocol);
        }
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !is_bare
            || text.starts_with('/')
            || url.host_str().is_none_or(str::is_empty)
            || text.chars().any(char::is_whitespace)
        {
            return Err(ProxyAddressError::NotAnAddress);
        }
        let decoded = |part: &str| SecretText::new(percent_decode_str(part).decode_utf8_lossy().into_owned());
        let login = (!url.username().is_empty()).then(|| ProxyLogin {
            name: decoded(url.username()),
            password: decoded(url.password().unwrap_or_default()),
        });
        // Both fail only for addresses that cannot have a login, and http has one.
        let _ = url.set_password(None);
        let _ = url.set_username("");
        Ok(Self { url, login })
    }
}

impl fmt::Display for ProxyAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.url.as_str().trim_end_matches('/'))
    }
}

/// Which calls go through which proxy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    /// Whether they are used. Those of the environment that are not are told when a call fails.
    pub used: bool,
    /// The one for http.
    pub http: Option<ProxyAddress>,
    /// The one for https.
    pub https: Option<ProxyAddress>,
    /// Hosts that are called directly, as NO_PROXY lists them.
    pub direct: String,
    /// The variables that name the proxies; none when the setting holds an address.
    pub variables: Vec<String>,
}

impl Proxies {
    /// Returns the proxy of an address's scheme. A call to this machine goes through none.
    pub fn of(&self, url: &Url) -> Option<&ProxyAddress> {
        let proxy = if url.scheme() == "https" { &self.https } else { &self.http };
        proxy.as_ref().filter(|_| !names_this_machine(url))
    }

    /// Returns the logins, as they may stand in texts.
    pub fn secrets(&self) -> Vec<SecretText> {
        let logins = [&self.http, &self.https].into_iter().flatten().filter_map(|proxy| proxy.login.as_ref());
        let secrets = logins.flat_map(|login| {
            let both = SecretText::new(format!("{}:{}", login.name.expose(), login.password.expose()));
            [login.password.clone(), both]
        });
        secrets.collect()
    }

    /// Says which proxies are in force, without their logins: for people and for digests.
    pub fn shown(&self) -> String {
        let mut shown: Vec<String> = Vec::new();
        for proxy in [&self.https, &self.http].into_iter().flatten().filter(|_| self.used) {
            let text = proxy.to_string();
            if !shown.contains(&text) {
                shown.push(text);
            }
        }
        if shown.is_empty() { "none".to_owned() } else { shown.join(", ") }
    }
}

/// Tells whether an address names this machine by itself: its loopback addresses, and `localhost` (RFC 6761 §6.3).
fn names_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            name == "localhost" || name.ends_with(".localhost")
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("a URL")
    }

    #[test]
    fn a_proxy_is_read_as_curl_reads_it() {
        for (text, shown) in [
            ("http://proxy.corp:3128", "http://proxy.corp:3128"),
            ("proxy.corp:3128", "http://proxy.corp:3128"),
            ("https://proxy.corp/", "https://proxy.corp"),
            ("127.0.0.1:8080", "http://127.0.0.1:8080"),
        ] {
            let read = ProxyAddress::read(text).expect(text);
            assert_eq!((read.to_string().as_str(), read.login), (shown, None));
        }
        for wrong in ["", "socks5://a:1", "http://", "http://a/path", "http://a?b", "a b", "/x"] {
            assert!(ProxyAddress::read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_login_is_told_to_the_proxy_and_shown_to_nobody() {
        let read = ProxyAddress::read("http://ada:planted%40word@proxy.corp:3128").expect("a proxy");
        assert_eq!(read.login.as_ref().map(|login| login.password.expose()), Some("planted@word"));
        assert!(!format!("{read} {read:?}").contains("planted"));
        let proxies = Proxies { used: true, https: Some(read), ..Proxies::default() };
        assert_eq!(proxies.shown(), "http://proxy.corp:3128");
        assert!(proxies.secrets().iter().any(|secret| secret.expose() == "planted@word"));
    }

    #[test]
    fn this_machine_is_called_through_no_proxy() {
        let proxy = ProxyAddress::read("proxy.corp:3128").ok();
        let proxies = Proxies { used: true, http: proxy.clone(), https: proxy, ..Proxies::default() };
        for here in ["http://localhost:3000/", "https://a.localhost/", "http://127.9.9.9/", "http://[::1]:1/"] {
            assert_eq!(proxies.of(&url(here)), None, "{here}");
        }
        for there in ["http://prod.test/", "https://localhost.example.com/", "http://192.168.1.2/"] {
            assert!(proxies.of(&url(there)).is_some(), "{there}");
        }
    }
}
