//! The scope that each method of the protocol needs. The scope of a tool stands in its spec.

use crate::domain::Scope;
use crate::tools;

/// Returns the scope that a method needs, or nothing for a method that every principal may call.
pub(crate) fn method_scope(method: &str, tool: Option<&str>) -> Option<Scope> {
    match method {
        // An unknown tool needs no scope: its caller gets the answer that the tool does not exist.
        "tools/call" => tool.and_then(tools::find).map(|tool| tool.scope),
        "tasks/cancel" | "tasks/update" => Some(Scope::Validate),
        _ if ["resources/", "subscriptions/", "tasks/", "completion/"]
            .iter()
            .any(|group| method.starts_with(group)) =>
        {
            Some(Scope::Read)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_needs_what_it_does() {
        assert_eq!(method_scope("tools/call", Some("run_task")), Some(Scope::Validate));
        assert_eq!(method_scope("tasks/cancel", None), Some(Scope::Validate));
        for method in
            ["resources/read", "resources/subscribe", "tasks/get", "completion/complete", "subscriptions/listen"]
        {
            assert_eq!(method_scope(method, None), Some(Scope::Read), "{method}");
        }
        for method in ["initialize", "ping", "server/discover", "tools/list", "prompts/get"] {
            assert_eq!(method_scope(method, None), None, "{method}");
        }
    }
}
