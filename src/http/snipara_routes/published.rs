//! The published tools that this server carries out: the forms of our own tools, and what tells about the server itself.

use serde_json::{Map, Value, json};

use crate::domain::Scope;
use crate::mcp::Server;
use crate::snipara::payload::Payload;
use crate::tools::{self, Form, ToolSpec};

/// A published tool with an embedded implementation.
#[derive(Clone, Copy)]
pub(super) struct Published {
    /// Its name without prefix.
    pub(super) name: &'static str,
    description: &'static str,
    /// The tool of ours that does the same; what the server's options do not let that do, this may not do either.
    /// Nothing for what tells only about the server itself.
    pub(super) own: Option<&'static ToolSpec>,
    /// Its reading and writing.
    pub(super) form: Option<&'static Form>,
    arguments: &'static str,
}

/// A published tool that has no form yet.
struct Row {
    name: &'static str,
    own: Option<&'static str>,
    description: &'static str,
    arguments: &'static str,
}

const fn tool(name: &'static str, own: &'static str, description: &'static str, arguments: &'static str) -> Row {
    Row { name, own: Some(own), description, arguments }
}

#[rustfmt::skip]
const PUBLISHED: [Row; 16] = [
    Row { name: "settings", own: None, description: "The project's retrieval settings.", arguments: "" },
    Row { name: "help", own: None, description: "The tools of this server; executes nothing.",
        arguments: "query:string tool:string limit:integer" },
    tool("htask_create", "htask_create", "Create one task at level N0-N3.",
        "title*:string description*:string owner*:string swarm_id:string auto_create_swarm:boolean \
         swarm_name:string swarm_description:string swarm_max_agents:integer level:string parent_id:string \
         priority:string eta_target:string execution_target:string workstream_type:string \
         custom_workstream_type:string acceptance_criteria:array context_refs:array context_query:string \
         depends_on:array evidence_required:array is_blocking:boolean"),
    tool("htask_create_feature", "htask_create_feature",
        "Create an N1 feature with its N2 workstreams and starter N3 tasks.",
        "title*:string description*:string owner*:string swarm_id:string auto_create_swarm:boolean \
         swarm_name:string swarm_description:string swarm_max_agents:integer parent_id:string \
         create_initiative:boolean initiative_title:string initiative_description:string workstreams:array \
         custom_workstreams:array workstream_owners:object create_actionable_tasks:boolean"),
    tool("htask_get", "htask_tree", "One htask with its children one level down.",
        "swarm_id*:string task_id*:string include_children:boolean"),
    tool("htask_tree", "htask_tree", "The tree under an htask, or from every root.",
        "swarm_id*:string task_id:string max_depth:integer include_archived:boolean include_completed:boolean"),
    tool("htask_update", "htask_complete", "Add evidence to an htask: `updates.evidenceProvided`; nothing else.",
        "swarm_id*:string task_id*:string updates*:object"),
    tool("htask_block", "htask_block", "Mark an htask blocked, with cause.",
        "swarm_id*:string task_id*:string blocker_type*:string blocker_reason*:string blocked_by_task_id:string \
         required_input:string eta_recovery:string escalation_to:string agent_id:string fencing_token:integer"),
    tool("htask_unblock", "htask_unblock", "Clear a block and recompute ancestors.",
        "swarm_id*:string task_id*:string resolution:string"),
    tool("htask_complete", "htask_complete", "Finish a leaf N3 with evidence; may write a memory.",
        "swarm_id*:string task_id*:string evidence:array result:object learnings:array decision_impact:string \
         create_memory:boolean agent_id:string fencing_token:integer"),
    tool("htask_close", "htask_close", "Close a parent, with a waiver where policy allows.",
        "swarm_id*:string task_id*:string waiver_reason:string waiver_approved_by:string"),
    tool("htask_recommend_batch", "htask_next", "Next ready N3 tasks, claimed at once on demand.",
        "swarm_id*:string feature_id:string workstream_type:string limit:integer owner:string \
         exclude_blocked:boolean claim_for_agent:string lease_seconds:integer renew_task_id:string \
         fencing_token:integer"),
    tool("htask_audit_trail", "htask_tree", "Ordered history of one htask.", "swarm_id*:string task_id*:string"),
    tool("task_create", "htask_create", "Queue a flat task: an N3 without parent. Legacy; see htask_create.",
        "swarm_id*:string agent_id*:string title*:string description:string priority:integer deadline:string \
         depends_on:array for_agent_id:string"),
    tool("task_claim", "htask_next", "Claim a given or the next ready flat task. Legacy; see htask_recommend_batch.",
        "swarm_id*:string agent_id*:string task_id:string timeout_seconds:integer"),
    tool("task_complete", "htask_complete", "Finish a flat task, or block it when it failed. Legacy; see htask_complete.",
        "swarm_id*:string agent_id*:string task_id*:string success:boolean result:any fencing_token:integer"),
];

/// Returns all of them in the order in which they are listed.
pub(super) fn published() -> impl Iterator<Item = Published> {
    let rows = PUBLISHED.iter().map(|row| Published {
        name: row.name,
        description: row.description,
        own: row.own.and_then(tools::find),
        form: None,
        arguments: row.arguments,
    });
    let forms = tools::forms().map(|(own, form)| Published {
        name: form.name,
        description: form.description,
        own: Some(own),
        form: Some(form),
        arguments: "",
    });
    rows.chain(forms)
}

/// Returns a tool by its name, with or without prefix.
pub(super) fn find(name: &str) -> Option<Published> {
    let bare = bare(name);
    published().find(|tool| tool.name == bare)
}

/// Returns a name without `snipara_` or `rlm_`.
pub(super) fn bare(name: &str) -> &str {
    name.strip_prefix("snipara_").or_else(|| name.strip_prefix("rlm_")).unwrap_or(name)
}

impl Published {
    /// Returns what a caller needs for it.
    pub(super) fn scope(&self) -> Scope {
        self.own.map_or(Scope::Read, |own| own.scope)
    }

    /// Tells whether the server's options let callers do this.
    pub(super) fn is_offered_by(&self, server: &Server) -> bool {
        self.own.is_none_or(|own| server.lets(own.name))
    }

    /// Tells whether a call does what needs a person's word at our own tool.
    pub(super) fn asks_a_person(&self, given: &Payload) -> bool {
        self.form.is_some_and(|form| (form.asks_person)(given))
            || (self.name == "htask_close"
                && (given.contains_key("waiver_reason") || given.contains_key("waiver_approved_by")))
    }

    /// Returns the tool as `tools/list` shows it.
    pub(super) fn listed(&self) -> Value {
        json!({
            "name": format!("snipara_{}", self.name), "description": self.description,
            "inputSchema": self.schema(), "annotations": { "readOnlyHint": self.scope() == Scope::Read },
        })
    }

    /// Returns the tool as `help` tells it.
    pub(super) fn told(&self) -> Value {
        json!({ "tool": format!("snipara_{}", self.name), "tier": "primary", "description": self.description })
    }

    /// Tells whether a word stands in the name or the description.
    pub(super) fn mentions(&self, word: &str) -> bool {
        self.name.contains(word) || self.description.to_lowercase().contains(word)
    }

    fn schema(&self) -> Value {
        if let Some(form) = self.form {
            let mut schema = form.schema().clone();
            schema.entry("required").or_insert_with(|| json!([]));
            return Value::Object(schema);
        }
        let mut properties = Map::new();
        let mut required = Vec::new();
        for argument in self.arguments.split_whitespace() {
            let (name, kind) = argument.split_once(':').unwrap_or((argument, "any"));
            let plain = name.trim_end_matches('*');
            if plain.len() < name.len() {
                required.push(plain);
            }
            let schema = if kind == "any" { json!({}) } else { json!({ "type": kind }) };
            properties.insert(plain.to_owned(), schema);
        }
        json!({ "type": "object", "properties": properties, "required": required })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::snipara::catalog;

    const FLAT: [&str; 3] = ["task_create", "task_claim", "task_complete"];

    #[test]
    fn every_name_is_published_or_flat_and_none_stands_twice() {
        let names: BTreeSet<_> = published().map(|tool| tool.name).collect();
        assert_eq!(names.len(), published().count());
        for name in names {
            assert_eq!(catalog::find(name).is_none(), FLAT.contains(&name), "{name}");
        }
    }

    #[test]
    fn every_tool_is_bounded_by_one_of_ours_and_what_only_reads_for_the_contract_only_reads_here() {
        for tool in published() {
            assert_eq!(tool.own.is_none(), ["settings", "help"].contains(&tool.name), "{}", tool.name);
            let read_only = catalog::find(tool.name).is_some_and(|known| known.read_only);
            assert!(!read_only || tool.scope() == Scope::Read, "{}", tool.name);
        }
    }

    #[test]
    fn schemas_name_what_must_be_given() {
        let listed = find("rlm_state_set").expect("a tool").listed();
        assert_eq!(listed["name"], "snipara_state_set");
        assert_eq!(listed["inputSchema"]["required"], json!(["swarm_id", "agent_id", "key", "value"]));
        let properties = &listed["inputSchema"]["properties"];
        assert_eq!(properties["ttl_seconds"], json!({"type": "integer", "minimum": 1, "maximum": 315_360_000}));
        assert_eq!(properties["value"], json!({"description": "Any JSON but null."}));
    }
}
