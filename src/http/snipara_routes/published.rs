//! The published tools that this server carries out: the forms of our own tools, and what tells about the server itself.

use serde_json::{Value, json};

use crate::domain::Scope;
use crate::mcp::Server;
use crate::snipara::payload::Payload;
use crate::tools::{self, Form, FormRequest, ToolSpec};

use super::documents::{HelpQuery, NoArguments};

/// A published tool with an embedded implementation.
#[derive(Clone, Copy)]
pub(super) struct Published {
    /// Its name without prefix.
    pub(super) name: &'static str,
    description: &'static str,
    /// What carries it out.
    pub(super) implementation: Implementation,
}

/// What carries a published tool out.
#[derive(Clone, Copy)]
pub(super) enum Implementation {
    /// A form of a tool of ours. What the server's options do not let that tool do, this may not do either.
    Form(&'static ToolSpec, &'static Form),
    /// What tells about this server's settings.
    Settings,
    /// What tells about these tools.
    Help,
}

/// Returns all of them in the order in which they are listed.
pub(super) fn published() -> impl Iterator<Item = Published> {
    let forms = tools::forms().map(|(own, form)| Published {
        name: form.name,
        description: form.description,
        implementation: Implementation::Form(own, form),
    });
    let about_the_server = [
        Published {
            name: "settings",
            description: "The project's retrieval settings.",
            implementation: Implementation::Settings,
        },
        Published {
            name: "help",
            description: "The tools of this server; executes nothing.",
            implementation: Implementation::Help,
        },
    ];
    about_the_server.into_iter().chain(forms)
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
        match self.implementation {
            Implementation::Form(own, _) => own.scope,
            Implementation::Settings | Implementation::Help => Scope::Read,
        }
    }

    /// Tells whether the server's options let callers do this.
    pub(super) fn is_offered_by(&self, server: &Server) -> bool {
        match self.implementation {
            Implementation::Form(own, _) => server.lets(own.name),
            Implementation::Settings | Implementation::Help => true,
        }
    }

    /// Tells whether a call does what needs a person's consent at our own tool.
    pub(super) fn asks_a_person(&self, given: &Payload) -> bool {
        matches!(self.implementation, Implementation::Form(_, form) if (form.asks_person)(given))
    }

    /// Returns the tool as `tools/list` shows it.
    pub(super) fn list_entry(&self) -> Value {
        json!({
            "name": format!("snipara_{}", self.name), "description": self.description,
            "inputSchema": self.schema(), "annotations": { "readOnlyHint": self.scope() == Scope::Read },
        })
    }

    /// Returns the tool as `help` tells it.
    pub(super) fn help_entry(&self) -> Value {
        json!({ "tool": format!("snipara_{}", self.name), "tier": "primary", "description": self.description })
    }

    /// Tells whether a word stands in the name or the description.
    pub(super) fn mentions(&self, word: &str) -> bool {
        self.name.contains(word) || self.description.to_lowercase().contains(word)
    }

    fn schema(&self) -> Value {
        let mut schema = match self.implementation {
            Implementation::Form(_, form) => form.schema().clone(),
            Implementation::Settings => <NoArguments as FormRequest>::schema(),
            Implementation::Help => <HelpQuery as FormRequest>::schema(),
        };
        schema.entry("required").or_insert_with(|| json!([]));
        Value::Object(schema)
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
            let read_only = catalog::find(tool.name).is_some_and(|known| known.read_only);
            assert!(!read_only || tool.scope() == Scope::Read, "{}", tool.name);
        }
    }

    #[test]
    fn schemas_name_what_must_be_given() {
        let listed = find("rlm_state_set").expect("a tool").list_entry();
        assert_eq!(listed["name"], "snipara_state_set");
        assert_eq!(listed["inputSchema"]["required"], json!(["swarm_id", "agent_id", "key", "value"]));
        let properties = &listed["inputSchema"]["properties"];
        assert_eq!(properties["ttl_seconds"], json!({"type": "integer", "minimum": 1, "maximum": 315_360_000}));
        assert_eq!(properties["value"], json!({"description": "Any JSON but null."}));
    }
}
