//! What an executor needs to know.

use std::ffi::OsString;
use std::path::PathBuf;

use super::CommandPolicy;
use crate::domain::Redactor;

/// What an executor needs to know.
#[derive(Debug, Clone)]
pub struct ExecutorSettings {
    /// The repository: where commands run.
    pub repository: PathBuf,
    /// The value of `PATH`; bare names resolve there, never inside the repository.
    pub search_path: OsString,
    /// Variables that children never see: `SNIPARA_API_KEY`, tokens, test users' credentials.
    pub hidden_variables: Vec<String>,
    /// Takes secrets out of what commands write.
    pub redactor: Redactor,
    /// The program that watches over each command and ends its tree when this process is gone: a program whose first
    /// word [`super::SUPERVISE`] calls [`super::supervise()`]. Without one, what a killed process leaves running is swept by
    /// the next call that touches tasks. Linux only.
    pub supervisor: Option<PathBuf>,
    /// Which commands may run.
    pub policy: CommandPolicy,
}
