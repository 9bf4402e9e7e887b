//! The htask commands.

use serde_json::{Map, Value};

use crate::cli::arguments::{
    HTaskBlock, HTaskClose, HTaskComplete, HTaskCreate, HTaskCreateFeature, HTaskNext, HTaskTreeWords, HTaskUnblock,
};
use crate::cli::commands::Context;
use crate::cli::commands::confirm::confirm;
use crate::cli::error::CliError;
use crate::cli::exit_code::Exit;
use crate::cli::render;
use crate::domain::{
    BlockRequest, CloseRequest, HTaskId, HTaskRef, NewFeature, NewHTask, NextQuery, TreeQuery, one_line,
};
use crate::orchestrator::{Closing, CompletionRequest, Orchestrator, OrchestratorError};
use crate::snipara::payload;

async fn reference(
    orchestrator: &Orchestrator,
    swarm_id: Option<&str>,
    task_id: &str,
) -> Result<HTaskRef, OrchestratorError> {
    Ok(HTaskRef { task_id: HTaskId::parse(task_id)?, swarm_id: orchestrator.swarm_or_default(swarm_id).await? })
}

fn optional_id(id: Option<&str>) -> Result<Option<HTaskId>, OrchestratorError> {
    Ok(id.map(HTaskId::parse).transpose()?)
}

/// Makes a feature with its workstreams.
///
/// # Errors
/// Bad input, no such swarm or parent, or nobody answers.
pub(super) fn create_feature(context: &Context, words: HTaskCreateFeature) -> Result<Exit, CliError> {
    let feature = context.ask(async |orchestrator| {
        let feature = NewFeature {
            swarm_id: orchestrator.swarm_or_default(words.swarm.swarm_id.as_deref()).await?,
            title: words.title,
            description: words.description,
            owner: words.owner,
            parent_id: optional_id(words.parent_id.as_deref())?,
            workstreams: (!words.workstreams.is_empty()).then_some(words.workstreams),
            custom_workstreams: Vec::new(),
            workstream_owners: words.workstream_owners.into_iter().collect(),
            create_actionable_tasks: words.create_actionable_tasks,
        };
        orchestrator.create_feature(feature).await
    })?;
    context.output.result(&payload::feature(&feature), |_| render::feature(&feature))?;
    Ok(Exit::Success)
}

/// Makes one htask.
///
/// # Errors
/// Bad input, no such swarm, parent or dependency, or nobody answers.
pub(super) fn create(context: &Context, words: HTaskCreate) -> Result<Exit, CliError> {
    let task = context.ask(async |orchestrator| {
        let mut context_refs = words.context_ref;
        if let Some(query) = words.context_query {
            context_refs.extend(orchestrator.context_references(query).await?);
        }
        let depends_on = words.depends_on.iter().map(|id| HTaskId::parse(id)).collect::<Result<_, _>>()?;
        let swarm_id = orchestrator.swarm_or_default(words.swarm.swarm_id.as_deref()).await?;
        let task = NewHTask {
            level: words.level,
            parent_id: optional_id(words.parent_id.as_deref())?,
            priority: words.priority,
            eta_target: words.eta_target,
            execution_target: words.execution_target,
            workstream_type: words.workstream_type,
            custom_workstream_type: words.custom_workstream_type,
            acceptance_criteria: words.acceptance,
            context_refs,
            depends_on,
            evidence_required: words.evidence_required,
            is_blocking: !words.not_blocking,
            ..NewHTask::new(swarm_id, words.title, words.description, words.owner)
        };
        orchestrator.create_htask(task).await
    })?;
    context.output.result(&payload::htask_created(&task), |paint| render::htask_line(&task, *paint))?;
    Ok(Exit::Success)
}

/// Recommends what to work on next. Nothing ready is an answer, exit code 0.
///
/// # Errors
/// Bad input, no such swarm or feature, or nobody answers.
pub(super) fn next(context: &Context, words: HTaskNext) -> Result<Exit, CliError> {
    let batch = context.ask(async |orchestrator| {
        let query = NextQuery {
            limit: words.limit.unwrap_or(if words.claim_for_agent.is_some() { 1 } else { 5 }),
            owner: words.owner,
            feature_id: optional_id(words.feature_id.as_deref())?,
            workstream_type: words.workstream_type,
            include_blocked: words.include_blocked,
            claim_for_agent: words.claim_for_agent,
            lease_seconds: words.lease_seconds,
            ..NextQuery::new(orchestrator.swarm_or_default(words.swarm.swarm_id.as_deref()).await?)
        };
        orchestrator.next_htasks(query).await
    })?;
    context.output.result(&payload::next_batch(&batch), |paint| render::next_batch(&batch, *paint))?;
    Ok(Exit::Success)
}

/// Completes an N3 with evidence.
///
/// # Errors
/// Bad input, evidence that is missing or refused, or nobody answers.
pub(super) fn complete(context: &Context, words: HTaskComplete) -> Result<Exit, CliError> {
    let result = result(words.result, words.result_json);
    let completed = context.ask(async |orchestrator| {
        let request = CompletionRequest {
            evidence: words.evidence,
            result,
            learnings: words.learning,
            decision_impact: words.decision_impact,
            create_memory: !words.no_create_memory,
            agent_id: words.agent_id,
            fencing_token: words.fencing_token,
            ..CompletionRequest::new(reference(orchestrator, words.swarm.swarm_id.as_deref(), &words.task_id).await?)
        };
        orchestrator.check_evidence_kinds(&request.task, &request.evidence).await?;
        orchestrator.complete_htask(request).await
    })?;
    context.output.result(&payload::completed(&completed), |paint| render::completed(&completed, *paint))?;
    Ok(Exit::Success)
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
pub(super) fn tree(context: &Context, words: HTaskTreeWords) -> Result<Exit, CliError> {
    let tree = context.ask(async |orchestrator| {
        let query = TreeQuery {
            task_id: optional_id(words.task_id.as_deref())?,
            max_depth: words.max_depth,
            include_archived: words.include_archived,
            include_completed: !words.hide_completed,
            ..TreeQuery::new(orchestrator.swarm_or_default(words.swarm.swarm_id.as_deref()).await?)
        };
        orchestrator.htask_tree(query).await
    })?;
    context.output.result(&payload::tree(&tree), |paint| render::htask_tree(&tree, *paint))?;
    Ok(Exit::Success)
}

/// Blocks an htask.
///
/// # Errors
/// Bad input, no such htask, a finished one, or nobody answers.
pub(super) fn block(context: &Context, words: HTaskBlock) -> Result<Exit, CliError> {
    let change = context.ask(async |orchestrator| {
        let request = BlockRequest {
            task: reference(orchestrator, words.swarm.swarm_id.as_deref(), &words.task_id).await?,
            blocker_type: words.blocker_type,
            blocker_reason: words.reason,
            blocked_by_task_id: optional_id(words.blocked_by.as_deref())?,
            required_input: None,
            eta_recovery: None,
            escalation_to: None,
            agent_id: words.agent_id,
            fencing_token: words.fencing_token,
        };
        orchestrator.block_htask(request).await
    })?;
    context.output.result(&payload::block_change(&change), |_| render::block_change(&change))?;
    Ok(Exit::Success)
}

/// Unblocks an htask.
///
/// # Errors
/// No such htask, one that is not blocked, or nobody answers.
pub(super) fn unblock(context: &Context, words: HTaskUnblock) -> Result<Exit, CliError> {
    let change = context.ask(async |orchestrator| {
        let task = reference(orchestrator, words.swarm.swarm_id.as_deref(), &words.task_id).await?;
        orchestrator.unblock_htask(task, words.resolution).await
    })?;
    context.output.result(&payload::block_change(&change), |_| render::block_change(&change))?;
    Ok(Exit::Success)
}

/// Closes a parent.
///
/// # Errors
/// No such htask, an N3, open children, a waiver without a person's word, or nobody answers.
pub(super) fn close(context: &Context, words: HTaskClose) -> Result<Exit, CliError> {
    let closing = context.ask(async |orchestrator| {
        let request = CloseRequest {
            task: reference(orchestrator, words.swarm.swarm_id.as_deref(), &words.task_id).await?,
            waiver_reason: words.waiver_reason.clone(),
            waiver_approved_by: words.waiver_approved_by.clone(),
        };
        if words.waiver_reason.is_none() || words.yes {
            return Ok((Closing::Closed(orchestrator.close_htask(request).await?), None));
        }
        request.check()?;
        Ok((orchestrator.close_htask_unwaived(request.task.clone()).await?, Some(request)))
    })?;
    let closed = match closing {
        (Closing::Closed(closed), _) => closed,
        (Closing::NeedsWaiver { blockers }, request) => {
            let what = format!("{} is closed with a waiver although this is open", words.task_id);
            let blockers: Vec<String> = blockers.iter().map(|blocker| one_line(blocker, 200)).collect();
            confirm(context, words.yes, &what, &blockers)?;
            let request = request.ok_or_else(|| CliError::bug("a waiver is asked for that was not given"))?;
            context.ask(async |orchestrator| orchestrator.close_htask(request).await)?
        }
    };
    let how = if closed.closed_with_waiver { " with a waiver" } else { "" };
    let text = format!("{} is {}{how}\n", closed.task_id, closed.status);
    context.output.result(&payload::closed(&closed), |_| text)?;
    Ok(Exit::Success)
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
