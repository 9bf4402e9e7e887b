//! What is asked about htasks (snipara-wire.md §4.6): each request with its defaults, its other spellings and its check.
//!
//! A request that names no swarm means the project's own.

mod change;
mod complete;
mod look;
mod new_feature;
mod new_htask;
mod next;

pub use change::{BlockRequest, CloseRequest, UnblockRequest};
pub use complete::{CompleteRequest, MAX_EVIDENCE};
pub use look::{HTaskRef, TreeQuery};
pub use new_feature::NewFeature;
pub use new_htask::NewHTask;
pub use next::NextQuery;

use super::FieldError;
use super::field::check_text;

/// The longest title or owner, in bytes.
const MAX_TITLE_BYTES: usize = 500;
/// The longest text beside a title and a description, in bytes.
const MAX_NOTE_BYTES: usize = 4_096;
/// The most items of any list of one request.
const MAX_ITEMS: usize = 200;

const fn yes() -> bool {
    true
}

fn check_words(title: &str, description: &str, owner: &str) -> Result<(), FieldError> {
    check_text("title", title, MAX_TITLE_BYTES)?;
    check_text("description", description, super::MAX_TEXT_BYTES)?;
    check_text("owner", owner, MAX_TITLE_BYTES)
}

fn check_items(field: &str, count: usize, most: usize) -> Result<(), FieldError> {
    if count <= most {
        return Ok(());
    }
    Err(FieldError::new(field, format!("has {count} items"), format!("give at most {most}")))
}
