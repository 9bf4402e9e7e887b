//! The trait over the store: every verb is one transaction, committed before it is answered.

use super::swarm_transaction::SwarmTransaction;
use super::{block, close, complete, create, feature, next, trail, tree};
use crate::domain::{
    BlockChange, BlockRequest, CloseRequest, Closed, CompleteRequest, Completed, Evidence, Feature, HTask, HTaskEvent,
    HTaskId, HTaskRef, HTaskTree, MemoryId, NewFeature, NewHTask, NewMemory, NextBatch, NextQuery, SwarmId, TreeQuery,
    UnblockRequest, error_chain, one_line,
};
use crate::snipara::embedded::Embedded;
use crate::snipara::embedded::written::written;
use crate::snipara::{Answer, HTasks, Memories, SniparaError};

impl Embedded {
    /// Keeps the memory of a completion and links it; the completion stands whether or not that succeeds.
    async fn keep_memory(
        &self,
        swarm_id: &SwarmId,
        task_id: &HTaskId,
        memory: NewMemory,
    ) -> Result<MemoryId, SniparaError> {
        let memory_id = Memories::remember(self, memory).await?.memory.memory_id;
        let mut open = SwarmTransaction::to_write(&self.settings, swarm_id).await?;
        complete::link_memory(&mut open, task_id, memory_id.clone()).await?;
        open.commit().await?;
        Ok(memory_id)
    }
}

impl HTasks for Embedded {
    fn create(&self, swarm_id: SwarmId, task: NewHTask) -> Answer<'_, HTask> {
        written!(SwarmTransaction::to_write(&self.settings, &swarm_id), create::create, task)
    }

    fn create_feature(&self, swarm_id: SwarmId, feature: NewFeature) -> Answer<'_, Feature> {
        written!(SwarmTransaction::to_write(&self.settings, &swarm_id), feature::create_feature, feature)
    }

    fn get(&self, task: HTaskRef) -> Answer<'_, HTask> {
        Box::pin(async move {
            let mut open = SwarmTransaction::to_read(&self.settings, &task.swarm_id).await?;
            Ok(open.task(&task.task_id).await?.task)
        })
    }

    fn next(&self, swarm_id: SwarmId, query: NextQuery) -> Answer<'_, NextBatch> {
        Box::pin(async move {
            if query.claim_for_agent.is_none() {
                let mut open = SwarmTransaction::to_read(&self.settings, &swarm_id).await?;
                return next::next(&mut open, query).await;
            }
            let mut open = SwarmTransaction::to_write(&self.settings, &swarm_id).await?;
            let batch = next::next(&mut open, query).await?;
            open.commit().await?;
            Ok(batch)
        })
    }

    fn complete(&self, swarm_id: SwarmId, request: CompleteRequest, evidence: Vec<Evidence>) -> Answer<'_, Completed> {
        Box::pin(async move {
            let mut open = SwarmTransaction::to_write(&self.settings, &swarm_id).await?;
            let policy = self.settings.htask_policy;
            let (mut completed, memory) = complete::complete(&mut open, request, evidence, policy).await?;
            open.commit().await?;
            if let Some(memory) = memory {
                match self.keep_memory(&swarm_id, &completed.task_id, memory).await {
                    Ok(memory_id) => completed.linked_memory_id = Some(memory_id),
                    Err(error) => {
                        let why = one_line(&error_chain(&error), 300);
                        completed.warnings.push(format!("it is completed, but no memory of it was kept: {why}"));
                    }
                }
            }
            Ok(completed)
        })
    }

    fn attach_evidence(&self, task: HTaskRef, evidence: Vec<Evidence>) -> Answer<'_, ()> {
        written!(SwarmTransaction::to_write(&self.settings, &task.swarm_id), complete::attach, &task.task_id, evidence)
    }

    fn note_refusal(&self, task: HTaskRef, evidence: Vec<Evidence>, why: String) -> Answer<'_, ()> {
        written!(
            SwarmTransaction::to_write(&self.settings, &task.swarm_id),
            complete::refuse,
            &task.task_id,
            &evidence,
            why
        )
    }

    fn tree(&self, swarm_id: SwarmId, query: TreeQuery) -> Answer<'_, HTaskTree> {
        Box::pin(async move {
            let mut open = SwarmTransaction::to_read(&self.settings, &swarm_id).await?;
            tree::tree(&mut open, query).await
        })
    }

    fn block(&self, swarm_id: SwarmId, request: BlockRequest) -> Answer<'_, BlockChange> {
        written!(SwarmTransaction::to_write(&self.settings, &swarm_id), block::block, request)
    }

    fn unblock(&self, swarm_id: SwarmId, request: UnblockRequest) -> Answer<'_, BlockChange> {
        written!(SwarmTransaction::to_write(&self.settings, &swarm_id), block::unblock, request)
    }

    fn close(&self, swarm_id: SwarmId, request: CloseRequest) -> Answer<'_, Closed> {
        written!(
            SwarmTransaction::to_write(&self.settings, &swarm_id),
            close::close,
            request,
            self.settings.htask_policy
        )
    }

    fn audit_trail(&self, task: HTaskRef) -> Answer<'_, Vec<HTaskEvent>> {
        Box::pin(async move {
            let mut open = SwarmTransaction::to_read(&self.settings, &task.swarm_id).await?;
            trail::audit_trail(&mut open, &task.task_id).await
        })
    }
}
