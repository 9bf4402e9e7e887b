//! The client: settings, one pool for each origin, one TLS configuration.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use tokio::sync::Semaphore;
use url::{Host, Url};

use super::connection::{EgressResolver, ObserveConnecting};
use super::egress::{EgressDecision, EgressRule, decide_egress};
use super::exchange::{BODY_START_BYTES, Route};
use super::failure::{TransportFailure, tls_reason};
use super::proxy::ProxyRules;
use super::tls;
use crate::domain::{Actor, AuditSink, ClientCertificate, HostPattern, Origin, Proxies, ProxyAddress, one_line};

/// The most origins with a pool. With more, all pools are dropped and made anew.
const MAX_POOLS: usize = 64;
/// The most headers of an answer.
const MAX_HEADERS: usize = 512;
/// How long an unused connection is kept: shorter than what common servers grant, so that a check does not meet a
/// connection that its server is about to close.
const IDLE_TIMEOUT: Duration = Duration::from_millis(1_500);

/// An address that is used instead of what a name resolves to, as curl's `--resolve`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolveOverride {
    /// The host as it stands in the URL.
    pub host: String,
    /// The port as it stands in the URL, or the scheme's.
    pub port: u16,
    /// Where to connect.
    pub address: SocketAddr,
}

/// What a client needs to know.
#[derive(Debug, Clone)]
pub struct HttpClientSettings {
    /// Where calls may go.
    pub egress: EgressRule,
    /// Addresses used instead of what names resolve to.
    pub resolve: Vec<ResolveOverride>,
    /// A PEM file with authorities that are trusted besides the system's.
    pub ca_file: Option<PathBuf>,
    /// Through which proxies calls go.
    pub proxies: Proxies,
    /// What production's origin is shown when it asks for a client certificate; and the other hosts that are production.
    pub client_certificate: Option<(ClientCertificate, Vec<HostPattern>)>,
    /// The most bytes of a body, after decompression, that are read; more is a failure.
    pub max_body_bytes: u64,
    /// The most exchanges at once.
    pub max_concurrent: usize,
}

/// The client could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutboundError {
    /// The file with authorities cannot be read.
    #[error("ca_file {} cannot be read", path.display())]
    AuthoritiesUnreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file with authorities is not a PEM file.
    #[error("ca_file {} is not a PEM file", path.display())]
    AuthoritiesInvalid {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: rustls::pki_types::pem::Error,
    },
    /// The file with authorities holds none.
    #[error("ca_file {} holds no certificate", path.display())]
    NoAuthority {
        /// The file.
        path: PathBuf,
    },
    /// The client certificate cannot be used.
    #[error("client_certificate {}: {why}", path.display())]
    ClientCertificate {
        /// The certificate's file.
        path: PathBuf,
        /// Why, without any part of the key.
        why: String,
    },
    /// An override names an address instead of a host.
    #[error("resolve names the address `{host}`: it must name a host")]
    ResolveLiteral {
        /// The address that stands where a name belongs.
        host: String,
    },
}

impl OutboundError {
    /// Returns the key of the setting that is wrong.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::AuthoritiesUnreadable { .. } | Self::AuthoritiesInvalid { .. } | Self::NoAuthority { .. } => {
                "ca_file"
            }
            Self::ClientCertificate { .. } => "client_certificate",
            Self::ResolveLiteral { .. } => "resolve",
        }
    }
}

/// Sends requests over pooled connections; TLS is configured once, at the first request that needs it. Cheap to
/// clone.
///
/// Each origin has a pool of its own, so that a pool's resolver knows for which origin it decides (a resolver is
/// asked for a host only), and so that an override can change the port (hyper lets a URL's port win).
#[derive(Debug, Clone)]
pub struct HttpClient {
    pub(super) state: Arc<ClientState>,
    pub(super) kept: KeptBody,
    pub(super) audit: Option<AuditSink>,
}

/// How much of a body is read, and how much of that is kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct KeptBody {
    pub(super) start_bytes: usize,
    pub(super) max_bytes: u64,
    /// Whether a longer body is a failure, instead of one that is judged by its start.
    pub(super) must_be_whole: bool,
}

#[derive(Debug)]
pub(super) struct ClientState {
    pub(super) rule: Arc<EgressRule>,
    pub(super) permits: Semaphore,
    max_concurrent: usize,
    resolve: Vec<ResolveOverride>,
    pub(super) proxies: ProxyRules,
    authorities: Vec<CertificateDer<'static>>,
    /// Kept when it could be made: a lack of descriptors passes.
    tls: OnceLock<rustls::ClientConfig>,
    /// As whom production is asked, and which other hosts are production.
    identity: Option<(tls::Identity, Vec<HostPattern>)>,
    tls_with_identity: OnceLock<rustls::ClientConfig>,
    pools: Mutex<HashMap<PoolKey, Pool>>,
}

/// What the connections of one pool have in common: the origin, how they are made, and whether through a proxy.
type PoolKey = (Origin, Route, bool);

/// The connections to one origin.
#[derive(Debug, Clone)]
pub(super) struct Pool {
    pub(super) client: reqwest::Client,
    /// Whether the URL's port is left out on the way to the connector, so that the override's port stands.
    pub(super) hides_port: bool,
}

impl HttpClient {
    /// Makes a client; nothing is loaded before the first request.
    ///
    /// # Errors
    /// When the file with authorities cannot be read, or an override names an address instead of a host.
    pub fn new(settings: HttpClientSettings) -> Result<Self, OutboundError> {
        let authorities = match &settings.ca_file {
            Some(path) => tls::read_authorities(path)?,
            None => Vec::new(),
        };
        for entry in &settings.resolve {
            if !matches!(Host::parse(&entry.host), Ok(Host::Domain(_))) {
                return Err(OutboundError::ResolveLiteral { host: one_line(&entry.host, 80) });
            }
        }
        let identity = match &settings.client_certificate {
            Some((given, hosts)) => Some((tls::read_identity(given)?, hosts.clone())),
            None => None,
        };
        Ok(Self::trusting(authorities, identity, settings))
    }

    /// Makes a client that trusts the system's authorities only and connects to what names resolve to.
    pub fn direct(egress: EgressRule, max_body_bytes: u64, max_concurrent: usize) -> Self {
        let settings = HttpClientSettings {
            egress,
            resolve: Vec::new(),
            ca_file: None,
            proxies: Proxies::default(),
            client_certificate: None,
            max_body_bytes,
            max_concurrent,
        };
        Self::trusting(Vec::new(), None, settings)
    }

    /// Returns the addresses of a URL's host that may be called; none when the name does not resolve, or when a proxy chooses
    /// among them. Overrides are the only ones.
    pub async fn addresses(&self, url: &Url) -> Vec<IpAddr> {
        let state = &self.state;
        if state.proxy_named_for(url).is_some() {
            return Vec::new();
        }
        let overridden =
            Origin::of(url).map(|origin| state.overrides_of(&origin).collect::<Vec<_>>()).unwrap_or_default();
        if !overridden.is_empty() {
            return overridden.iter().map(SocketAddr::ip).collect();
        }
        let name = match url.host() {
            Some(Host::Domain(name)) => name,
            Some(Host::Ipv4(address)) => return vec![address.into()],
            Some(Host::Ipv6(address)) => return vec![address.into()],
            None => return Vec::new(),
        };
        let Ok(found) = tokio::net::lookup_host((name, 0)).await else { return Vec::new() };
        let mut addresses = Vec::new();
        for address in found.map(|address| address.ip()) {
            let allowed = matches!(decide_egress(&state.rule, url, address), EgressDecision::Allowed);
            if allowed && !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        addresses
    }

    /// Returns the proxy that a URL is asked for through, without its login; none when it is asked for directly.
    pub fn proxy_of(&self, url: &Url) -> Option<String> {
        self.state.proxy_named_for(url).map(ToString::to_string)
    }

    /// Returns the same client, which tells this trail what the egress rule refused.
    #[must_use]
    pub fn auditing(self, audit: Option<AuditSink>) -> Self {
        Self { audit, ..self }
    }

    fn trusting(
        authorities: Vec<CertificateDer<'static>>,
        identity: Option<(tls::Identity, Vec<HostPattern>)>,
        settings: HttpClientSettings,
    ) -> Self {
        let max_concurrent = settings.max_concurrent.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            kept: KeptBody { start_bytes: BODY_START_BYTES, max_bytes: settings.max_body_bytes, must_be_whole: false },
            audit: None,
            state: Arc::new(ClientState {
                rule: Arc::new(settings.egress),
                permits: Semaphore::new(max_concurrent),
                max_concurrent,
                resolve: settings.resolve,
                proxies: ProxyRules::new(settings.proxies),
                authorities,
                tls: OnceLock::new(),
                identity,
                tls_with_identity: OnceLock::new(),
                pools: Mutex::new(HashMap::new()),
            }),
        }
    }

    /// Returns a client over the same connections that keeps so many bytes of a body's start.
    #[must_use]
    pub fn keeping(&self, start_bytes: usize) -> Self {
        Self { kept: KeptBody { start_bytes, ..self.kept }, ..self.clone() }
    }

    /// Returns a client over the same connections that keeps bodies of at most `limit_bytes` whole; a longer one is a
    /// failure. For peers whose whole answers are read.
    #[must_use]
    pub fn keeping_whole_bodies(mut self, limit_bytes: usize) -> Self {
        let max_bytes = self.kept.max_bytes.min(limit_bytes as u64);
        self.kept = KeptBody { start_bytes: limit_bytes, max_bytes, must_be_whole: true };
        self
    }
}

impl ClientState {
    /// Returns the pool for a URL's origin, through a proxy or not.
    pub(super) fn pool(&self, url: &Url, route: Route, proxy: Option<&ProxyAddress>) -> Result<Pool, TransportFailure> {
        let protocol = |reason: &str| TransportFailure::Protocol { reason: reason.to_owned() };
        let origin = Origin::of(url).map_err(|_| protocol("the address is not http(s)"))?;
        // A panic elsewhere cannot leave a half-made entry: the map is only read and inserted into.
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (origin, route, proxy.is_some());
        if let Some(pool) = pools.get(&key) {
            return Ok(pool.clone());
        }
        let pool = self.make_pool(url, &key.0, route, proxy)?;
        if pools.len() >= MAX_POOLS {
            pools.clear();
        }
        pools.insert(key, pool.clone());
        Ok(pool)
    }

    /// Whom a server is shown that asks for a client certificate: production's origin and hosts only.
    pub(super) fn identity_for(&self, url: &Url) -> Option<&tls::Identity> {
        let (identity, hosts) = self.identity.as_ref()?;
        let is_production = self.rule.production.as_ref().is_some_and(|origin| origin.contains(url));
        (is_production || hosts.iter().any(|pattern| pattern.matches(url))).then_some(identity)
    }

    fn system_config(&self, identity: Option<&tls::Identity>) -> Result<rustls::ClientConfig, rustls::Error> {
        let kept = if identity.is_some() { &self.tls_with_identity } else { &self.tls };
        if let Some(known) = kept.get() {
            return Ok(known.clone());
        }
        let made = tls::system_config(self.authorities.clone(), identity)?;
        Ok(kept.get_or_init(|| made).clone())
    }

    fn make_pool(
        &self,
        url: &Url,
        origin: &Origin,
        route: Route,
        proxy: Option<&ProxyAddress>,
    ) -> Result<Pool, TransportFailure> {
        let https = url.scheme() == "https" || proxy.is_some_and(|proxy| proxy.url.scheme() == "https");
        let identity = self.identity_for(url);
        let tls_failed = |error: &rustls::Error| TransportFailure::Tls {
            reason: tls_reason(error, origin.host(), identity.is_some()),
        };
        let config = if https { self.system_config(identity) } else { tls::no_trust_config() };
        let mut config = config.map_err(|error| tls_failed(&error))?;

        let overridden = match route {
            Route::To(address) => self.overrides_of(origin).find(|known| known.ip() == address),
            Route::Pooled | Route::Fresh => self.overrides_of(origin).next(),
        };
        let hides_port = overridden.is_some() && url.port().is_some();
        let instead = match route {
            Route::To(address) => Some(SocketAddr::new(address, overridden.map_or(0, |address| address.port()))),
            Route::Pooled | Route::Fresh => overridden,
        };
        let kept_connections = if route == Route::Pooled { self.max_concurrent } else { 0 };
        let mut root = url.clone();
        root.set_path("/");
        root.set_query(None);
        root.set_fragment(None);
        // A proxy's own name is a person's word: it may lead anywhere but to what nobody calls.
        let resolver = match proxy {
            Some(proxy) => EgressResolver { rule: anywhere(), origin: proxy.url.clone(), instead: None },
            None => EgressResolver { rule: self.rule.clone(), origin: root, instead },
        };

        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("snipara-orchestrator/", env!("CARGO_PKG_VERSION")))
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .tcp_nodelay(true)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_max_idle_per_host(kept_connections)
            .tls_info(true)
            // As lenient as browsers are: a stray byte in a header of a firewall in front is no broken deployment.
            .http1_ignore_invalid_headers_in_responses(true)
            .http1_allow_obsolete_multiline_headers_in_responses(true)
            .http1_allow_spaces_after_header_name_in_responses(true)
            .http1_max_headers(MAX_HEADERS)
            .dns_resolver(resolver)
            .connector_layer(ObserveConnecting);
        if let Some(proxy) = proxy {
            let mut through = reqwest::Proxy::all(proxy.url.clone()).map_err(|error| unbuilt(&error))?;
            if let Some(login) = &proxy.login {
                through = through.basic_auth(login.name.expose(), login.password.expose());
            }
            builder = builder.proxy(through);
        }
        if hides_port {
            // HTTP/2 takes `:authority` from the URL, which would lack the port; HTTP/1.1 sends the Host given.
            config.alpn_protocols = vec![b"http/1.1".to_vec()];
            builder = builder.http1_only();
        }
        let client = builder.tls_backend_preconfigured(config).build().map_err(|error| unbuilt(&error))?;
        Ok(Pool { client, hides_port })
    }

    pub(super) fn overrides_of<'a>(&'a self, origin: &'a Origin) -> impl Iterator<Item = SocketAddr> + 'a {
        let name = |host: &str| host.trim_end_matches('.').to_ascii_lowercase();
        let is_meant =
            move |entry: &&ResolveOverride| entry.port == origin.port() && name(&entry.host) == origin.host();
        self.resolve.iter().filter(is_meant).map(|entry| {
            let mut address = entry.address;
            if address.port() == 0 {
                address.set_port(origin.port());
            }
            address
        })
    }
}

fn unbuilt(error: &reqwest::Error) -> TransportFailure {
    TransportFailure::Protocol { reason: one_line(&error.to_string(), 120) }
}

/// The rule of what a person named: everything but link-local and metadata addresses.
fn anywhere() -> Arc<EgressRule> {
    Arc::new(EgressRule { actor: Actor::Person, production: None, allowed_hosts: Vec::new(), allow_public: true })
}
