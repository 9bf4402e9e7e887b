//! The flat task queue of 0.1.5, as a shell over htasks: each task is an N3 without parent (snipara-wire.md §S7).
//!
//! Unlike the public server: `depends_on` is enforced, a claim is a lease, somebody else's claim is respected, and a
//! task that failed is blocked with the reason, for nothing but a person or an agent makes it right.

use serde_json::{Value, json};

use crate::domain::{
    BlockRequest, BlockerType, FieldError, HTask, HTaskId, HTaskRef, HTaskStatus, NewEvidence, NewHTask, NextQuery,
    Priority, one_line,
};
use crate::http::snipara_routes::failure::Failure;
use crate::orchestrator::{CompletionRequest, InvalidError, Orchestrator, OrchestratorError};
use crate::snipara::SniparaKind;
use crate::snipara::payload::{Payload, arguments};

use super::carry_out::Told;

/// Who owns a task that is for nobody in particular.
const UNASSIGNED: &str = "unassigned";
/// How long a claim holds when the call does not say, in seconds (snipara-wire.md §4.5).
const CLAIM_S: i64 = 600;
/// How long a claim still holds whose task failed, in seconds.
const FAILED_CLAIM_S: i64 = 60;

pub(super) async fn create(orchestrator: &Orchestrator, given: &Payload) -> Told {
    let swarm_id = arguments::swarm_id(given)?;
    let agent = needed(given, "agent_id")?;
    let title = needed(given, "title")?;
    let priority = integer(given, "priority")?.unwrap_or_default();
    let owner = text(given, "for_agent_id")?;
    let assigned = owner.is_some();
    let task = NewHTask {
        priority: of_number(priority),
        eta_target: text(given, "deadline")?,
        depends_on: dependencies(given)?,
        context_refs: vec![format!("legacy-task-created-by:{agent}")],
        ..NewHTask::new(
            swarm_id,
            title.clone(),
            text(given, "description")?.unwrap_or(title),
            owner.unwrap_or_else(|| UNASSIGNED.to_owned()),
        )
    };
    task.check()?;
    let task = orchestrator.create_htask(task).await?;
    Ok(told(
        &task,
        json!({
            "priority": priority, "depends_on": task.depends_on, "assigned": assigned, "assigned_to": task.owner,
            "created_by": agent, "message": "created as an htask without parent",
        }),
    ))
}

pub(super) async fn claim(orchestrator: &Orchestrator, given: &Payload) -> Told {
    let swarm_id = arguments::swarm_id(given)?;
    let agent = needed(given, "agent_id")?;
    let only = text(given, "task_id")?.map(|id| task_id("task_id", &id)).transpose()?;
    let query = NextQuery {
        limit: 1,
        claim_for_agent: Some(agent.clone()),
        lease_seconds: Some(integer(given, "timeout_seconds")?.unwrap_or(CLAIM_S)),
        ..NextQuery::new(swarm_id.clone())
    };
    query.check()?;
    let task = match only {
        Some(id) => {
            let query = NextQuery { only: Some(id.clone()), ..query };
            let mut claimed = orchestrator.next_htasks(query).await?.tasks;
            match claimed.pop() {
                Some(task) => task,
                None => return Err(not_claimable(orchestrator, HTaskRef { swarm_id, task_id: id }).await),
            }
        }
        None => next(orchestrator, &query, &agent).await?,
    };
    Ok(told(&task, json!({ "status": "claimed", "assigned_to": agent, "message": "claimed" })))
}

/// What is for the agent comes before what is for anybody; what is for others is not touched.
async fn next(orchestrator: &Orchestrator, query: &NextQuery, agent: &str) -> Result<HTask, Failure> {
    for owner in [agent, UNASSIGNED] {
        let query = NextQuery { owner: Some(owner.to_owned()), ..query.clone() };
        if let Some(task) = orchestrator.next_htasks(query).await?.tasks.pop() {
            return Ok(task);
        }
    }
    Err(refused("nothing_ready", "no task is ready for this agent", "create one, or complete what others wait for"))
}

async fn not_claimable(orchestrator: &Orchestrator, task: HTaskRef) -> Failure {
    let task = match orchestrator.htask(task).await {
        Ok(task) => task,
        Err(error) => return error.into(),
    };
    let id = &task.task_id;
    match &task.claim {
        Some(claim) => {
            let message = format!("task {id} is held by {} until {}", claim.claimed_by, claim.lease_expires_at);
            refused("held", &message, "work on something else, or wait until then")
        }
        None => {
            let message = format!("task {id} is {} and cannot be claimed now", task.status);
            refused("wrong_status", &message, "claim a task that is pending and whose dependencies are completed")
        }
    }
}

pub(super) async fn complete(orchestrator: &Orchestrator, given: &Payload) -> Told {
    let reference = arguments::task_ref(given)?;
    let agent = needed(given, "agent_id")?;
    let success = match given.get("success") {
        None => true,
        Some(Value::Bool(success)) => *success,
        Some(_) => return Err(FieldError::new("success", "is neither true nor false", "give true or false").into()),
    };
    let task = orchestrator.htask(reference.clone()).await?;
    let token = match &task.claim {
        Some(claim) if claim.claimed_by != agent => {
            let message = format!("task {} is held by {}", task.task_id, claim.claimed_by);
            return Err(refused("not_yours", &message, "only who claimed it ends it"));
        }
        claim => integer(given, "fencing_token")?.or(claim.as_ref().map(|claim| claim.fencing_token)),
    };
    let result = given.get("result").cloned();
    if !success {
        return fail(orchestrator, reference, &task, (&agent, token), result.as_ref()).await;
    }
    let word = NewEvidence {
        kind: "note".to_owned(),
        description: Some(format!("{} called task_complete", one_line(&agent, 100))),
        ..NewEvidence::default()
    };
    let request = CompletionRequest {
        evidence: vec![word],
        result: result.map(|result| if result.is_object() { result } else { json!({ "raw": result }) }),
        agent_id: Some(agent),
        fencing_token: token,
        ..CompletionRequest::new(reference)
    };
    let completed = orchestrator.complete_htask(request).await?;
    Ok(told(
        &task,
        json!({
            "status": "completed", "completed": true, "htask_status": completed.status,
            "repeated": completed.repeated, "message": "completed on the agent's word: nothing was looked up",
        }),
    ))
}

async fn fail(
    orchestrator: &Orchestrator,
    reference: HTaskRef,
    task: &HTask,
    (agent, token): (&str, Option<i64>),
    result: Option<&Value>,
) -> Told {
    if task.status == HTaskStatus::Completed {
        let message = format!("task {} is completed and cannot fail any more", task.task_id);
        return Err(refused("wrong_status", &message, "make a new task for what is left to do"));
    }
    // Blocking knows no token. A claim that is still good is renewed: it cannot pass to another in between.
    if let Some(token) = token.filter(|_| orchestrator.snipara().kind == SniparaKind::Embedded) {
        let query = NextQuery {
            claim_for_agent: Some(agent.to_owned()),
            lease_seconds: Some(FAILED_CLAIM_S),
            renew: Some((reference.task_id.clone(), token)),
            ..NextQuery::new(reference.swarm_id.clone())
        };
        orchestrator.next_htasks(query).await?;
    }
    let why = result.map(|result| one_line(&result.to_string(), 500)).unwrap_or_else(|| "no reason given".to_owned());
    let request = BlockRequest {
        task: reference,
        blocker_type: BlockerType::Other,
        blocker_reason: format!("{} says that it failed: {why}", one_line(agent, 100)),
        blocked_by_task_id: None,
        required_input: None,
        eta_recovery: None,
        escalation_to: None,
        agent_id: Some(agent.to_owned()),
        fencing_token: task.claim.as_ref().map(|claim| claim.fencing_token),
    };
    let blocked = orchestrator.block_htask(request).await?;
    Ok(told(
        task,
        json!({
            "status": "failed", "completed": false, "htask_status": blocked.status,
            "message": "kept as a blocked htask: unblock it to try again",
        }),
    ))
}

/// What every reply holds; the htask's own words stand beside the old ones.
fn told(task: &HTask, more: Value) -> Payload {
    let told = json!({
        "success": true, "task_id": task.task_id, "htask_id": task.task_id, "swarm_id": task.swarm_id,
        "title": task.title, "priority": number_of(task.priority), "htask_priority": task.priority,
        "deadline": task.eta_target, "canonical_surface": "htask",
        "fencing_token": task.claim.as_ref().map(|claim| claim.fencing_token),
        "lease_expires_at": task.claim.as_ref().map(|claim| claim.lease_expires_at),
    });
    let mut told = told.as_object().cloned().unwrap_or_default();
    told.extend(more.as_object().cloned().unwrap_or_default());
    told.retain(|_, value| !value.is_null());
    told
}

/// The public server's scale (snipara-wire.md §S7).
const fn of_number(priority: i64) -> Priority {
    match priority {
        2.. => Priority::P0,
        1 => Priority::P1,
        _ => Priority::P2,
    }
}

const fn number_of(priority: Priority) -> i64 {
    match priority {
        Priority::P0 => 2,
        Priority::P1 => 1,
        Priority::P2 => 0,
    }
}

fn text(given: &Payload, name: &str) -> Result<Option<String>, FieldError> {
    match given.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.trim().is_empty())),
        Some(_) => Err(FieldError::new(name, "is no text", "give a text")),
    }
}

fn needed(given: &Payload, name: &str) -> Result<String, FieldError> {
    text(given, name)?.ok_or_else(|| FieldError::new(name, "is missing", format!("give {name}")))
}

fn integer(given: &Payload, name: &str) -> Result<Option<i64>, FieldError> {
    let whole = |value: &Value| {
        value.as_i64().ok_or_else(|| FieldError::new(name, "is no whole number", "give a whole number"))
    };
    given.get(name).map(whole).transpose()
}

fn dependencies(given: &Payload) -> Result<Vec<HTaskId>, FieldError> {
    let Some(value) = given.get("depends_on") else { return Ok(Vec::new()) };
    let wrong = || FieldError::new("depends_on", "is no list of task ids", "give a list of texts");
    let ids = value.as_array().ok_or_else(wrong)?;
    ids.iter().map(|id| task_id("depends_on", id.as_str().ok_or_else(wrong)?)).collect()
}

fn task_id(field: &str, given: &str) -> Result<HTaskId, FieldError> {
    HTaskId::parse(given).map_err(|error| FieldError { field: field.to_owned(), ..error })
}

fn refused(code: &'static str, message: &str, hint: &str) -> Failure {
    let (message, hint) = (message.to_owned(), hint.to_owned());
    OrchestratorError::from(InvalidError::NotAllowed { code, message, hint }).into()
}
