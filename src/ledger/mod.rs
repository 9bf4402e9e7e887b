//! The book: append-only, hash-chained, one chain a project.
//!
//! Lives here: the stored form of an entry and its hash, the only way to append, reading back, the head beside the
//! store, verification, redaction of bodies, receipts and the export. Does not live here: SQL, or what a gate decides.
//! Called by `gatekeeper` and `orchestrator`.
//!
//! An entry is stored as the exact bytes of its canonical JSON (RFC 8785): `format`, `project`, `seq`, `prev`, `kind`,
//! `task_id`, `attempt`, `at`, `token`, `payload`, `body_digest`. Its hash is the SHA-256 of these bytes; `prev` is the
//! hash of the entry before it, for the first one a digest of the project's name. Numbers that can grow are strings,
//! because canonical JSON knows doubles only. Bodies lie beside the chain under their digest, so that they can be
//! removed without breaking it.
//!
//! Invariants, each with the test that holds it (`tests/it/ledger.rs` and beside the code):
//! - any single change of any entry is found: `any_single_change_is_found`;
//! - the chain may be longer than its head, never shorter: `a_head_that_lags_is_no_tampering`,
//!   `a_truncated_chain_is_found_by_its_head`;
//! - an older token writes nothing: `an_older_token_writes_nothing`;
//! - many writers lose nothing: `many_processes_append_to_one_chain`.

mod append;
mod audit;
mod bodies;
mod chain;
mod entry;
mod error;
mod export;
mod head;
mod queue;
mod read;
mod runs;
mod verify;

pub use append::{Change, Ledger, NewEntry};
pub use entry::{Entry, EntryKind, EntryRef};
pub use error::LedgerError;
pub use export::RECEIPT_PREDICATE_TYPE;
pub use head::{HEAD_FILE, Head};
pub use runs::RunStart;
pub use verify::{ChainProblem, VerifyReport};
