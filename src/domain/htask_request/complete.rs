//! An htask to complete.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};

use super::bounds::check_items;
use crate::domain::worded::objects_or_texts;
use crate::domain::{HTaskId, InvalidRequest, MAX_TEXT_BYTES, NewEvidence, Request, SwarmId, check_length, yes};

/// The most items of evidence or learnings of one completion.
pub const MAX_EVIDENCE: usize = 100;

/// An htask to complete, with evidence as the caller hands it in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CompleteRequest {
    /// The swarm; the project's own when not given.
    pub swarm_id: Option<SwarmId>,
    /// The htask: an N3.
    #[schemars(extend("x-model" = "The htask."))]
    pub task_id: HTaskId,
    /// Evidence: {"type":"proof","proof_id":"12"}, {"type":"test","task_id":"task_…"} (both looked up in the ledger),
    /// a URL, or type:description (claims). What is sent to a host is what was found, not what was handed in.
    #[serde(default, skip_serializing, deserialize_with = "objects_or_texts")]
    pub evidence: Vec<NewEvidence>,
    /// What came out: an object, or a text.
    #[serde(default, serialize_with = "as_object")]
    #[schemars(schema_with = "object_or_text", extend("x-model" = "What came out."))]
    pub result: Option<Value>,
    /// What others should know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub learnings: Vec<String>,
    /// What was decided.
    pub decision_impact: Option<String>,
    /// Who completes it.
    pub agent_id: Option<String>,
    /// The token of the claim; needed while another agent holds it, refused when somebody claimed it since.
    #[schemars(extend("x-model" = "Of your claim."))]
    pub fencing_token: Option<i64>,
    /// Write no memory of it.
    #[serde(default = "yes")]
    #[schemars(extend("x-model" = "Default true."))]
    pub create_memory: bool,
}

impl CompleteRequest {
    /// Completes without evidence, and writes a memory.
    pub fn new(swarm_id: impl Into<Option<SwarmId>>, task_id: HTaskId) -> Self {
        Self {
            swarm_id: swarm_id.into(),
            task_id,
            evidence: Vec::new(),
            result: None,
            learnings: Vec::new(),
            decision_impact: None,
            agent_id: None,
            fencing_token: None,
            create_memory: true,
        }
    }
}

impl Request for CompleteRequest {
    fn check(&self) -> Result<(), InvalidRequest> {
        check_items("evidence", self.evidence.len(), MAX_EVIDENCE)?;
        check_items("learnings", self.learnings.len(), MAX_EVIDENCE)?;
        for (index, item) in self.evidence.iter().enumerate() {
            item.check(&format!("evidence[{index}]"))?;
        }
        let result = self.result.as_ref().map(Value::to_string);
        let texts: String =
            self.learnings.iter().chain(&self.decision_impact).chain(&result).map(String::as_str).collect();
        Ok(check_length("result, learnings and decision_impact", &texts, MAX_TEXT_BYTES)?)
    }
}

fn object_or_text(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["object", "string"] })
}

/// The contract's `result` is an object.
#[expect(clippy::ref_option, reason = "serde hands a reference")]
fn as_object<S: Serializer>(result: &Option<Value>, serializer: S) -> Result<S::Ok, S::Error> {
    let object = result.as_ref().map(|result| match result {
        Value::Object(_) => result.clone(),
        other => json!({ "summary": other }),
    });
    object.serialize(serializer)
}
