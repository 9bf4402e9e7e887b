//! Why an HTTP server does not serve.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// An HTTP server could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// Something else listens there already.
    #[error("{address} is in use")]
    InUse {
        /// The address.
        address: SocketAddr,
    },
    /// Nothing can listen there.
    #[error("cannot listen at {address}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Anybody on the network could call: no token is asked for and the address is not on loopback.
    #[error("{address} is not on loopback, and no token is asked for")]
    Open {
        /// The address.
        address: SocketAddr,
    },
    /// The certificate or its key cannot be used.
    #[error("{setting} {}: {why}", .file.display())]
    Tls {
        /// The setting.
        setting: &'static str,
        /// The file.
        file: PathBuf,
        /// What is wrong; nothing of the file's content.
        why: String,
    },
    /// An entry of a list of hosts or origins is not a host or an origin.
    #[error("{field} `{value}` is {wrong}")]
    Entry {
        /// The setting.
        field: &'static str,
        /// What was given.
        value: String,
        /// What is wrong with it, and what is right.
        wrong: &'static str,
    },
}
