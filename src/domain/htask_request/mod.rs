//! What is asked about htasks (snipara-wire.md §4.6): each request with its defaults, its other spellings and its check.
//!
//! A request that names no swarm means the project's own.

mod bounds;
mod change;
mod complete;
mod look;
mod new_feature;
mod new_htask;
mod next;

pub use self::{change::*, complete::*, look::*, new_feature::*, new_htask::*, next::*};
