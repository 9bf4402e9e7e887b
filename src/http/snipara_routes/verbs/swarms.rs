//! The swarm that new htasks go to.

use serde_json::Value;

use crate::domain::{NewSwarm, Request, SwarmId};
use crate::http::snipara_routes::failure::Failure;
use crate::orchestrator::Orchestrator;
use crate::snipara::payload::Payload;
use crate::tools::FormError;

/// Returns the arguments of a call that makes htasks with the swarm that they go to: the one that is named, else one by
/// name, else the project's own, unless the caller wants none made (snipara-wire.md §5.1).
pub(super) async fn with_swarm(orchestrator: &Orchestrator, given: &Payload) -> Result<Payload, Failure> {
    let may_make = given.get("auto_create_swarm") != Some(&Value::Bool(false));
    if given.contains_key("swarm_id") || !may_make {
        return Ok(given.clone());
    }
    let text = |name: &str| given.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let swarm_id: SwarmId = match text("swarm_name") {
        Some(name) => {
            let mut swarm = NewSwarm::named(name);
            swarm.description = text("swarm_description").unwrap_or_default().to_owned();
            if let Some(max_agents) = given.get("swarm_max_agents").and_then(Value::as_i64) {
                swarm.max_agents = max_agents;
            }
            swarm.check().map_err(FormError::from)?;
            orchestrator.create_swarm(swarm).await?.swarm_id
        }
        None => orchestrator.default_swarm().await?,
    };
    let mut placed = given.clone();
    placed.insert("swarm_id".to_owned(), swarm_id.as_str().into());
    Ok(placed)
}
