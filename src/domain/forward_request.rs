//! A call of a tool that only the hosted service has.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{FieldError, InvalidRequest, Request};

/// A tool of the hosted service to call by its name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ForwardRequest {
    /// The tool's name, with or without prefix.
    pub tool: String,
    /// What it is given.
    #[serde(default)]
    pub arguments: Map<String, Value>,
}

impl Request for ForwardRequest {
    fn check(&self) -> Result<(), InvalidRequest> {
        if self.tool.trim().is_empty() {
            return Err(FieldError::new("tool", "is empty", "give the name of a tool of the service").into());
        }
        Ok(())
    }
}
