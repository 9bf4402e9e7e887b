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

    pub(super) fn production(&self) -> Result<&Production, OrchestratorError> {
        self.deps.production.as_ref().ok_or_else(|| InvalidError::NoProduction.into())
    }
}
