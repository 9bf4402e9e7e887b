//! The words of questions to the project's documents.

use clap::Args;

use crate::domain::ContextQuery;

/// `context`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ContextCommand {
    /// What to look for, such as "how do I roll back /api/auth/session".
    pub(crate) query: String,
    /// The most tokens of text to print; a token is four bytes.
    #[arg(long, value_name = "NUMBER", default_value_t = ContextQuery::DEFAULT_MAX_TOKENS, allow_negative_numbers = true)]
    pub(crate) max_tokens: i64,
}
