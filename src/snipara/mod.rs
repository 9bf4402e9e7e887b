//! The neighbour that is consulted: context, memories, htasks and swarms.
//!
//! Lives here: four traits in plain domain types ([`Context`], [`Memories`], [`HTasks`], [`Swarms`]), implemented twice:
//! `embedded` over our store, which needs no account, and `hosted`, a proxy to the Snipara service; the host's JSON as
//! it is (`payload`), the published tools by name (`catalog`). Does not live here: looking evidence up in the ledger,
//! handing context to the checklist, or deciding when to remember (`orchestrator` does that). Called by `orchestrator`;
//! `mcp` and `cli` use `payload` and `catalog` as data.
//!
//! Sources of names and rules: docs/design/snipara-wire.md.

pub mod catalog;
mod context;
pub mod embedded;
mod error;
pub mod hosted;
mod htasks;
mod memories;
mod neighbour;
pub mod payload;
mod swarms;

pub use context::Context;
pub use error::SniparaError;
pub use htasks::HTasks;
pub use memories::Memories;
pub use neighbour::{Answer, Snipara, SniparaKind};
pub use swarms::Swarms;
