//! Where state lies, and where a command starts from.

use std::path::{Path, PathBuf};

use super::env::Environment;
use super::error::ConfigError;
use super::git;
use crate::domain::{ProjectId, one_line};

/// The file in a project's state folder that `init --store-key` writes.
const KEY_FILE: &str = "snipara_api_key";

/// Returns the folder of all state.
///
/// # Errors
/// When neither variable is set.
pub(crate) fn home(environment: &Environment, folder: &Path) -> Result<PathBuf, ConfigError> {
    const OURS: &str = "snipara-orchestrator";
    if let Some(named) = environment.value("SNIPARA_ORCHESTRATOR_HOME") {
        // No shell expands `~` in the `env` of a client's entry.
        let own = Path::new(&named).strip_prefix("~").ok().zip(environment.value("HOME"));
        return match own {
            Some((below, home)) => Ok(Path::new(&home).join(below)),
            None if Path::new(&named).has_root() || folder.join(named).is_dir() => Ok(folder.join(named)),
            None => Err(ConfigError::RelativeHome { value: one_line(&named.to_string_lossy(), 80) }),
        };
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
    let folder = environment.current_folder.canonicalize().map_err(|_| ConfigError::NoCurrentFolder)?;
    if !is_no_project(&folder, environment) {
        return Ok(folder);
    }
    // Desktop clients start servers in `/` or in HOME; Claude Code says here which project it means.
    let named = environment.value("CLAUDE_PROJECT_DIR").map(PathBuf::from).filter(|path| path.is_absolute());
    Ok(named.and_then(|named| named.canonicalize().ok()).unwrap_or(folder))
}

/// Tells whether a folder is nobody's project: `/`, HOME, or another folder above HOME, without git.
pub(crate) fn is_no_project(folder: &Path, environment: &Environment) -> bool {
    let home = environment.value("HOME").and_then(|home| Path::new(&home).canonicalize().ok());
    let holds_home = home.is_some_and(|home| home.starts_with(folder)) || folder.parent().is_none();
    holds_home && git::place_of(folder).is_none()
}
