//! HTasks of the service.
//!
//! What the contract has no argument for (`depends_on`, `lease_seconds`, `renew_task_id` with `fencing_token`,
//! `agent_id`) is sent only when set: servers ignore arguments that they do not know (snipara-wire.md §S1), and what
//! they then do not answer is not made up.

use serde_json::{Value, json};

use crate::domain::{
    BlockChange, BlockRequest, CloseRequest, Closed, Completed, Completion, Evidence, Feature, HTask, HTaskEvent,
    HTaskRef, HTaskStatus, HTaskTree, NewFeature, NewHTask, NextBatch, NextQuery, TreeQuery,
};
use crate::snipara::hosted::HostedClient;
use crate::snipara::payload::{Payload, object, read};
use crate::snipara::{Answer, HTasks, SniparaError};

impl HTasks for HostedClient {
    fn create(&self, task: NewHTask) -> Answer<'_, HTask> {
        Box::pin(async move {
            self.ask("htask_create", create_arguments(&task), |payload| read::htask_created(payload, &task)).await
        })
    }

    fn create_feature(&self, feature: NewFeature) -> Answer<'_, Feature> {
        Box::pin(async move {
            let arguments = object(&json!({
                "swarm_id": feature.swarm_id, "title": feature.title, "description": feature.description,
                "owner": feature.owner, "parent_id": feature.parent_id, "workstreams": feature.workstreams,
                "custom_workstreams": some(&feature.custom_workstreams),
                "workstream_owners": (!feature.workstream_owners.is_empty()).then_some(&feature.workstream_owners),
                "create_actionable_tasks": feature.create_actionable_tasks,
            }));
            self.ask("htask_create_feature", arguments, |payload| read::feature(payload, &feature)).await
        })
    }

    fn get(&self, task: HTaskRef) -> Answer<'_, HTask> {
        Box::pin(async move { self.ask("htask_get", of_task(&task, json!({})), read::htask).await })
    }

    fn next(&self, query: NextQuery) -> Answer<'_, NextBatch> {
        Box::pin(async move {
            if let Some(only) = &query.only {
                // The contract has no argument for it, and a server that ignores ours would claim another htask.
                return Err(SniparaError::NotAllowed {
                    code: "not_supported",
                    message: format!("the hosted service cannot claim htask {only} by its id"),
                    hint: "claim without an id: the best one that is ready is answered".to_owned(),
                });
            }
            let mut batch = self.ask("htask_recommend_batch", next_arguments(&query), read::next_batch).await?;
            if let Some((task_id, _)) = &query.renew {
                let renewed = batch.tasks.iter().any(|task| task.task_id == *task_id && task.claim.is_some());
                if !renewed {
                    return Err(SniparaError::HostRefused {
                        tool: "htask_recommend_batch".to_owned(),
                        message: format!("this server did not renew the lease of htask {task_id}"),
                        code: None,
                    });
                }
            }
            let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
            batch.tasks.truncate(limit);
            batch.paths.truncate(limit);
            Ok(batch)
        })
    }

    fn complete(&self, completion: Completion) -> Answer<'_, Completed> {
        Box::pin(async move {
            let arguments = of_task(
                &completion.task,
                json!({
                    "evidence": some(&completion.evidence), "result": result(completion.result.as_ref()),
                    "learnings": some(&completion.learnings), "decision_impact": completion.decision_impact,
                    "create_memory": completion.create_memory, "agent_id": completion.agent_id,
                    "fencing_token": completion.fencing_token,
                }),
            );
            let read = |payload: &Payload| read::completed(payload, &completion.task, &completion.evidence);
            self.ask("htask_complete", arguments, read).await
        })
    }

    /// The contract has no tool for it: evidence is a field that `htask_update` may change (snipara-wire.md §S8).
    fn attach_evidence(&self, task: HTaskRef, evidence: Vec<Evidence>) -> Answer<'_, ()> {
        Box::pin(async move {
            let arguments = of_task(&task, json!({ "updates": { "evidenceProvided": evidence } }));
            self.ask("htask_update", arguments, |_| Ok(())).await
        })
    }

    /// The contract has no tool for it: the service's own trail tells what it refused itself.
    fn note_refusal(&self, _task: HTaskRef, _evidence: Vec<Evidence>, _why: String) -> Answer<'_, ()> {
        Box::pin(async move { Ok(()) })
    }

    fn tree(&self, query: TreeQuery) -> Answer<'_, HTaskTree> {
        Box::pin(async move {
            let arguments = object(&json!({
                "swarm_id": query.swarm_id, "task_id": query.task_id, "max_depth": query.max_depth,
                "include_archived": query.include_archived, "include_completed": query.include_completed,
            }));
            let mut tree = self.ask("htask_tree", arguments, read::tree).await?;
            match query.task_id {
                // The public server answers an unknown id with no tree and success (snipara-wire.md §S8).
                Some(id) if tree.trees.is_empty() => {
                    Err(SniparaError::NotFound { what: "htask", id: id.to_string(), nearest: None })
                }
                Some(_) => {
                    tree.single = true;
                    Ok(tree)
                }
                None => Ok(tree),
            }
        })
    }

    fn block(&self, request: BlockRequest) -> Answer<'_, BlockChange> {
        Box::pin(async move {
            let arguments = of_task(
                &request.task,
                json!({
                    "blocker_type": request.blocker_type, "blocker_reason": request.blocker_reason,
                    "blocked_by_task_id": request.blocked_by_task_id, "required_input": request.required_input,
                    "eta_recovery": request.eta_recovery, "escalation_to": request.escalation_to,
                    "agent_id": request.agent_id, "fencing_token": request.fencing_token,
                }),
            );
            let read = |payload: &Payload| Ok(read::block_change(payload, &request.task, HTaskStatus::Blocked));
            self.ask("htask_block", arguments, read).await
        })
    }

    fn unblock(&self, task: HTaskRef, resolution: Option<String>) -> Answer<'_, BlockChange> {
        Box::pin(async move {
            let arguments = of_task(&task, json!({ "resolution": resolution }));
            let read = |payload: &Payload| Ok(read::block_change(payload, &task, HTaskStatus::InProgress));
            self.ask("htask_unblock", arguments, read).await
        })
    }

    fn close(&self, request: CloseRequest) -> Answer<'_, Closed> {
        Box::pin(async move {
            let arguments = of_task(
                &request.task,
                json!({
                    "waiver_reason": request.waiver_reason, "waiver_approved_by": request.waiver_approved_by,
                }),
            );
            self.ask("htask_close", arguments, |payload| Ok(read::closed(payload, &request.task))).await
        })
    }

    fn audit_trail(&self, task: HTaskRef) -> Answer<'_, Vec<HTaskEvent>> {
        Box::pin(async move {
            let arguments = of_task(&task, json!({}));
            self.ask("htask_audit_trail", arguments, |payload| read::audit_trail(payload, &task)).await
        })
    }
}

fn of_task(task: &HTaskRef, more: Value) -> Payload {
    let mut arguments = object(&json!({ "swarm_id": task.swarm_id, "task_id": task.task_id }));
    arguments.extend(object(&more));
    arguments
}

fn some<T>(items: &[T]) -> Option<&[T]> {
    (!items.is_empty()).then_some(items)
}

/// The contract's `result` is an object (snipara-wire.md §4.6).
fn result(result: Option<&Value>) -> Option<Value> {
    result.map(|result| if result.is_object() { result.clone() } else { json!({ "summary": result }) })
}

fn create_arguments(task: &NewHTask) -> Payload {
    object(&json!({
        "swarm_id": task.swarm_id, "title": task.title, "description": task.description, "owner": task.owner,
        "level": task.level, "parent_id": task.parent_id, "priority": task.priority, "eta_target": task.eta_target,
        "execution_target": task.execution_target, "workstream_type": task.workstream_type,
        "custom_workstream_type": task.custom_workstream_type,
        "acceptance_criteria": some(&task.acceptance_criteria), "context_refs": some(&task.context_refs),
        "depends_on": some(&task.depends_on), "evidence_required": some(&task.evidence_required),
        "is_blocking": task.is_blocking,
    }))
}

fn next_arguments(query: &NextQuery) -> Payload {
    object(&json!({
        "swarm_id": query.swarm_id, "limit": query.limit, "owner": query.owner, "feature_id": query.feature_id,
        "workstream_type": query.workstream_type, "exclude_blocked": !query.include_blocked,
        "claim_for_agent": query.claim_for_agent, "lease_seconds": query.lease_seconds,
        "renew_task_id": query.renew.as_ref().map(|(task_id, _)| task_id),
        "fencing_token": query.renew.as_ref().map(|(_, token)| token),
    }))
}
