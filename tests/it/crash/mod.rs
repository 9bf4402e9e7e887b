//! Every write, sync and rename is the last one before a crash, or fails: afterwards the store opens, verifies and
//! goes on. Of a long row of pages in one file every fifth is tried; `SNIPARA_TEST_EVERY_WRITE=1` tries each.
//!
//! `faults.c` is loaded into a second process of the same test. There it records what a piece of work does to the files,
//! and fails its n-th call. What a crash leaves is built from the record: the first calls and none of the later ones.
//! Linux with a C compiler, which the build needs anyway.

#![expect(clippy::print_stdout, reason = "the second process tells the first one how many rounds there were")]

mod backup;
mod fault;
mod first_use;
mod ledger;
mod rounds;
mod upgrade;
