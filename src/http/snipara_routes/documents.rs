//! What clients ask before they call: a project's settings, and what this server is.

use serde_json::{Value, json};

use crate::domain::ContextQuery;
use crate::mcp::Server;

use super::published::published;

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
pub(super) fn settings(project: &str) -> Value {
    json!({
        "project_id": project, "max_tokens_per_query": ContextQuery::DEFAULT_MAX_TOKENS, "search_mode": SEARCH_MODE,
        "include_summaries": false, "auto_inject_context": false,
        "message": "the settings of this server cannot be changed by callers",
    })
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
