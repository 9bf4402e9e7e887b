//! Where production is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::{AssetSource, one_line};

/// An address is not an origin, or cannot be production's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// Not http or https, or without a host.
    #[error("`{0}` has no http(s) origin")]
    NotHttp(String),
    /// A user name or password in production's address would end in proofs.
    #[error("production's address must not contain a user name or password")]
    Credentials,
}

/// Scheme, host and port of an address (RFC 6454).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

impl Origin {
    /// Returns the origin of a URL.
    ///
    /// # Errors
    /// When the URL is not http(s) or has no host.
    pub fn of(url: &Url) -> Result<Self, OriginError> {
        let wrong = || OriginError::NotHttp(one_line(url.as_str(), 120));
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong());
        }
        let host = url.host_str().ok_or_else(wrong)?.trim_end_matches('.').to_ascii_lowercase();
        let port = url.port_or_known_default().ok_or_else(wrong)?;
        Ok(Self { scheme: url.scheme().to_owned(), host, port })
    }

    /// Returns the host: a name, an IPv4 address, or an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Tells whether a URL lies on this origin.
    pub fn contains(&self, url: &Url) -> bool {
        Self::of(url).is_ok_and(|other| other == *self)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}://{}", self.scheme, self.host)?;
        match (self.scheme.as_str(), self.port) {
            ("http", 80) | ("https", 443) => Ok(()),
            (_, port) => write!(formatter, ":{port}"),
        }
    }
}

/// A host that callers may call beside production: `HOST` (any port) or `HOST:PORT`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPattern {
    host: String,
    port: Option<u16>,
}

/// A text is not `HOST[:PORT]`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not HOST or HOST:PORT (an IPv6 address goes in brackets)")]
pub struct HostPatternError(String);

impl HostPattern {
    /// Tells whether a URL lies on this host (and port).
    pub fn matches(&self, url: &Url) -> bool {
        Origin::of(url).is_ok_and(|origin| origin.host == self.host && self.port.is_none_or(|port| port == origin.port))
    }
}

impl FromStr for HostPattern {
    type Err = HostPatternError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || HostPatternError(one_line(text, 80));
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !host.is_empty() && !text.ends_with(']') => {
                (host, Some(port.parse::<u16>().map_err(|_| wrong())?))
            }
            _ => (text, None),
        };
        let host = Host::parse(host).map_err(|_| wrong())?.to_string().trim_end_matches('.').to_ascii_lowercase();
        Ok(Self { host, port })
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(formatter, "{}:{port}", self.host),
            None => formatter.write_str(&self.host),
        }
    }
}

/// Where the deployed version can be read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct VersionSource {
    /// A path on production, instead of `/version`, `/api/version` and `/actuator/info`.
    pub path: Option<String>,
    /// A response header that holds the version, instead of the body.
    pub header: Option<String>,
    /// The one field of the document that holds it, such as `data.build.id`.
    pub field: Option<String>,
    /// What decides.
    pub compare: VersionComparison,
}

/// What decides whether production runs the repository's version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VersionComparison {
    /// The commit alone.
    #[default]
    Commit,
    /// A version in words, too, against the repository's package files.
    Package,
}

/// Production as the configuration describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Production {
    /// The address, possibly with a path that routes are put behind.
    pub url: Url,
    /// Its origin.
    pub origin: Origin,
    /// The hosts besides its origin whose answers count as production's own.
    pub hosts: Vec<HostPattern>,
    /// The health routes: `None` for the well-known four, an empty list for "waived".
    pub health_paths: Option<Vec<String>>,
    /// Where the deployed version can be read.
    pub version: VersionSource,
    /// Globs of what is deployed: nothing else of the repository reaches production. Empty where that is not known.
    pub deploy_paths: Vec<String>,
    /// The build folder with which the files of production's pages are compared.
    pub assets: Option<AssetSource>,
}

impl Production {
    /// Makes production from its address, with everything else at its default.
    ///
    /// # Errors
    /// When the address is not http(s), has no host, or holds a user name or password.
    pub fn new(url: Url) -> Result<Self, OriginError> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err(OriginError::Credentials);
        }
        let origin = Origin::of(&url)?;
        let version = VersionSource::default();
        Ok(Self { url, origin, hosts: Vec::new(), health_paths: None, version, deploy_paths: Vec::new(), assets: None })
    }

    /// Returns the path of an address on production's origin, below the path that routes are put behind.
    pub fn path_of(&self, url: &Url) -> Option<String> {
        let path = url.path().strip_prefix(self.url.path().trim_end_matches('/'))?;
        (self.origin.contains(url) && path.starts_with('/')).then(|| path.to_owned())
    }

    /// Tells whether a URL lies on production's origin or on a host that is production, too.
    pub fn covers(&self, url: &Url) -> bool {
        self.origin.contains(url) || self.hosts.iter().any(|pattern| pattern.matches(url))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("a URL")
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let origin = Origin::of(&url("https://API.example.com./x")).expect("origin");
        assert!(origin.contains(&url("https://api.example.com:443/y?z")));
        assert!(!origin.contains(&url("http://api.example.com/y")));
        assert!(!origin.contains(&url("https://api.example.com.evil.test/")));
        assert!(!origin.contains(&url("https://api.example.com@evil.test/")));
        assert_eq!(origin.to_string(), "https://api.example.com");
        assert_eq!(Origin::of(&url("http://127.0.0.1:8080")).expect("origin").to_string(), "http://127.0.0.1:8080");
    }

    #[test]
    fn a_host_pattern_may_name_a_port() {
        let any: HostPattern = "Status.example.com".parse().expect("pattern");
        assert!(any.matches(&url("http://status.example.com:81/")));
        let one: HostPattern = "[::1]:8080".parse().expect("pattern");
        assert!(one.matches(&url("http://[::1]:8080/")) && !one.matches(&url("http://[::1]/")));
        assert!("a b".parse::<HostPattern>().is_err() && "host:port".parse::<HostPattern>().is_err());
    }
}
