//! `htask_create_feature`: makes a feature with its workstreams.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::{Feature, NewFeature, NewInitiative, Request, SwarmPlacement, one_line, yes};
use crate::orchestrator::Orchestrator;
use crate::snipara::payload;
use crate::tools::{Answered, CallContext, Form, FormError, JsonObject, ToolCall, ToolSpec, Toolset, told};

/// Says what `htask_create_feature` is.
pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: "htask_create_feature",
        title: "Create a feature",
        description: "Create a feature (N1) with a workstream (N2) for each kind of work.",
        toolset: Toolset::HTask,
        forms: vec![Form::of(
            "htask_create_feature",
            "Create an N1 feature with its N2 workstreams and starter N3 tasks.",
            published,
        )],
        ..ToolSpec::writing(ToolCall::of(call))
    }
}

/// What the contract takes beside the feature.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(extend("x-model" = true))]
struct Surroundings {
    #[serde(flatten)]
    placement: SwarmPlacement,
    #[serde(flatten)]
    initiative: NewInitiative,
    /// The contract makes starter tasks when nobody says; our own tool does not.
    #[serde(default = "yes")]
    create_actionable_tasks: bool,
}

impl Request for Surroundings {}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct CreatedFeature {
    feature_id: String,
    /// Type → id.
    workstream_ids: Map<String, Value>,
}

async fn published(
    orchestrator: Orchestrator,
    (mut feature, around): (NewFeature, Surroundings),
) -> Result<JsonObject, FormError> {
    feature.create_actionable_tasks = around.create_actionable_tasks;
    around.placement.check_named(feature.swarm_id.as_ref())?;
    feature.swarm_id = orchestrator.placed_swarm(feature.swarm_id, around.placement).await?;
    let (feature, initiative_id) = orchestrator.create_feature_below(feature, around.initiative).await?;
    let mut told = payload::feature(&feature);
    if let Some(id) = initiative_id {
        told.insert("initiative_id".to_owned(), id.as_str().into());
    }
    Ok(told)
}

async fn call(context: CallContext, feature: NewFeature) -> Answered<CreatedFeature> {
    let feature = context.orchestrator.create_feature(feature).await?;
    let id = feature.feature_id.as_ref().map(ToString::to_string).unwrap_or_default();
    let mut lines = vec![format!("created feature {id}: {}", one_line(&feature.title, 120))];
    lines.extend(feature.workstreams.iter().map(|(name, id)| format!("> {} {id}", one_line(name, 60))));
    let next_step = after_feature(&feature, &id);
    told(payload::feature(&feature), lines, next_step)
}

fn after_feature(feature: &Feature, id: &str) -> String {
    if feature.starter_tasks.iter().any(|(_, ids)| !ids.is_empty()) {
        return format!("Take the first task with htask_next, feature_id {id} and claim_for_agent.");
    }
    match feature.workstreams.first() {
        Some((name, workstream)) => {
            format!("Create the tasks of `{}` with htask_create and parent_id {workstream}.", one_line(name, 60))
        }
        None => format!("Create what is under it with htask_create and parent_id {id}."),
    }
}
