//! May this URL be called? Pure: an address is given, nothing is looked up.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use crate::domain::{Actor, HostPattern, Origin};

/// Where calls may go.
#[derive(Debug, Clone)]
pub struct EgressRule {
    /// The actor. A person may call everything except link-local and metadata addresses.
    pub actor: Actor,
    /// Production's origin.
    pub production: Option<Origin>,
    /// Hosts that the trusted configuration or `--allow-host` names.
    pub allowed_hosts: Vec<HostPattern>,
    /// Whether other public addresses may be called (`--allow-public`).
    pub allow_public: bool,
}

impl EgressRule {
    /// Tells whether an address lies on production or on a host that a person named.
    pub(super) fn names(&self, url: &Url) -> bool {
        self.production.as_ref().is_some_and(|origin| origin.contains(url))
            || self.allowed_hosts.iter().any(|pattern| pattern.matches(url))
    }
}

/// Whether a call may be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EgressDecision {
    /// It is allowed.
    Allowed,
    /// It is not allowed.
    Blocked {
        /// Why, as a fragment.
        why: String,
        /// The setting that allows it, or that nothing does.
        setting: String,
    },
}

/// Decides whether `url`, which resolves to `address`, may be called. Pure.
///
/// Only the URL's origin matters, so that a decision holds for every path on it. When the URL's host is itself an
/// address, that address is judged as well as the given one.
pub fn decide_egress(rule: &EgressRule, url: &Url, address: IpAddr) -> EgressDecision {
    let literal = match url.host() {
        Some(Host::Ipv4(literal)) => Some(IpAddr::V4(literal)),
        Some(Host::Ipv6(literal)) => Some(IpAddr::V6(literal)),
        _ => None,
    };
    if let Some(forbidden) = [Some(address), literal].into_iter().flatten().find(|address| is_never_called(*address)) {
        return EgressDecision::Blocked {
            why: format!("{forbidden} is a link-local or metadata address"),
            setting: "nothing allows it: such addresses are never called".to_owned(),
        };
    }
    if rule.actor == Actor::Person || rule.names(url) {
        return EgressDecision::Allowed;
    }
    if !rule.allow_public {
        return not_named(url, true);
    }
    if is_public(address) && literal.is_none_or(is_public) {
        return EgressDecision::Allowed;
    }
    EgressDecision::Blocked {
        why: format!("{address} is not a public address, and {} is not production", host_and_port(url)),
        setting: setting(url, false),
    }
}

/// Decides before a name is resolved. A name that cannot be allowed with any address is not looked up.
pub fn decide_egress_by_name(rule: &EgressRule, url: &Url) -> EgressDecision {
    match url.host() {
        Some(Host::Ipv4(literal)) => decide_egress(rule, url, IpAddr::V4(literal)),
        Some(Host::Ipv6(literal)) => decide_egress(rule, url, IpAddr::V6(literal)),
        _ if rule.actor == Actor::Person || rule.names(url) || rule.allow_public => EgressDecision::Allowed,
        _ => not_named(url, true),
    }
}

/// Decides whether a proxy may be asked for `url`, whose host has these addresses here. Pure.
///
/// The proxy chooses among addresses that it looks up by itself, so none of those that are known here may be forbidden.
/// Where none is known, only production's own origin is asked for: a person chose that name.
pub fn decide_egress_through_proxy(rule: &EgressRule, url: &Url, addresses: &[IpAddr]) -> EgressDecision {
    let is_production = rule.production.as_ref().is_some_and(|origin| origin.contains(url));
    if addresses.is_empty() && !is_production {
        return EgressDecision::Blocked {
            why: format!("{} does not resolve here, so nobody knows where the proxy would lead", host_and_port(url)),
            setting: "through a proxy only production is called by a name that has no address here; a person lets the \
                      name resolve here, or lists the host in NO_PROXY"
                .to_owned(),
        };
    }
    let decisions = addresses.iter().map(|address| decide_egress(rule, url, *address));
    decisions.into_iter().find(|decision| *decision != EgressDecision::Allowed).unwrap_or(EgressDecision::Allowed)
}

fn not_named(url: &Url, public_helps: bool) -> EgressDecision {
    EgressDecision::Blocked {
        why: format!("{} is neither production nor an allowed host", host_and_port(url)),
        setting: setting(url, public_helps),
    }
}

fn setting(url: &Url, public_helps: bool) -> String {
    let host = host_and_port(url);
    let public = if public_helps { "; --allow-public allows public addresses" } else { "" };
    format!("a person allows it with --allow-host {host} or allowed_hosts in trusted configuration{public}")
}

fn host_and_port(url: &Url) -> String {
    match Origin::of(url) {
        Ok(origin) => format!("{}:{}", origin.host(), origin.port()),
        Err(_) => "this address".to_owned(),
    }
}

/// The metadata services that have an address of IPv6: AWS (instance metadata; the pods' identities of EKS), Google, Scaleway.
const METADATA_V6: [Ipv6Addr; 4] = [
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23),
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42),
];

/// Tells whether the address is closed to everybody: link-local addresses and the metadata services of the clouds (AWS,
/// Alibaba, Azure, Oracle, Google, Scaleway), in every form in which IPv6 carries an IPv4 address.
fn is_never_called(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_never_called_v4(address),
        IpAddr::V6(address) => {
            address.segments()[0] & 0xffc0 == 0xfe80
                || METADATA_V6.contains(&address)
                || embedded_v4(address).into_iter().any(is_never_called_v4)
        }
    }
}

fn is_never_called_v4(address: Ipv4Addr) -> bool {
    address.is_link_local()
        || [Ipv4Addr::new(100, 100, 100, 200), Ipv4Addr::new(168, 63, 129, 16), Ipv4Addr::new(192, 0, 0, 192)]
            .contains(&address)
}

/// Returns every IPv4 address that an IPv6 address may stand for.
fn embedded_v4(address: Ipv6Addr) -> Vec<Ipv4Addr> {
    let segments = address.segments();
    let octets = address.octets();
    let pair = |high: u16, low: u16| Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
    let last = pair(segments[6], segments[7]);
    match segments {
        // IPv4-compatible and -mapped (RFC 4291 §2.5.5), translated (RFC 2765 §2.1).
        [0, 0, 0, 0, 0, 0 | 0xffff, _, _] | [0, 0, 0, 0, 0xffff, 0, _, _] => vec![last],
        // NAT64: the well-known prefix (RFC 6052 §2.1).
        [0x64, 0xff9b, 0, 0, 0, 0, _, _] => vec![last],
        // NAT64 for local use (RFC 8215): /48, /56, /64 and /96 are all usable in it (RFC 6052 §2.2).
        [0x64, 0xff9b, 1, ..] => vec![
            last,
            Ipv4Addr::new(octets[6], octets[7], octets[9], octets[10]),
            Ipv4Addr::new(octets[7], octets[9], octets[10], octets[11]),
            Ipv4Addr::new(octets[9], octets[10], octets[11], octets[12]),
        ],
        // 6to4 (RFC 3056 §2).
        [0x2002, high, low, ..] => vec![pair(high, low)],
        // Teredo: the server, and the client with its bits turned (RFC 4380 §4).
        [0x2001, 0, high, low, ..] => vec![pair(high, low), Ipv4Addr::from(!u32::from(last))],
        // ISATAP (RFC 5214 §6.1).
        [_, _, _, _, 0 | 0x200, 0x5efe, _, _] => vec![last],
        _ => Vec::new(),
    }
}

/// Tells whether an address is reachable from anywhere (IANA special-purpose registries; `is_global` is unstable).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => {
            let embedded = embedded_v4(address);
            if !embedded.is_empty() {
                // Only mapped addresses and the well-known NAT64 prefix are ways to a public host today.
                let usable =
                    matches!(address.segments(), [0, 0, 0, 0, 0, 0xffff, _, _] | [0x64, 0xff9b, 0, 0, 0, 0, _, _]);
                return usable && embedded.into_iter().all(is_public_v4);
            }
            let segments = address.segments();
            // Global unicast is 2000::/3 (RFC 4291 §2.4) without protocol assignments and documentation.
            segments[0] & 0xe000 == 0x2000
                && !(segments[0] == 0x2001 && segments[1] < 0x200)
                && !(segments[0] == 0x2001 && segments[1] == 0xdb8)
                && !(segments[0] == 0x3fff && segments[1] < 0x1000)
        }
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    !(first == 0
        || first == 10
        || first == 127
        || (first == 100 && second & 0xc0 == 64)
        || (first == 169 && second == 254)
        || (first == 172 && second & 0xf0 == 16)
        || (first == 192 && second == 0 && (third == 0 || third == 2))
        || (first == 192 && second == 88 && third == 99)
        || (first == 192 && second == 168)
        || (first == 198 && second & 0xfe == 18)
        || (first == 198 && second == 51 && third == 100)
        || (first == 203 && second == 0 && third == 113)
        || first >= 224)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEVER: [&str; 27] = [
        "169.254.169.254",
        "169.254.0.1",
        "169.254.170.2",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "fe80::1",
        "febf::1",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",
        "fd00:42::42",
        "::ffff:169.254.169.254",
        "::169.254.169.254",
        "::ffff:0:169.254.169.254",
        "64:ff9b::169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::a9fe:a9fe",
        "64:ff9b:1:a9fe:a9:fe00::",
        "2002:a9fe:a9fe::1",
        "2001:0:a9fe:a9fe::1",
        "2001:0:1:2:0:0:5601:5601",
        "2001:db8::5efe:a9fe:a9fe",
        "::ffff:100.100.100.200",
        "64:ff9b::168.63.129.16",
        "2002:c000:00c0::",
        "::ffff:192.0.0.192",
    ];
    const PRIVATE: [&str; 28] = [
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::8.8.8.8",
        "2002:7f00:1::",
        "fc00::1",
        "fd12:3456::1",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
    ];
    const PUBLIC: [&str; 9] = [
        "1.1.1.1",
        "8.8.8.8",
        "100.63.255.255",
        "100.128.0.1",
        "172.32.0.1",
        "93.184.216.34",
        "2606:4700:4700::1111",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
    ];

    fn url(text: &str) -> Url {
        Url::parse(text).expect("a URL")
    }

    fn rule(actor: Actor, allow_public: bool) -> EgressRule {
        EgressRule {
            actor,
            production: Some(Origin::of(&url("https://prod.example.test")).expect("origin")),
            allowed_hosts: vec!["status.example.test:8443".parse().expect("pattern")],
            allow_public,
        }
    }

    fn allowed(rule: &EgressRule, target: &str, address: &str) -> bool {
        decide_egress(rule, &url(target), address.parse().expect("an address")) == EgressDecision::Allowed
    }

    #[test]
    fn c08_link_local_and_metadata_addresses_are_called_for_nobody() {
        for address in NEVER {
            for actor in [Actor::Person, Actor::Caller] {
                for target in ["https://prod.example.test/", "https://status.example.test:8443/", "https://x.test/"] {
                    assert!(!allowed(&rule(actor, true), target, address), "{actor:?} {target} {address}");
                }
            }
        }
    }

    #[test]
    fn c08_a_person_may_call_everything_else() {
        for address in PRIVATE.iter().chain(&PUBLIC) {
            assert!(allowed(&rule(Actor::Person, false), "http://anything.test:81/", address), "{address}");
        }
    }

    #[test]
    fn c08_a_caller_may_call_production_and_allowed_hosts_wherever_they_live() {
        for address in PRIVATE.iter().chain(&PUBLIC) {
            for target in ["https://prod.example.test/a?b", "https://status.example.test:8443/x"] {
                assert!(allowed(&rule(Actor::Caller, false), target, address), "{target} {address}");
            }
        }
    }

    #[test]
    fn c08_a_caller_may_call_nothing_else_unless_it_is_public_and_that_was_allowed() {
        for target in [
            "https://other.test/",
            "http://prod.example.test/",
            "https://prod.example.test:444/",
            "https://status.example.test/",
            "https://prod.example.test.evil.test/",
            "https://prod.example.test@evil.test/",
        ] {
            for address in PRIVATE {
                assert!(!allowed(&rule(Actor::Caller, false), target, address), "{target} {address}");
                assert!(!allowed(&rule(Actor::Caller, true), target, address), "{target} {address}");
            }
            for address in PUBLIC {
                assert!(!allowed(&rule(Actor::Caller, false), target, address), "{target} {address}");
                assert!(allowed(&rule(Actor::Caller, true), target, address), "{target} {address}");
            }
        }
    }

    #[test]
    fn c08_a_literal_in_the_url_is_judged_whatever_address_is_claimed() {
        for target in [
            "http://169.254.169.254/latest/meta-data",
            "http://0xa9fea9fe/",
            "http://0251.0376.0251.0376/",
            "http://2852039166/",
            "http://169.254.169.254./",
            "http://[::ffff:a9fe:a9fe]/",
            "http://[fe80::1]/",
        ] {
            assert!(!allowed(&rule(Actor::Person, true), target, "8.8.8.8"), "{target}");
            assert!(
                matches!(
                    decide_egress_by_name(&rule(Actor::Person, true), &url(target)),
                    EgressDecision::Blocked { .. }
                ),
                "{target}"
            );
        }
    }

    #[test]
    fn c08_through_a_proxy_every_address_counts_and_an_unknown_one_is_productions_own() {
        let decide = |actor, target: &str, addresses: &[&str]| {
            let addresses: Vec<IpAddr> = addresses.iter().map(|one| one.parse().expect("an address")).collect();
            decide_egress_through_proxy(&rule(actor, true), &url(target), &addresses) == EgressDecision::Allowed
        };
        for actor in [Actor::Person, Actor::Caller] {
            assert!(decide(actor, "https://prod.example.test/", &[]));
            assert!(!decide(actor, "https://metadata.google.internal/", &[]));
            assert!(!decide(actor, "https://status.example.test:8443/", &[]));
            assert!(decide(actor, "https://status.example.test:8443/", &["10.0.0.1"]));
            assert!(!decide(actor, "https://prod.example.test/", &["8.8.8.8", "169.254.169.254"]));
        }
        assert!(decide(Actor::Caller, "https://x.test/", &["8.8.8.8"]));
        assert!(!decide(Actor::Caller, "https://x.test/", &["8.8.8.8", "10.0.0.1"]));
    }

    #[test]
    fn c08_a_foreign_name_is_refused_before_it_is_looked_up_and_the_setting_is_named() {
        let EgressDecision::Blocked { why, setting } =
            decide_egress_by_name(&rule(Actor::Caller, false), &url("https://other.test/x"))
        else {
            panic!("blocked");
        };
        assert_eq!(why, "other.test:443 is neither production nor an allowed host");
        assert!(setting.contains("--allow-host other.test:443") && setting.contains("--allow-public"), "{setting}");
    }
}
