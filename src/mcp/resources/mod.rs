//! What the links in answers point to: addresses, their forms, the list of recent ones, and reading one.
//!
//! Addresses are opaque names, never paths: what is not exactly of a known form does not exist.

mod address;
mod forms;
mod list;
mod read;

pub(super) use address::{Address, LONGEST_URI};
pub(super) use forms::{CHECKLIST, HTASK, PROOF, RECEIPT, TASK, templates};
pub(super) use list::{RECENT_TASKS, list};
pub(super) use read::read;
