//! What production is shown when it asks for a client certificate.

use std::path::PathBuf;

use super::SecretText;

/// A certificate and its key (RFC 8446 §4.4.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    /// A PEM file with the certificate and those that sign it.
    pub certificate: PathBuf,
    /// The key, in PEM.
    pub key: SecretText,
}
