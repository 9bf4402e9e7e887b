//! Making swarms; joining, leaving and listing them.

use crate::domain::{
    AgentStatus, JoinSwarm, LeftSwarm, NewSwarm, Swarm, SwarmId, SwarmMember, SwarmMembers, Timestamp, one_line,
};
use crate::snipara::embedded::htasks::{claimed_tasks, unassign};
use crate::snipara::{SniparaError, not_allowed};
use crate::store::{StoreTransaction, StoredMember};

use super::lookup::existing_swarm;

/// Makes a swarm. One of the same name is answered as it is when reuse is asked for, else refused: names are how
/// people find swarms.
pub(super) async fn create(
    transaction: &mut StoreTransaction,
    swarm: NewSwarm,
    now: Timestamp,
) -> Result<Swarm, SniparaError> {
    if let Some(existing) = transaction.swarm_named(&swarm.name).await? {
        if swarm.reuse_existing {
            return Ok(existing);
        }
        let message = format!("a swarm named `{}` exists: {}", one_line(&existing.name, 80), existing.swarm_id);
        return Err(not_allowed("name_taken", message, "use that one, ask with reuse_existing, or give another name"));
    }
    let swarm = Swarm {
        swarm_id: SwarmId::generate(),
        name: swarm.name,
        description: swarm.description,
        max_agents: swarm.max_agents,
        task_timeout_s: swarm.task_timeout_s,
        claim_timeout_s: swarm.claim_timeout_s,
        reused: false,
    };
    transaction.insert_swarm(&swarm, now).await?;
    Ok(swarm)
}

/// Makes the swarm of an id that somebody chose, and calls it so. A similar one that is there is rather meant.
pub(super) async fn make_of(
    transaction: &mut StoreTransaction,
    swarm_id: SwarmId,
    now: Timestamp,
) -> Result<(), SniparaError> {
    match existing_swarm(transaction, &swarm_id).await {
        Err(SniparaError::NotFound { nearest: None, .. }) => {}
        other => return other.map(drop),
    }
    let NewSwarm { name, description, max_agents, task_timeout_s, claim_timeout_s, .. } =
        NewSwarm::named(one_line(swarm_id.as_str(), 80));
    let swarm = Swarm { swarm_id, name, description, max_agents, task_timeout_s, claim_timeout_s, reused: false };
    Ok(transaction.insert_swarm(&swarm, now).await?)
}

/// Lets an agent join. A member renews its membership, whether or not the swarm is full (snipara-wire.md §S6: the
/// public server refuses that); its name stays when it gives none.
pub(super) async fn join(
    transaction: &mut StoreTransaction,
    join: JoinSwarm,
    now: Timestamp,
) -> Result<SwarmMember, SniparaError> {
    let swarm = existing_swarm(transaction, &join.swarm_id).await?;
    let before = transaction.swarm_member(&swarm.swarm_id, &join.agent_id).await?;
    if before.is_none() {
        let count = transaction.swarm_members(&swarm.swarm_id).await?.len();
        if i64::try_from(count).unwrap_or(i64::MAX) >= swarm.max_agents {
            return Err(SniparaError::NotAllowed {
                code: "swarm_full",
                message: format!("swarm {} has {count} of at most {} agents", swarm.swarm_id, swarm.max_agents),
                hint: "let an agent leave first (swarm_leave), or join another swarm".to_owned(),
            });
        }
    }
    let (joined_at, name) = before.map_or((now, None), |member| (member.joined_at, member.name));
    let member = StoredMember {
        agent_id: join.agent_id,
        name: join.name.or(name),
        role: join.role,
        capabilities: join.capabilities,
        joined_at,
        last_seen_at: now,
    };
    transaction.put_swarm_member(&swarm.swarm_id, &member).await?;
    let current_task = claimed_tasks(transaction, &swarm.swarm_id, now).await?.remove(&member.agent_id);
    Ok(shown(member, current_task, swarm.task_timeout_s, now))
}

/// Removes an agent with everything that it holds.
pub(super) async fn leave(
    transaction: &mut StoreTransaction,
    swarm_id: &SwarmId,
    agent_id: &str,
    now: Timestamp,
) -> Result<LeftSwarm, SniparaError> {
    existing_swarm(transaction, swarm_id).await?;
    Ok(LeftSwarm {
        was_member: transaction.delete_swarm_member(swarm_id, agent_id).await?,
        claims_released: transaction.delete_swarm_claims_of(swarm_id, agent_id, now).await?,
        tasks_unassigned: unassign(transaction, swarm_id, agent_id, now).await?,
    })
}

/// Lists the agents.
pub(super) async fn members(
    transaction: &mut StoreTransaction,
    swarm_id: &SwarmId,
    now: Timestamp,
) -> Result<SwarmMembers, SniparaError> {
    let swarm = existing_swarm(transaction, swarm_id).await?;
    let members = transaction.swarm_members(swarm_id).await?;
    let mut claimed = claimed_tasks(transaction, swarm_id, now).await?;
    let agents = members.into_iter().map(|member| {
        let current_task = claimed.remove(&member.agent_id);
        shown(member, current_task, swarm.task_timeout_s, now)
    });
    let agents = agents.collect();
    Ok(SwarmMembers { swarm_name: swarm.name, max_agents: swarm.max_agents, agents })
}

fn shown(member: StoredMember, current_task: Option<String>, task_timeout_s: i64, now: Timestamp) -> SwarmMember {
    let silent_ms = now.ms_since(member.last_seen_at);
    let status = match &current_task {
        Some(_) => AgentStatus::Busy,
        None if silent_ms > task_timeout_s.saturating_mul(1000) => AgentStatus::Idle,
        None => AgentStatus::Active,
    };
    SwarmMember {
        agent_id: member.agent_id,
        name: member.name,
        role: member.role,
        status,
        capabilities: member.capabilities,
        current_task,
        joined_at: Some(member.joined_at),
    }
}
