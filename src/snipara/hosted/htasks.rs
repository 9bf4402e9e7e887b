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
        task.number_criteria();
        self.asked("htask_create", Placed { request: task, swarm_id }, |payload, asked| {
            read::htask_created(payload, &asked.swarm_id, &asked.request)
        })
    }

    fn create_feature(&self, swarm_id: SwarmId, feature: NewFeature) -> Answer<'_, Feature> {
        self.asked("htask_create_feature", Placed { request: feature, swarm_id }, |payload, asked| {
            read::feature(payload, &asked.swarm_id, &asked.request)
        })
    }

    fn get(&self, task: HTaskRef) -> Answer<'_, HTask> {
        self.asked("htask_get", task, |payload, _| read::htask(payload))
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
            let mut arguments = object(&Placed { request: &query, swarm_id });
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
            let mut arguments = object(&Placed { request: &request, swarm_id });
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
            let mut tree = self.ask("htask_tree", object(&Placed { request: &query, swarm_id }), read::tree).await?;
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
        self.asked("htask_block", Placed { request, swarm_id }, |payload, asked| {
            Ok(read::block_change(payload, &asked.request.task_id, HTaskStatus::Blocked))
        })
    }

    fn unblock(&self, swarm_id: SwarmId, request: UnblockRequest) -> Answer<'_, BlockChange> {
        self.asked("htask_unblock", Placed { request, swarm_id }, |payload, asked| {
            Ok(read::block_change(payload, &asked.request.task_id, HTaskStatus::InProgress))
        })
    }

    fn close(&self, swarm_id: SwarmId, request: CloseRequest) -> Answer<'_, Closed> {
        self.asked("htask_close", Placed { request, swarm_id }, |payload, asked| {
            Ok(read::closed(payload, &asked.request.task_id))
        })
    }

    fn audit_trail(&self, task: HTaskRef) -> Answer<'_, Vec<HTaskEvent>> {
        self.asked("htask_audit_trail", task, |payload, task| read::audit_trail(payload, &task.task_id))
    }
}

/// A request in its swarm.
#[derive(Serialize)]
struct Placed<R> {
    #[serde(flatten)]
    request: R,
    swarm_id: SwarmId,
}
