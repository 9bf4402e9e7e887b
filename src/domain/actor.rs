//! Who asks.

use serde::{Deserialize, Serialize};

/// Tells a person at a terminal from a caller (an agent over MCP or HTTP).
///
/// A person may run any command and call any public or private address; a caller is held to the command
/// policy and the egress rule of the trusted configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// Someone at a terminal who typed the command.
    Person,
    /// An agent that speaks MCP or HTTP.
    Caller,
}
