//! Which swarm is meant.

use super::given::Given;
use crate::domain::{FieldError, SwarmId};
use crate::snipara::payload::Payload;

/// Reads which swarm is meant.
///
/// # Errors
/// Names the argument.
pub fn swarm_id(arguments: &Payload) -> Result<SwarmId, FieldError> {
    Given(arguments).needed_id("swarm_id", SwarmId::parse)
}
