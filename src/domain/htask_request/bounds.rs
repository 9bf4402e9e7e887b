//! How long the texts and lists of these requests may be.

use crate::domain::{FieldError, MAX_TEXT_BYTES, check_text};

/// The longest title or owner, in bytes.
pub(super) const MAX_TITLE_BYTES: usize = 500;
/// The longest text beside a title and a description, in bytes.
pub(super) const MAX_NOTE_BYTES: usize = 4_096;
/// The most items of any list of one request.
pub(super) const MAX_ITEMS: usize = 200;

pub(super) fn check_words(title: &str, description: &str, owner: &str) -> Result<(), FieldError> {
    check_text("title", title, MAX_TITLE_BYTES)?;
    check_text("description", description, MAX_TEXT_BYTES)?;
    check_text("owner", owner, MAX_TITLE_BYTES)
}

pub(super) fn check_items(field: &str, count: usize, most: usize) -> Result<(), FieldError> {
    if count <= most {
        return Ok(());
    }
    Err(FieldError::new(field, format!("has {count} items"), format!("give at most {most}")))
}
