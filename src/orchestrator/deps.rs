//! The orchestrator and what it depends on.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::project_swarm::ProjectSwarm;
use super::run::{Registry, RunLimit};
use super::{Caller, InvalidError, OrchestratorError};
use crate::domain::{
    ChecklistItem, ConvergeSettings, DeploymentNote, LiveCheck, Policy, Production, ProjectId, Redactor, RunHolder,
    SharedClock, StoredCheck, TaskId,
};
use crate::drift::DriftDetector;
use crate::executor::Executor;
use crate::gatekeeper::{Gatekeeper, GatekeeperDeps};
use crate::ledger::Ledger;
use crate::snipara::Snipara;
use crate::validator::Validator;

/// Everything that an orchestrator depends on. `app` builds it.
#[derive(Debug, Clone)]
pub struct OrchestratorDeps {
    /// Production. Without it nothing can be proven.
    pub production: Option<Production>,
    /// The floor under every task.
    pub policy: Policy,
    /// Checks by the name of their suite, for tasks that name it.
    pub suites: BTreeMap<String, Vec<LiveCheck>>,
    /// Settings in force that no person trusted as they are, one line each.
    pub untrusted: Vec<String>,
    /// How the settings stand to what a person trusted.
    pub trust: SettingsTrust,
    /// Labels decisions.
    pub gatekeeper_id: String,
    /// Runs commands.
    pub executor: Executor,
    /// Runs checks.
    pub validator: Validator,
    /// Looks for drift.
    pub drift: DriftDetector,
    /// Keeps the ledger.
    pub ledger: Ledger,
    /// Keeps memories, context, htasks and swarms.
    pub snipara: Snipara,
    /// Which backend that is: `embedded`, or the service's address and the project there.
    pub snipara_name: String,
    /// Whether outcomes become memories.
    pub auto_remember: bool,
    /// Takes secrets out of titles and descriptions.
    pub redactor: Redactor,
    /// Tells the time.
    pub clock: SharedClock,
    /// Who runs the tasks of this process.
    pub holder: RunHolder,
    /// The digest of the configuration in force.
    pub config_digest: String,
    /// Whether a finding of gate 1 stops a task.
    pub fail_fast_on_drift: bool,
    /// How long checks may settle when a run does not say, in seconds.
    pub default_settle_seconds: u64,
    /// How often production is asked until its answers agree, before a run raises it.
    pub converge: ConvergeSettings,
    /// The time for one local test, in milliseconds.
    pub command_timeout_ms: u64,
    /// The deployment that the configuration describes, for the provider `custom`: program and arguments, in which
    /// `{service}` and `{environment}` are replaced.
    pub custom_deployment: Option<Vec<String>>,
}

/// How the settings of a caller or a script stand to what a person trusted. Empty for persons.
#[derive(Debug, Clone, Default)]
pub struct SettingsTrust {
    /// What waits for a person and how they accept it, one line each, for answers that it would have changed.
    pub warnings: Vec<String>,
    /// Why production is not asked at all: a setting that decides it is not in force.
    pub refusal: Option<InvalidError>,
    /// What an untrusted policy adds and a caller may not do, one line each: no task runs while it stands there.
    pub held_back: Vec<String>,
    /// Local tests that only an untrusted policy has: they run with a caller's rights.
    pub local_tests: Vec<String>,
    /// Suites that only an untrusted file has.
    pub suites: Vec<String>,
    /// Whether a verdict says when production is another than the last DONE's.
    pub compares_production: bool,
}

/// A cutover checklist that was generated, not executed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CutoverChecklist {
    /// The task, when it is an existing one's.
    pub task_id: Option<TaskId>,
    /// Its lines.
    pub items: Vec<ChecklistItem<StoredCheck>>,
    /// How many distinct proofs are required when every place answers.
    pub required_proofs: u32,
    /// How many are required however few places answer (docs/design/gate.md G3).
    pub least_proofs: u32,
    /// How many distinct proofs it can give at most.
    pub possible_proofs: u32,
    /// The local tests that come before it.
    pub local_tests: Vec<String>,
    /// What the project's documents say about deploying it; at most five.
    pub context: Vec<DeploymentNote>,
    /// Why something is missing that would help, one line each; never a reason not to go on.
    pub warnings: Vec<String>,
}

impl CutoverChecklist {
    /// Says how many distinct proofs are required: `3 distinct proofs are required`.
    pub fn requirement(&self) -> String {
        let (least, most) = (self.least_proofs, self.required_proofs);
        let (proofs, are) = if most == 1 { ("proof", "is") } else { ("proofs", "are") };
        if least == most {
            return format!("{most} distinct {proofs} {are} required");
        }
        format!("{least} to {most} distinct proofs are required, as many as places answer")
    }
}

/// Coordinates tasks, checks, drift and the ledger. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Orchestrator {
    pub(super) deps: Arc<OrchestratorDeps>,
    pub(super) registry: Arc<Registry>,
    pub(super) run_limit: Arc<RunLimit>,
    pub(super) project_swarm: Arc<ProjectSwarm>,
    /// Held while the outbox is being sent.
    pub(super) sending: Arc<tokio::sync::Mutex<()>>,
    pub(super) tracker: TaskTracker,
    pub(super) stop: CancellationToken,
    /// The caller for whom it works, or nothing when it works for everybody.
    pub(super) caller: Option<Caller>,
}

impl Orchestrator {
    /// Puts an orchestrator together.
    pub fn new(deps: OrchestratorDeps) -> Self {
        Self {
            deps: Arc::new(deps),
            registry: Arc::default(),
            run_limit: Arc::default(),
            project_swarm: Arc::default(),
            sending: Arc::default(),
            tracker: TaskTracker::new(),
            stop: CancellationToken::new(),
            caller: None,
        }
    }

    /// Returns an orchestrator with other settings that shares everything else: store, runs, limits.
    #[must_use]
    pub fn reconfigured(&self, deps: OrchestratorDeps) -> Self {
        Self { deps: Arc::new(deps), ..self.clone() }
    }

    /// Returns the same orchestrator whose answers say besides what is wrong with the settings.
    #[must_use]
    pub fn warning_of_settings(&self, lines: impl IntoIterator<Item = String>) -> Self {
        let mut deps = OrchestratorDeps::clone(&self.deps);
        deps.trust.warnings.splice(0..0, lines);
        self.reconfigured(deps)
    }

    /// Says which settings wait for a person's trust, one line each.
    pub fn setting_warnings(&self) -> &[String] {
        &self.deps.trust.warnings
    }

    /// Returns the project.
    pub fn project(&self) -> &ProjectId {
        self.deps.ledger.store().project()
    }

    /// Closes the store, so that its file is whole by itself; later calls fail.
    pub async fn close(&self) {
        self.deps.ledger.store().close().await;
    }

    /// Returns the folder of the project's state.
    pub fn state_folder(&self) -> &Path {
        self.deps.ledger.store().folder()
    }

    /// Returns what takes secrets out of text before others read it.
    pub fn redactor(&self) -> &Redactor {
        &self.deps.redactor
    }

    /// Returns a secret that all processes of this state folder share, to seal what callers hand back.
    ///
    /// # Errors
    /// When it can be neither read nor made.
    pub async fn sealing_key(&self) -> Result<[u8; 32], OrchestratorError> {
        Ok(self.deps.ledger.store().sealing_key().await?)
    }

    /// Returns the ledger, for library users that ask the gates themselves.
    pub fn ledger(&self) -> &Ledger {
        &self.deps.ledger
    }

    /// Returns the neighbour that is consulted.
    pub fn snipara(&self) -> &Snipara {
        &self.deps.snipara
    }

    /// Returns the gatekeeper; its gates can be asked, its pass cannot be made.
    ///
    /// # Errors
    /// When no production is configured.
    pub fn gatekeeper(&self) -> Result<Gatekeeper, OrchestratorError> {
        Ok(Gatekeeper::new(GatekeeperDeps {
            id: self.deps.gatekeeper_id.clone(),
            production: self.production()?.clone(),
            policy: self.deps.policy.clone(),
            validator: self.deps.validator.clone(),
            drift: self.deps.drift.clone(),
            fail_fast_on_drift: self.deps.fail_fast_on_drift,
            untrusted: self.deps.untrusted.clone(),
            redactor: self.deps.redactor.clone(),
        }))
    }

    /// Refuses to ask production while a setting that decides it waits for trust.
    pub(super) fn settings_hold(&self) -> Result<(), OrchestratorError> {
        self.deps.trust.refusal.clone().map_or(Ok(()), |refusal| Err(refusal.into()))
    }

    pub(super) fn production(&self) -> Result<&Production, OrchestratorError> {
        self.settings_hold()?;
        self.deps.production.as_ref().ok_or_else(|| InvalidError::NoProduction.into())
    }
}
