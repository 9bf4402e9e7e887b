//! Why a command did not do what was asked, as the terminal tells it.

use std::io;

use serde_json::{Value, json};

use super::exit_code::Exit;
use crate::config::ConfigError;
use crate::domain::{CriteriaError, FieldError, error_chain, strip_os_error};
use crate::orchestrator::{InvalidError, OrchestratorError, RequirementsError};

/// One clear message with an exit code, a stable word for programs, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct CliError {
    /// The exit code.
    pub(crate) exit: Exit,
    /// A stable word for programs.
    pub(crate) code: String,
    /// What is wrong.
    pub(crate) message: String,
    /// What to do; may be empty.
    pub(crate) hint: String,
}

impl CliError {
    /// Makes an error about what was typed.
    pub(crate) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, code: "invalid_input".into(), message: message.into(), hint: hint.into() }
    }

    /// Makes an error about something that only a person at a terminal may do.
    pub(crate) fn needs_terminal(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, code: "needs_terminal".into(), message: message.into(), hint: hint.into() }
    }

    /// Makes an error about something that is not available.
    pub(crate) fn could_not(code: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { exit: Exit::CouldNot, code: code.into(), message: message.into(), hint: hint.into() }
    }

    /// Makes the end of a command that a signal stopped.
    pub(crate) fn interrupted() -> Self {
        Self { exit: Exit::Interrupted, code: "interrupted".into(), message: "interrupted".into(), hint: String::new() }
    }

    /// Makes an error about an invariant of ours; the message must hold nothing from outside.
    pub(crate) fn bug(message: impl Into<String>) -> Self {
        Self {
            exit: Exit::Bug,
            code: "internal_error".into(),
            message: format!("internal error: {}", message.into()),
            hint: "This is a bug of snipara-orchestrator: please report it with the command that you ran.".into(),
        }
    }

    /// Makes an error from a file that could not be read or written.
    pub(crate) fn file(doing: &str, path: &std::path::Path, source: &io::Error) -> Self {
        Self::could_not("file_unavailable", format!("cannot {doing} {}: {}", path.display(), error_chain(source)), "")
    }

    /// Returns the document that `--json` prints: `{"error": {"code", "message", "hint"}}`.
    pub(crate) fn document(&self) -> Value {
        json!({ "error": { "code": self.code, "message": strip_os_error(&self.message), "hint": self.hint } })
    }
}

impl From<FieldError> for CliError {
    fn from(error: FieldError) -> Self {
        OrchestratorError::from(error).into()
    }
}

impl From<OrchestratorError> for CliError {
    fn from(error: OrchestratorError) -> Self {
        let hint = match &error {
            OrchestratorError::Internal(error) => return Self::bug(error.to_string()),
            OrchestratorError::Invalid(error) => hint_in_flags(error).unwrap_or_else(|| error.hint().into_owned()),
            error => error.hint().into_owned(),
        };
        Self { exit: Exit::of_error(&error), code: error.code().into(), message: error.to_string(), hint }
    }
}

/// The fields of a request, and what a person does about the flag that gives them.
const FLAGS: [(&str, &str); 5] = [
    ("live_checks", "correct this `--endpoint` or `--check`"),
    ("local_tests", "correct this `--test`"),
    ("ui_tests", "correct this `--ui-test`"),
    ("required_proofs", "add `--endpoint`s, or correct `--required-proofs`"),
    ("settle_seconds", "correct `--settle`"),
];

/// Says what to do with commands and flags, where a caller is told of tools and fields.
fn hint_in_flags(error: &InvalidError) -> Option<String> {
    let hint = match error {
        InvalidError::TaskIsRunning(_) => {
            return Some(
                "`snipara-orchestrator task show ID --wait 60` waits for it, `snipara-orchestrator task cancel ID` stops it"
                    .to_owned(),
            );
        }
        InvalidError::UnknownAttempt { .. } => {
            return Some("`snipara-orchestrator task show` tells how often the task was run".to_owned());
        }
        InvalidError::NoTitle => "give a title for a new task, or `--task ID` to run an earlier one again",
        InvalidError::Requirements(RequirementsError::Criteria(CriteriaError::NoLiveCheck)) => {
            "add `--endpoint URL`, once for each route that proves the task"
        }
        error => FLAGS.iter().find(|(field, _)| error.field() == Some(field))?.1,
    };
    Some(format!("{hint}; nothing was written"))
}

impl From<ConfigError> for CliError {
    fn from(error: ConfigError) -> Self {
        Self { exit: Exit::Usage, code: error.code().into(), message: error.message(), hint: error.hint() }
    }
}

impl From<io::Error> for CliError {
    fn from(error: io::Error) -> Self {
        Self::could_not("output_unavailable", format!("cannot write the result: {error}"), "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{InvalidRequest, LiveCheckError};
    use crate::gatekeeper::CheckList;
    use crate::orchestrator::InternalError;
    use crate::store::StoreError;

    #[test]
    fn a18_refused_could_not_and_bug_have_different_exit_codes() {
        let exit = |error: OrchestratorError| CliError::from(error).exit.number();
        assert_eq!(exit(InvalidError::NoTitle.into()), 2);
        assert_eq!(exit(StoreError::Full("/state/store.sqlite3".into()).into()), 3);
        assert_eq!(exit(InternalError::NoAnswer.into()), 70);
    }

    #[test]
    fn a_person_is_told_of_flags_where_a_caller_is_told_of_fields() {
        let hint = |error: InvalidError| CliError::from(OrchestratorError::from(error)).hint;
        let criteria = |error: CriteriaError| hint(RequirementsError::from(error).into());
        assert!(criteria(CriteriaError::NoLiveCheck).contains("--endpoint URL"));
        assert!(criteria(CriteriaError::EmptyTest(0)).contains("correct this `--test`"));
        assert!(criteria(CriteriaError::Unreachable { required: 3, possible: 1 }).contains("--required-proofs"));
        let source = LiveCheckError::Timeout(0);
        let place = "live_checks[0].".to_owned();
        assert!(
            hint(InvalidRequest::LiveCheck { place, source: source.clone() }.into())
                .contains("correct this `--endpoint`")
        );
        assert!(
            hint(RequirementsError::LiveCheck { list: CheckList::Task, index: 0, source }.into())
                .contains("correct this `--endpoint`")
        );
        assert!(hint(FieldError::new("settle_seconds", "is -1", "give more").into()).contains("`--settle`"));
        assert!(hint(InvalidError::NotASpec { spec: "-x".into() }).contains("`--ui-test`"));
        assert!(hint(InvalidError::NoTitle).contains("--task ID"));
        assert_eq!(hint(FieldError::new("url", "is empty", "give one").into()), "give one");
    }

    #[test]
    fn the_text_of_a_message_decides_about_no_hint() {
        let message = "live_checks is empty".to_owned();
        let hint = "the own hint".to_owned();
        for error in [
            InvalidError::Input { message: message.clone(), hint: hint.clone() },
            InvalidError::NotFound { message, hint },
        ] {
            assert_eq!(CliError::from(OrchestratorError::from(error)).hint, "the own hint");
        }
    }

    #[test]
    fn an_error_is_a_document_for_programs() {
        let error = CliError::usage("title is empty", "give one");
        insta::assert_snapshot!(
            error.document(),
            @r#"{"error":{"code":"invalid_input","message":"title is empty","hint":"give one"}}"#
        );
    }

    #[test]
    fn the_hint_of_a_run_without_a_title_is_told_of_nothing_else() {
        let hint = |error: InvalidError| CliError::from(OrchestratorError::from(error)).hint;
        assert!(hint(InvalidError::NoTitle).contains("--task ID"));
        assert_eq!(hint(FieldError::new("title", "is empty", "the own hint").into()), "the own hint");
        assert_eq!(hint(InvalidError::LongTitle { length: 300, limit: 200 }), "put the rest into description");
    }
}
