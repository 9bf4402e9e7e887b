//! The audit trail: one line of JSON for each call, refusal, permission and login.
//!
//! Lives here: the file with its rotation (`append`), the key of the digests (`key`), and what a line holds beside its
//! event (`trail`). Does not live here: the events and who tells them ([`AuditTrail`](crate::domain::AuditTrail), with
//! which every other room works), and where the file is (`config`). Made by `app`.
//!
//! Invariants, held by `tests/it/audit/` and the tests here:
//! - no text of an argument and no secret is in a line, only a keyed digest;
//! - a line is written whole, by however many processes, and is not lost when another one rotates;
//! - what cannot be written is told once and changes no answer;
//! - there are two files at most, each a little over its bound at most.

mod append;
mod key;
mod trail;

pub use trail::{AuditDoor, FileTrail};
