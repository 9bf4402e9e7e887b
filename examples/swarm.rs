//! The seed's "Multi-Agent Coordination" snippet: a swarm, and state that its agents share.
//!
//! `cargo run --example swarm`

#![expect(clippy::print_stdout, reason = "an example shows what it got")]

use serde_json::json;
use snipara_orchestrator::Builder;
use snipara_orchestrator::domain::{JoinSwarm, NewSwarm, SetState, SwarmRole};

#[tokio::main]
pub(crate) async fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let orchestrator = Builder::new()
        .project("my-project")
        .repository(folder.path())
        .state_folder(folder.path().join("state"))
        .build()
        .await?;

    // Create a swarm
    let swarm = orchestrator
        .create_swarm(NewSwarm {
            description: "Multi-agent deployment workflow".to_owned(),
            ..NewSwarm::named("deployment-coordination")
        })
        .await?;
    for (agent_id, role) in [("coordinator", SwarmRole::Coordinator), ("validator", SwarmRole::Worker)] {
        let join = JoinSwarm {
            swarm_id: swarm.swarm_id.clone(),
            agent_id: agent_id.to_owned(),
            name: None,
            role,
            capabilities: Vec::new(),
        };
        orchestrator.join_swarm(join).await?;
    }
    let members = orchestrator.swarm_members(swarm.swarm_id.clone()).await?;
    println!("Swarm: {} with {} agents", swarm.name, members.agents.len());
    anyhow::ensure!(members.agents.len() == 2, "{members:?}");

    // Store shared state
    let state = SetState {
        swarm_id: swarm.swarm_id.clone(),
        agent_id: "coordinator".to_owned(),
        key: "deployment_status".to_owned(),
        value: json!({"phase": "validating", "progress": 75}),
        expected_version: None,
        ttl_seconds: None,
    };
    let written = orchestrator.set_state(state.clone()).await?;
    let read = orchestrator.get_state(swarm.swarm_id.clone(), "deployment_status".to_owned()).await?;
    println!("State: {} (version {})", written.value, written.version);
    anyhow::ensure!(read.as_ref().is_some_and(|entry| entry.value["progress"] == 75), "{read:?}");

    // Two agents that go on from the same version: the second one is told, and nothing is lost.
    let next = SetState {
        value: json!({"phase": "done", "progress": 100}),
        expected_version: Some(written.version),
        ..state.clone()
    };
    orchestrator.set_state(next.clone()).await?;
    let Err(conflict) = orchestrator.set_state(SetState { agent_id: "validator".to_owned(), ..next }).await else {
        anyhow::bail!("the second write from one version was taken");
    };
    println!("Second writer: {conflict}");
    orchestrator.shut_down().await;
    Ok(())
}
