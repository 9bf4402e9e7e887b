//! Where state lies, and where a command starts from.

use std::path::{Path, PathBuf};

use super::env::Environment;
use super::error::ConfigError;
use crate::domain::ProjectId;

/// The file in a project's state folder that `init --store-key` writes.
const KEY_FILE: &str = "snipara_api_key";

/// Returns the folder of all state.
///
/// # Errors
/// When neither variable is set.
pub(crate) fn home(environment: &Environment, folder: &Path) -> Result<PathBuf, ConfigError> {
    const OURS: &str = "snipara-orchestrator";
    if let Some(home) = environment.value("SNIPARA_ORCHESTRATOR_HOME") {
        return Ok(folder.join(home));
    }
    // The XDG Base Directory Specification says to ignore relative paths.
    let absolute = |name: &str| environment.value(name).map(PathBuf::from).filter(|path| path.is_absolute());
    if let Some(data) = absolute("XDG_DATA_HOME") {
        return Ok(data.join(OURS));
    }
    let own = absolute("HOME").map(|home| home.join(".local/share"));
    own.or_else(|| absolute("LOCALAPPDATA")).map(|data| data.join(OURS)).ok_or(ConfigError::NoHome)
}

/// Returns where trust is recorded.
pub(crate) fn trust_record(home: &Path) -> PathBuf {
    home.join("trust.json")
}

/// Returns the state folder of a project.
pub(crate) fn state_folder(home: &Path, project: &ProjectId) -> PathBuf {
    home.join("projects").join(project.as_str())
}

/// Returns the file that holds a stored API key.
pub(crate) fn key_file(state_folder: &Path) -> PathBuf {
    state_folder.join(KEY_FILE)
}

/// Returns the current folder without links.
///
/// # Errors
/// When it does not exist.
pub(crate) fn current_folder(environment: &Environment) -> Result<PathBuf, ConfigError> {
    environment.current_folder.canonicalize().map_err(|_| ConfigError::NoCurrentFolder)
}
