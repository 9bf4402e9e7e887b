//! All tools by name, in the order in which they are listed.

use std::sync::LazyLock;

use rmcp::handler::server::router::tool::ToolRouter;

use crate::mcp::server::Server;

use super::{proofs, validate};

/// The toolsets that have tools.
pub(in crate::mcp) const TOOLSETS: [&str; 2] = ["validate", "proofs"];

/// One tool in the catalog.
pub(in crate::mcp) struct Listed {
    pub(in crate::mcp) name: &'static str,
    pub(in crate::mcp) toolset: &'static str,
    /// Whether it belongs to the default profile.
    pub(in crate::mcp) default: bool,
    /// Whether it neither writes nor runs commands.
    pub(in crate::mcp) reads: bool,
}

const fn tool(name: &'static str, toolset: &'static str, default: bool, reads: bool) -> Listed {
    Listed { name, toolset, default, reads }
}

/// In the order of tools/list.
const LISTED: [Listed; 8] = [
    tool("run_task", "validate", true, false),
    tool("task_status", "validate", true, true),
    tool("validate_endpoint", "validate", true, false),
    tool("check_drift", "validate", true, false),
    tool("task_cancel", "validate", false, false),
    tool("cutover_checklist", "validate", false, true),
    tool("verify_proofs", "proofs", false, true),
    tool("export_receipt", "proofs", false, true),
];

/// Returns all tools in the order in which they are listed.
pub(in crate::mcp) const fn listed() -> &'static [Listed] {
    &LISTED
}

/// Returns the routes of all tools; built once.
pub(in crate::mcp) fn routes() -> &'static ToolRouter<Server> {
    static ROUTES: LazyLock<ToolRouter<Server>> = LazyLock::new(|| validate::router() + proofs::router());
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
            assert!(TOOLSETS.contains(&tool.toolset));
            let route = routes().get(tool.name).expect("a route");
            let hints = route.annotations.as_ref().expect("annotations");
            assert_eq!(hints.read_only_hint, Some(tool.reads), "{}", tool.name);
        }
    }
}
