//! The project's own swarm. Each configuration has one and joins it once; a run makes none of its own (findings.md A25).

use std::time::Duration;

use tokio::sync::Mutex;

use super::Orchestrator;
use super::timeout::with_timeout;
use crate::domain::{DEFAULT_SWARM_NAME, JoinSwarm, NewSwarm, SwarmId, SwarmRole, one_line};
use crate::snipara::{SniparaError, SniparaKind};

/// How long joining may take; the swarm can be used without.
const JOIN_PATIENCE: Duration = Duration::from_secs(3);
/// How many characters of a gatekeeper's name become part of our agent's: with four bytes each they fit its limit.
const GATEKEEPER: usize = 60;

/// The project's own swarm, as this process knows it; held while it is looked up, so that it is made once.
#[derive(Debug, Default)]
pub(super) struct ProjectSwarm(Mutex<Option<SwarmId>>);

impl Orchestrator {
    /// Returns the agent that this configuration is in its swarm.
    pub(super) fn project_agent(&self) -> String {
        format!("orchestrator-{}", one_line(&self.deps.gatekeeper_id, GATEKEEPER))
    }

    /// Returns the project's own swarm: from memory, from the store (hosted), or made and joined now.
    pub(super) async fn project_swarm(&self) -> Result<SwarmId, SniparaError> {
        let mut known = self.project_swarm.0.lock().await;
        if let Some(id) = &*known {
            return Ok(id.clone());
        }
        let hosted = self.deps.snipara.kind == SniparaKind::Hosted;
        let agent = self.project_agent();
        let store = self.deps.ledger.store();
        let noted = if hosted { store.default_swarm(&self.deps.snipara_name).await? } else { None };
        let (id, joined) = match noted {
            Some((id, joined_as)) => (id, joined_as.as_deref() == Some(agent.as_str())),
            None => (self.make_swarm(hosted).await?, false),
        };
        if !joined && self.join_as(&id, &agent).await && hosted {
            let mut transaction = store.begin_write().await?;
            transaction.note_joined(&self.deps.snipara_name, &agent).await?;
            transaction.commit().await?;
        }
        *known = Some(id.clone());
        Ok(id)
    }

    /// Makes the swarm or finds it by name, and notes it where the host may make another one next time.
    async fn make_swarm(&self, hosted: bool) -> Result<SwarmId, SniparaError> {
        let made = self.deps.snipara.swarms.create(NewSwarm::named(DEFAULT_SWARM_NAME)).await?;
        if !hosted {
            return Ok(made.swarm_id);
        }
        let mut transaction = self.deps.ledger.store().begin_write().await?;
        let now = self.deps.clock.now();
        let id = transaction.note_default_swarm(&self.deps.snipara_name, &made.swarm_id, now).await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// Joins the swarm. A swarm that is full or does not answer can still be used, because a writer does not have to be
    /// a member.
    async fn join_as(&self, swarm_id: &SwarmId, agent: &str) -> bool {
        let swarms = self.deps.snipara.swarms.clone();
        let join = JoinSwarm {
            swarm_id: swarm_id.clone(),
            agent_id: agent.to_owned(),
            name: None,
            role: SwarmRole::Coordinator,
            capabilities: vec!["validate".to_owned(), "gate".to_owned()],
        };
        match with_timeout(JOIN_PATIENCE, async move { swarms.join(join).await }).await {
            Ok(_) => true,
            Err(error) => {
                tracing::warn!(swarm.id = %swarm_id, %error, "the project's swarm could not be joined");
                false
            }
        }
    }

    /// Forgets a swarm that the neighbour does not know any more; the next call makes another.
    pub(super) async fn forget_project_swarm(&self, id: &SwarmId) -> Result<(), SniparaError> {
        let mut known = self.project_swarm.0.lock().await;
        *known = None;
        let mut transaction = self.deps.ledger.store().begin_write().await?;
        transaction.forget_default_swarm(&self.deps.snipara_name, id).await?;
        transaction.commit().await?;
        Ok(())
    }
}
