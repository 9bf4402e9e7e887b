//! What a run tells the neighbour, in a form that can wait.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Orchestrator;
use crate::domain::{Evidence, HTaskId, HTaskRef, MemoryType, NewMemory, SetState, SwarmId};
use crate::snipara::SniparaError;

/// One thing to tell. It holds no secret, because it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "message", rename_all = "snake_case")]
pub(super) enum Message {
    /// What a run taught.
    Memory {
        /// What to remember.
        content: String,
        /// Its type.
        memory_type: MemoryType,
        /// Its category.
        category: Option<String>,
        /// How many days it lives.
        ttl_days: Option<i64>,
        /// The task.
        source: Option<String>,
    },
    /// How a run ended, for the project's own swarm.
    FinalState {
        /// The key.
        key: String,
        /// The state.
        value: Value,
    },
    /// What a run proved for its htask.
    Evidence {
        /// The htask's swarm.
        swarm_id: SwarmId,
        /// The htask.
        task_id: HTaskId,
        /// The evidence.
        evidence: Vec<Evidence>,
    },
}

impl Message {
    /// Makes the message that a memory is.
    pub(super) fn memory(memory: NewMemory) -> Self {
        Self::Memory {
            content: memory.content,
            memory_type: memory.memory_type,
            category: memory.category,
            ttl_days: memory.ttl_days,
            source: memory.source,
        }
    }

    /// Returns the name of its kind in the outbox.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Memory { .. } => "memory",
            Self::FinalState { .. } => "final_state",
            Self::Evidence { .. } => "evidence",
        }
    }

    /// Tells whether it is for the project's own swarm.
    pub(super) const fn is_for_project_swarm(&self) -> bool {
        matches!(self, Self::FinalState { .. })
    }
}

impl Orchestrator {
    /// Tells the neighbour; `project_swarm` is the project's own, for messages that are for it.
    pub(super) async fn deliver(&self, message: Message, project_swarm: Option<SwarmId>) -> Result<(), SniparaError> {
        let snipara = &self.deps.snipara;
        match message {
            Message::Memory { content, memory_type, category, ttl_days, source } => {
                let memory = NewMemory { category, ttl_days, source, ..NewMemory::new(content, memory_type) };
                snipara.memories.remember(memory).await.map(|_| ())
            }
            Message::FinalState { key, value } => {
                let swarm_id = match project_swarm {
                    Some(id) => id,
                    None => self.project_swarm().await?,
                };
                let agent_id = self.project_agent();
                let state = SetState { swarm_id, agent_id, key, value, expected_version: None, ttl_seconds: None };
                snipara.swarms.set_state(state).await.map(|_| ())
            }
            Message::Evidence { swarm_id, task_id, evidence } => {
                snipara.htasks.attach_evidence(HTaskRef { swarm_id, task_id }, evidence).await
            }
        }
    }
}
