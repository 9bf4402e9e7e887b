//! TLS: the certificate that is served, and the next one.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use snipara_orchestrator::http::{HttpLimits, HttpSettings, TlsFiles};
use snipara_orchestrator::mcp::Server;

use crate::support::http_process::Site;
use crate::support::http_served::HttpServed;
use crate::support::mcp_client::{every_tool, failing_opener};
use crate::support::patience::{PATIENCE, until_asked};

/// An authority, whose certificates bear a name.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority"))
    }

    /// Issues a certificate for loopback; returns it and its key as PEM.
    fn issue(&self) -> (String, String) {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("parameters");
        (params.signed_by(&key, &self.0).expect("signed").pem(), key.serialize_pem())
    }

    /// A client that trusts this authority only, and keeps no connection.
    fn client(&self) -> reqwest::Client {
        let root = reqwest::Certificate::from_pem(self.0.pem().as_bytes()).expect("a certificate");
        let client = reqwest::Client::builder().tls_certs_only([root]).pool_max_idle_per_host(0);
        client.build().expect("a client")
    }
}

fn write(folder: &Path, pair: &(String, String)) -> (PathBuf, PathBuf) {
    let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
    std::fs::write(&certificate, &pair.0).expect("written");
    std::fs::write(&key, &pair.1).expect("written");
    (certificate, key)
}

async fn answers(client: &reqwest::Client, origin: &str) -> bool {
    let asked = tokio::time::timeout(PATIENCE, client.get(format!("{origin}/healthz")).send()).await;
    asked.expect("an end in time").is_ok_and(|answer| answer.status() == 200)
}

async fn until_answers(client: &reqwest::Client, origin: &str) {
    until_asked("the certificate is read again", async || answers(client, origin).await.then_some(())).await;
}

#[tokio::test]
async fn a_certificate_is_served_and_replaced_without_a_restart() {
    let site = Site::new().await;
    let (first, second) = (Authority::new(), Authority::new());
    let (certificate, key) = write(site.path(), &first.issue());
    let (certificate, key) = (certificate.to_str().expect("text"), key.to_str().expect("text"));
    let server = site.serve(&["--tls-cert", certificate, "--tls-key", key]).await;
    assert!(server.url.starts_with("https://"), "{}", server.url);
    let origin = format!("https://{}", server.authority());
    assert!(answers(&first.client(), &origin).await);
    assert!(!answers(&second.client(), &origin).await);
    // What cannot be used is told, and the last one is served on.
    std::fs::write(key, "no key").expect("written");
    let client = first.client();
    until_asked("what cannot be used is told", async || {
        assert!(answers(&client, &origin).await);
        server.told().contains("last certificate").then_some(())
    })
    .await;
    assert!(answers(&client, &origin).await);
    write(site.path(), &second.issue());
    until_answers(&second.client(), &origin).await;
    assert!(!answers(&client, &origin).await);
}

#[tokio::test]
async fn a_client_that_never_shakes_hands_holds_nobody_up() {
    let site = Site::new().await;
    let authority = Authority::new();
    let (certificate, key) = write(site.path(), &authority.issue());
    let (certificate, key) = (certificate.to_str().expect("text"), key.to_str().expect("text"));
    let server = site.serve(&["--tls-cert", certificate, "--tls-key", key]).await;
    let silent = std::net::TcpStream::connect(server.authority()).expect("a connection");
    assert!(answers(&authority.client(), &format!("https://{}", server.authority())).await);
    drop(silent);
}

/// A handshake may take 30 s; the stop does not wait for it. The drain has its own bound, which would cut nothing here.
#[tokio::test]
async fn a_handshake_that_began_does_not_hold_a_stop_back() {
    use std::io::Write;
    let authority = Authority::new();
    let folder = tempfile::tempdir().expect("a folder");
    let (certificate, key) = write(folder.path(), &authority.issue());
    let limits = HttpLimits { headers: Duration::from_secs(3_600), ..HttpLimits::default() };
    let tls = Some(TlsFiles { certificate, key });
    let settings = HttpSettings { tls, limits, ..HttpSettings::default() };
    let served = HttpServed::start(settings, Server::new(&every_tool(), failing_opener()).expect("a server")).await;
    let mut hanging = std::net::TcpStream::connect(served.address).expect("a connection");
    hanging.write_all(b"\x16").expect("written");
    assert!(answers(&authority.client(), &format!("https://{}", served.address)).await);
    served.stopped().await;
    drop(hanging);
}

#[tokio::test]
async fn a_key_of_another_certificate_is_refused_at_the_start() {
    let site = Site::new().await;
    let authority = Authority::new();
    let (certificate, key) = write(site.path(), &(authority.issue().0, authority.issue().1));
    let words = [
        "--bind",
        "127.0.0.1:0",
        "--tls-cert",
        certificate.to_str().expect("text"),
        "--tls-key",
        key.to_str().expect("text"),
    ];
    let output = tokio::time::timeout(PATIENCE, site.command("serve", &words).output()).await.expect("in time");
    let output = output.expect("it ran");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("--tls-key") && !told.contains("PRIVATE"), "{told}");
}
