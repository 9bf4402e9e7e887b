//! HTasks of the service.
//!
//! What the contract has no argument for (`depends_on`, `lease_seconds`, `renew_task_id` with `fencing_token`,
//! `agent_id`) is sent only when set: servers ignore arguments that they do not know (snipara-wire.md §S1), and what
//! they then do not answer is not made up.

use serde::Serialize;
use serde_json::json;

use crate::domain::{
    BlockChange, BlockRequest, CloseRequest, Closed, CompleteRequest, Completed, Evidence, Feature, HTask, HTaskEvent,
    HTaskRef, HTaskStatus, HTaskTree, NewFeature, NewHTask, NextBatch, NextQuery, SwarmId, TreeQuery, UnblockRequest,
};
use crate::snipara::hosted::HostedClient;
use crate::snipara::payload::{Payload, object, read};
use crate::snipara::{Answer, HTasks, SniparaError};

impl HTasks for HostedClient {
    fn create(&self, swarm_id: SwarmId, mut task: NewHTask) -> Answer<'_, HTask> {
        Box::pin(async move {
            task.number_criteria();
            let arguments = placed(&swarm_id, &task);
            self.ask("htask_create", arguments, |payload| read::htask_created(payload, &swarm_id, &task)).await
        })
    }

    fn create_feature(&self, swarm_id: SwarmId, feature: NewFeature) -> Answer<'_, Feature> {
        Box::pin(async move {
            let arguments = placed(&swarm_id, &feature);
            self.ask("htask_create_feature", arguments, |payload| read::feature(payload, &swarm_id, &feature)).await
        })
    }

    fn get(&self, task: HTaskRef) -> Answer<'_, HTask> {
        Box::pin(async move { self.ask("htask_get", object(&task), read::htask).await })
    }

    fn next(&self, swarm_id: SwarmId, query: NextQuery) -> Answer<'_, NextBatch> {
        Box::pin(async move {
            if let Some(only) = &query.only {
                // The contract has no argument for it, and a server that ignores ours would claim another htask.
                return Err(SniparaError::NotAllowed {
                    code: "not_supported",
                    message: format!("the hosted service cannot claim htask {only} by its id"),
                    hint: "claim without an id: the best one that is ready is answered".to_owned(),
                });
            }
            let mut arguments = placed(&swarm_id, &query);
            arguments.insert("limit".to_owned(), query.limit().into());
            let mut batch = self.ask("htask_recommend_batch", arguments, read::next_batch).await?;
            if let Some((task_id, _)) = query.renewal() {
                let renewed = batch.tasks.iter().any(|task| task.task_id == *task_id && task.claim.is_some());
                if !renewed {
                    return Err(SniparaError::HostRefused {
                        tool: "htask_recommend_batch".to_owned(),
                        message: format!("this server did not renew the lease of htask {task_id}"),
                        code: None,
                    });
                }
            }
            let limit = usize::try_from(query.limit()).unwrap_or(usize::MAX);
            batch.tasks.truncate(limit);
            batch.paths.truncate(limit);
            Ok(batch)
        })
    }

    fn complete(&self, swarm_id: SwarmId, request: CompleteRequest, evidence: Vec<Evidence>) -> Answer<'_, Completed> {
        Box::pin(async move {
            let mut arguments = placed(&swarm_id, &request);
            if !evidence.is_empty() {
                arguments.insert("evidence".to_owned(), json!(evidence));
            }
            let read = |payload: &Payload| read::completed(payload, &request.task_id, &evidence);
            self.ask("htask_complete", arguments, read).await
        })
    }

    /// The contract has no tool for it: evidence is a field that `htask_update` may change (snipara-wire.md §S8).
    fn attach_evidence(&self, task: HTaskRef, evidence: Vec<Evidence>) -> Answer<'_, ()> {
        Box::pin(async move {
            let mut arguments = object(&task);
            arguments.insert("updates".to_owned(), json!({ "evidenceProvided": evidence }));
            self.ask("htask_update", arguments, |_| Ok(())).await
        })
    }

    /// The contract has no tool for it: the service's own trail tells what it refused itself.
    fn note_refusal(&self, _task: HTaskRef, _evidence: Vec<Evidence>, _why: String) -> Answer<'_, ()> {
        Box::pin(async move { Ok(()) })
    }

    fn tree(&self, swarm_id: SwarmId, query: TreeQuery) -> Answer<'_, HTaskTree> {
        Box::pin(async move {
            let mut tree = self.ask("htask_tree", placed(&swarm_id, &query), read::tree).await?;
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

    fn block(&self, swarm_id: SwarmId, request: BlockRequest) -> Answer<'_, BlockChange> {
        Box::pin(async move {
            let read = |payload: &Payload| Ok(read::block_change(payload, &request.task_id, HTaskStatus::Blocked));
            self.ask("htask_block", placed(&swarm_id, &request), read).await
        })
    }

    fn unblock(&self, swarm_id: SwarmId, request: UnblockRequest) -> Answer<'_, BlockChange> {
        Box::pin(async move {
            let read = |payload: &Payload| Ok(read::block_change(payload, &request.task_id, HTaskStatus::InProgress));
            self.ask("htask_unblock", placed(&swarm_id, &request), read).await
        })
    }

    fn close(&self, swarm_id: SwarmId, request: CloseRequest) -> Answer<'_, Closed> {
        Box::pin(async move {
            let read = |payload: &Payload| Ok(read::closed(payload, &request.task_id));
            self.ask("htask_close", placed(&swarm_id, &request), read).await
        })
    }

    fn audit_trail(&self, task: HTaskRef) -> Answer<'_, Vec<HTaskEvent>> {
        Box::pin(async move {
            self.ask("htask_audit_trail", object(&task), |payload| read::audit_trail(payload, &task.task_id)).await
        })
    }
}

/// Returns the arguments of a request in its swarm.
fn placed(swarm_id: &SwarmId, request: &impl Serialize) -> Payload {
    let mut arguments = object(request);
    arguments.insert("swarm_id".to_owned(), swarm_id.as_str().into());
    arguments
}
