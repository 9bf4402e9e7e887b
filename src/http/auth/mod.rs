//! Access: who may call over HTTP, and what they may call.
//!
//! Lives here: tokens (handed out or signed by an issuer), how much one principal may ask for, and the middleware that
//! gives a request its principal or refuses it. Does not live here: principals and scopes themselves (`domain`), hosts,
//! origins and sessions (`http`), and the owners of tasks (`orchestrator`).
//!
//! Invariants: a token is read from a header only, compared in constant time and never shown. From one address only so
//! many tokens are tried (`addresses`). Where nothing is
//! configured, everybody is the one anonymous principal.

mod addresses;
mod authenticator;
mod issuer;
mod key_set;
mod metadata;
mod middleware;
mod rate_limit;
mod refusal;
mod requested_scopes;
mod tokens;

pub(super) use addresses::Peer;
pub use authenticator::{Access, AccessSettings};
pub use issuer::{IssuerError, IssuerSettings};
pub use key_set::FetchDocument;
pub use metadata::metadata_routes;
pub use middleware::{require, require_with_api_key};
pub use refusal::Refusal;
pub use tokens::{ENVIRONMENT_PRINCIPAL, ReadTokens, TokenError, Tokens};
