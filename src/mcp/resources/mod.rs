//! The resources behind the links in answers: their addresses, the forms of addresses, listing and reading.
//!
//! Addresses are opaque names and never paths. An address that does not have exactly a known form does not exist.

mod address;
mod forms;
mod list;
mod read;

pub(super) use address::{Address, LONGEST_URI};
pub(super) use forms::{CHECKLIST, HTASK, PROOF, RECEIPT, TASK, templates};
pub(super) use list::{RECENT_TASKS, list};
pub(super) use read::read;
