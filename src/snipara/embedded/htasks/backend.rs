//! The trait over the store: every verb is one transaction, committed before it is answered.

use std::sync::Arc;

use super::swarm_transaction::SwarmTransaction;
use super::{block, close, complete, create, feature, next, trail, tree};
use crate::domain::{
    BlockChange, BlockRequest, CloseRequest, Closed, Completed, Completion, Evidence, Feature, HTask, HTaskEvent,
    HTaskRef, HTaskTree, MemoryId, NewFeature, NewHTask, NewMemory, NextBatch, NextQuery, TreeQuery, one_line,
    with_causes,
};
use crate::snipara::embedded::EmbeddedSettings;
use crate::snipara::embedded::memories::EmbeddedMemories;
use crate::snipara::{Answer, HTasks, Memories, SniparaError};

/// The trait [`HTasks`] over the store.
#[derive(Debug)]
pub struct EmbeddedHTasks {
    settings: Arc<EmbeddedSettings>,
    memories: Arc<dyn Memories>,
}

impl EmbeddedHTasks {
    /// Makes it; nothing is read or written.
    pub fn new(settings: Arc<EmbeddedSettings>) -> Self {
        Self { memories: Arc::new(EmbeddedMemories::new(settings.clone())), settings }
    }

    /// Keeps the memory of a completion and links it. The completion stays valid when that fails.
    async fn remember(&self, task: &HTaskRef, memory: NewMemory) -> Result<MemoryId, SniparaError> {
        let memory_id = self.memories.remember(memory).await?.memory.memory_id;
        let mut open = SwarmTransaction::to_write(&self.settings, &task.swarm_id).await?;
        complete::link_memory(&mut open, &task.task_id, memory_id.clone()).await?;
        open.commit().await?;
        Ok(memory_id)
    }
}

impl HTasks for EmbeddedHTasks {
    fn create(&self, task: NewHTask) -> Answer<'_, HTask> {
        Box::pin(async move {
            let mut open = SwarmTransaction::to_write(&self.settings, &task.swarm_id).await?;
            let task = create::create(&mut open, task).await?;
            open.commit().await?;
            Ok(task)
        })
    }

    fn create_feature(&self, feature: NewFeature) -> Answer<'_, Feature> {
        Box::pin(async move {
            let mut open = SwarmTransaction::to_write(&self.settings, &feature.swarm_id).await?;
            let feature = feature::create_feature(&mut open, feature).await?;
            open.commit().await?;
            Ok(feature)
        })
    }

    fn get(&self, task: HTaskRef) -> Answer<'_, HTask> {
        Box::pin(async move {
            let mut open = SwarmTransaction::to_read(&self.settings, &task.swarm_id).await?;
            Ok(open.task(&task.task_id).await?.task)
        })
    }

    fn next(&self, query: NextQuery) -> Answer<'_, NextBatch> {
        Box::pin(async move {
            if query.claim_for_agent.is_none() {
                let mut open = SwarmTransaction::to_read(&self.settings, &query.swarm_id).await?;
                return next::next(&mut open, query).await;
            }
            let mut open = SwarmTransaction::to_write(&self.settings, &query.swarm_id).await?;
            let batch = next::next(&mut open, query).await?;
            open.commit().await?;
            Ok(batch)
        })
    }

    fn complete(&self, completion: Completion) -> Answer<'_, Completed> {
        Box::pin(async move {
            let task = completion.task.clone();
            let mut open = SwarmTransaction::to_write(&self.settings, &task.swarm_id).await?;
            let (mut completed, memory) = complete::complete(&mut open, completion, self.settings.htask_policy).await?;
            open.commit().await?;
            if let Some(memory) = memory {
                match self.remember(&task, memory).await {
                    Ok(memory_id) => completed.linked_memory_id = Some(memory_id),
                    Err(error) => {
                        let why = one_line(&with_causes(&error), 300);
                        completed.warnings.push(format!("it is completed, but no memory of it was kept: {why}"));
                    }
                }
            }
            Ok(completed)
        })
    }

    fn attach_evidence(&self, task: HTaskRef, evidence: Vec<Evidence>) -> Answer<'_, ()> {
        Box::pin(async move {
            let mut open = SwarmTransaction::to_write(&self.settings, &task.swarm_id).await?;
            complete::attach(&mut open, &task.task_id, evidence).await?;
            open.commit().await
        })
    }

    fn note_refusal(&self, task: HTaskRef, evidence: Vec<Evidence>, why: String) -> Answer<'_, ()> {
        Box::pin(async move {
            let mut open = SwarmTransaction::to_write(&self.settings, &task.swarm_id).await?;
            complete::refuse(&mut open, &task.task_id, &evidence, &why).await?;
            open.commit().await
        })
    }

    fn tree(&self, query: TreeQuery) -> Answer<'_, HTaskTree> {
        Box::pin(async move {
            let mut open = SwarmTransaction::to_read(&self.settings, &query.swarm_id).await?;
            tree::tree(&mut open, query).await
        })
    }

    fn block(&self, request: BlockRequest) -> Answer<'_, BlockChange> {
        Box::pin(async move {
            let mut open = SwarmTransaction::to_write(&self.settings, &request.task.swarm_id).await?;
            let change = block::block(&mut open, request).await?;
            open.commit().await?;
            Ok(change)
        })
    }

    fn unblock(&self, task: HTaskRef, resolution: Option<String>) -> Answer<'_, BlockChange> {
        Box::pin(async move {
            let mut open = SwarmTransaction::to_write(&self.settings, &task.swarm_id).await?;
            let change = block::unblock(&mut open, &task.task_id, resolution.as_deref()).await?;
            open.commit().await?;
            Ok(change)
        })
    }

    fn close(&self, request: CloseRequest) -> Answer<'_, Closed> {
        Box::pin(async move {
            let mut open = SwarmTransaction::to_write(&self.settings, &request.task.swarm_id).await?;
            let closed = close::close(&mut open, request, self.settings.htask_policy).await?;
            open.commit().await?;
            Ok(closed)
        })
    }

    fn audit_trail(&self, task: HTaskRef) -> Answer<'_, Vec<HTaskEvent>> {
        Box::pin(async move {
            let mut open = SwarmTransaction::to_read(&self.settings, &task.swarm_id).await?;
            trail::audit_trail(&mut open, &task.task_id).await
        })
    }
}
