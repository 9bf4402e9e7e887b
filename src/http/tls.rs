//! TLS: the server's certificate, which is read again when its files change.

use std::path::Path;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::{Error as PemError, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::error::HttpError;
use super::settings::TlsFiles;
use crate::reload::Reloading;

/// Reads the files, and returns what accepts TLS connections: another one as soon as the files have changed.
///
/// While the files cannot be used, the last certificate stays in use. That is so between the change of one file and of
/// the other.
///
/// # Errors
/// When they cannot be read or do not belong together.
pub(super) fn reloading_acceptor(files: TlsFiles) -> Result<Reloading<TlsAcceptor>, HttpError> {
    let mut known = contents(&files)?;
    let first = acceptor(&files, &known)?;
    Ok(Reloading::new("certificate and key", first, move || {
        let next = contents(&files).map_err(|error| error.to_string())?;
        if next == known {
            return Ok(None);
        }
        let acceptor = acceptor(&files, &next).map_err(|error| error.to_string())?;
        tracing::info!("the certificate was read again");
        known = next;
        Ok(Some(acceptor))
    }))
}

/// The bytes of the certificate's file and of the key's.
#[derive(PartialEq)]
struct Contents {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

fn contents(files: &TlsFiles) -> Result<Contents, HttpError> {
    let read = |setting, path: &Path| std::fs::read(path).map_err(|error| wrong(setting, path, error.to_string()));
    Ok(Contents { certificate: read(CERTIFICATE, &files.certificate)?, key: read(KEY, &files.key)? })
}

const CERTIFICATE: &str = "--tls-cert";
const KEY: &str = "--tls-key";

fn wrong(setting: &'static str, file: &Path, why: String) -> HttpError {
    HttpError::Tls { setting, file: file.to_owned(), why }
}

fn acceptor(files: &TlsFiles, contents: &Contents) -> Result<TlsAcceptor, HttpError> {
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&contents.certificate)
        .collect::<Result<_, _>>()
        .map_err(|error| wrong(CERTIFICATE, &files.certificate, pem(&error)))?;
    if chain.is_empty() {
        return Err(wrong(CERTIFICATE, &files.certificate, "holds no certificate in PEM".to_owned()));
    }
    let key = PrivateKeyDer::from_pem_slice(&contents.key).map_err(|error| wrong(KEY, &files.key, pem(&error)))?;
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map(|builder| builder.with_no_client_auth())
        .and_then(|builder| builder.with_single_cert(chain, key));
    let mut config = config.map_err(|error| wrong(KEY, &files.key, format!("cannot be used: {error}")))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Says what is wrong with a PEM file. The parser's own message may quote the file, which may hold a key.
fn pem(error: &PemError) -> String {
    match error {
        PemError::NoItemsFound => "holds none in PEM".to_owned(),
        _ => "is not valid PEM".to_owned(),
    }
}
