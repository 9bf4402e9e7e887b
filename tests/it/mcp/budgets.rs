//! What a model pays for having this server, counted with the o200k vocabulary.

use rmcp::model::Tool;
use serde_json::Value;
use snipara_orchestrator::mcp::{INSTRUCTIONS, tool_definitions};

/// The tools of the default profile.
const DEFAULT_PROFILE: [&str; 11] = [
    "run_task",
    "task_status",
    "validate_endpoint",
    "check_drift",
    "remember",
    "recall",
    "htask_create",
    "htask_next",
    "htask_complete",
    "htask_tree",
    "query_context",
];

fn tokens(text: &str) -> usize {
    tiktoken_rs::o200k_base_singleton().encode_ordinary(text).len()
}

fn default_profile() -> Vec<Value> {
    let tools: Vec<_> = tool_definitions()
        .into_iter()
        .filter(|(name, _)| DEFAULT_PROFILE.contains(&name.as_str()))
        .map(|(_, definition)| definition)
        .collect();
    assert_eq!(tools.len(), DEFAULT_PROFILE.len());
    tools
}

fn visible(definition: &Value) -> String {
    let tool: Tool = serde_json::from_value(definition.clone()).expect("a tool");
    let description = tool.description.as_deref().unwrap_or_default();
    format!("{}\n{description}\n{}", tool.name, Value::Object(tool.input_schema.as_ref().clone()))
}

#[test]
fn names_descriptions_and_inputs_of_the_default_profile_cost_at_most_2000_tokens() {
    let costs: Vec<_> =
        default_profile().iter().map(|tool| (tool["name"].to_string(), tokens(&visible(tool)))).collect();
    let sum: usize = costs.iter().map(|(_, cost)| cost).sum();
    assert!(sum <= 2_000, "{sum} tokens: {costs:?}");
}

#[test]
fn the_default_list_costs_at_most_4500_tokens() {
    let list = serde_json::json!({ "tools": default_profile() }).to_string();
    let sum = tokens(&list);
    assert!(sum <= 4_500, "{sum} tokens: {list}");
}

#[test]
fn the_instructions_cost_at_most_150_tokens_and_name_the_tools_to_start_with() {
    let sum = tokens(INSTRUCTIONS);
    assert!(sum <= 150, "{sum} tokens");
    for tool in ["run_task", "recall", "remember", "htask_create", "htask_next", "htask_complete"] {
        assert!(INSTRUCTIONS.contains(tool), "{tool}");
    }
}
