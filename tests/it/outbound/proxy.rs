//! What goes through a proxy, and what does not.

use snipara_orchestrator::domain::{Actor, Proxies, ProxyAddress};
use snipara_orchestrator::outbound::{HttpClient, HttpClientSettings, TransportFailure};

use super::{closed_port, instead};
use crate::support::http::{get, send, settings, url};
use crate::support::production::{Answer, Production};
use crate::support::proxy::HttpProxy;
use crate::support::tls_production::{Authority, TlsProduction};

fn through(proxy: &str) -> Proxies {
    let proxy = ProxyAddress::read(proxy).ok();
    Proxies { used: true, http: proxy.clone(), https: proxy, ..Proxies::default() }
}

fn settings_through(production: Option<&str>, proxies: Proxies) -> HttpClientSettings {
    HttpClientSettings { proxies, ..settings(Actor::Caller, production) }
}

#[tokio::test]
async fn production_is_asked_through_the_proxy_with_its_login() {
    let production = Production::start().await;
    // What is asked through a proxy bears the whole address.
    production.answer("http://prod.test/x", Answer::text(200, "here"));
    let proxy = HttpProxy::start(Some(production.address())).await;
    let client = HttpClient::new(settings_through(Some("http://prod.test"), through(&proxy.url()))).expect("a client");
    let exchange = send(&client, &get("http://prod.test/x")).await.expect("an answer");
    assert_eq!((exchange.status, exchange.url.as_str()), (200, "http://prod.test/x"));
    assert_eq!(exchange.remote, None, "the peer is the proxy, and not production");
    assert_eq!(proxy.asked(), ["GET http://prod.test/x HTTP/1.1"]);
    assert_eq!(proxy.login().as_deref(), Some("Basic YWRhOnBsYW50ZWQtd29yZA=="));
    assert_eq!(client.addresses(&url("http://prod.test/x")).await, Vec::<std::net::IpAddr>::new());
    let shown = client.proxy_of(&url("http://prod.test/x")).expect("a proxy");
    assert!(!format!("{shown} {client:?}").contains("planted"));
}

#[tokio::test]
async fn https_is_spoken_with_production_inside_a_tunnel() {
    let authority = Authority::new("our authority");
    let production = TlsProduction::start(&authority, "prod.test").await;
    let proxy = HttpProxy::start(Some(production.address())).await;
    let mut settings = settings_through(Some("https://prod.test"), through(&proxy.url()));
    settings.ca_file = Some(authority.ca_file());
    let client = HttpClient::new(settings).expect("a client");
    let exchange = send(&client, &get("https://prod.test/")).await.expect("an answer");
    assert_eq!(&exchange.body_start[..], br#"{"secure": true}"#);
    assert_eq!(proxy.asked(), ["CONNECT prod.test:443 HTTP/1.1"]);
    assert!(proxy.login().is_some());
}

#[tokio::test]
async fn c08_a_name_without_an_address_here_is_asked_for_only_as_productions_own() {
    let production = Production::start().await;
    production.answer("http://prod.test/away", Answer::status(302).header("location", "http://metadata.test/latest"));
    let proxy = HttpProxy::start(Some(production.address())).await;
    let mut settings = settings_through(Some("http://prod.test"), through(&proxy.url()));
    settings.egress.allowed_hosts = vec!["other.test".parse().expect("a pattern")];
    let client = HttpClient::new(settings).expect("a client");
    let away = snipara_orchestrator::outbound::RequestSpec { follow_redirects: true, ..get("http://prod.test/away") };
    for request in [get("http://other.test/"), get("http://169.254.169.254/"), away] {
        let failure = send(&client, &request).await.expect_err("blocked");
        assert!(matches!(failure, TransportFailure::Blocked { .. }), "{} {failure:?}", request.url);
    }
    assert_eq!(proxy.asked(), ["GET http://prod.test/away HTTP/1.1"]);
}

#[tokio::test]
async fn this_machine_and_what_resolve_names_are_asked_directly() {
    let production = Production::healthy().await;
    let nowhere = format!("http://{}", closed_port().await);
    let mut settings = settings_through(Some(&production.url()), through(&nowhere));
    settings.resolve = vec![instead("named.test", 80, production.address())];
    settings.egress.allowed_hosts = vec!["named.test".parse().expect("a pattern")];
    let client = HttpClient::new(settings).expect("a client");
    for address in [production.at("/health"), "http://named.test/health".to_owned()] {
        assert_eq!(send(&client, &get(&address)).await.expect("an answer").status, 200);
    }
}

#[tokio::test]
async fn a_proxy_that_fails_is_named_without_its_login_and_is_no_answer_of_production() {
    let asking = HttpProxy::start(None).await;
    let closed = closed_port().await;
    for (proxy, said) in [
        (asking.url(), "asks for a login (407)"),
        (format!("http://ada:planted-word@{closed}"), "refuses the connection"),
        ("http://ada:planted-word@proxy.invalid:3128".to_owned(), "does not resolve"),
    ] {
        for address in ["http://prod.test/", "https://prod.test/"] {
            let production = address.trim_end_matches('/');
            let client = HttpClient::new(settings_through(Some(production), through(&proxy))).expect("a client");
            let failure = send(&client, &get(address)).await.expect_err("no answer");
            assert!(matches!(failure, TransportFailure::Proxy { .. }), "{address} {failure:?}");
            assert!(failure.to_string().contains(said), "{address} {failure}");
            assert!(!format!("{failure:?}").contains("planted"), "{failure:?}");
        }
    }
}

#[tokio::test]
async fn a_proxy_of_the_environment_that_is_not_used_is_told_when_a_call_fails() {
    let production = Production::healthy().await;
    let mut proxies = Proxies { used: false, variables: vec!["HTTP_PROXY".to_owned()], ..through("proxy.test:3128") };
    proxies.direct = "direct.test".to_owned();
    let closed = closed_port().await;
    let mut settings = settings_through(Some(&production.url()), proxies);
    settings.resolve = vec![instead("prod.test", 80, closed), instead("direct.test", 80, closed)];
    settings.egress.allowed_hosts = ["prod.test", "direct.test"].map(|host| host.parse().expect("a pattern")).into();
    let client = HttpClient::new(settings).expect("a client");
    assert_eq!(send(&client, &get(&production.at("/health"))).await.expect("an answer").status, 200);
    let fix = async |address: &str| send(&client, &get(address)).await.expect_err("refused").fix().expect("a fix");
    let told = fix("http://prod.test/").await;
    assert!(
        told.contains("names a proxy that is not used (HTTP_PROXY)") && told.contains("--proxy environment"),
        "{told}"
    );
    assert!(!fix("http://direct.test/").await.contains("PROXY"));
}
