//! The process environment, read in one place so that tests can hand in another.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;

use super::error::{ConfigError, SettingSource};

/// The process environment, read once by [`Environment::of_process`], or made by a test.
///
/// Its `Debug` names the variables and shows no value: any of them may be a secret.
#[derive(Clone, Default)]
pub struct Environment {
    /// All variables.
    pub variables: BTreeMap<OsString, OsString>,
    /// The current folder; empty when it does not exist any more.
    pub current_folder: PathBuf,
    /// The program that watches over commands ([`crate::executor::ExecutorSettings::supervisor`]): a path to this
    /// program, when it is the binary; nothing in a library.
    pub supervisor: Option<PathBuf>,
}

impl Environment {
    /// Reads the environment of this process; the only place that does.
    pub fn of_process() -> Self {
        // A deleted current folder is reported by `load`, which needs one; other commands do not.
        Self {
            variables: std::env::vars_os().collect(),
            current_folder: std::env::current_dir().unwrap_or_default(),
            supervisor: None,
        }
    }

    /// Returns a variable's value; one that is set to nothing counts as not set.
    pub fn value(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(OsStr::new(name)).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    /// Tells whether a variable has a value.
    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// Returns a variable's value as text, without white space around it.
    ///
    /// # Errors
    /// When it is not UTF-8; the value is not shown.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, ConfigError> {
        let Some(value) = self.value(name) else { return Ok(None) };
        match value.to_str() {
            Some(text) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
            None => Err(ConfigError::value(SettingSource::Variable(name.to_owned()), name, "it is not UTF-8 text")),
        }
    }

    /// Returns the log filter that `RUST_LOG` holds, for [`crate::telemetry`].
    pub fn log_filter(&self) -> Option<String> {
        self.value("RUST_LOG").and_then(OsStr::to_str).map(str::to_owned)
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Environment")
            .field("variables", &self.variables.keys().collect::<Vec<_>>())
            .field("current_folder", &self.current_folder)
            .field("supervisor", &self.supervisor)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_is_shown_when_an_environment_is_printed() {
        let environment = Environment {
            variables: BTreeMap::from([("SNIPARA_API_KEY".into(), "planted-secret-77".into())]),
            current_folder: PathBuf::from("/x"),
            supervisor: None,
        };
        let shown = format!("{environment:?}");
        assert!(shown.contains("SNIPARA_API_KEY") && !shown.contains("planted"), "{shown}");
    }
}
