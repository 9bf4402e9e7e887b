//! What is asked of a run.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    ConvergeSettings, FieldError, HTaskId, InvalidRequest, LiveCheck, LiveCheckError, Request, Scope, SwarmId,
    check_range, integer, live_check::one_or_more,
};

/// The longest time that checks may settle, in seconds.
const MAX_SETTLE_SECONDS: i64 = 600;

/// How long a call waits for a run when it does not say, in seconds.
const DEFAULT_WAIT_SECONDS: i64 = 45;
/// The longest wait, in seconds.
const MAX_WAIT_SECONDS: i64 = 600;

/// A request to run a task: a new one by `title`, or an earlier one by `task_id`.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunRequest {
    /// The title of a new task.
    #[schemars(extend("x-model" = "What was deployed; makes a new task."))]
    pub title: Option<String>,
    /// An earlier task, which is run again; its criteria must then be absent here or equal. A person or a script may choose
    /// the id of a new task by giving it with the title.
    #[schemars(extend("x-model" = "Runs this task again, checks unchanged."))]
    pub task_id: Option<String>,
    /// What the task is about.
    pub description: Option<String>,
    /// The local tests: commands that run in the repository, in order.
    #[schemars(extend("x-model" = "Commands, in order; [] for none. A new task needs this."))]
    pub local_tests: Option<Vec<String>>,
    /// The requests to production.
    #[schemars(extend("x-model" = "Requests that show the change works."))]
    pub live_checks: Option<Vec<LiveCheck>>,
    /// Suites of the configuration, by name: their checks are the task's own.
    #[serde(default, deserialize_with = "one_or_more")]
    #[schemars(with = "Option<Vec<String>>", extend("x-unlisted" = true, "x-accepts" = "string"))]
    pub suite: Vec<String>,
    /// The Playwright specs, relative to the repository.
    #[schemars(extend("x-model" = "Playwright spec files."))]
    pub ui_tests: Option<Vec<String>>,
    /// How many distinct proofs are needed; as many as places answer, at most 3, when not given.
    #[schemars(extend("x-model" = "Default up to 3."))]
    pub required_proofs: Option<i64>,
    /// How long a call waits for the end, in seconds, 0 to 600; the library and the command line wait to the end.
    #[serde(default = "integer::<DEFAULT_WAIT_SECONDS>")]
    #[schemars(extend("x-model" = "0-600, default 45."))]
    pub wait_seconds: i64,
    /// Repeat failing checks for so many seconds after a deploy, 0 to 600; the configured time
    /// when not given.
    #[schemars(extend("x-model" = "Repeat failing checks for this long."))]
    pub settle_seconds: Option<i64>,
    /// How often production is asked until its answers agree; it raises what is configured, and never lowers it: an object,
    /// or its JSON, of `initial_delay_s`, `interval_ms`, `consecutive_successes`, `failure_limit`.
    #[schemars(extend("x-unlisted" = true, "x-accepts" = "string"))]
    pub converge: Option<ConvergeSettings>,
    /// Ask once more so many seconds after the checks have passed, 0 to 600, before the gate decides.
    #[schemars(extend("x-unlisted" = true))]
    pub hold_seconds: Option<i64>,
    /// Go on with the next local test after a failure.
    #[serde(default)]
    pub keep_going: bool,
    /// Observe the safe checks now, before a deploy, and run nothing; a later run says what was red and is green.
    #[serde(default)]
    #[schemars(extend("x-model" = "Only observe, before a deploy."))]
    pub baseline: bool,
    /// The htask that it is for: a DONE is attached to it as evidence.
    #[schemars(extend("x-model" = "The htask this proves."))]
    pub htask_id: Option<HTaskId>,
    /// The swarm of that htask; the project's own when not given.
    pub swarm_id: Option<SwarmId>,
    /// Whether `local_tests` must be given for a new task: an agent says so when there are none.
    #[serde(skip)]
    pub local_tests_must_be_given: bool,
    /// Whether a `task_id` that no task has may be that of a new one: so it is for a person, a script and a program that uses
    /// the library, and for no agent.
    #[serde(skip)]
    pub may_choose_id: bool,
}

impl Default for RunRequest {
    fn default() -> Self {
        Self {
            title: None,
            task_id: None,
            description: None,
            local_tests: None,
            live_checks: None,
            suite: Vec::new(),
            ui_tests: None,
            required_proofs: None,
            wait_seconds: DEFAULT_WAIT_SECONDS,
            settle_seconds: None,
            hold_seconds: None,
            converge: None,
            keep_going: false,
            baseline: false,
            htask_id: None,
            swarm_id: None,
            local_tests_must_be_given: false,
            may_choose_id: true,
        }
    }
}

impl Request for RunRequest {
    fn check(&self) -> Result<(), InvalidRequest> {
        check_wait_seconds(self.wait_seconds)?;
        check_range("settle_seconds", self.settle_seconds, 0..=MAX_SETTLE_SECONDS)?;
        check_range("hold_seconds", self.hold_seconds, 0..=MAX_SETTLE_SECONDS)?;
        self.converge.map_or(Ok(()), |converge| converge.check())?;
        if self.swarm_id.is_some() && self.htask_id.is_none() {
            let fix = "give htask_id, too, or leave swarm_id out";
            return Err(FieldError::new("swarm_id", "is given without htask_id", fix).into());
        }
        check_live_checks(self.live_checks.as_deref())
    }

    /// A DONE becomes evidence of the htask: whoever may only validate changes no htask.
    fn also_needs(&self) -> Option<Scope> {
        self.htask_id.is_some().then_some(Scope::Write)
    }
}

/// A request to tell where a task stands.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusRequest {
    /// The task.
    pub task_id: String,
    /// How long to wait for the end of a run that goes on, in seconds, 0 to 600.
    #[serde(default = "integer::<DEFAULT_WAIT_SECONDS>")]
    #[schemars(extend("x-model" = "0-600, default 45."))]
    pub wait_seconds: i64,
}

impl Request for StatusRequest {
    fn check(&self) -> Result<(), InvalidRequest> {
        Ok(check_wait_seconds(self.wait_seconds)?)
    }
}

/// A request about one task.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskRequest {
    /// The task.
    pub task_id: String,
}

impl Request for TaskRequest {}

/// A request for the cutover checklist of a task, or of criteria that no task has yet.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChecklistRequest {
    /// An existing task; otherwise the criteria are given.
    #[schemars(extend("x-model" = "An existing task; otherwise give the checks."))]
    pub task_id: Option<String>,
    /// The local tests: commands that run in the repository, in order.
    pub local_tests: Option<Vec<String>>,
    /// The requests to production.
    pub live_checks: Option<Vec<LiveCheck>>,
    /// Suites of the configuration, by name: their checks are the task's own.
    #[serde(default, deserialize_with = "one_or_more")]
    #[schemars(with = "Option<Vec<String>>", extend("x-model" = "Configured suites.", "x-accepts" = "string"))]
    pub suite: Vec<String>,
    /// The Playwright specs, relative to the repository.
    pub ui_tests: Option<Vec<String>>,
    /// How many distinct proofs are needed; 3 when not given.
    pub required_proofs: Option<i64>,
}

impl Request for ChecklistRequest {
    fn check(&self) -> Result<(), InvalidRequest> {
        check_live_checks(self.live_checks.as_deref())
    }
}

impl From<ChecklistRequest> for RunRequest {
    fn from(asked: ChecklistRequest) -> Self {
        let ChecklistRequest { task_id, local_tests, live_checks, suite, ui_tests, required_proofs } = asked;
        Self { task_id, local_tests, live_checks, suite, ui_tests, required_proofs, ..Self::default() }
    }
}

/// A request to deploy a service; its record is never a proof.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeployRequest {
    /// The service's name.
    pub service: String,
    /// infomaniak_vps, vercel, fly or custom; custom when not given and the configuration describes it.
    pub provider: Option<String>,
    /// The environment.
    #[serde(default = "production")]
    pub environment: String,
}

fn production() -> String {
    "production".to_owned()
}

impl Request for DeployRequest {}

impl Request for LiveCheck {
    fn check(&self) -> Result<(), InvalidRequest> {
        let one = if self.users.is_some() { Err(LiveCheckError::OneUser) } else { Self::check(self) };
        one.map_err(|source| InvalidRequest::LiveCheck { place: String::new(), source })
    }
}

fn check_wait_seconds(seconds: i64) -> Result<(), FieldError> {
    if (0..=MAX_WAIT_SECONDS).contains(&seconds) {
        return Ok(());
    }
    let problem = format!("is {seconds}: it must lie between 0 and {MAX_WAIT_SECONDS}");
    Err(FieldError::new(
        "wait_seconds",
        problem,
        "a run goes on when the wait is over: call task_status to wait longer",
    ))
}

/// The first check that is wrong is named by its place.
fn check_live_checks(checks: Option<&[LiveCheck]>) -> Result<(), InvalidRequest> {
    for (index, check) in checks.into_iter().flatten().enumerate() {
        let named = |source| InvalidRequest::LiveCheck { place: format!("live_checks[{index}]."), source };
        LiveCheck::check(check).map_err(named)?;
    }
    Ok(())
}
