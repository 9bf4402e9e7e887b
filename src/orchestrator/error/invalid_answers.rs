//! What a program and a person are told about a request that is wrong or not allowed.

use std::borrow::Cow;

use super::InvalidError;
use crate::domain::{FieldError, IdError, InvalidRequest};
use crate::gatekeeper::RequirementsError;

impl InvalidError {
    /// Returns the stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            _ if self.is_not_found() => "not_found",
            Self::TaskIsRunning(_) => "task_is_running",
            Self::NotRunnable { .. } => "not_runnable",
            Self::NotRunning { .. } => "not_running",
            Self::ChangedCriteria { .. } => "changed_criteria",
            Self::CommandNotAllowed { .. } => "command_not_allowed",
            Self::EvidenceRefused { .. } => "evidence_refused",
            Self::Configuration { code, .. } => code,
            Self::Setting { .. } => "invalid_configuration",
            Self::NoProduction => "no_production",
            Self::NoApiKey => "no_api_key",
            Self::ForeignRepository { .. } => "foreign_repository",
            Self::RestartNeeded => "restart_needed",
            Self::WaitsForTrust { .. } => "untrusted_configuration",
            Self::InsufficientScope(_) => "insufficient_scope",
            Self::NeedsPerson { .. } => "needs_a_person",
            Self::Declined { .. } => "declined",
            Self::ElicitationRejected { .. } => "elicitation_rejected",
            Self::ChangedMeanwhile { .. } => "changed_meanwhile",
            Self::NotAllowed { code, .. } => code,
            _ => "invalid_input",
        }
    }

    /// Tells whether what was asked for does not exist.
    pub const fn is_not_found(&self) -> bool {
        matches!(
            self,
            Self::Id(_)
                | Self::UnknownTask { .. }
                | Self::UnknownAttempt { .. }
                | Self::UnknownEntry { .. }
                | Self::UnknownHash { .. }
                | Self::UnknownTool { .. }
                | Self::OtherProjects
                | Self::NotFound { .. }
        )
    }

    /// Returns the name of the request's field that is wrong, without the place inside of it: `live_checks`.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Request(error) => error.field(),
            Self::Requirements(error) => error.field(),
            Self::NoTitle | Self::LongTitle { .. } | Self::OtherTitle { .. } => Some("title"),
            Self::LongDescription { .. } => Some("description"),
            Self::NoLocalTests => Some("local_tests"),
            Self::RequiredProofs { .. } => Some("required_proofs"),
            Self::SchemaFile { place, .. } | Self::Expectation { place, .. } if !place.is_empty() => {
                Some("live_checks")
            }
            Self::Expectation { .. } | Self::SchemaFile { .. } => Some("expect"),
            Self::UnknownSuite { .. } => Some("suite"),
            Self::RunsNoTest { field, .. } => Some(crate::domain::field_name(field)),
            Self::TooManyItems { field, .. } => Some(field),
            Self::NotASpec { .. } => Some("ui_tests"),
            Self::Route { .. } => Some("routes"),
            Self::EvidenceKind { .. } | Self::EvidenceRefused { .. } => Some("evidence"),
            Self::OtherHTask { .. } => Some("htask_id"),
            Self::UsedRequestState | Self::WrongRequestState { .. } => Some("requestState"),
            Self::NotAnAnswer { .. } => Some("inputResponses"),
            _ => None,
        }
    }

    /// Returns what to do.
    pub fn hint(&self) -> Cow<'_, str> {
        let hint = match self {
            Self::Request(error) => error.fix(),
            Self::Requirements(RequirementsError::Criteria(_)) => {
                "correct the field and call again; nothing was written"
            }
            Self::Requirements(error) if error.is_of_policy() => "a person corrects this key in the configuration",
            Self::Requirements(_) => "correct this live check and call again; nothing was written",
            Self::Word(error) => return format!("give one of {}", error.known).into(),
            Self::Deployment(_) => "correct it and call again",
            Self::RunsNoTest { option, .. } => return format!("leave `{option}` out, or leave the command out").into(),
            Self::WasRun { .. } => "run it with its task_id: what failed then is compared with, too; or leave task_id out",
            Self::UnknownSuite { known, .. } if known.is_empty() => {
                "give live_checks; a person adds `suites` to .snipara-orchestrator.json"
            }
            Self::UnknownSuite { known, .. } => return format!("name one of: {known}").into(),
            Self::NoTitle => "give a title for a new task, or task_id to run an earlier one again",
            Self::LongTitle { .. } => "put the rest into description",
            Self::LongDescription { .. } => "shorten it",
            Self::NoLocalTests => "give the commands that test the change locally, or [] to say that there are none",
            Self::RequiredProofs { .. } => "leave it out: then as many as places answer are needed, at most 3",
            Self::SchemaFile { .. } => "name a JSON file of the repository, at most 256 KiB",
            Self::Expectation { .. } => "write query, filters and predicate, such as jsonpath $.items count > 0",
            Self::TooManyItems { field: "evidence" | "learnings", .. } => "shorten it",
            Self::TooManyItems { field: "routes", .. } => "split the check",
            Self::TooManyItems { .. } => "split the task",
            Self::NotASpec { .. } => {
                "give a path relative to the repository that does not begin with `-` and does not leave it"
            }
            Self::Route { .. } => "correct this route and call again",
            Self::LongResult { .. } => "shorten them",
            Self::EvidenceKind { known, .. } => return format!("give one of {known}").into(),
            Self::EvidenceRefused { .. } => {
                "do what the refusal says, or name another task that is done and about the htask (task_id)"
            }
            Self::Id(IdError::Task(_) | IdError::EmptyProject) | Self::UnknownTask { .. } => {
                "list the tasks with `snipara-orchestrator task list`"
            }
            Self::UnknownAttempt { .. } => "task_status tells which attempt is the last",
            Self::UnknownEntry { .. } | Self::UnknownHash { .. } => {
                "`snipara-orchestrator proofs list` shows the numbers of the proofs"
            }
            Self::UnknownTool { nearest: Some(near), .. } => return format!("call {near}").into(),
            Self::UnknownTool { nearest: None, .. } => "call `help` with a query: it lists the service's tools",
            Self::OtherProjects => "a person gives the token this project, or names another server",
            Self::TaskIsRunning(_) => "wait for it with task_status and wait_seconds, or stop it with task_cancel",
            Self::NotRunnable { .. } | Self::OtherProduction { .. } => "create a new task by title",
            Self::NotRunning { .. } => "there is nothing to stop",
            Self::ChangedCriteria { .. } => {
                "leave the criteria out to run it again, or create a new task by title: changed criteria need a new task"
            }
            Self::OtherTitle { .. } => "give either title (a new task) or task_id (run it again)",
            Self::OtherHTask { .. } => "leave htask_id out, or create a new task by title",
            Self::CommandNotAllowed { fix, .. } => fix,
            Self::NoBody { .. } | Self::BodyGone { .. } => {
                "nothing was changed; `snipara-orchestrator proofs list` shows the entries that may have a body"
            }
            Self::Configuration { hint, .. } => return hint.as_str().into(),
            Self::Setting { key, .. } => return format!("correct {key}").into(),
            Self::NoProduction => {
                "a person sets PROD_URL, gives --prod-url URL, or runs `snipara-orchestrator init --prod-url URL`; an \
                 MCP server reads it when it starts"
            }
            Self::NoApiKey => {
                "a person sets SNIPARA_API_KEY where this program is started; without it the tools of the other \
                 toolsets answer from the embedded store"
            }
            Self::OtherProject { .. } => {
                "set it first: `snipara-orchestrator init --project NAME --prod-url URL`"
            }
            Self::ForeignRepository { project, .. } => return format!(
                "a person runs `snipara-orchestrator init --join {project}` here to share its tasks and proofs, or gives this repository a project of its own with `init --project NAME`"
            ).into(),
            Self::RestartNeeded => "Restart the MCP server.",
            Self::WaitsForTrust { .. } => {
                "a person reads the file and runs `snipara-orchestrator trust` at a terminal, or takes this out of it"
            }
            Self::InsufficientScope(_) => "A person hands out tokens: ask for one with this scope.",
            Self::NeedsPerson { instead, .. } => instead,
            Self::Declined { .. } => "Leave it as it is; say that it was declined.",
            Self::ElicitationRejected { .. } => "Call again when the person wants to be asked again.",
            Self::ChangedMeanwhile { .. } => {
                "call again without inputResponses and requestState: the person is asked anew"
            }
            Self::UsedRequestState => "call again without it",
            Self::WrongRequestState { .. } => "call again without inputResponses and requestState",
            Self::NotAnAnswer { .. } => "give action, and content when it is accept",
            Self::NotFound { hint, .. } | Self::NotAllowed { hint, .. } | Self::Input { hint, .. } => hint,
        };
        Cow::Borrowed(hint)
    }
}

impl From<FieldError> for InvalidError {
    fn from(error: FieldError) -> Self {
        InvalidRequest::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CriteriaError, LiveCheckError};
    use crate::gatekeeper::CheckList;

    #[test]
    fn the_field_that_is_wrong_is_told_by_its_name_and_not_by_the_message() {
        let field = |error: InvalidError| error.field().map(str::to_owned);
        assert_eq!(field(InvalidError::NoTitle).as_deref(), Some("title"));
        assert_eq!(
            field(FieldError::new("evidence[1].type", "is empty", "give it").into()).as_deref(),
            Some("evidence")
        );
        let check = |place: &str| InvalidRequest::LiveCheck { place: place.into(), source: LiveCheckError::Timeout(0) };
        assert_eq!(field(check("live_checks[0].").into()).as_deref(), Some("live_checks"));
        assert_eq!(field(check("").into()).as_deref(), Some("timeout_s"));
        let few = CriteriaError::TooFewOfItsOwn { required: 2, possible: 1, why: None };
        assert_eq!(field(RequirementsError::from(few).into()).as_deref(), Some("live_checks"));
        let policy =
            RequirementsError::LiveCheck { list: CheckList::Policy, index: 0, source: LiveCheckError::NoStatus };
        assert_eq!(field(policy.into()), None);
        assert_eq!(field(InvalidError::Input { message: "live_checks is odd".into(), hint: "h".into() }), None);
    }
}
