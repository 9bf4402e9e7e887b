//! The arguments of questions to the project's documents.

use super::request_args::{Flags, RequestFlags};
use crate::domain::ContextQuery;

impl RequestFlags for ContextQuery {
    const FLAGS: Flags = Flags { positional: &["query"], short: &[], long: &[], left_out: &[] };
}
