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
const PUBLISHED: [Row; 13] = [
    tool("context_query", "query_context", "Ranked sections of the project's documents within a token budget.",
        "query*:string max_tokens:integer"),
    Row { name: "settings", own: None, description: "The project's retrieval settings.", arguments: "" },
    Row { name: "help", own: None, description: "The tools of this server; executes nothing.",
        arguments: "query:string tool:string limit:integer" },
    tool("swarm_create", "swarm_create", "Create (or reuse by name) a coordination swarm.",
        "name*:string description:string max_agents:integer task_timeout:integer claim_timeout:integer \
         reuse_existing:boolean"),
    tool("swarm_join", "swarm_join", "Register an agent in a swarm.",
        "swarm_id*:string agent_id*:string name:string role:string capabilities:array"),
    tool("swarm_leave", "swarm_leave", "Remove an agent, its claims and its claimed htasks.",
        "swarm_id*:string agent_id*:string"),
    tool("swarm_members", "swarm_members", "List agents with role and status.", "swarm_id*:string"),
    tool("claim", "claim", "Take an expiring exclusive lease on a resource.",
        "swarm_id*:string agent_id*:string resource_type*:string resource_id*:string timeout_seconds:integer"),
    tool("release", "release", "Give a lease back; safe to repeat.",
        "swarm_id*:string agent_id*:string claim_id:string resource_type:string resource_id:string"),
    tool("broadcast", "broadcast", "Append an event to the swarm's stream.",
        "swarm_id*:string agent_id*:string event_type*:string payload:object"),
    tool("swarm_events", "swarm_events", "List broadcasts and htask events of a swarm.",
        "swarm_id*:string event_type:string agent_id:string since:string limit:integer cursor:string"),
    tool("state_get", "state_get", "Read one versioned shared key.", "swarm_id*:string key*:string"),
    tool("state_set", "state_set", "Write a shared key, with version check and TTL on demand.",
        "swarm_id*:string agent_id*:string key*:string value*:any expected_version:integer ttl_seconds:integer"),
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
        assert_eq!(listed["inputSchema"]["properties"]["ttl_seconds"], json!({"type": "integer"}));
        assert_eq!(listed["inputSchema"]["properties"]["value"], json!({}));
    }
}
