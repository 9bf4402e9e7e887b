//! The trait for questions to the project's documents.

use std::fmt::Debug;

use super::Answer;
use crate::domain::{ContextAnswer, ContextQuery};

/// Answers questions from the project's documents.
pub trait ContextSearch: Send + Sync + Debug {
    /// Returns the best sections; `max_tokens` is a hard cap.
    fn query_context(&self, query: ContextQuery) -> Answer<'_, ContextAnswer>;
}
