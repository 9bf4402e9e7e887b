//! What a model pays for having this server, counted with the o200k vocabulary (product.md §6).

use rmcp::model::Tool;
use serde_json::Value;
use snipara_orchestrator::mcp::{INSTRUCTIONS, tool_definitions};

const DEFAULT_PROFILE: [&str; 4] = ["run_task", "task_status", "validate_endpoint", "check_drift"];

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

/// The contract is 2,000 for the whole default profile, of which 9 tools come later: 900 for these four.
#[test]
fn names_descriptions_and_inputs_of_the_default_profile_cost_at_most_900_tokens() {
    let mut sum = 0;
    for definition in default_profile() {
        let tool: Tool = serde_json::from_value(definition).expect("a tool");
        let text = format!(
            "{}\n{}\n{}",
            tool.name,
            tool.description.as_deref().unwrap_or_default(),
            Value::Object(tool.input_schema.as_ref().clone())
        );
        sum += tokens(&text);
    }
    assert!(sum <= 900, "{sum} tokens");
}

/// The contract is 4,500 for the whole default profile: 2,000 for these four.
#[test]
fn the_default_list_costs_at_most_2000_tokens() {
    let list = serde_json::json!({ "tools": default_profile() }).to_string();
    let sum = tokens(&list);
    assert!(sum <= 2000, "{sum} tokens: {list}");
}

#[test]
fn the_instructions_cost_at_most_150_tokens_and_name_the_tool_to_start_with() {
    let sum = tokens(INSTRUCTIONS);
    assert!(sum <= 150, "{sum} tokens");
    assert!(INSTRUCTIONS.contains("run_task"));
}
