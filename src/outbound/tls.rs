//! TLS, configured once for all pools.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::WantsClientCert;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, ConfigBuilder, RootCertStore};

use super::OutboundError;
use crate::domain::ClientCertificate;

/// Reads the certificates of a PEM file (RFC 7468).
pub(super) fn read_authorities(path: &Path) -> Result<Vec<CertificateDer<'static>>, OutboundError> {
    let path_owned = || PathBuf::from(path);
    let text =
        std::fs::read(path).map_err(|source| OutboundError::AuthoritiesUnreadable { path: path_owned(), source })?;
    let authorities = CertificateDer::pem_slice_iter(&text)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|source| OutboundError::AuthoritiesInvalid { path: path_owned(), source })?;
    if authorities.is_empty() {
        return Err(OutboundError::NoAuthority { path: path_owned() });
    }
    Ok(authorities)
}

/// A certificate with those that sign it, and its key.
#[derive(Debug)]
pub(super) struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

/// Reads a client certificate.
pub(super) fn read_identity(given: &ClientCertificate) -> Result<Identity, OutboundError> {
    let path = &given.certificate;
    let wrong = |why: &str| OutboundError::ClientCertificate { path: path.clone(), why: why.to_owned() };
    let text = std::fs::read(path).map_err(|error| wrong(&format!("it cannot be read: {error}")))?;
    let chain = CertificateDer::pem_slice_iter(&text)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| wrong("it is not a PEM file"))?;
    if chain.is_empty() {
        return Err(wrong("it holds no certificate"));
    }
    // No reason of the reader's is told: it might show a part of the key.
    let key = PrivateKeyDer::from_pem_slice(given.key.expose().as_bytes())
        .map_err(|_| wrong("its key is no PEM key without a password (PKCS#8, PKCS#1 or SEC1)"))?;
    let identity = Identity { chain, key };
    // What does not fit together is told now, and not by the first handshake.
    with_roots(RootCertStore::empty(), Some(&identity))
        .map_err(|error| wrong(&format!("it does not fit its key: {error}")))?;
    Ok(identity)
}

/// Makes the configuration that trusts the system's authorities and `authorities`.
pub(super) fn system_config(
    authorities: Vec<CertificateDer<'static>>,
    identity: Option<&Identity>,
) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(authorities, provider.clone())?;
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut config = authenticated(builder, identity)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Makes a configuration without trusted authorities, for pools of plain `http`: loading the system's authorities takes
/// longer than everything else in a first request.
pub(super) fn no_trust_config() -> Result<ClientConfig, rustls::Error> {
    with_roots(RootCertStore::empty(), None)
}

fn with_roots(roots: RootCertStore, identity: Option<&Identity>) -> Result<ClientConfig, rustls::Error> {
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots);
    authenticated(builder, identity)
}

fn authenticated(
    builder: ConfigBuilder<ClientConfig, WantsClientCert>,
    identity: Option<&Identity>,
) -> Result<ClientConfig, rustls::Error> {
    match identity {
        Some(identity) => builder.with_client_auth_cert(identity.chain.clone(), identity.key.clone_key()),
        None => Ok(builder.with_no_client_auth()),
    }
}
