//! Arguments of `context_query`.

use super::given::Given;
use crate::domain::{ContextQuery, FieldError};
use crate::snipara::payload::Payload;

/// Reads a question to the documents.
///
/// # Errors
/// Names the argument.
pub fn context_query(arguments: &Payload) -> Result<ContextQuery, FieldError> {
    let given = Given(arguments);
    Ok(ContextQuery {
        query: given.needed(&["query"])?,
        max_tokens: given.integer(&["max_tokens"])?.unwrap_or(ContextQuery::DEFAULT_MAX_TOKENS),
    })
}
