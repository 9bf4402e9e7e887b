//! Which scope each tool and each method needs: the table that README shows.

use serde_json::{Map, Value};

use crate::snipara::catalog;

use crate::domain::Scope;

/// Returns the scope that a tool of ours needs; nothing when there is no such tool, so nothing to guard.
///
/// Running anything is `validate`; changing what agents share is `write`, forgetting included: a writer may take back
/// what writers wrote. `snipara_call` is `admin`: it reaches every tool of the hosted service with the server's key.
pub fn needed_for_tool(name: &str) -> Option<Scope> {
    Some(match name {
        "task_status" | "cutover_checklist" | "recall" | "list_memories" | "htask_tree" | "query_context"
        | "swarm_members" | "state_get" | "swarm_events" | "verify_proofs" | "export_receipt" => Scope::Read,
        "run_task" | "validate_endpoint" | "check_drift" | "task_cancel" => Scope::Validate,
        "remember"
        | "forget"
        | "htask_create"
        | "htask_next"
        | "htask_complete"
        | "htask_create_feature"
        | "htask_block"
        | "htask_unblock"
        | "htask_close"
        | "swarm_create"
        | "swarm_join"
        | "swarm_leave"
        | "state_set"
        | "broadcast"
        | "claim"
        | "release" => Scope::Write,
        "snipara_call" => Scope::Admin,
        _ => return None,
    })
}

/// Returns the scope that a tool of the Snipara service needs, by its name with or without prefix.
///
/// As its catalog says: what changes nothing is `read`, the rest `write`; what it does not know is `admin`.
pub fn needed_for_snipara_tool(name: &str) -> Scope {
    let bare = name.strip_prefix("snipara_").or_else(|| name.strip_prefix("rlm_")).unwrap_or(name);
    match (catalog::find(name), bare) {
        // They only read, though the contract does not mark them so.
        (_, "settings" | "state_poll") => Scope::Read,
        (Some(tool), _) if tool.read_only => Scope::Read,
        // The flat tasks of 0.1.5 are in no catalog.
        (Some(_), _) | (None, "task_create" | "task_claim" | "task_complete") => Scope::Write,
        (None, _) => Scope::Admin,
    }
}

/// Tells whether a call of a tool of the Snipara service does what needs a person's word at our own tools: a waiver, and
/// forgetting by filter. Returns our tool, which asks for it.
pub fn needs_a_person(name: &str, arguments: &Map<String, Value>) -> Option<&'static str> {
    let given = |name: &str| arguments.get(name).is_some_and(|value| !value.is_null());
    let name = name.trim().to_ascii_lowercase();
    match name.strip_prefix("snipara_").or_else(|| name.strip_prefix("rlm_")).unwrap_or(&name) {
        "htask_close" if given("waiver_reason") || given("waiver_approved_by") => Some("htask_close"),
        "forget" if !given("memory_id") => Some("forget"),
        _ => None,
    }
}

/// Returns the scope that a method needs; nothing for those that every principal may call.
pub(crate) fn needed_for_method(method: &str, tool: Option<&str>) -> Option<Scope> {
    match method {
        // What nobody carries out needs nothing: its caller is told that there is no such tool.
        "tools/call" => tool.and_then(needed_for_tool),
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
    use crate::mcp::tools::listed;

    #[test]
    fn every_listed_tool_has_a_scope_and_only_those_that_read_need_read() {
        for tool in listed() {
            let scope = needed_for_tool(tool.name);
            assert!(scope.is_some(), "{} has no scope: choose one in needed.rs", tool.name);
            assert_eq!(scope == Some(Scope::Read), tool.reads, "{}", tool.name);
        }
        assert_eq!(needed_for_tool("no_such_tool"), None);
    }

    #[test]
    fn what_runs_something_needs_validate_and_what_leaves_under_our_key_needs_admin() {
        let needing = |scope| {
            let names = listed().iter().map(|tool| tool.name).filter(|name| needed_for_tool(name) == Some(scope));
            names.collect::<Vec<_>>()
        };
        assert_eq!(needing(Scope::Validate), ["run_task", "validate_endpoint", "check_drift", "task_cancel"]);
        assert_eq!(needing(Scope::Admin), ["snipara_call"]);
    }

    #[test]
    fn tools_of_the_service_need_what_its_catalog_says_under_every_name() {
        for (name, scope) in [
            ("rlm_recall", Scope::Read),
            ("snipara_settings", Scope::Read),
            ("remember", Scope::Write),
            ("snipara_htask_complete", Scope::Write),
            ("rlm_task_create", Scope::Write),
            ("snipara_nothing_known", Scope::Admin),
        ] {
            assert_eq!(needed_for_snipara_tool(name), scope, "{name}");
        }
    }

    #[test]
    fn a_method_needs_what_it_does() {
        assert_eq!(needed_for_method("tools/call", Some("run_task")), Some(Scope::Validate));
        assert_eq!(needed_for_method("tasks/cancel", None), Some(Scope::Validate));
        for method in
            ["resources/read", "resources/subscribe", "tasks/get", "completion/complete", "subscriptions/listen"]
        {
            assert_eq!(needed_for_method(method, None), Some(Scope::Read), "{method}");
        }
        for method in ["initialize", "ping", "server/discover", "tools/list", "prompts/get"] {
            assert_eq!(needed_for_method(method, None), None, "{method}");
        }
    }
}
