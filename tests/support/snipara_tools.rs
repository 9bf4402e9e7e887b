//! The published tools carried out on a neighbour: what a host does behind its envelope.

use serde_json::{Map, Value};
use snipara_orchestrator::domain::{
    InvalidRequest, InvalidateRequest, LeaveSwarm, MembersQuery, StateQuery, SupersedeRequest,
};
use snipara_orchestrator::snipara::payload::{self, Payload, arguments};
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
        Ok(Some(match tool {
            "htask_create" => {
                let task = arguments::new_htask(given)?;
                task.check()?;
                payload::htask_created(&htasks.create(task).await?)
            }
            "htask_create_feature" => {
                let feature = arguments::new_feature(given)?;
                feature.check()?;
                payload::feature(&htasks.create_feature(feature).await?)
            }
            "htask_get" => payload::htask(&htasks.get(arguments::task_ref(given)?).await?),
            "htask_recommend_batch" => {
                let query = arguments::next_query(given)?;
                query.check()?;
                payload::next_batch(&htasks.next(query).await?)
            }
            "htask_complete" => payload::completed(&htasks.complete(arguments::completion(given)?).await?),
            "htask_update" => {
                if let Some(evidence) = arguments::attached_evidence(given)? {
                    htasks.attach_evidence(arguments::task_ref(given)?, evidence).await?;
                }
                Payload::from_iter([("success".to_owned(), Value::Bool(true))])
            }
            "htask_tree" => {
                let query = arguments::tree_query(given)?;
                query.check()?;
                payload::tree(&htasks.tree(query).await?)
            }
            "htask_block" => {
                let request = arguments::block(given)?;
                request.check()?;
                payload::block_change(&htasks.block(request).await?)
            }
            "htask_unblock" => {
                let (task, resolution) = arguments::unblock(given)?;
                payload::block_change(&htasks.unblock(task, resolution).await?)
            }
            "htask_close" => payload::closed(&htasks.close(arguments::close(given)?).await?),
            "htask_audit_trail" => payload::audit_trail(&htasks.audit_trail(arguments::task_ref(given)?).await?),
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
