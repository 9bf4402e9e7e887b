//! What can be read of a damaged store, carried over into a new one.
//!
//! Lives here: reading the pages of the file without SQLite, which gives up where one of them is damaged (`pages`,
//! `record`); finding the rows of each table, also those whose way from the table's root is damaged (`tables`); keeping
//! them in a file of their own (`rows`); and carrying them over (`carry`). Does not live here: which entries are still a
//! chain, and what follows from them: `ledger` decides that.
//!
//! Invariants:
//! - the damaged file is only read: `tests/it/cli/keeping.rs`, `a_repair_touches_nothing_and_carries_over_what_can_be_read`;
//! - a whole file is read as SQLite reads it: `a_whole_file_is_read_as_sqlite_reads_it`.

mod carry;
mod pages;
mod record;
mod rows;
mod tables;

pub(crate) use rows::Salvage;
