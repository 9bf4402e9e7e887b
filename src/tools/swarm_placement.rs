//! In which swarm the published tools put htasks that name none (snipara-wire.md §5.1).

use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::{FieldError, NewSwarm, Request, SwarmId, yes};
use crate::orchestrator::Orchestrator;

use super::form::FormError;

/// What may be done when a call names no swarm.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(extend("x-model" = true))]
pub(super) struct SwarmPlacement {
    /// Make a swarm, or take the project's own.
    #[serde(default = "yes")]
    auto_create_swarm: bool,
    /// The name of the swarm to make or to find.
    swarm_name: Option<String>,
    /// What that swarm is for.
    swarm_description: Option<String>,
    /// How many agents it takes.
    swarm_max_agents: Option<i64>,
}

impl Request for SwarmPlacement {}

impl SwarmPlacement {
    /// Returns the swarm that a call means: the one that is named, else one by name, else none, which is the project's
    /// own, unless the caller wants none made.
    pub(super) async fn place(
        self,
        orchestrator: &Orchestrator,
        named: Option<SwarmId>,
    ) -> Result<Option<SwarmId>, FormError> {
        if named.is_some() {
            return Ok(named);
        }
        if !self.auto_create_swarm {
            return Err(FieldError::new("swarm_id", "is missing", "give swarm_id").into());
        }
        let Some(name) = self.swarm_name.filter(|name| !name.trim().is_empty()) else { return Ok(None) };
        let mut swarm = NewSwarm::named(name);
        swarm.description = self.swarm_description.unwrap_or_default();
        swarm.max_agents = self.swarm_max_agents.unwrap_or(swarm.max_agents);
        swarm.check()?;
        Ok(Some(orchestrator.create_swarm(swarm).await?.swarm_id))
    }
}
