//! Arguments of the htask tools.

use super::given::{Given, absent};
use super::swarm::swarm_id;
use crate::domain::{
    BlockRequest, CloseRequest, Completion, Evidence, FieldError, HTaskId, HTaskLevel, HTaskRef, NewFeature, NewHTask,
    NextQuery, Priority, TreeQuery,
};
use crate::snipara::payload::Payload;
use crate::snipara::payload::read::{evidence, requirements};

/// Reads the reference to an htask.
///
/// # Errors
/// Names the argument.
pub fn task_ref(arguments: &Payload) -> Result<HTaskRef, FieldError> {
    let task_id = Given(arguments).needed_id("task_id", HTaskId::parse)?;
    Ok(HTaskRef { swarm_id: swarm_id(arguments)?, task_id })
}

/// Reads `htask_create`.
///
/// # Errors
/// Names the argument.
pub fn new_htask(arguments: &Payload) -> Result<NewHTask, FieldError> {
    let given = Given(arguments);
    let needed = |name| given.needed(&[name]);
    let depends_on = given.texts("depends_on")?;
    Ok(NewHTask {
        swarm_id: swarm_id(arguments)?,
        title: needed("title")?,
        description: needed("description")?,
        owner: needed("owner")?,
        level: given.word("level")?.unwrap_or(HTaskLevel::N3),
        parent_id: given.id("parent_id", HTaskId::parse)?,
        priority: given.word("priority")?.unwrap_or(Priority::P1),
        eta_target: given.text(&["eta_target"])?,
        execution_target: given.word("execution_target")?,
        workstream_type: given.word("workstream_type")?,
        custom_workstream_type: given.text(&["custom_workstream_type"])?,
        acceptance_criteria: given.get(&["acceptance_criteria"], "a list of {id, text, checked}")?.unwrap_or_default(),
        context_refs: given.texts("context_refs")?,
        depends_on: depends_on.iter().map(|id| HTaskId::parse(id)).collect::<Result<_, _>>()?,
        evidence_required: requirements(arguments, "evidence_required"),
        is_blocking: given.flag("is_blocking", true)?,
    })
}

/// Reads `htask_create_feature`.
///
/// # Errors
/// Names the argument.
pub fn new_feature(arguments: &Payload) -> Result<NewFeature, FieldError> {
    let given = Given(arguments);
    Ok(NewFeature {
        swarm_id: swarm_id(arguments)?,
        title: given.needed(&["title"])?,
        description: given.needed(&["description"])?,
        owner: given.needed(&["owner"])?,
        parent_id: given.id("parent_id", HTaskId::parse)?,
        workstreams: given.get(&["workstreams"], "a list of texts")?,
        custom_workstreams: given.texts("custom_workstreams")?,
        workstream_owners: given.get(&["workstream_owners"], "an object of texts")?.unwrap_or_default(),
        create_actionable_tasks: given.flag("create_actionable_tasks", false)?,
    })
}

/// Reads `htask_recommend_batch`; `lease_seconds`, and `renew_task_id` with `fencing_token`, are ours.
///
/// # Errors
/// Names the argument.
pub fn next_query(arguments: &Payload) -> Result<NextQuery, FieldError> {
    let given = Given(arguments);
    let renew = match given.id("renew_task_id", HTaskId::parse)? {
        Some(task) => Some((task, given.integer(&["fencing_token"])?.ok_or_else(|| absent(&["fencing_token"]))?)),
        None => None,
    };
    let default = NextQuery::new(swarm_id(arguments)?);
    Ok(NextQuery {
        limit: given.integer(&["limit"])?.unwrap_or(default.limit),
        owner: given.text(&["owner"])?,
        feature_id: given.id("feature_id", HTaskId::parse)?,
        workstream_type: given.word("workstream_type")?,
        include_blocked: !given.flag("exclude_blocked", true)?,
        claim_for_agent: given.text(&["claim_for_agent"])?,
        lease_seconds: given.integer(&["lease_seconds"])?,
        renew,
        ..default
    })
}

/// Reads `htask_complete`. The verdicts of evidence are the sender's. A server that looks evidence up itself must take
/// only what was `given`.
///
/// # Errors
/// Names the argument.
pub fn completion(arguments: &Payload) -> Result<Completion, FieldError> {
    let given = Given(arguments);
    Ok(Completion {
        task: task_ref(arguments)?,
        evidence: evidence(arguments, "evidence"),
        result: given.get(&["result"], "an object or a text")?,
        learnings: given.texts("learnings")?,
        decision_impact: given.text(&["decision_impact"])?,
        create_memory: given.flag("create_memory", true)?,
        agent_id: given.text(&["agent_id"])?,
        fencing_token: given.integer(&["fencing_token"])?,
    })
}

/// Reads the evidence in the `updates` of `htask_update`; nothing when they hold none.
///
/// # Errors
/// Names the argument.
pub fn attached_evidence(arguments: &Payload) -> Result<Option<Vec<Evidence>>, FieldError> {
    let updates: Payload = Given(arguments).get(&["updates"], "an object")?.ok_or_else(|| absent(&["updates"]))?;
    let name = ["evidenceProvided", "evidence_provided"].into_iter().find(|name| updates.contains_key(*name));
    Ok(name.map(|name| evidence(&updates, name)))
}

/// Reads `htask_tree`.
///
/// # Errors
/// Names the argument.
pub fn tree_query(arguments: &Payload) -> Result<TreeQuery, FieldError> {
    let given = Given(arguments);
    let default = TreeQuery::new(swarm_id(arguments)?);
    Ok(TreeQuery {
        task_id: given.id("task_id", HTaskId::parse)?,
        max_depth: given.integer(&["max_depth"])?.unwrap_or(default.max_depth),
        include_archived: given.flag("include_archived", false)?,
        include_completed: given.flag("include_completed", true)?,
        ..default
    })
}

/// Reads `htask_block`; `agent_id` and `fencing_token` are ours.
///
/// # Errors
/// Names the argument.
pub fn block(arguments: &Payload) -> Result<BlockRequest, FieldError> {
    let given = Given(arguments);
    Ok(BlockRequest {
        task: task_ref(arguments)?,
        blocker_type: given.word("blocker_type")?.ok_or_else(|| absent(&["blocker_type"]))?,
        blocker_reason: given.needed(&["blocker_reason"])?,
        blocked_by_task_id: given.id("blocked_by_task_id", HTaskId::parse)?,
        required_input: given.text(&["required_input"])?,
        eta_recovery: given.text(&["eta_recovery"])?,
        escalation_to: given.text(&["escalation_to"])?,
        agent_id: given.text(&["agent_id"])?,
        fencing_token: given.integer(&["fencing_token"])?,
    })
}

/// Reads `htask_unblock`: the htask and how it was resolved.
///
/// # Errors
/// Names the argument.
pub fn unblock(arguments: &Payload) -> Result<(HTaskRef, Option<String>), FieldError> {
    Ok((task_ref(arguments)?, Given(arguments).text(&["resolution"])?))
}

/// Reads `htask_close`.
///
/// # Errors
/// Names the argument.
pub fn close(arguments: &Payload) -> Result<CloseRequest, FieldError> {
    let given = Given(arguments);
    Ok(CloseRequest {
        task: task_ref(arguments)?,
        waiver_reason: given.text(&["waiver_reason"])?,
        waiver_approved_by: given.text(&["waiver_approved_by"])?,
    })
}
