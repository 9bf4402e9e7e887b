//! The htask commands.

use serde_json::{Map, Value};

use crate::cli::arguments::{HTaskClose, HTaskCommand, HTaskComplete, HTaskCreate, HTaskFeature, HTaskNext};
use crate::cli::commands::Context;
use crate::cli::commands::confirm::{at_terminal, confirm, not_below_a_run};
use crate::cli::error::CliError;
use crate::cli::exit_code::Exit;
use crate::cli::render;
use crate::domain::{
    BlockRequest, CompleteRequest, NewFeature, NewHTask, NextQuery, SwarmId, SwarmPlacement, TreeQuery, UnblockRequest,
    one_line,
};
use crate::orchestrator::{Closing, Orchestrator, OrchestratorError};
use crate::snipara::payload;

/// Does what was asked of htasks.
///
/// # Errors
/// Those of each.
pub(super) fn htask(context: &Context, command: HTaskCommand) -> Result<Exit, CliError> {
    match command {
        HTaskCommand::Next(words) => next(context, words),
        HTaskCommand::Tree(query) => tree(context, query.0),
        HTaskCommand::Create(words) => create(context, words),
        HTaskCommand::CreateFeature(words) => create_feature(context, words),
        HTaskCommand::Bootstrap(words) => bootstrap(context, words),
        HTaskCommand::Complete(words) => complete(context, words),
        HTaskCommand::Block(request) => block(context, request.0),
        HTaskCommand::Unblock(request) => unblock(context, request.0),
        HTaskCommand::Close(words) => close(context, words),
    }
}

/// Makes a feature with its workstreams.
///
/// # Errors
/// Bad input, no such parent, a swarm that is nearly the one that is named, or nobody answers.
fn create_feature(context: &Context, args: HTaskFeature) -> Result<Exit, CliError> {
    let (feature, initiative) = (args.feature.0, args.initiative.0);
    let (feature, initiative_id) = context.ask(async |orchestrator| {
        let swarm_id = made_swarm(orchestrator, feature.swarm_id.clone(), args.placement.0).await?;
        orchestrator.create_feature_below(NewFeature { swarm_id, ..feature }, initiative).await
    })?;
    let mut told = payload::feature(&feature);
    if let Some(id) = initiative_id {
        told.insert("initiative_id".to_owned(), id.as_str().into());
    }
    context.output.answer(&told, |_| render::feature(&feature))
}

/// As [`create_feature`], with all that autonomous workers need.
///
/// # Errors
/// As [`create_feature`].
fn bootstrap(context: &Context, mut args: HTaskFeature) -> Result<Exit, CliError> {
    args.feature.0.create_actionable_tasks = true;
    args.initiative.0.create_initiative = true;
    create_feature(context, args)
}

/// Makes one htask.
///
/// # Errors
/// Bad input, no such parent or dependency, a swarm that is nearly the one that is named, or nobody answers.
fn create(context: &Context, args: HTaskCreate) -> Result<Exit, CliError> {
    let task = args.task.0;
    let task = context.ask(async |orchestrator| {
        let swarm_id = made_swarm(orchestrator, task.swarm_id.clone(), args.placement.0).await?;
        orchestrator.create_htask(NewHTask { swarm_id, ..task }).await
    })?;
    context.output.answer(&payload::htask_created(&task), |paint| render::htask_line(&task, *paint))
}

/// The swarm in which something is made. One that a person or a script names by its id is made when it is not there.
async fn made_swarm(
    orchestrator: &Orchestrator,
    named: Option<SwarmId>,
    placement: SwarmPlacement,
) -> Result<Option<SwarmId>, OrchestratorError> {
    if let Some(id) = &named {
        orchestrator.make_swarm_of(id).await?;
    }
    orchestrator.placed_swarm(named, placement).await
}

/// Recommends what to work on next. Nothing ready is an answer, exit code 0.
///
/// # Errors
/// Bad input, no such swarm or feature, or nobody answers.
fn next(context: &Context, args: HTaskNext) -> Result<Exit, CliError> {
    let query = args.query.0;
    let batch = context.ask(async |orchestrator| {
        let swarm_id = orchestrator.placed_swarm(query.swarm_id.clone(), args.placement.0).await?;
        orchestrator.next_htasks(NextQuery { swarm_id, ..query }).await
    })?;
    context.output.answer(&payload::next_batch(&batch), |paint| render::next_batch(&batch, *paint))
}

/// Completes an N3 with evidence.
///
/// # Errors
/// Bad input, evidence that is missing or refused, or nobody answers.
fn complete(context: &Context, args: HTaskComplete) -> Result<Exit, CliError> {
    let request = CompleteRequest { result: result(args.result, args.result_json), ..args.request.0 };
    let completed = context.ask(async |orchestrator| {
        orchestrator.check_evidence_kinds(&request).await?;
        orchestrator.complete_htask(request).await
    })?;
    context.output.answer(&payload::completed(&completed), |paint| render::completed(&completed, *paint))
}

/// The seed's way: a text becomes `summary` of the object.
fn result(text: Option<String>, object: Option<Map<String, Value>>) -> Option<Value> {
    match (text, object) {
        (None, None) => None,
        (Some(text), object) => {
            let mut object = object.unwrap_or_default();
            object.insert("summary".to_owned(), Value::String(text));
            Some(Value::Object(object))
        }
        (None, Some(object)) => Some(Value::Object(object)),
    }
}

/// Shows trees.
///
/// # Errors
/// Bad input, no such swarm or htask, or nobody answers.
fn tree(context: &Context, query: TreeQuery) -> Result<Exit, CliError> {
    let tree = context.ask(async |orchestrator| orchestrator.htask_tree(query).await)?;
    context.output.answer(&payload::tree(&tree), |paint| render::htask_tree(&tree, *paint))
}

/// Blocks an htask.
///
/// # Errors
/// Bad input, no such htask, a finished one, or nobody answers.
fn block(context: &Context, request: BlockRequest) -> Result<Exit, CliError> {
    let change = context.ask(async |orchestrator| orchestrator.block_htask(request).await)?;
    context.output.answer(&payload::block_change(&change), |_| render::block_change(&change))
}

/// Unblocks an htask.
///
/// # Errors
/// No such htask, one that is not blocked, or nobody answers.
fn unblock(context: &Context, request: UnblockRequest) -> Result<Exit, CliError> {
    let change = context.ask(async |orchestrator| orchestrator.unblock_htask(request).await)?;
    context.output.answer(&payload::block_change(&change), |_| render::block_change(&change))
}

/// Closes a parent.
///
/// # Errors
/// No such htask, an N3, open children, a waiver without a person's consent, or nobody answers.
fn close(context: &Context, args: HTaskClose) -> Result<Exit, CliError> {
    let (request, yes) = (args.request.0, args.yes);
    request.check_waiver().map_err(OrchestratorError::from)?;
    if request.waiver_reason.is_some() {
        not_below_a_run(context, "a waiver")?;
    }
    let by_person = yes && at_terminal();
    let closing = context.ask(async |orchestrator| match request.waiver_reason.is_none() || by_person {
        true => orchestrator.close_htask(request.clone()).await.map(Closing::Closed),
        false => orchestrator.close_htask_unwaived(request.clone()).await,
    })?;
    let closed = match closing {
        Closing::Closed(closed) => closed,
        Closing::NeedsWaiver { blockers } => {
            let what = format!("{} is closed with a waiver although this is open", request.task_id);
            let blockers: Vec<String> = blockers.iter().map(|blocker| one_line(blocker, 200)).collect();
            if !at_terminal() {
                return Err(CliError::needs_terminal(
                    format!("{what}: a person at a terminal decides that, and this is none"),
                    "run it at a terminal; nothing was done",
                ));
            }
            confirm(context, yes, &what, &blockers)?;
            context.ask(async |orchestrator| orchestrator.close_htask(request).await)?
        }
    };
    let how = if closed.closed_with_waiver { " with a waiver" } else { "" };
    let text = format!("{} is {}{how}\n", closed.task_id, closed.status);
    context.output.answer(&payload::closed(&closed), |_| text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_text_becomes_the_summary_of_the_result() {
        assert_eq!(result(None, None), None);
        assert_eq!(result(Some("done".into()), None), Some(json!({ "summary": "done" })));
        let object = json!({ "files": 2 }).as_object().cloned();
        assert_eq!(result(Some("done".into()), object), Some(json!({ "files": 2, "summary": "done" })));
    }
}
