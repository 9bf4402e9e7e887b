//! What production is shown when it asks for a client certificate.

use std::path::PathBuf;

use snipara_orchestrator::domain::{Actor, ClientCertificate, HostPattern, SecretText};
use snipara_orchestrator::outbound::{HttpClient, HttpClientSettings, OutboundError, TransportFailure};

use super::instead;
use crate::support::http::{get, send, settings};
use crate::support::tls_production::{Authority, TlsProduction};

fn shown((certificate, key): (PathBuf, String)) -> ClientCertificate {
    ClientCertificate { certificate, key: SecretText::new(key) }
}

/// A client of `production`, whose hosts are all `server`.
fn client(
    authority: &Authority,
    server: &TlsProduction,
    certificate: Option<(ClientCertificate, Vec<HostPattern>)>,
) -> HttpClient {
    let mut settings = settings(Actor::Caller, Some("https://prod.test"));
    settings.resolve = vec![instead("prod.test", 443, server.address()), instead("prod.test", 8443, server.address())];
    settings.egress.allowed_hosts = vec!["prod.test".parse().expect("a pattern")];
    settings.ca_file = Some(authority.ca_file());
    settings.client_certificate = certificate;
    HttpClient::new(settings).expect("a client")
}

#[tokio::test]
async fn production_is_shown_the_certificate_and_nobody_else_is() {
    let authority = Authority::new("our authority");
    let server = TlsProduction::asking(&authority, "prod.test").await;
    let asked = async |hosts: Vec<HostPattern>, address: &str| {
        let client = client(&authority, &server, Some((shown(authority.client()), hosts)));
        send(&client, &get(address)).await.map(|exchange| exchange.status)
    };
    assert_eq!(asked(Vec::new(), "https://prod.test/").await, Ok(200));
    let elsewhere = asked(Vec::new(), "https://prod.test:8443/").await.expect_err("an allowed host is not production");
    assert!(elsewhere.to_string().contains("asks for a client certificate"), "{elsewhere}");
    let production_too = vec!["prod.test:8443".parse().expect("a pattern")];
    assert_eq!(asked(production_too, "https://prod.test:8443/").await, Ok(200));
}

#[tokio::test]
async fn a_certificate_that_is_missing_or_not_taken_names_the_setting() {
    let (authority, stranger) = (Authority::new("our authority"), Authority::new("another authority"));
    let server = TlsProduction::asking(&authority, "prod.test").await;
    for (certificate, said, fix) in [
        (None, "the server asks for a client certificate", "sets client_certificate"),
        (Some(stranger.client()), "does not take the client certificate", "corrects client_certificate"),
    ] {
        let client = client(&authority, &server, certificate.map(|pair| (shown(pair), Vec::new())));
        let failure = send(&client, &get("https://prod.test/")).await.expect_err("refused");
        assert!(matches!(failure, TransportFailure::Tls { .. }) && failure.to_string().contains(said), "{failure:?}");
        assert!(failure.fix().is_some_and(|told| told.contains(fix)), "{failure:?}");
    }
}

#[test]
fn a_certificate_that_cannot_be_used_is_told_before_any_call_and_its_key_never() {
    let authority = Authority::new("our authority");
    let (certificate, key) = authority.client();
    let other_key = Authority::new("another").client().1;
    let encrypted = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    for (file, key, said) in [
        (certificate.clone(), other_key, "does not fit its key"),
        (certificate.clone(), "planted-no-key".to_owned(), "no PEM key"),
        (certificate.clone(), encrypted, "without a password"),
        (certificate.with_file_name("none.pem"), key, "cannot be read"),
    ] {
        let client_certificate = Some((shown((file, key)), Vec::new()));
        let wrong = HttpClientSettings { client_certificate, ..settings(Actor::Person, None) };
        let error = HttpClient::new(wrong).expect_err("refused");
        assert!(
            matches!(error, OutboundError::ClientCertificate { .. }) && error.to_string().contains(said),
            "{error}"
        );
        assert!(!format!("{error:?}").contains("planted"), "{error:?}");
    }
}
