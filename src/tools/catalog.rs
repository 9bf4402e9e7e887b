//! All tools, in the order in which they are listed: each is a file of this folder, and has a place in the list below.

mod broadcast;
mod check_drift;
mod claim;
mod cutover_checklist;
mod export_receipt;
mod forget;
mod htask_block;
mod htask_close;
mod htask_complete;
mod htask_create;
mod htask_create_feature;
mod htask_next;
mod htask_tree;
mod htask_unblock;
mod list_memories;
mod query_context;
mod recall;
mod release;
mod remember;
mod run_task;
mod snipara_call;
mod state_get;
mod state_set;
mod swarm_create;
mod swarm_events;
mod swarm_join;
mod swarm_leave;
mod swarm_members;
mod task_cancel;
mod task_status;
mod validate_endpoint;
mod verify_proofs;

use std::sync::LazyLock;

use super::form::Form;
use super::spec::ToolSpec;

/// Tools of one toolset stand together.
const SPECS: &[fn() -> ToolSpec] = &[
    run_task::spec,
    task_status::spec,
    validate_endpoint::spec,
    check_drift::spec,
    task_cancel::spec,
    cutover_checklist::spec,
    remember::spec,
    recall::spec,
    list_memories::spec,
    forget::spec,
    htask_create::spec,
    htask_next::spec,
    htask_complete::spec,
    htask_tree::spec,
    htask_create_feature::spec,
    htask_block::spec,
    htask_unblock::spec,
    htask_close::spec,
    query_context::spec,
    swarm_create::spec,
    swarm_join::spec,
    swarm_leave::spec,
    swarm_members::spec,
    state_set::spec,
    state_get::spec,
    broadcast::spec,
    swarm_events::spec,
    claim::spec,
    release::spec,
    verify_proofs::spec,
    export_receipt::spec,
    snipara_call::spec,
];

/// Returns all tools in the order in which they are listed.
pub fn tools() -> &'static [ToolSpec] {
    static TOOLS: LazyLock<Vec<ToolSpec>> = LazyLock::new(|| SPECS.iter().map(|spec| spec()).collect());
    &TOOLS
}

/// Finds a tool by its name.
pub fn find(name: &str) -> Option<&'static ToolSpec> {
    tools().iter().find(|tool| tool.name == name)
}

/// Returns all forms, each with the tool that serves it.
pub fn forms() -> impl Iterator<Item = (&'static ToolSpec, &'static Form)> {
    tools().iter().flat_map(|tool| tool.forms.iter().map(move |form| (tool, form)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::Scope;
    use crate::tools::Queueing;

    #[test]
    fn every_name_stands_once_and_toolsets_stand_together() {
        let names: BTreeSet<_> = tools().iter().map(|tool| tool.name).collect();
        assert_eq!(names.len(), tools().len());
        let mut toolsets: Vec<_> = tools().iter().map(|tool| tool.toolset).collect();
        toolsets.dedup();
        assert_eq!(toolsets, crate::tools::Toolset::ALL);
    }

    #[test]
    fn what_runs_something_needs_validate_and_what_leaves_under_our_key_needs_admin() {
        let needing =
            |scope| tools().iter().filter(|tool| tool.scope == scope).map(|tool| tool.name).collect::<Vec<_>>();
        assert_eq!(needing(Scope::Validate), ["run_task", "validate_endpoint", "check_drift", "task_cancel"]);
        assert_eq!(needing(Scope::Admin), ["snipara_call"]);
        assert!(tools().iter().filter(|tool| tool.read_only()).all(|tool| !tool.destructive));
    }

    #[test]
    fn a_run_can_be_looked_at_and_stopped_however_many_calls_wait() {
        let with = |queueing| {
            tools().iter().filter(|tool| tool.queueing == queueing).map(|tool| tool.name).collect::<Vec<_>>()
        };
        assert_eq!(with(Queueing::Observer), ["task_status"]);
        assert_eq!(with(Queueing::Immediate), ["task_cancel"]);
    }
}
