//! Why an HTTP server does not serve.

use std::io;
use std::net::SocketAddr;

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
    /// An entry of a list of hosts or origins is none.
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
