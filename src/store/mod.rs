//! The only room that knows SQL: one SQLite file a project.
//!
//! Lives here: opening, migrating, checking, copying and replacing the file, reading a damaged one (`salvage`),
//! transactions, one file a group of tables with the structs that its rows are read into, and the errors
//! of the file. Does not live here: what an entry of the ledger means, how it is hashed, or who may change a status
//! (`ledger` does that, over `StoreTransaction`).
//! Called by `ledger`, `snipara` and `orchestrator`.
//!
//! Invariants, each with the test that holds it (`tests/it/store.rs`):
//! - a done status needs a passing decision row of the same attempt: `a06_a_forged_done_status_is_refused_by_the_store`;
//! - entries and decisions are neither changed nor deleted, but for a text that a redaction names:
//!   `ledger_rows_are_append_only`;
//! - an older store is copied and upgraded by a process that is alone with it (`tests/it/fixtures/upgrading.rs`);
//! - a store that another process upgraded is not written to: `a_store_that_became_newer_is_not_written_to`;
//! - a file that lacks a trigger, or has one that is not ours, is read and not written to:
//!   `a_store_with_a_foreign_or_missing_trigger_is_read_and_not_written_to`;
//! - opening by many processes at once succeeds: `twelve_processes_open_one_fresh_store`;
//! - an error of opening names the file and says what to do: `a_newer_store_is_refused_and_left_alone` and its neighbours.
//!
//! Writers take `BEGIN IMMEDIATE` on one connection a process, because a read that becomes a write fails at once
//! under contention. Readers are read-only. With `synchronous=FULL`, an acknowledged write survives a loss of power, so
//! the head beside the store cannot be ahead of the store.

mod access;
mod backup;
mod check;
mod columns;
mod connection;
mod decisions;
mod default_swarms;
mod entries;
mod error;
mod events;
mod file_digest;
mod folder;
mod htask_queue;
mod htask_rows;
mod htasks;
mod known_ids;
mod memories;
mod memory_index;
mod outbox;
mod redaction_places;
mod redactions;
mod replace;
mod repositories;
mod runs;
mod salvage;
mod schema;
mod secrets;
mod sections;
mod statement;
mod swarm_claims;
mod swarm_members;
mod swarm_state;
mod swarms;
mod task_htasks;
mod task_owners;
mod tasks;
mod transaction;
mod upgrade;

pub(crate) use backup::Backup;
pub use check::{Depth, FileCheck};
pub use connection::{HEAD_FILE, STORE_FILE, Store};
pub(crate) use entries::{COLUMN_SEPARATOR, EntryPage, NewRow, ROW_SEPARATOR, StoredEntry};
pub use error::StoreError;
pub(crate) use events::{EventSelection, StoredEvent};
pub(crate) use folder::private;
pub(crate) use htask_queue::QueueSelection;
pub(crate) use htask_rows::StoredHTask;
pub(crate) use memories::{MemorySelection, StoredMemory};
pub(crate) use memory_index::Matches;
pub(crate) use outbox::{NewMessage, OutboxState, StoredMessage};
pub(crate) use redactions::{RedactableEntry, SweepScope, copies};
pub(crate) use replace::Replacement;
pub(crate) use runs::NewRun;
pub(crate) use salvage::Salvage;
pub(crate) use sections::{NewSection, StoredDocument, TermMatches};
pub(crate) use swarm_claims::StoredClaim;
pub(crate) use swarm_members::StoredMember;
pub(crate) use tasks::TaskAudit;
pub(crate) use transaction::StoreTransaction;
