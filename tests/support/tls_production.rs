//! A production that speaks HTTPS on loopback, with a certificate of an authority made for the test.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair, date_time_ymd,
};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// An authority of the test's own.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: tempfile::TempDir,
}

impl Authority {
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
        Self { issuer, folder: tempfile::tempdir().expect("a folder") }
    }

    /// Writes the authority's certificate as `ca_file` wants it.
    pub fn ca_file(&self) -> PathBuf {
        let path = self.folder.path().join("authority.pem");
        std::fs::write(&path, self.issuer.pem()).expect("written");
        path
    }

    /// Writes a certificate for clients, and returns its file and its key in PEM.
    pub fn client(&self) -> (PathBuf, String) {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.extended_key_usages.push(ExtendedKeyUsagePurpose::ClientAuth);
        let certificate = params.signed_by(&key, &self.issuer).expect("signed");
        let path = self.folder.path().join("client.pem");
        std::fs::write(&path, certificate.pem()).expect("written");
        (path, key.serialize_pem())
    }

    fn certificate(&self, name: &str, expired: bool) -> (Vec<u8>, Vec<u8>) {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("parameters");
        if expired {
            params.not_before = date_time_ymd(2001, 1, 1);
            params.not_after = date_time_ymd(2002, 1, 1);
        }
        let certificate = params.signed_by(&key, &self.issuer).expect("signed");
        (certificate.der().to_vec(), key.serialize_der())
    }
}

/// The running fake: answers every request with 200 and `{"secure": true}`, and records the `Host` headers.
pub struct TlsProduction {
    address: SocketAddr,
    hosts: Arc<Mutex<Vec<String>>>,
    accepting: JoinHandle<()>,
}

impl TlsProduction {
    pub async fn start(authority: &Authority, name: &str) -> Self {
        Self::with(authority, name, false, false).await
    }

    pub async fn expired(authority: &Authority, name: &str) -> Self {
        Self::with(authority, name, true, false).await
    }

    /// Lets in who shows a certificate of the same authority.
    pub async fn asking(authority: &Authority, name: &str) -> Self {
        Self::with(authority, name, false, true).await
    }

    async fn with(authority: &Authority, name: &str, expired: bool, asks: bool) -> Self {
        let (certificate, key) = authority.certificate(name, expired);
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut roots = rustls::RootCertStore::empty();
        roots.add(authority.issuer.der().clone()).expect("an authority");
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build();
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions");
        let config = match asks {
            true => config.with_client_cert_verifier(verifier.expect("a verifier")),
            false => config.with_no_client_auth(),
        };
        let config = config
            .with_single_cert(vec![certificate.into()], PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key)))
            .expect("a server configuration");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port");
        let address = listener.local_addr().expect("an address");
        let hosts = Arc::new(Mutex::new(Vec::new()));
        let shared = hosts.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, hosts) = (acceptor.clone(), shared.clone());
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    let mut request = Vec::new();
                    let mut chunk = [0; 4096];
                    while !request.windows(4).any(|window| window == b"\r\n\r\n") {
                        match stream.read(&mut chunk).await {
                            Ok(read) if read > 0 => request.extend_from_slice(&chunk[..read]),
                            _ => return,
                        }
                    }
                    let head = String::from_utf8_lossy(&request).into_owned();
                    let host = head.lines().find_map(|line| {
                        line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("host")).map(|(_, host)| host)
                    });
                    hosts.lock().expect("unpoisoned").push(host.unwrap_or_default().trim().to_owned());
                    let body = r#"{"secure": true}"#;
                    let answer = format!(
                        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                        body.len()
                    );
                    if stream.write_all(answer.as_bytes()).await.is_ok() {
                        let _ = stream.shutdown().await;
                    }
                });
            }
        });
        Self { address, hosts, accepting }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn hosts(&self) -> Vec<String> {
        self.hosts.lock().expect("unpoisoned").clone()
    }
}

impl Drop for TlsProduction {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}
