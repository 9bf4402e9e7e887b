//! Access: who may call over HTTP, and what.
//!
//! Lives here: principals and their scopes, tokens (handed out or signed by an issuer), how much one principal may ask for, and the middleware that turns a request into one with a principal or into an
//! answer that refuses it. Does not live here: hosts, origins and sessions (`http`), and whose a task is
//! (`orchestrator`).
//!
//! Invariants: a token is read from a header only, compared in constant time and never shown; where nothing is configured everybody is the one anonymous principal.

mod authenticator;
mod issuer;
mod key_set;
mod metadata;
mod middleware;
mod rate_limit;
mod refusal;
mod requested_scopes;
mod tokens;

pub use authenticator::{Access, AccessSettings};
pub use issuer::{IssuerError, IssuerSettings};
pub use key_set::FetchDocument;
pub use metadata::metadata_routes;
pub use middleware::{require, require_with_api_key};
pub use refusal::Refusal;
pub use tokens::{ENVIRONMENT_PRINCIPAL, ReadTokens, TokenError, Tokens};
