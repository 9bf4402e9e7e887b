//! The published tools by name (snipara-wire.md §9), to forward those that have no type here.

use crate::domain::nearest;

/// Tools that change nothing, so that a call may be repeated: those that the contract marks (snipara-wire.md §4), and
/// `htask_tree` and `swarm_members`, which only list by their own description.
#[rustfmt::skip]
const READ_ONLY: [&str; 19] = [
    "context_query", "ask", "search", "read", "decompose", "multi_query", "multi_project_query", "stats", "help",
    "get_chunk", "recall", "memories", "owner_profile_get", "swarm_events", "swarm_members", "state_get", "htask_get",
    "htask_tree", "htask_audit_trail",
];

/// All other tools: a call may change something.
#[rustfmt::skip]
const WRITING: [&str; 117] = [
    "plan", "inject", "context", "clear_context", "sections", "settings", "shared_context", "resume_context",
    "upload_document", "sync_documents", "document_tombstones", "load_document", "load_project", "orchestrate",
    "repl_context", "remember", "remember_if_novel", "end_of_task_commit", "remember_bulk", "forget",
    "memory_invalidate", "memory_attach_source", "memory_supersede", "memory_verify", "memory_review_queue",
    "memory_resolve_queue_item", "journal_append", "journal_get", "journal_summarize", "session_memories",
    "memory_compact", "session_bootstrap_status", "owner_profile_update", "memory_health",
    "memory_duplicate_candidates", "memory_clean_candidates", "memory_daily_brief", "tenant_profile_create",
    "tenant_profile_get", "swarm_create", "swarm_delete", "swarm_join", "agent_profile_get", "agent_profile_update",
    "claim", "release", "broadcast", "agent_status", "swarm_leave", "swarm_update", "state_set", "state_poll",
    "htask_create", "htask_create_feature", "htask_update", "htask_block", "htask_unblock", "htask_complete",
    "htask_verify_closure", "htask_close", "htask_delete", "htask_recommend_batch", "htask_policy_get",
    "htask_policy_update", "htask_metrics", "htask_checkpoint_delta", "collaboration_status", "collaboration_start",
    "collaboration_claim", "collaboration_release", "collaboration_guard", "code_callers", "code_imports",
    "code_neighbors", "code_shortest_path", "code_symbol_card", "code_impact", "local_code_overlay_upload",
    "local_code_overlay_status", "local_code_overlay_get", "local_code_overlay_retire", "store_summary",
    "get_summaries", "delete_summary", "list_templates", "get_template", "list_collections", "create_collection",
    "get_collection_documents", "link_collection", "unlink_collection", "upload_shared_document",
    "list_business_collections", "ensure_business_collection", "upload_business_document", "business_document_status",
    "load_business_document", "list_client_projects", "create_client_project", "svg_bundle_ingest", "request_access",
    "decision_create", "decision_query", "decision_review_queue", "decision_review_plan", "decision_review_apply",
    "decision_supersede", "inbox_review_queue", "inbox_review_plan", "inbox_review_apply", "index_health",
    "index_recommendations", "reindex", "search_analytics", "query_trends", "adaptive_routing_catalog",
    "adaptive_routing_approve",
];

/// A published tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublishedTool {
    /// Its name without prefix: `recall`.
    pub name: &'static str,
    /// Whether it changes nothing.
    pub read_only: bool,
}

/// Returns all published tools.
pub fn tools() -> impl Iterator<Item = PublishedTool> {
    let all =
        |names: &'static [&'static str], read_only| names.iter().map(move |name| PublishedTool { name, read_only });
    all(&READ_ONLY, true).chain(all(&WRITING, false))
}

/// Returns a tool by its name, with or without the prefix `snipara_` or `rlm_`.
pub fn find(name: &str) -> Option<PublishedTool> {
    let name = without_prefix(name);
    tools().find(|tool| tool.name == name)
}

/// Returns the published name nearest to one that is not published.
pub fn nearest_name(name: &str) -> Option<&'static str> {
    nearest(without_prefix(name), tools().map(|tool| tool.name))
}

fn without_prefix(name: &str) -> &str {
    name.strip_prefix("snipara_").or_else(|| name.strip_prefix("rlm_")).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn there_are_136_tools_and_none_twice() {
        assert_eq!(tools().map(|tool| tool.name).collect::<BTreeSet<_>>().len(), 136);
        assert_eq!(tools().count(), 136);
    }

    #[test]
    fn a_tool_is_found_under_both_prefixes_and_a_typing_error_finds_its_name() {
        for name in ["recall", "snipara_recall", "rlm_recall"] {
            assert_eq!(find(name), Some(PublishedTool { name: "recall", read_only: true }));
        }
        assert!(find("remember").is_some_and(|tool| !tool.read_only) && find("snipara_task_create").is_none());
        assert_eq!(nearest_name("snipara_recal"), Some("recall"));
    }
}
