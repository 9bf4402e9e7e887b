//! Which calls go through a proxy, and whether they may.

use std::net::IpAddr;
use std::time::Duration;

use hyper_util::client::proxy::matcher::Matcher;
use url::{Host, Url};

use super::client::ClientState;
use super::egress::{EgressDecision, decide_egress_through_proxy};
use super::failure::{TimeoutPhase, TransportFailure};
use crate::domain::{Origin, Proxies, ProxyAddress};

/// How long a name may take to resolve here before it counts as one that does not: behind a proxy there is often nobody
/// to ask.
const LOOKUP: Duration = Duration::from_secs(2);

/// The proxies, and the hosts that are called directly.
#[derive(Debug)]
pub(super) struct ProxyRules {
    proxies: Proxies,
    /// Intercepts what is not called directly.
    direct: Matcher,
}

impl ProxyRules {
    pub(super) fn new(proxies: Proxies) -> Self {
        // `*.example.com` is how many write what curl writes as `.example.com`.
        let direct = proxies.direct.split(',').map(|entry| entry.trim().to_ascii_lowercase());
        let direct =
            direct.map(|entry| entry.strip_prefix('*').filter(|rest| !rest.is_empty()).unwrap_or(&entry).to_owned());
        let direct = direct.collect::<Vec<_>>().join(",");
        // The address is never called: it lets the matcher intercept.
        Self { proxies, direct: Matcher::builder().all("http://proxy.invalid").no(direct).build() }
    }

    /// The proxy that a call goes through, unless its name turns out to be one of this machine.
    pub(super) fn used_for(&self, url: &Url) -> Option<&ProxyAddress> {
        self.named_for(url).filter(|_| self.proxies.used)
    }

    /// The variables that name a proxy for an address, where they are not used.
    fn unused_for(&self, url: &Url) -> Option<String> {
        self.named_for(url).filter(|_| !self.proxies.used).map(|_| self.proxies.variables.join(" and "))
    }

    fn named_for(&self, url: &Url) -> Option<&ProxyAddress> {
        let proxy = self.proxies.of(url)?;
        let host = url.host_str()?.trim_end_matches('.');
        let place: http::Uri = format!("{}://{host}/", url.scheme()).parse().ok()?;
        self.direct.intercept(&place).map(|_| proxy)
    }
}

impl ClientState {
    /// Says through which proxy an address is asked for; none when it is asked for directly.
    ///
    /// A proxy resolves the name by itself, so what it will call cannot be decided here. The name is therefore judged by
    /// the addresses that it has here; one that has none is asked for only as production's own.
    ///
    /// # Errors
    /// When an address of the name may not be called.
    pub(super) async fn proxy_for(&self, url: &Url) -> Result<Option<&ProxyAddress>, TransportFailure> {
        let Some(proxy) = self.proxy_named_for(url) else { return Ok(None) };
        let addresses = match url.host() {
            Some(Host::Ipv4(literal)) => vec![IpAddr::V4(literal)],
            Some(Host::Ipv6(literal)) => vec![IpAddr::V6(literal)],
            Some(Host::Domain(name)) => looked_up(name).await,
            None => Vec::new(),
        };
        if !addresses.is_empty() && addresses.iter().all(|address| address.to_canonical().is_loopback()) {
            return Ok(None);
        }
        match decide_egress_through_proxy(&self.rule, url, &addresses) {
            EgressDecision::Allowed => Ok(Some(proxy)),
            EgressDecision::Blocked { why, setting } => Err(TransportFailure::Blocked { why, setting }),
        }
    }

    /// The proxy that the settings name for an address. Where they say to which address to connect, that is done directly.
    pub(super) fn proxy_named_for(&self, url: &Url) -> Option<&ProxyAddress> {
        let proxy = self.proxies.used_for(url)?;
        let origin = Origin::of(url).ok()?;
        self.overrides_of(&origin).next().is_none().then_some(proxy)
    }

    /// Says of a failed call that a proxy is named in the environment and was not used.
    pub(super) fn beside_proxy(&self, failure: TransportFailure, url: &Url) -> TransportFailure {
        let not_reached = matches!(
            failure,
            TransportFailure::Dns { .. }
                | TransportFailure::Refused { .. }
                | TransportFailure::Unreachable { .. }
                | TransportFailure::Reset { .. }
                | TransportFailure::Timeout { phase: TimeoutPhase::Connect, .. }
        );
        match self.proxies.unused_for(url).filter(|_| not_reached) {
            Some(variables) => TransportFailure::BesideProxy { failure: Box::new(failure), variables },
            None => failure,
        }
    }
}

/// Returns the addresses of a name; none when it does not resolve here.
async fn looked_up(name: &str) -> Vec<IpAddr> {
    match tokio::time::timeout(LOOKUP, tokio::net::lookup_host((name, 0))).await {
        Ok(Ok(found)) => found.map(|address| address.ip()).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_no_proxy_are_called_directly() {
        let proxy = ProxyAddress::read("proxy.corp:3128").ok();
        let direct = "api.corp, .inner.test,*.Wild.test,10.0.0.0/8,192.168.1.2".to_owned();
        let proxies = Proxies { used: true, http: proxy, direct, ..Proxies::default() };
        let rules = ProxyRules::new(proxies);
        let used = |text: &str| rules.used_for(&Url::parse(text).expect("a URL")).is_some();
        for direct in [
            "http://api.corp/",
            "http://v1.api.corp./",
            "http://a.inner.test/",
            "http://b.wild.test:81/",
            "http://10.1.2.3/",
            "http://192.168.1.2/",
        ] {
            assert!(!used(direct), "{direct}");
        }
        for through in ["http://prod.test/", "http://notapi.corp/", "http://192.168.1.3/"] {
            assert!(used(through), "{through}");
        }
        assert!(!used("https://prod.test/"), "no proxy is named for https");
        let nowhere = ProxyRules::new(Proxies { direct: "*".to_owned(), ..rules.proxies.clone() });
        assert!(nowhere.used_for(&Url::parse("http://prod.test/").expect("a URL")).is_none());
    }
}
