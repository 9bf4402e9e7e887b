//! From a request's headers to a principal.

use http::{HeaderMap, header};

use super::principal::Principal;
use super::refusal::Refusal;

/// Who may call; made once from the settings, shared by all requests.
#[derive(Debug, Default)]
pub struct Access {}

impl Access {
    /// Makes the access of a server that asks for no token: everybody is one anonymous principal.
    pub fn open() -> Self {
        Self::default()
    }

    /// Tells whether no token is asked for; such a server may listen on loopback only.
    pub const fn is_open(&self) -> bool {
        true
    }

    /// Finds who sent a request.
    ///
    /// # Errors
    /// When no token was sent or it is not valid.
    pub async fn identify(&self, headers: &HeaderMap) -> Result<Principal, Refusal> {
        let _ = headers.get(header::AUTHORIZATION);
        Ok(Principal::anonymous())
    }

    /// Returns the address at which clients learn where tokens come from, when there is one.
    pub fn metadata_address(&self) -> Option<&str> {
        None
    }
}
