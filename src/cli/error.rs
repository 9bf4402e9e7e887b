//! Why a command did not do what was asked, as the terminal tells it.

use std::io;

use serde_json::{Value, json};

use super::exit_code::Exit;
use crate::config::ConfigError;
use crate::domain::{FieldError, with_causes, without_numbers};
use crate::orchestrator::OrchestratorError;

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
        Self::could_not("file_unavailable", format!("cannot {doing} {}: {}", path.display(), with_causes(source)), "")
    }

    /// Returns the document that `--json` prints: `{"error": {"code", "message", "hint"}}`.
    pub(crate) fn document(&self) -> Value {
        json!({ "error": { "code": self.code, "message": without_numbers(&self.message), "hint": self.hint } })
    }
}

impl From<FieldError> for CliError {
    fn from(error: FieldError) -> Self {
        OrchestratorError::from(error).into()
    }
}

impl From<OrchestratorError> for CliError {
    fn from(error: OrchestratorError) -> Self {
        match error {
            OrchestratorError::Refused { code, message, hint } => {
                let hint = hint_of_a_person(code, &message, hint);
                Self { exit: Exit::Usage, code: code.into(), message, hint }
            }
            OrchestratorError::CouldNot { code, message, hint } => {
                Self { exit: Exit::CouldNot, code: code.into(), message, hint }
            }
            OrchestratorError::Neighbour { message, hint, error } => {
                let exit = if error.is_refusal() { Exit::Usage } else { Exit::CouldNot };
                Self { exit, code: error.code().into(), message, hint }
            }
            OrchestratorError::Bug { message } => Self::bug(message),
        }
    }
}

/// The fields of a request and the words of the command line that say the same.
const WORDS: [(&str, &str); 7] = [
    ("live_checks is empty", "add `--endpoint URL`, once for each route that proves the task"),
    ("live_checks", "correct this `--endpoint` or `--check`"),
    ("local_tests", "correct this `--test`"),
    ("ui_tests", "correct this `--ui-test`"),
    ("required_proofs", "add `--endpoint`s, or correct `--required-proofs`"),
    ("settle_seconds", "correct `--settle`"),
    ("title is empty", "give a title for a new task, or `--task ID` to run an earlier one again"),
];

/// Says what to do with commands and flags, where a caller is told of tools and fields.
fn hint_of_a_person(code: &str, message: &str, hint: String) -> String {
    if code == "task_is_running" {
        return "`snipara-orchestrator task show ID --wait 60` waits for it, `snipara-orchestrator task cancel ID` stops it"
            .to_owned();
    }
    if code != "invalid_input" {
        return hint;
    }
    let words = WORDS.iter().find(|(field, _)| message.starts_with(field));
    words.map_or(hint, |(_, words)| format!("{words}; nothing was written"))
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

    #[test]
    fn a18_refused_could_not_and_bug_have_different_exit_codes() {
        let exit = |error: OrchestratorError| CliError::from(error).exit.number();
        let (message, hint) = (String::from("m"), String::from("h"));
        assert_eq!(
            exit(OrchestratorError::Refused { code: "invalid_input", message: message.clone(), hint: hint.clone() }),
            2
        );
        assert_eq!(exit(OrchestratorError::CouldNot { code: "store_unavailable", message: message.clone(), hint }), 3);
        assert_eq!(exit(OrchestratorError::Bug { message }), 70);
    }

    #[test]
    fn a_person_is_told_of_flags_where_a_caller_is_told_of_fields() {
        let hint = |code, message: &str| {
            CliError::from(OrchestratorError::Refused { code, message: message.into(), hint: "call again".into() }).hint
        };
        assert!(hint("invalid_input", "live_checks is empty: a task needs one").contains("--endpoint URL"));
        assert!(hint("invalid_input", "live_checks[0]: timeout_s is 0").contains("correct this `--endpoint`"));
        assert!(hint("invalid_input", "title is empty").contains("--task ID"));
        assert!(hint("task_is_running", "task_1 is being run").contains("task cancel ID"));
        assert_eq!(hint("invalid_input", "url is empty"), "call again");
        assert_eq!(hint("not_found", "title"), "call again");
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
        let hint = |message: &str| CliError::from(OrchestratorError::invalid(message, "the own hint")).hint;
        assert!(hint("title is empty").contains("--task ID"));
        for other in ["title: is empty", "title is 300 characters long: at most 200 are allowed"] {
            assert!(hint(other).contains("the own hint"), "{other}: {}", hint(other));
        }
    }
}
