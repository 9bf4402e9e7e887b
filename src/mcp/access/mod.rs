//! Access: who may call over HTTP, and what.
//!
//! Lives here: principals and their scopes, tokens, and the middleware that turns a request's header into a principal
//! or into an answer that refuses it. Does not live here: hosts, origins, sizes and sessions (`transport`).
//! Invariants: a token is read from a header only, compared in constant time and never shown; where nothing is
//! configured everybody is the one anonymous principal; an unknown tool needs the scope `admin`.

mod judge;
mod principal;
mod refusal;
mod require;
mod scope;

pub use judge::Access;
pub use principal::Principal;
pub use refusal::Refusal;
pub use require::require;
pub use scope::{Scope, Scopes};
