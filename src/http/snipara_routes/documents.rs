//! What clients ask before they call: a project's settings, and what this server is.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::{ContextQuery, FieldError, Request, integer};
use crate::mcp::Server;
use crate::snipara::payload::Payload;
use crate::tools::{FormError, FormRequest};

use super::failure::ToolFailure;
use super::published::{Published, find, published};

/// How documents are searched here: by words.
const SEARCH_MODE: &str = "keyword";

/// Returns a project's settings as `GET /v1/{project}/automation` tells them (snipara-wire.md §6.6).
///
/// What would make a client call tools that are not offered here is off.
pub(super) fn automation() -> Value {
    json!({
        "settings": {
            "maxTokensPerQuery": ContextQuery::DEFAULT_MAX_TOKENS, "searchMode": SEARCH_MODE,
            "includeSummaries": false, "autoInjectContext": false, "enrichPrompts": false,
            "memoryAutoRecallOnSessionStart": false, "memoryAutoRecallOnResume": false,
            "memoryDeduplicateBeforeWrite": false, "memoryEndOfTaskCommitEnabled": false,
            "memoryWorkspaceProfileEnabled": false, "memoryNoveltyThreshold": 0.92, "memoryResumeWindowMinutes": 180,
        }
    })
}

/// Returns what the tool `settings` tells.
pub(super) fn settings(project: &str) -> Payload {
    fields(json!({
        "project_id": project, "max_tokens_per_query": ContextQuery::DEFAULT_MAX_TOKENS, "search_mode": SEARCH_MODE,
        "include_summaries": false, "auto_inject_context": false,
        "message": "the settings of this server cannot be changed by callers",
    }))
}

/// A request without arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NoArguments {}

impl Request for NoArguments {}

/// What `help` is asked.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HelpQuery {
    /// A question.
    #[serde(default)]
    query: String,
    /// A tool by its name.
    #[serde(default)]
    tool: String,
    /// How many tools at most, for a question: 1 to 20.
    #[serde(default = "integer::<5>")]
    limit: i64,
}

impl Request for HelpQuery {}

/// Returns what the tool `help` tells: one tool by name, those that fit a question, or all.
pub(super) fn help(server: &Server, given: &Payload) -> Result<Payload, ToolFailure> {
    let asked = HelpQuery::read(given).map_err(FormError::from)?;
    let offered = || published().filter(|tool| tool.is_offered_by(server));
    if !asked.tool.trim().is_empty() {
        let named = find(&asked.tool).filter(|tool| offered().any(|offered| offered.name == tool.name));
        let tool = named.ok_or_else(|| FieldError::new("tool", "names no tool of this server", "leave it out"))?;
        return Ok(fields(tool.help_entry()));
    }
    if asked.query.trim().is_empty() {
        let tools: Vec<Value> = offered().map(|tool| tool.help_entry()).collect();
        return Ok(fields(json!({ "mode": "catalog", "count": tools.len(), "tools": tools })));
    }
    let query = asked.query.to_lowercase();
    let fits = |tool: &Published| query.split_whitespace().any(|word| word.len() > 2 && tool.mentions(word));
    let limit = usize::try_from(asked.limit.clamp(1, 20)).unwrap_or(1);
    let found: Vec<Value> = offered().filter(fits).take(limit).map(|tool| tool.help_entry()).collect();
    Ok(fields(json!({ "query": query, "recommendations": found })))
}

fn fields(value: Value) -> Payload {
    match value {
        Value::Object(fields) => fields,
        _ => Payload::new(),
    }
}

/// Returns what this server is; its contract is not the public server's, so that proxies send `snipara_` names.
pub(super) fn capabilities(server: &Server) -> Value {
    let offered = published().filter(|tool| tool.is_offered_by(server));
    let tools: Vec<String> = offered.map(|tool| format!("snipara_{}", tool.name)).collect();
    json!({
        "contract": "snipara-orchestrator-v1",
        "server": {
            "name": "snipara-orchestrator", "version": env!("CARGO_PKG_VERSION"), "distribution": "self-hosted",
        },
        "authentication": { "schemes": ["X-API-Key", "Bearer"] },
        "transports": ["POST /mcp/{project}", "POST /v1/{project}/mcp", "POST /api/mcp/{project}"],
        "tools": tools,
    })
}
