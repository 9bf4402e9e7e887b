//! Completion: ids for the forms of addresses and for the arguments of prompts.

use rmcp::model::{CompleteRequestParams, CompleteResult, CompletionContext, CompletionInfo, Reference};

use crate::domain::{HTaskNode, SwarmId, TaskStatus, TreeQuery, marked};
use crate::orchestrator::{Orchestrator, OrchestratorError};

use super::prompts;
use super::resources::{CHECKLIST, HTASK, PROOF, RECEIPT, RECENT_TASKS, TASK};
use super::server::Server;

/// How many of the latest proofs are offered.
const RECENT_PROOFS: u32 = 200;

/// The values that complete an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Values {
    /// The latest tasks.
    Tasks,
    /// The latest tasks that are not done.
    OpenTasks,
    /// The latest proofs.
    Proofs,
    /// The attempts of the task that was chosen before.
    Attempts,
    /// The project's own swarm.
    Swarms,
    /// The htasks of the swarm that was chosen before, or else of the project's own.
    HTasks,
}

/// Answers `completion/complete`: the values that begin with the typed text, newest first, at most 100. An unknown
/// argument has no values, and the store is not opened for it.
///
/// # Errors
/// When the store cannot be read, or the hosted service does not answer.
pub(super) async fn complete(
    server: &Server,
    request: &CompleteRequestParams,
) -> Result<CompleteResult, OrchestratorError> {
    let Some(values) = values_of(&request.r#ref, &request.argument.name) else { return Ok(CompleteResult::default()) };
    let orchestrator = server.orchestrator().await?;
    let all = candidates(&orchestrator, values, request.context.as_ref()).await?;
    Ok(CompleteResult::new(fitting(all, &request.argument.value)))
}

fn values_of(reference: &Reference, argument: &str) -> Option<Values> {
    match reference {
        Reference::Resource(form) => match (form.uri.as_str(), argument) {
            (TASK, "id") | (CHECKLIST | RECEIPT, "task") => Some(Values::Tasks),
            (PROOF, "id") => Some(Values::Proofs),
            (RECEIPT, "attempt") => Some(Values::Attempts),
            (HTASK, "swarm") => Some(Values::Swarms),
            (HTASK, "id") => Some(Values::HTasks),
            _ => None,
        },
        Reference::Prompt(prompt) => prompts::values_of(&prompt.name, argument),
        _ => None,
    }
}

async fn candidates(
    orchestrator: &Orchestrator,
    values: Values,
    context: Option<&CompletionContext>,
) -> Result<Vec<String>, OrchestratorError> {
    let chosen = |name: &str| context.and_then(|context| context.get_argument(name)).map(String::as_str);
    match values {
        Values::Tasks | Values::OpenTasks => {
            let tasks = orchestrator.tasks(RECENT_TASKS).await?.into_iter();
            let wanted = tasks.filter(|task| values == Values::Tasks || task.status != TaskStatus::Done);
            Ok(wanted.map(|task| task.id.to_string()).collect())
        }
        Values::Proofs => {
            let proofs = orchestrator.proofs(None, RECENT_PROOFS).await?;
            Ok(proofs.iter().filter_map(|proof| proof.seq).map(|seq| seq.to_string()).collect())
        }
        Values::Attempts => {
            let Some(id) = chosen("task") else { return Ok(Vec::new()) };
            let attempts = known(orchestrator.task(id).await)?.map_or(0, |task| task.attempt);
            Ok((1..=attempts).rev().map(|attempt| attempt.to_string()).collect())
        }
        Values::Swarms => Ok(vec![orchestrator.default_swarm().await?.to_string()]),
        Values::HTasks => {
            let swarm = match chosen("swarm").map(SwarmId::parse) {
                None => orchestrator.default_swarm().await?,
                Some(Ok(swarm)) => swarm,
                Some(Err(_)) => return Ok(Vec::new()),
            };
            let tree = known(orchestrator.htask_tree(TreeQuery::new(swarm)).await)?;
            let mut ids = Vec::new();
            tree.iter().flat_map(|tree| &tree.trees).for_each(|root| gather(root, &mut ids));
            Ok(ids)
        }
    }
}

/// Turns a refusal into no values: a half-typed id often does not exist, and that is not a failure.
fn known<T>(found: Result<T, OrchestratorError>) -> Result<Option<T>, OrchestratorError> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.is_refusal() => Ok(None),
        Err(error) => Err(error),
    }
}

fn gather(node: &HTaskNode, ids: &mut Vec<String>) {
    ids.push(node.task.task_id.to_string());
    node.children.iter().for_each(|child| gather(child, ids));
}

fn fitting(all: Vec<String>, typed: &str) -> CompletionInfo {
    let mut values: Vec<String> =
        all.into_iter().filter(|value| value.starts_with(typed) && marked(value) == *value).collect();
    let total = values.len();
    values.truncate(CompletionInfo::MAX_VALUES);
    let more = total > values.len();
    CompletionInfo::with_pagination(values, u32::try_from(total).ok(), more).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_most_100_values_are_told_and_how_many_there_are() {
        let all: Vec<_> = (0..250).map(|number| number.to_string()).collect();
        let told = fitting(all.clone(), "1");
        assert_eq!((told.values.len(), told.total, told.has_more), (100, Some(111), Some(true)));
        assert_eq!(told.values[0], "1");
        let told = fitting(all, "24");
        assert_eq!((told.values.len(), told.total, told.has_more), (11, Some(11), Some(false)));
    }
}
