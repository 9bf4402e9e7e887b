//! What of an answer stayed the same while it was asked several times, kept with an observation without its content.

use serde::{Deserialize, Serialize};

/// An answer by its words, without those that differed between the asks of one observation. A digest stands for the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerShape {
    /// The status.
    pub status: u16,
    /// How many words each ask had; none where they had different numbers, and only the ends are compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<u32>,
    /// The places of words that differed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub masked: Vec<u32>,
    /// How many words at the beginning and at the end are compared, where the numbers differed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<[u32; 2]>,
    /// SHA-256 of the words that are compared.
    pub digest: String,
}
