//! All tools by name, in the order in which they are listed.

use std::sync::LazyLock;

use rmcp::handler::server::router::tool::ToolRouter;

use crate::mcp::server::Server;

use super::{context, hosted, htask, memory, proofs, swarm, validate};

/// The toolset that needs a Snipara key.
pub(crate) const HOSTED: &str = "hosted";

/// The toolsets that have tools, in the order of tools/list.
pub(crate) const TOOLSETS: [&str; 7] = ["validate", "memory", "htask", "context", "swarm", "proofs", HOSTED];

/// One tool in the catalog.
pub(crate) struct Listed {
    pub(crate) name: &'static str,
    pub(crate) toolset: &'static str,
    /// Whether it belongs to the default profile.
    pub(crate) default: bool,
    /// Whether it neither writes nor runs commands.
    pub(crate) reads: bool,
}

const fn tool(name: &'static str, toolset: &'static str, default: bool, reads: bool) -> Listed {
    Listed { name, toolset, default, reads }
}

/// In the order of tools/list.
const LISTED: [Listed; 32] = [
    tool("run_task", "validate", true, false),
    tool("task_status", "validate", true, true),
    tool("validate_endpoint", "validate", true, false),
    tool("check_drift", "validate", true, false),
    tool("task_cancel", "validate", false, false),
    tool("cutover_checklist", "validate", false, true),
    tool("remember", "memory", true, false),
    tool("recall", "memory", true, true),
    tool("list_memories", "memory", false, true),
    tool("forget", "memory", false, false),
    tool("htask_create", "htask", true, false),
    tool("htask_next", "htask", true, false),
    tool("htask_complete", "htask", true, false),
    tool("htask_tree", "htask", true, true),
    tool("htask_create_feature", "htask", false, false),
    tool("htask_block", "htask", false, false),
    tool("htask_unblock", "htask", false, false),
    tool("htask_close", "htask", false, false),
    tool("query_context", "context", true, true),
    tool("swarm_create", "swarm", false, false),
    tool("swarm_join", "swarm", false, false),
    tool("swarm_leave", "swarm", false, false),
    tool("swarm_members", "swarm", false, true),
    tool("state_set", "swarm", false, false),
    tool("state_get", "swarm", false, true),
    tool("broadcast", "swarm", false, false),
    tool("swarm_events", "swarm", false, true),
    tool("claim", "swarm", false, false),
    tool("release", "swarm", false, false),
    tool("verify_proofs", "proofs", false, true),
    tool("export_receipt", "proofs", false, true),
    tool("snipara_call", HOSTED, false, false),
];

/// Returns all tools in the order in which they are listed.
pub(crate) const fn listed() -> &'static [Listed] {
    &LISTED
}

/// Returns the routes of all tools; built once.
pub(crate) fn routes() -> &'static ToolRouter<Server> {
    static ROUTES: LazyLock<ToolRouter<Server>> = LazyLock::new(|| {
        validate::router()
            + memory::router()
            + htask::router()
            + context::router()
            + swarm::router()
            + proofs::router()
            + hosted::router()
    });
    &ROUTES
}

/// Returns every tool as `tools/list` shows it, by name, in order: what `schemas` prints and tool-schemas/ holds.
pub fn tool_definitions() -> Vec<(String, serde_json::Value)> {
    listed()
        .iter()
        .filter_map(|tool| routes().get(tool.name))
        .filter_map(|tool| Some((tool.name.to_string(), serde_json::to_value(tool).ok()?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_tool_has_a_route_whose_hint_agrees_and_every_route_is_listed() {
        assert_eq!(routes().map.len(), listed().len());
        for tool in listed() {
            assert!(TOOLSETS.contains(&tool.toolset), "{}", tool.toolset);
            let route = routes().get(tool.name).expect("a route");
            let hints = route.annotations.as_ref().expect("annotations");
            assert_eq!(hints.read_only_hint, Some(tool.reads), "{}", tool.name);
        }
    }
}
