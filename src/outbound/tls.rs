//! TLS, configured once for all pools.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::OutboundError;

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

/// Makes the configuration that trusts the system's authorities and `authorities`.
pub(super) fn system_config(authorities: Vec<CertificateDer<'static>>) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(authorities, provider.clone())?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Makes a configuration without trusted authorities, for pools of plain `http`: loading the system's authorities takes
/// longer than everything else in a first request.
pub(super) fn no_trust_config() -> Result<ClientConfig, rustls::Error> {
    Ok(ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth())
}
