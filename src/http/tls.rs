//! TLS: the certificate, and the next one when its files change.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::{Error as PemError, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::error::HttpError;
use super::settings::TlsFiles;

/// How often the files are looked at, at most.
const LOOK: Duration = Duration::from_secs(1);

/// What accepts TLS connections.
pub(super) struct Tls {
    files: TlsFiles,
    now: Mutex<Now>,
}

struct Now {
    acceptor: TlsAcceptor,
    /// Of what was read last, usable or not: what cannot be used is told once.
    digest: [u8; 32],
    looked: Instant,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// When they cannot be read or do not belong together.
    pub(super) fn new(files: TlsFiles) -> Result<Self, HttpError> {
        let (certificate, key) = contents(&files)?;
        let acceptor = acceptor(&files, &certificate, &key)?;
        let now = Now { acceptor, digest: digest(&certificate, &key), looked: Instant::now() };
        Ok(Self { files, now: Mutex::new(now) })
    }

    /// Returns what accepts the next connection; reads the files again when they have changed.
    ///
    /// When they cannot be used, which is so between the change of one and of the other, the last ones are used on.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        if now.looked.elapsed() >= LOOK {
            now.looked = Instant::now();
            match self.changed(&mut now.digest) {
                Ok(Some(next)) => {
                    tracing::info!("the certificate was read again");
                    now.acceptor = next;
                }
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "the last certificate is used on"),
            }
        }
        now.acceptor.clone()
    }

    fn changed(&self, known: &mut [u8; 32]) -> Result<Option<TlsAcceptor>, HttpError> {
        let (certificate, key) = contents(&self.files)?;
        let digest = digest(&certificate, &key);
        if digest == *known {
            return Ok(None);
        }
        *known = digest;
        acceptor(&self.files, &certificate, &key).map(Some)
    }
}

fn contents(files: &TlsFiles) -> Result<(Vec<u8>, Vec<u8>), HttpError> {
    let read = |setting, path: &Path| std::fs::read(path).map_err(|error| wrong(setting, path, error.to_string()));
    Ok((read(CERTIFICATE, &files.certificate)?, read(KEY, &files.key)?))
}

const CERTIFICATE: &str = "--tls-cert";
const KEY: &str = "--tls-key";

fn wrong(setting: &'static str, file: &Path, why: String) -> HttpError {
    HttpError::Tls { setting, file: file.to_owned(), why }
}

fn digest(certificate: &[u8], key: &[u8]) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update((certificate.len() as u64).to_be_bytes());
    digest.update(certificate);
    digest.update(key);
    digest.finalize().into()
}

fn acceptor(files: &TlsFiles, certificate: &[u8], key: &[u8]) -> Result<TlsAcceptor, HttpError> {
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(certificate)
        .collect::<Result<_, _>>()
        .map_err(|error| wrong(CERTIFICATE, &files.certificate, pem(&error)))?;
    if chain.is_empty() {
        return Err(wrong(CERTIFICATE, &files.certificate, "holds no certificate in PEM".to_owned()));
    }
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| wrong(KEY, &files.key, pem(&error)))?;
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map(|builder| builder.with_no_client_auth())
        .and_then(|builder| builder.with_single_cert(chain, key));
    let mut config = config.map_err(|error| wrong(KEY, &files.key, format!("cannot be used: {error}")))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Says what is wrong with a PEM file; its parser's own words may hold some of it.
fn pem(error: &PemError) -> String {
    match error {
        PemError::NoItemsFound => "holds none in PEM".to_owned(),
        _ => "is no PEM that can be read".to_owned(),
    }
}
