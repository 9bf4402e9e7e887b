//! What a server offers.

use std::sync::Arc;

use snipara_orchestrator::domain::Scope;
use snipara_orchestrator::mcp::{INSTRUCTIONS, ServerOptions, tool_definitions};
use snipara_orchestrator::tools::{ToolSpec, Toolset, tools};

use crate::support::mcp_client::{Client, Era, panicking_opener};

/// The names of the specs that fit, in the order of the catalog.
fn specified(fits: impl Fn(&ToolSpec) -> bool) -> Vec<&'static str> {
    tools().iter().filter(|tool| fits(tool)).map(|tool| tool.name).collect()
}

fn toolsets(names: &[&str]) -> ServerOptions {
    let toolsets = Some(names.iter().map(|name| (*name).to_owned()).collect());
    ServerOptions { toolsets, hosted: true, ..ServerOptions::default() }
}

async fn listed(era: Era, options: ServerOptions) -> Vec<String> {
    let client = Client::open(era, options, panicking_opener()).await;
    let tools = client.session.list_all_tools().await.expect("a list");
    tools.into_iter().map(|tool| tool.name.into_owned()).collect()
}

#[tokio::test]
async fn both_eras_list_the_default_profile_in_its_order_and_open_nothing() {
    for era in Era::BOTH {
        let names = listed(era, ServerOptions::default()).await;
        assert_eq!(names, specified(|tool| tool.default), "{era:?}");
    }
}

#[tokio::test]
async fn the_list_is_what_tool_definitions_returns() {
    let client = Client::open(Era::Initialize, toolsets(&["all"]), panicking_opener()).await;
    let tools = client.session.list_all_tools().await.expect("a list");
    let listed: Vec<_> =
        tools.iter().map(|tool| (tool.name.to_string(), serde_json::to_value(tool).expect("json"))).collect();
    assert_eq!(listed, tool_definitions());
}

#[tokio::test]
async fn every_tool_has_a_title_all_hints_and_closed_inputs() {
    let client = Client::open(Era::Initialize, toolsets(&["all"]), panicking_opener()).await;
    for tool in client.session.list_all_tools().await.expect("a list") {
        assert!(tool.title.is_some() && tool.description.is_some() && tool.output_schema.is_some(), "{}", tool.name);
        let hints = tool.annotations.expect("annotations");
        for hint in [hints.read_only_hint, hints.destructive_hint, hints.idempotent_hint, hints.open_world_hint] {
            assert!(hint.is_some(), "{}", tool.name);
        }
        assert_eq!(tool.input_schema["type"], "object", "{}", tool.name);
        assert_eq!(tool.input_schema["additionalProperties"], false, "{}", tool.name);
    }
}

#[tokio::test]
async fn since_2026_07_28_a_parameter_is_marked_for_a_header_and_before_none_is() {
    for era in Era::BOTH {
        let client = Client::open(era, toolsets(&["all"]), panicking_opener()).await;
        let tools = client.session.list_all_tools().await.expect("a list");
        let marked: Vec<_> = tools
            .iter()
            .filter_map(|tool| tool.input_schema.get("properties")?.as_object())
            .flatten()
            .filter_map(|(name, property)| Some((name.as_str(), property.get("x-mcp-header")?.as_str()?)))
            .collect();
        let expected: &[_] = if era == Era::Discover { &[("swarm_id", "Swarm")] } else { &[] };
        assert_eq!(marked, expected, "{era:?}");
    }
}

#[tokio::test]
async fn toolsets_tools_and_read_only_bound_what_is_offered() {
    for toolset in Toolset::ALL {
        let of_toolset = specified(|tool| tool.toolset == toolset);
        assert_eq!(listed(Era::Discover, toolsets(&[toolset.name()])).await, of_toolset, "{}", toolset.name());
    }
    assert_eq!(listed(Era::Discover, toolsets(&["hosted", "context"])).await, ["query_context", "snipara_call"]);
    let read_only = ServerOptions { read_only: true, ..toolsets(&["all"]) };
    assert_eq!(listed(Era::Initialize, read_only).await, specified(|tool| tool.scope == Scope::Read));
}

#[tokio::test]
async fn without_a_key_no_list_holds_a_tool_of_the_hosted_service_and_it_cannot_be_called() {
    let options = ServerOptions { hosted: false, ..toolsets(&["all"]) };
    assert!(!listed(Era::Initialize, options.clone()).await.contains(&"snipara_call".to_owned()));
    let client = Client::open(Era::Initialize, options, panicking_opener()).await;
    let error = client.call("snipara_call", serde_json::json!({"tool": "recall"})).await.expect_err("refused");
    assert!(error.to_string().contains("tool `snipara_call` is not offered"), "{error}");
}

#[tokio::test]
async fn a_tool_that_is_not_offered_cannot_be_called() {
    let options = ServerOptions { read_only: true, ..toolsets(&["validate"]) };
    let client = Client::open(Era::Initialize, options, panicking_opener()).await;
    let error = client.call("run_task", serde_json::json!({})).await.expect_err("refused").to_string();
    assert!(error.contains("tool `run_task` is not offered"), "{error}");
}

#[tokio::test]
async fn the_server_says_who_it_is_in_both_eras() {
    for era in Era::BOTH {
        let client = Client::open(era, ServerOptions::default(), panicking_opener()).await;
        let about: Arc<_> = client.session.peer_info().expect("server info");
        let server = about.server_info.clone().expect("its name");
        assert_eq!(server.name, "snipara-orchestrator", "{era:?}");
        assert_eq!(server.title.as_deref(), Some("Snipara Orchestrator"));
        assert_eq!(server.version, env!("CARGO_PKG_VERSION"));
        let [icon] = server.icons.as_deref().expect("icons") else { panic!("one icon") };
        assert!(icon.src.starts_with("data:image/svg+xml;base64,"), "{}", icon.src);
        assert_eq!(about.instructions.as_deref(), Some(INSTRUCTIONS));
    }
}

#[tokio::test]
async fn the_forms_of_resources_are_listed_in_their_order() {
    let client = Client::open(Era::Initialize, ServerOptions::default(), panicking_opener()).await;
    let forms = client.session.list_all_resource_templates().await.expect("a list");
    let forms: Vec<_> = forms.iter().map(|form| form.uri_template.as_str()).collect();
    assert_eq!(
        forms,
        ["task://{id}", "checklist://{task}", "proof://{id}", "receipt://{task}/{attempt}", "htask://{swarm}/{id}"]
    );
}
