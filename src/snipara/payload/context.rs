//! Sections as clients read them (snipara-wire.md §2, context_query).

use super::{Payload, object};
use crate::domain::ContextAnswer;

/// Returns the sections.
pub fn context_answer(answer: &ContextAnswer) -> Payload {
    object(answer)
}
