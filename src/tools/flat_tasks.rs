//! The flat task queue of 0.1.5, as a shell over htasks: each task is an N3 without parent (snipara-wire.md §S7).
//!
//! Unlike the public server: `depends_on` is enforced, a claim is a lease, somebody else's claim is respected, and a
//! task that failed is blocked with the reason, because only a person or an agent can make it right.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::form::FormError;
use super::spec::JsonObject;
use crate::domain::{
    BlockRequest, BlockerType, CompleteRequest, FieldError, HTask, HTaskId, HTaskRef, HTaskStatus, InvalidRequest,
    NewEvidence, NewHTask, NextQuery, Priority, Request, SwarmId, integer, one_line, yes,
};
use crate::orchestrator::{InvalidError, Orchestrator, OrchestratorError};
use crate::snipara::SniparaKind;

/// The owner of a task that is for nobody in particular.
const UNASSIGNED: &str = "unassigned";
/// How long a claim holds when the call does not say, in seconds (snipara-wire.md §4.5).
const CLAIM_S: i64 = 600;
/// How long a claim still holds whose task failed, in seconds.
const FAILED_CLAIM_S: i64 = 60;

type Told = Result<JsonObject, FormError>;

/// A flat task to make.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(extend("x-model" = true))]
pub(super) struct NewFlatTask {
    swarm_id: SwarmId,
    agent_id: String,
    title: String,
    description: Option<String>,
    #[serde(default)]
    priority: i64,
    deadline: Option<String>,
    #[serde(default)]
    depends_on: Vec<HTaskId>,
    for_agent_id: Option<String>,
}

impl Request for NewFlatTask {
    fn check(&self) -> Result<(), InvalidRequest> {
        check_given("agent_id", &self.agent_id)?;
        check_given("title", &self.title)
    }
}

/// A flat task to claim: the named one, or the next.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(extend("x-model" = true))]
pub(super) struct FlatClaim {
    swarm_id: SwarmId,
    agent_id: String,
    task_id: Option<HTaskId>,
    #[serde(default = "integer::<CLAIM_S>")]
    timeout_seconds: i64,
}

impl Request for FlatClaim {
    fn check(&self) -> Result<(), InvalidRequest> {
        check_given("agent_id", &self.agent_id)
    }
}

/// A flat task that ended.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(extend("x-model" = true))]
pub(super) struct FlatCompletion {
    swarm_id: SwarmId,
    agent_id: String,
    task_id: HTaskId,
    #[serde(default = "yes")]
    success: bool,
    result: Option<Value>,
    fencing_token: Option<i64>,
}

impl Request for FlatCompletion {
    fn check(&self) -> Result<(), InvalidRequest> {
        check_given("agent_id", &self.agent_id)
    }
}

fn check_given(field: &str, text: &str) -> Result<(), InvalidRequest> {
    match text.trim().is_empty() {
        true => Err(FieldError::new(field, "is missing", format!("give {field}")).into()),
        false => Ok(()),
    }
}

fn written(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

pub(super) async fn create(orchestrator: Orchestrator, given: NewFlatTask) -> Told {
    let NewFlatTask { swarm_id, agent_id, title, priority, depends_on, .. } = given;
    let owner = written(given.for_agent_id);
    let assigned = owner.is_some();
    let description = written(given.description).unwrap_or_else(|| title.clone());
    let task = NewHTask {
        priority: of_number(priority),
        eta_target: written(given.deadline),
        depends_on,
        context_refs: vec![format!("legacy-task-created-by:{agent_id}")],
        ..NewHTask::new(swarm_id, title, description, owner.unwrap_or_else(|| UNASSIGNED.to_owned()))
    };
    let task = orchestrator.create_htask(task).await?;
    Ok(told(
        &task,
        json!({
            "priority": priority, "depends_on": task.depends_on, "assigned": assigned, "assigned_to": task.owner,
            "created_by": agent_id, "message": "created as an htask without parent",
        }),
    ))
}

pub(super) async fn claim(orchestrator: Orchestrator, given: FlatClaim) -> Told {
    let FlatClaim { swarm_id, agent_id: agent, task_id, timeout_seconds } = given;
    let query = NextQuery {
        limit: Some(1),
        claim_for_agent: Some(agent.clone()),
        lease_seconds: Some(timeout_seconds),
        ..NextQuery::new(swarm_id.clone())
    };
    query.check()?;
    let task = match task_id {
        Some(task_id) => {
            let query = NextQuery { only: Some(task_id.clone()), ..query };
            match orchestrator.next_htasks(query).await?.tasks.pop() {
                Some(task) => task,
                None => return Err(not_claimable(&orchestrator, HTaskRef { swarm_id, task_id }).await),
            }
        }
        None => next(&orchestrator, &query, &agent).await?,
    };
    Ok(told(&task, json!({ "status": "claimed", "assigned_to": agent, "message": "claimed" })))
}

/// Tasks for the agent come before tasks for anybody. Tasks for others are not touched.
async fn next(orchestrator: &Orchestrator, query: &NextQuery, agent: &str) -> Result<HTask, FormError> {
    for owner in [agent, UNASSIGNED] {
        let query = NextQuery { owner: Some(owner.to_owned()), ..query.clone() };
        if let Some(task) = orchestrator.next_htasks(query).await?.tasks.pop() {
            return Ok(task);
        }
    }
    Err(refused("nothing_ready", "no task is ready for this agent", "create one, or complete what others wait for"))
}

async fn not_claimable(orchestrator: &Orchestrator, task: HTaskRef) -> FormError {
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

pub(super) async fn complete(orchestrator: Orchestrator, given: FlatCompletion) -> Told {
    let FlatCompletion { swarm_id, agent_id: agent, task_id, success, result, fencing_token } = given;
    let reference = HTaskRef { swarm_id, task_id };
    let task = orchestrator.htask(reference.clone()).await?;
    let token = match &task.claim {
        Some(claim) if claim.claimed_by != agent => {
            let message = format!("task {} is held by {}", task.task_id, claim.claimed_by);
            return Err(refused("not_yours", &message, "only who claimed it ends it"));
        }
        claim => fencing_token.or(claim.as_ref().map(|claim| claim.fencing_token)),
    };
    if !success {
        return fail(&orchestrator, reference, &task, (&agent, token), result.as_ref()).await;
    }
    let word = NewEvidence {
        kind: "note".to_owned(),
        description: Some(format!("{} called task_complete", one_line(&agent, 100))),
        ..NewEvidence::default()
    };
    let request = CompleteRequest {
        evidence: vec![word],
        result: result.map(|result| if result.is_object() { result } else { json!({ "raw": result }) }),
        agent_id: Some(agent),
        fencing_token: token,
        ..CompleteRequest::new(reference.swarm_id, reference.task_id)
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
            renew_task_id: Some(reference.task_id.clone()),
            fencing_token: Some(token),
            ..NextQuery::new(reference.swarm_id.clone())
        };
        orchestrator.next_htasks(query).await?;
    }
    let why = result.map(|result| one_line(&result.to_string(), 500)).unwrap_or_else(|| "no reason given".to_owned());
    let reason = format!("{} says that it failed: {why}", one_line(agent, 100));
    let request = BlockRequest {
        agent_id: Some(agent.to_owned()),
        fencing_token: task.claim.as_ref().map(|claim| claim.fencing_token),
        ..BlockRequest::new(reference.swarm_id, reference.task_id, BlockerType::Other, reason)
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
fn told(task: &HTask, more: Value) -> JsonObject {
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

fn refused(code: &'static str, message: &str, hint: &str) -> FormError {
    let (message, hint) = (message.to_owned(), hint.to_owned());
    OrchestratorError::from(InvalidError::NotAllowed { code, message, hint }).into()
}
