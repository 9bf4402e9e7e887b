//! The neighbour that is consulted: context, memories, htasks and swarms.
//!
//! Lives here: four traits in plain domain types ([`ContextSearch`], [`Memories`], [`HTasks`], [`Swarms`]), implemented twice:
//! `embedded` over our store, which needs no account, and `hosted`, a proxy to the Snipara service; the host's JSON as
//! it is (`payload`), the published tools by name (`catalog`). Does not live here: looking evidence up in the ledger,
//! handing context to the checklist, or deciding when to remember (`orchestrator` does that). Called by `orchestrator`;
//! `tools`, `mcp`, `http` and `cli` use `payload` as data, and `http` uses `catalog`, too.
//!
//! Sources of names and rules: docs/design/snipara-wire.md.

pub mod catalog;
mod context;
pub mod embedded;
mod error;
pub mod hosted;
mod htasks;
mod memories;
pub mod payload;
mod service;
mod swarms;

pub use context::ContextSearch;
pub use error::SniparaError;
use error::not_allowed;
pub use htasks::HTasks;
pub use memories::Memories;
pub use service::{Answer, Snipara, SniparaKind};
pub use swarms::Swarms;
