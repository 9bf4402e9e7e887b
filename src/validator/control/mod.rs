//! What production answers for paths that cannot exist, and which answers are alike to that (gate.md G3). Pure.
//!
//! Two paths are invented for a folder ([`invented_paths`]). What their answers share is what production says about
//! anything; what differs between them is variable ([`ControlAnswer::of`]). An answer that is alike
//! ([`ControlAnswer::is_alike`]) shows nothing about its own route: a single-page app's fallback, JSON that answers
//! everywhere, a login wall, a soft 404, each with whatever nonce, token, time or echo of the path is in it.
//!
//! Bodies are cut into words up to 64 KiB and compared in one walk, so that the cost is linear and bounded.

mod answer;
mod paths;
mod template;
mod volatile;

pub(crate) use answer::{ControlAnswer, SeenAnswer};
pub(crate) use paths::{MAX_FOLDERS, folder_of, invented_paths};
pub(super) use volatile::volatile_word;
