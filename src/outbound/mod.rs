//! Every byte that is sent to another machine; reqwest lives here only.
//!
//! Lives here: where calls may go ([`decide_egress`], pure), the pooled client, the exchange with its bounds and
//! redirects, failures told apart by type, the credentials and cookies of test users, the waits between repeated tries
//! (`backoff`). Does not live here: what an answer means (`validator`, `drift`). It may be used by `validator`, `drift`
//! and `app`; it uses `domain` only.
//!
//! Invariants, each held by a test in `tests/it/outbound.rs`:
//! - no connection is made to an address that was not decided allowed for exactly that origin, literals and every
//!   hop of a redirect included (`c08_…`);
//! - time and size have bounds that a dripping or a compressed body cannot escape (`c01_…`, `c02_…`, `c03_…`);
//! - through a proxy nothing is asked for whose addresses are forbidden, or unknown and not production's
//!   (`egress.rs`, `c08_through_a_proxy_…`), and this machine never (`src/domain/proxy.rs`);
//! - a test user's credentials and cookies go to production's origin and nowhere else, and a login leads to no other origin
//!   than those that a person named (`a21_…`).

mod backoff;
mod client;
mod connection;
mod content_coding;
mod egress;
mod exchange;
mod failure;
mod identity;
mod proxy;
mod redirect;
mod session;
mod tls;

pub use backoff::Backoff;
pub use client::{HttpClient, HttpClientSettings, OutboundError, ResolveOverride};
pub use egress::{EgressDecision, EgressRule, decide_egress, decide_egress_by_name, decide_egress_through_proxy};
pub use exchange::{BODY_START_BYTES, Exchange, MAX_REDIRECTS, RequestSpec, Route};
pub use failure::{TimeoutPhase, TransportFailure};
pub use identity::{IdentityError, anonymous_request, may_ask, session_of};
pub use session::{CookieJar, Session, UserSession, secret_header};
