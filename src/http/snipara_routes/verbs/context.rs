//! Documents, settings, help.

use serde_json::{Value, json};

use crate::domain::FieldError;
use crate::http::snipara_routes::documents;
use crate::http::snipara_routes::published::{Published, find, published};
use crate::mcp::Server;
use crate::orchestrator::Orchestrator;
use crate::snipara::payload::{Payload, arguments, context_answer};

use super::carry_out::Told;

/// How many tools `help` names when the call does not say.
const HELP_LIMIT: i64 = 5;

pub(super) async fn context_query(orchestrator: &Orchestrator, given: &Payload) -> Told {
    let query = arguments::context_query(given)?;
    query.check()?;
    Ok(context_answer(&orchestrator.query_context(query).await?))
}

pub(super) fn settings(orchestrator: &Orchestrator) -> Payload {
    fields(documents::settings(orchestrator.project().as_str()))
}

/// One tool by name, those that fit a question, or all.
pub(super) fn help(server: &Server, given: &Payload) -> Told {
    let text = |name: &str| given.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let offered = || published().filter(|tool| tool.is_offered_by(server));
    if let Some(name) = text("tool") {
        let named = find(name).filter(|tool| offered().any(|offered| offered.name == tool.name));
        let tool = named.ok_or_else(|| FieldError::new("tool", "names no tool of this server", "leave it out"))?;
        return Ok(fields(tool.told()));
    }
    let Some(query) = text("query") else {
        let tools: Vec<Value> = offered().map(|tool| tool.told()).collect();
        return Ok(fields(json!({ "mode": "catalog", "count": tools.len(), "tools": tools })));
    };
    let limit = given.get("limit").and_then(Value::as_i64).unwrap_or(HELP_LIMIT).clamp(1, 20);
    let query = query.to_lowercase();
    let fits = |tool: &Published| query.split_whitespace().any(|word| word.len() > 2 && tool.mentions(word));
    let found: Vec<Value> =
        offered().filter(fits).take(usize::try_from(limit).unwrap_or(1)).map(|tool| tool.told()).collect();
    Ok(fields(json!({ "query": query, "recommendations": found })))
}

fn fields(value: Value) -> Payload {
    match value {
        Value::Object(fields) => fields,
        _ => Payload::new(),
    }
}
