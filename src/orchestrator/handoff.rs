//! Making a companion handoff the shared state of a swarm (handoff.md). No worker is started.

use serde::Serialize;
use serde_json::{Value, json};

use super::{Orchestrator, OrchestratorError};
use crate::domain::{
    Broadcast, DEFAULT_SWARM_NAME, FieldError, HTaskId, HTaskRef, Handoff, JoinSwarm, MAX_TEXT_BYTES, NewFeature,
    NewSwarm, SetState, SwarmId, SwarmRole,
};

/// The agent that coordinates, by its name in the seed.
const AGENT: &str = "orchestrator-main";
/// What is broadcast at the end.
const READY: &str = "coordination_ready";
/// What the id of a feature adds to the state at most, in bytes.
const FEATURE_BYTES: usize = 512;

/// What came of coordinating a handoff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Coordination {
    pub handoff_schema_version: String,
    pub swarm_id: SwarmId,
    /// Whether the swarm was there before.
    pub resumed_swarm: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workflow_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_phase_id: Option<String>,
    /// The feature, when the handoff asks for one and it could be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feature_task_id: Option<HTaskId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feature_task_title: Option<String>,
    /// The state keys that were written.
    pub state_keys: Vec<String>,
    pub broadcast_event_type: &'static str,
    /// `external`: no worker is started here.
    pub worker_execution_model: &'static str,
    pub workers_spawned: u32,
    pub proof_gate_required: bool,
    pub drift_check_required: bool,
    pub workflow_phase_count: usize,
    pub runtime_phase_ids: Vec<String>,
    pub runtime_checkpointed_phase_ids: Vec<String>,
    pub claim_files: Vec<String>,
    pub workstreams: Vec<String>,
    /// Commands that lead on.
    pub next_actions: Vec<String>,
    /// What could not be done, one line each; the rest was.
    pub warnings: Vec<String>,
    pub message: String,
}

impl Orchestrator {
    /// Makes a handoff the shared state of a swarm: the one that is named here or in the handoff, else the project's
    /// own. Repeated, it uses the same swarm and feature and writes the state anew.
    ///
    /// # Errors
    /// A handoff that is too large (nothing is written), no such swarm, a full swarm, or nobody answers. A feature
    /// or a broadcast that fails is a warning.
    pub async fn coordinate(
        &self,
        handoff: &Handoff,
        swarm_id: Option<&str>,
    ) -> Result<Coordination, OrchestratorError> {
        check_size(handoff)?;
        let (swarm_id, resumed_swarm) = self.coordinated_swarm(handoff, swarm_id).await?;
        let mut warnings = Vec::new();
        let feature = match handoff.feature_title() {
            None => None,
            Some(title) => match self.coordinated_feature(handoff, &swarm_id, title).await {
                Ok(feature) => feature,
                Err(error) => {
                    warnings.push(format!("the feature could not be made: {error}"));
                    None
                }
            },
        };
        let mut state_keys = Vec::new();
        for (key, value) in handoff.state(feature.as_ref().map(HTaskId::as_str)) {
            let agent_id = AGENT.to_owned();
            let swarm_id = swarm_id.clone();
            let state = SetState { swarm_id, agent_id, key, value, expected_version: None, ttl_seconds: None };
            state_keys.push(self.set_state(state).await?.key);
        }
        if let Err(error) = self.broadcast(ready(handoff, &swarm_id, feature.as_ref())).await {
            warnings.push(format!("{READY} could not be broadcast: {error}"));
        }
        Ok(self.coordination(handoff, swarm_id, resumed_swarm, feature, state_keys, warnings))
    }

    /// Returns the swarm with us in it, and whether it was there before.
    async fn coordinated_swarm(
        &self,
        handoff: &Handoff,
        named: Option<&str>,
    ) -> Result<(SwarmId, bool), OrchestratorError> {
        let (swarm_id, resumed) = match named.or(handoff.swarm_id()) {
            Some(id) => (SwarmId::parse(id)?, true),
            None => {
                let swarm = self.deps.snipara.swarms.create(NewSwarm::named(DEFAULT_SWARM_NAME)).await?;
                (swarm.swarm_id, swarm.reused)
            }
        };
        let capabilities = ["coordination", "proof-gates", "htasks", "shared-state"].map(str::to_owned).to_vec();
        let agent_id = AGENT.to_owned();
        let role = SwarmRole::Coordinator;
        self.join_swarm(JoinSwarm { swarm_id: swarm_id.clone(), agent_id, name: None, role, capabilities }).await?;
        Ok((swarm_id, resumed))
    }

    /// Returns the feature that an earlier coordination of this handoff made and that is open still, else makes it.
    async fn coordinated_feature(
        &self,
        handoff: &Handoff,
        swarm_id: &SwarmId,
        title: &str,
    ) -> Result<Option<HTaskId>, OrchestratorError> {
        if let Some(existing) = self.earlier_feature(handoff, swarm_id, title).await {
            return Ok(Some(existing));
        }
        let workstreams = &handoff.plan.coordination.htask.workstreams;
        let feature = NewFeature {
            workstreams: (!workstreams.is_empty()).then(|| workstreams.clone()),
            // The contract's default (snipara-wire.md §4.6); without starters the next command has nothing to hand out.
            create_actionable_tasks: true,
            ..NewFeature::new(swarm_id.clone(), title, &handoff.plan.task.summary, AGENT)
        };
        Ok(self.create_feature(feature).await?.feature_id)
    }

    async fn earlier_feature(&self, handoff: &Handoff, swarm_id: &SwarmId, title: &str) -> Option<HTaskId> {
        let key = format!("{}:coordination_plan", handoff.state_prefix());
        let earlier = self.get_state(swarm_id.clone(), key).await.ok()??.value;
        let told = |name: &str| earlier.get(name).and_then(Value::as_str).map(str::to_owned);
        if told("feature_task_title")? != self.deps.redactor.text(title) {
            return None;
        }
        let task_id = HTaskId::parse(&told("feature_task_id")?).ok()?;
        let task = self.htask(HTaskRef { swarm_id: swarm_id.clone(), task_id }).await.ok()?;
        (!task.status.is_terminal() && task.archived_at.is_none()).then_some(task.task_id)
    }

    fn coordination(
        &self,
        handoff: &Handoff,
        swarm_id: SwarmId,
        resumed_swarm: bool,
        feature: Option<HTaskId>,
        state_keys: Vec<String>,
        warnings: Vec<String>,
    ) -> Coordination {
        let plan = &handoff.plan;
        Coordination {
            handoff_schema_version: plan.schema_version.clone(),
            resumed_swarm,
            workflow_id: plan.workflow.workflow_id.clone(),
            current_phase_id: plan.workflow.current_phase_id.clone(),
            feature_task_title: handoff.feature_title().map(|title| self.deps.redactor.text(title)),
            state_keys,
            broadcast_event_type: READY,
            worker_execution_model: "external",
            workers_spawned: 0,
            proof_gate_required: plan.validation.requires_proof_gate,
            drift_check_required: plan.validation.requires_drift_check,
            workflow_phase_count: plan.workflow.phases.len(),
            runtime_phase_ids: handoff.runtime_phase_ids(),
            runtime_checkpointed_phase_ids: handoff.checkpointed_phase_ids(),
            claim_files: plan.coordination.claim_scope.files.clone(),
            workstreams: plan.coordination.htask.workstreams.clone(),
            next_actions: next_actions(&swarm_id, feature.as_ref()),
            warnings,
            message: "The swarm is ready for workers; none is started here.".to_owned(),
            feature_task_id: feature,
            swarm_id,
        }
    }
}

/// Refuses what would not fit into the state, before anything is written.
fn check_size(handoff: &Handoff) -> Result<(), FieldError> {
    for (key, value) in handoff.state(None) {
        let bytes = value.to_string().len();
        if bytes + FEATURE_BYTES > MAX_TEXT_BYTES {
            let problem = format!("makes the state {key} {bytes} bytes long: at most {MAX_TEXT_BYTES} are allowed");
            return Err(FieldError::new("plan", problem, "shorten its longest lists, such as repo.changedFiles"));
        }
    }
    Ok(())
}

fn ready(handoff: &Handoff, swarm_id: &SwarmId, feature: Option<&HTaskId>) -> Broadcast {
    let workflow = &handoff.plan.workflow;
    let payload = json!({
        "workflow_id": workflow.workflow_id, "current_phase_id": workflow.current_phase_id,
        "feature_task_id": feature, "worker_execution_model": "external", "workers_spawned": 0,
    });
    Broadcast { swarm_id: swarm_id.clone(), agent_id: AGENT.to_owned(), event_type: READY.to_owned(), payload }
}

fn next_actions(swarm_id: &SwarmId, feature: Option<&HTaskId>) -> Vec<String> {
    let tree = format!("snipara-orchestrator htask-tree --swarm-id {swarm_id}");
    match feature {
        None => vec![tree],
        Some(feature) => vec![
            format!("{tree} --task-id {feature}"),
            format!("snipara-orchestrator htask-next --swarm-id {swarm_id} --feature-id {feature}"),
        ],
    }
}
