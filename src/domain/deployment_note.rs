//! What the project's documents say about deploying what a checklist checks.

use serde::{Deserialize, Serialize};

/// A place in the documents that somebody should read before a cutover.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct DeploymentNote {
    /// The document's path in the repository.
    pub file: String,
    /// The section's first and last line in the document, from 1.
    pub lines: [u32; 2],
    /// The section's heading.
    pub title: String,
    /// The line that matters, cut when it is long.
    pub excerpt: String,
    /// The path of the checklist's endpoint that it mentions; nothing for a note about deploying as such.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
}
