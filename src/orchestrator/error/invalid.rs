//! A request is wrong or not allowed: the variants and their messages.

use std::path::PathBuf;

use crate::domain::{
    IdError, InvalidRequest, LiveCheckError, ProjectId, RunRecord, Scope, TaskId, TaskStatus, UnknownWord, one_line,
};
use crate::executor::deploy::DeployError;
use crate::expect::CheckExpectError;
use crate::gatekeeper::RequirementsError;
use crate::orchestrator::schema_files::SchemaFileError;

/// A request is wrong or not allowed; nothing was written.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidError {
    // What stands in the request.
    /// A field of the request cannot be used.
    #[error(transparent)]
    Request(#[from] InvalidRequest),
    /// The criteria are not enough for the gate, or one of them cannot be used.
    #[error(transparent)]
    Requirements(#[from] RequirementsError),
    /// A word is none of those that are known.
    #[error(transparent)]
    Word(#[from] UnknownWord),
    /// A deployment cannot be planned.
    #[error(transparent)]
    Deployment(#[from] DeployError),
    /// A new task has no title.
    #[error("title is empty")]
    NoTitle,
    /// A title is too long.
    #[error("title is {length} characters long: at most {limit} are allowed")]
    LongTitle {
        /// How long it is, in characters.
        length: usize,
        /// How long it may be, in characters.
        limit: usize,
    },
    /// A description is too long.
    #[error("description is longer than {limit} characters")]
    LongDescription {
        /// How long it may be, in characters.
        limit: usize,
    },
    /// The door asks for local tests, and none were named, not even an empty list.
    #[error("local_tests is missing")]
    NoLocalTests,
    /// A line of what a check expects cannot be read.
    #[error("{place}{source}")]
    Expectation {
        /// `live_checks[0].`, or nothing.
        place: String,
        /// Why.
        source: CheckExpectError,
    },
    /// A schema's file cannot be used.
    #[error("{place}{source}")]
    SchemaFile {
        /// `live_checks[0].`, or nothing.
        place: String,
        /// Why.
        source: SchemaFileError,
    },
    /// A baseline lies before the first attempt.
    #[error("task {task_id} was run already and is {status}: a baseline is observed before that")]
    WasRun {
        /// The task.
        task_id: TaskId,
        /// Where it stands.
        status: TaskStatus,
    },
    /// An option makes a test runner run no test.
    #[error("{field} `{command}`: {option} makes {runner} run no test")]
    RunsNoTest {
        /// `local_tests[0]`, or the same of the policy.
        field: String,
        /// The command, without secrets.
        command: String,
        /// The runner.
        runner: String,
        /// The option, as it was written.
        option: String,
    },
    /// No suite of the configuration has this name.
    #[error("suite: `{}` is not configured", one_line(name, 60))]
    UnknownSuite {
        /// What was given.
        name: String,
        /// The suites that are configured; empty when there are none.
        known: String,
    },
    /// The number of proofs is out of range.
    #[error("required_proofs is {given}: it must be from 1 to {most}")]
    RequiredProofs {
        /// What was given.
        given: i64,
        /// The largest number.
        most: u32,
    },
    /// A list has too many items.
    #[error("{field} has {count} items: at most {limit} are allowed")]
    TooManyItems {
        /// The field.
        field: &'static str,
        /// How many items it has.
        count: usize,
        /// How many it may have.
        limit: usize,
    },
    /// A UI test is not a path inside the repository.
    #[error("ui_tests: `{}` is not a spec file of the repository", one_line(spec, 80))]
    NotASpec {
        /// What was given.
        spec: String,
    },
    /// A route of a drift check cannot be used.
    #[error("routes[{index}]: {source}")]
    Route {
        /// Which one, from 0.
        index: usize,
        /// Why.
        source: LiveCheckError,
    },
    /// What was learned is too long.
    #[error("result, learnings and decision_impact are longer than {limit_bytes} bytes")]
    LongResult {
        /// How long they may be together, in bytes.
        limit_bytes: usize,
    },
    /// An item of evidence has a kind that neither is known nor asked for.
    #[error("evidence[{index}].type: `{}` is not a type of evidence", one_line(kind, 60))]
    EvidenceKind {
        /// Which item, from 0.
        index: usize,
        /// What was given.
        kind: String,
        /// The kinds that may be given.
        known: String,
    },
    /// An item of evidence does not count.
    #[error("evidence[{index}] is {}", evidence_finding(finding.as_deref(), *.is_claim))]
    EvidenceRefused {
        /// Which item, from 0.
        index: usize,
        /// Whether it is a claim where the policy accepts none.
        is_claim: bool,
        /// What was found when it was looked up.
        finding: Option<String>,
    },

    // What does not exist.
    /// Something is not the id of a task.
    #[error(transparent)]
    Id(#[from] IdError),
    /// There is no such task, or the caller may not know of it.
    #[error("no task {task_id}")]
    UnknownTask {
        /// The id.
        task_id: TaskId,
    },
    /// The task was not run so often.
    #[error("task {task_id} has no attempt {attempt}")]
    UnknownAttempt {
        /// The task.
        task_id: TaskId,
        /// The attempt.
        attempt: u32,
    },
    /// The ledger has no entry with this number.
    #[error("the ledger has no entry {seq}")]
    UnknownEntry {
        /// The number.
        seq: u64,
    },
    /// The ledger has no entry with this hash.
    #[error("the ledger has no entry {}", one_line(hash, 80))]
    UnknownHash {
        /// The hash.
        hash: String,
    },
    /// The service has no such tool.
    #[error("there is no tool `{}`{}", one_line(name, 60), nearest.map(|near| format!(" (did you mean `{near}`?)")).unwrap_or_default())]
    UnknownTool {
        /// What was given.
        name: String,
        /// The name that is nearest.
        nearest: Option<&'static str>,
    },
    /// The token is for other projects.
    #[error("there is no project for this token here")]
    OtherProjects,
    /// Something else does not exist.
    #[error("{message}")]
    NotFound {
        /// What does not exist.
        message: String,
        /// What to do.
        hint: String,
    },

    // What the state of a task or of the ledger does not allow.
    /// Somebody runs the task.
    #[error("task {} is being run by {} (process {}) since {}", .0.fence.task_id, .0.holder.label, .0.holder.process.process_id, .0.started_at)]
    TaskIsRunning(Box<RunRecord>),
    /// The task cannot be run again from where it stands.
    #[error("a task that is {status} cannot be run again")]
    NotRunnable {
        /// Where it stands.
        status: TaskStatus,
    },
    /// The task does not run.
    #[error("task {task_id} does not run: it is {status}")]
    NotRunning {
        /// The task.
        task_id: TaskId,
        /// Where it stands.
        status: TaskStatus,
    },
    /// The criteria differ from those that the task was created with.
    #[error("the criteria of {task_id} were fixed when it was created and differ from these")]
    ChangedCriteria {
        /// The task.
        task_id: TaskId,
    },
    /// The title is not that of the task.
    #[error("title `{}` is not the title of {task_id}", one_line(title, 80))]
    OtherTitle {
        /// The task.
        task_id: TaskId,
        /// What was given.
        title: String,
    },
    /// The task is for another htask.
    #[error("task {task_id} is for htask {linked}, not for {asked}")]
    OtherHTask {
        /// The task.
        task_id: TaskId,
        /// The htask that it is for.
        linked: String,
        /// The htask that was given.
        asked: String,
    },
    /// The task was created for another production.
    #[error("task {task_id} was created for {}, and production is now {now}", created_for.as_deref().unwrap_or("another production"))]
    OtherProduction {
        /// The task.
        task_id: TaskId,
        /// The origin that it was created for, where its checks tell one.
        created_for: Option<String>,
        /// The origin of production.
        now: String,
    },
    /// A command of the task is not allowed for this caller, or cannot be started.
    #[error("{field} `{command}`: {why}")]
    CommandNotAllowed {
        /// Where it stands: `local_tests[0]`, `policy.local_tests[0]`.
        field: String,
        /// The command without secrets, shortened.
        command: String,
        /// Why not.
        why: String,
        /// What to do.
        fix: String,
    },
    /// The entry has no body that could be removed.
    #[error("entry {seq} has no body that could be removed")]
    NoBody {
        /// The entry.
        seq: u64,
    },
    /// The body of the entry was removed before.
    #[error("the texts of entry {seq} were removed already")]
    BodyGone {
        /// The entry.
        seq: u64,
    },

    // What the settings do not allow.
    /// The configuration cannot be used.
    #[error("{message}")]
    Configuration {
        /// A stable word for programs.
        code: &'static str,
        /// What is wrong: file, key, value.
        message: String,
        /// What to do.
        hint: String,
    },
    /// A setting that could be read cannot be used.
    #[error("{key} cannot be used: {why}")]
    Setting {
        /// The key.
        key: String,
        /// Why not.
        why: String,
    },
    /// No production is configured.
    #[error("prod_url is not set: nothing can be proven without production")]
    NoProduction,
    /// The tool needs Snipara's service, and there is no key for it.
    #[error("snipara_call needs SNIPARA_API_KEY")]
    NoApiKey,
    /// The project to join is not the one that the settings name.
    #[error("this repository's project is `{project}`, not the one to join")]
    OtherProject {
        /// The project that the settings name.
        project: ProjectId,
    },
    /// The project belongs to another repository.
    #[error("the project `{project}` belongs to {}{}, and {} names it, too", first.display(), if *.first_is_gone { " (which does not exist any more: was it moved?)" } else { "" }, own.display())]
    ForeignRepository {
        /// The project.
        project: ProjectId,
        /// The repository that it belongs to.
        first: PathBuf,
        /// Whether that repository does not exist any more.
        first_is_gone: bool,
        /// The repository that names it, too.
        own: PathBuf,
    },
    /// The configuration bounds the tools more closely than when the server started.
    #[error("the configuration bounds the tools more closely than it did when the server started")]
    RestartNeeded,
    /// An untrusted policy asks for what a caller may not do.
    #[error("{}", lines.join("; "))]
    WaitsForTrust {
        /// What waits, one line each: `policy.local_tests[1] waits for trust: …`.
        lines: Vec<String>,
    },

    // What this caller may not do, or a person did not allow.
    /// The token does not have the scope.
    #[error("the token may not do this: it needs the scope {}", .0.name())]
    InsufficientScope(Scope),
    /// A person must be asked, and the client cannot ask.
    #[error("{tool} needs a person's consent here, and this client cannot ask for it")]
    NeedsPerson {
        /// The tool.
        tool: String,
        /// What a person can do instead.
        instead: String,
    },
    /// A person was asked and declined.
    #[error("{tool}: a person was asked and did not allow it")]
    Declined {
        /// The tool.
        tool: String,
    },
    /// A person's answer does not allow what was asked.
    #[error("{tool}: nothing was done: {}", one_line(why, 200))]
    ElicitationRejected {
        /// The tool.
        tool: String,
        /// Why not.
        why: String,
    },
    /// The person was asked about something else.
    #[error("{tool}: what would be done is not what the person was asked about")]
    ChangedMeanwhile {
        /// The tool.
        tool: String,
    },
    /// An answer came with the state of a question that was answered before.
    #[error("requestState was used already")]
    UsedRequestState,
    /// An answer came with a state that was not given to this caller for this tool, or is too old.
    #[error("requestState is not one that was given to this caller for this tool, or is too old: {why}")]
    WrongRequestState {
        /// Why it cannot be opened.
        why: String,
    },
    /// The answer of a person is not in the form of one.
    #[error("inputResponses.{question} is not an answer to an elicitation")]
    NotAnAnswer {
        /// The question's name.
        question: &'static str,
    },
    /// Rules of the project do not allow it as things stand.
    #[error("{message}")]
    NotAllowed {
        /// A stable word: `held`, `wrong_status`, `not_yours`, `nothing_ready`.
        code: &'static str,
        /// What stands in the way.
        message: String,
        /// What to do.
        hint: String,
    },
    /// The input cannot be used for another reason.
    #[error("{message}")]
    Input {
        /// What is wrong.
        message: String,
        /// What to do.
        hint: String,
    },
}

fn evidence_finding(finding: Option<&str>, is_claim: bool) -> String {
    match finding {
        Some(finding) => format!("refused: {finding}"),
        None if is_claim => "a claim, and the policy require_verified_evidence accepts none".to_owned(),
        None => "refused".to_owned(),
    }
}
