//! The published tools carried out on a neighbour: what a host does behind its envelope.

use serde_json::{Map, Value};
use snipara_orchestrator::domain::{
    InvalidRequest, InvalidateRequest, LeaveSwarm, MembersQuery, StateQuery, SupersedeRequest, SwarmId,
};
use snipara_orchestrator::snipara::payload::{self, Payload};
use snipara_orchestrator::snipara::{Snipara, SniparaError};
use snipara_orchestrator::tools::FormRequest;

/// Carries out one tool, named without prefix; nothing when there is no such tool here.
pub async fn carry_out(
    neighbour: &Snipara,
    tool: &str,
    given: &Map<String, Value>,
) -> Option<Result<Payload, SniparaError>> {
    Some(match tool {
        "context_query" | "remember" | "recall" | "memories" | "forget" | "memory_invalidate" | "memory_supersede" => {
            memories(neighbour, tool, given).await
        }
        _ if tool.starts_with("htask_") => htasks(neighbour, tool, given).await?,
        _ => swarms(neighbour, tool, given).await?,
    })
}

/// Reads a request as the host would.
fn asked<P: FormRequest>(given: &Payload) -> Result<P, SniparaError> {
    P::read(given).map_err(|error| match error {
        InvalidRequest::Field(error) => error.into(),
        InvalidRequest::LiveCheck { .. } => panic!("no tool of the host takes a live check: {error}"),
    })
}

async fn memories(neighbour: &Snipara, tool: &str, given: &Payload) -> Result<Payload, SniparaError> {
    let memories = &neighbour.memories;
    Ok(match tool {
        "context_query" => payload::context_answer(&neighbour.context.query_context(asked(given)?).await?),
        "remember" => payload::remembered(&memories.remember(asked(given)?).await?),
        "recall" => payload::recalled(&memories.recall(asked(given)?).await?),
        "memories" => payload::memory_page(&memories.list(asked(given)?).await?),
        "forget" => payload::forgotten(memories.forget(asked(given)?).await?),
        "memory_invalidate" => {
            let InvalidateRequest { memory_id, reason } = asked(given)?;
            payload::memory_invalidated(&memories.invalidate(memory_id, reason).await?)
        }
        _ => {
            let SupersedeRequest { old_memory_id, new_memory_id, reason } = asked(given)?;
            payload::memory_superseded(
                &memories.supersede(old_memory_id, new_memory_id.clone(), reason).await?,
                &new_memory_id,
            )
        }
    })
}

async fn htasks(neighbour: &Snipara, tool: &str, given: &Payload) -> Option<Result<Payload, SniparaError>> {
    let htasks = &neighbour.htasks;
    let carried_out = async {
        let swarm_id = || SwarmId::parse(given.get("swarm_id").and_then(Value::as_str).unwrap_or_default());
        Ok(Some(match tool {
            "htask_create" => payload::htask_created(&htasks.create(swarm_id()?, asked(given)?).await?),
            "htask_create_feature" => payload::feature(&htasks.create_feature(swarm_id()?, asked(given)?).await?),
            "htask_get" => payload::htask(&htasks.get(asked(given)?).await?),
            "htask_recommend_batch" => payload::next_batch(&htasks.next(swarm_id()?, asked(given)?).await?),
            "htask_complete" => {
                let evidence = payload::read::evidence(given, "evidence");
                payload::completed(&htasks.complete(swarm_id()?, asked(given)?, evidence).await?)
            }
            "htask_update" => {
                let updates = given.get("updates").and_then(Value::as_object).expect("updates");
                let evidence = payload::read::evidence(updates, "evidenceProvided");
                htasks.attach_evidence(asked(given)?, evidence).await?;
                Payload::from_iter([("success".to_owned(), Value::Bool(true))])
            }
            "htask_tree" => payload::tree(&htasks.tree(swarm_id()?, asked(given)?).await?),
            "htask_block" => payload::block_change(&htasks.block(swarm_id()?, asked(given)?).await?),
            "htask_unblock" => payload::block_change(&htasks.unblock(swarm_id()?, asked(given)?).await?),
            "htask_close" => payload::closed(&htasks.close(swarm_id()?, asked(given)?).await?),
            "htask_audit_trail" => payload::audit_trail(&htasks.audit_trail(asked(given)?).await?),
            _ => return Ok(None),
        }))
    };
    carried_out.await.transpose()
}

async fn swarms(neighbour: &Snipara, tool: &str, given: &Payload) -> Option<Result<Payload, SniparaError>> {
    let swarms = &neighbour.swarms;
    let carried_out = async {
        Ok(Some(match tool {
            "swarm_create" => {
                // The contract's default is another than ours: our client always says which it means.
                assert!(given.contains_key("reuse_existing"), "{given:?}");
                payload::swarm(&swarms.create(asked(given)?).await?)
            }
            "swarm_join" => payload::member(&swarms.join(asked(given)?).await?),
            "swarm_leave" => {
                let LeaveSwarm { swarm_id, agent_id } = asked(given)?;
                payload::left(swarms.leave(swarm_id, agent_id).await?)
            }
            "swarm_members" => payload::members(&swarms.members(asked::<MembersQuery>(given)?.swarm_id).await?),
            "state_set" => payload::state_written(&swarms.set_state(asked(given)?).await?),
            "state_get" => {
                let StateQuery { swarm_id, key } = asked(given)?;
                payload::state(&key, swarms.get_state(swarm_id, key.clone()).await?.as_ref())
            }
            "broadcast" => payload::swarm_event(&swarms.broadcast(asked(given)?).await?),
            "swarm_events" => payload::event_page(&swarms.events(asked(given)?).await?),
            "claim" => payload::claim(&swarms.claim(asked(given)?).await?),
            "release" => payload::released(&swarms.release(asked(given)?).await?),
            _ => return Ok(None),
        }))
    };
    carried_out.await.transpose()
}
