//! The ledger: append-only, hash-chained, one chain a project.
//!
//! Lives here: the facts (`fact`), the stored form of an entry and its hash, the only way to append, reading
//! back, the head beside the store, verification, redaction of texts, receipts and the export, backup, restore and repair. Does not live here: SQL,
//! or what a gate decides. Called by `gatekeeper` and `orchestrator`.
//!
//! An entry is stored as the exact bytes of its canonical JSON (RFC 8785): `format`, `project`, `seq`, `prev`, `kind`,
//! `task_id`, `attempt`, `at`, `token`, `caller`, `payload`, `body_digest`. Its hash is the SHA-256 of these bytes; `prev` is the
//! hash of the entry before it, for the first one a digest of the project's name. Numbers that can grow are strings,
//! because canonical JSON knows doubles only. Texts that may have to be removed one day lie beside the chain in a body,
//! under the body's digest, so that removing them does not break the chain. Values that decide stay in the chain. Format
//! 1, which 0.1.0 wrote, kept most texts in the chain and the caller in the payload. It is read into the same facts. Where a
//! text in the chain itself must go, a tombstone is left: the entry without it, under the old hash, and a later entry
//! that names number, hash and the digest of what is left.
//!
//! Invariants, each with the test that holds it (`tests/it/ledger.rs` and beside the code):
//! - any single change of any entry is found: `any_single_change_is_found`;
//! - the chain may be longer than its head, never shorter: `a_head_that_lags_is_no_tampering`,
//!   `a_truncated_chain_is_found_by_its_head`;
//! - an older token writes nothing: `an_older_token_writes_nothing`;
//! - many writers lose nothing: `many_processes_append_to_one_chain`;
//! - a tombstone that no later entry explains is tampering: `a_tombstone_is_told_from_a_change`;
//! - a status is said once: `no_status_is_written_without_its_transition_and_none_that_the_lifecycle_lacks`.

mod accept;
mod append;
mod audit;
mod backup;
mod chain;
mod entry;
mod error;
mod export;
mod fact;
mod head;
mod queue;
mod read;
mod redaction;
mod repair;
mod runs;
mod verify;

pub use crate::domain::{ChainProblem, Head, VerifyReport};
pub use append::Ledger;
pub use backup::Restoration;
pub use entry::{Entry, EntryRef};
pub use error::LedgerError;
pub use export::RECEIPT_PREDICATE_TYPE;
pub use fact::{
    ChecklistGenerated, CommandRecord, Decision, DriftMoment, DriftRecord, Fact, HeadAccepted, Redaction, Restored,
    RunConditions, RunInterrupted, RunStarted, TaskCreated, Transition, UnknownFact,
};
pub use head::HEAD_FILE;
pub use redaction::RedactionReport;
pub use runs::RunStart;
