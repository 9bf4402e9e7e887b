//! The files that `init` writes: the two settings that a project needs, beside the settings that are there already.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::env::Environment;
use super::error::{ConfigError, SettingSource, shown};
use super::file::{Document, FILE_NAME, ReadFile};
use super::find;
use super::private_file;
use super::schema::SCHEMA_ID;
use super::state_paths::{current_folder, home, key_file, state_folder, trust_record};
use super::trust::{self, KeyDigests, TrustPlace, TrustState};
use super::values;
use crate::domain::{ProjectId, SecretText};

/// A request to `init`.
#[derive(Debug, Clone, Default)]
pub struct InitRequest {
    /// The project.
    pub project: String,
    /// Production's address.
    pub prod_url: String,
    /// What was found and is proposed, by key. It never takes the place of what the file says: a key is written into a new
    /// file, and into one that is there where `overwrite` says so and the key is not.
    pub found: Map<String, Value>,
    /// Whether other values in an existing file may be replaced (`--yes`).
    pub overwrite: bool,
    /// Whether a person at a terminal asks: the file is then recorded as trusted.
    pub trust: bool,
    /// Whether the API key goes into the state folder (`--store-key`): SNIPARA_API_KEY, else the one in the file.
    pub store_key: bool,
}

/// The outcome for the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// It was not there.
    Created,
    /// It said the same already.
    Unchanged,
    /// These keys have new values.
    Updated {
        /// Their names.
        keys: Vec<String>,
    },
}

/// What `init` did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitReport {
    /// The configuration file.
    pub file: PathBuf,
    /// The outcome for it.
    pub written: Written,
    /// The keys of what was found that were not written, as the file is there and nobody said `--yes`.
    pub left_out: Vec<String>,
    /// Whether the file is recorded as trusted now.
    pub trusted: bool,
    /// Permission keys that `init` did not write and that are not recorded. A person must run
    /// `snipara-orchestrator trust` for them.
    pub untrusted_keys: Vec<String>,
    /// Where the API key was stored.
    pub key_file: Option<PathBuf>,
    /// Warnings for the person.
    pub warnings: Vec<String>,
}

/// Writes project, production and what was found into the configuration file of the current folder's repository (mode 0600).
///
/// Other keys stay as they are. An API key is never written there, and `store_key` moves one that is there. Nothing is
/// added to git.
///
/// # Errors
/// When an address or a name cannot be used, when the file is broken, when it has other values and `overwrite` is not
/// set, or when a folder cannot be written. Nothing was written then, except the API key.
pub fn init(request: &InitRequest, environment: &Environment) -> Result<InitReport, ConfigError> {
    let folder = current_folder(environment)?;
    let found = find::search(&folder);
    let mut warnings = Vec::new();
    let documented = found.file.as_ref().filter(|(path, _)| path.file_name().is_some_and(|name| name == FILE_NAME));
    let path = match documented {
        Some((path, _)) => path.clone(),
        None => found.folders.last().unwrap_or(&folder).join(FILE_NAME),
    };
    if documented.is_none()
        && let Some((old, _)) = &found.file
    {
        warnings.push(format!("{} is not read any more: remove it", shown(old)));
    }
    let project = project(&request.project)?;
    let home = home(environment, &folder)?;
    let prod_url = full_address(&request.prod_url)
        .map_err(|reason| ConfigError::value(SettingSource::Flag("--prod-url"), "prod_url", reason.to_string()))?;
    let request = &InitRequest { prod_url, ..request.clone() };
    let exists = documented.is_some();
    let existing = found.file.map(|(_, read)| read.whole()).transpose()?;
    let stored = match request.store_key {
        true => Some(stored_key(existing.as_ref(), environment)?),
        false => None,
    };
    let plan = plan(request, &path, existing.as_ref().map(|read| &read.document), exists)?;
    let mut key_path = None;
    if let Some(key) = stored {
        let folder = state_folder(&home, &project);
        private_file::make_folder(&folder)?;
        let file = key_file(&folder);
        private_file::write(&file, &format!("{}\n", key.expose()))?;
        key_path = Some(file);
    }
    if plan.document.0.contains_key("snipara_api_key") {
        warnings.push(format!("the API key stands in {}: `--store-key` moves it out of the repository", shown(&path)));
    }
    let written = plan.write(&path)?;
    let place = TrustPlace {
        record: trust_record(&home),
        file: Some(path.clone()),
        folders: found.folders,
        keys: trust::key_digests(&path, &plan.document),
        values: trust::permission_values(&plan.document),
        in_force: KeyDigests::new(),
    };
    let written_here = request.found.keys().filter(|key| plan.changed.contains(*key)).map(String::as_str);
    let own: Vec<&str> = ["prod_url", "snipara_project"].into_iter().chain(written_here).collect();
    let (trusted, untrusted_keys) = match trust::state(&place, &own)? {
        TrustState::Untrusted { keys, .. } => (false, keys),
        TrustState::Trusted | TrustState::NothingToTrust if request.trust => {
            trust::record(&place)?;
            (true, Vec::new())
        }
        TrustState::Trusted | TrustState::NothingToTrust => {
            (matches!(trust::state(&place, &[])?, TrustState::Trusted), Vec::new())
        }
    };
    let left_out = plan.left_out;
    Ok(InitReport { file: path, written, left_out, trusted, untrusted_keys, key_file: key_path, warnings })
}

/// An address is written with its scheme, so that everybody reads the same in the file.
fn full_address(typed: &str) -> Result<String, values::BaseUrlError> {
    let url = values::base_url(typed)?;
    Ok(if typed.contains("://") { typed.trim().to_owned() } else { url.as_str().trim_end_matches('/').to_owned() })
}

fn project(name: &str) -> Result<ProjectId, ConfigError> {
    let wrong = |reason: String| ConfigError::value(SettingSource::Flag("--project"), "snipara_project", reason);
    if name.chars().any(char::is_control) {
        return Err(wrong("it holds control characters".to_owned()));
    }
    ProjectId::from_name(name).map_err(|error| wrong(error.to_string()))
}

fn stored_key(existing: Option<&ReadFile>, environment: &Environment) -> Result<SecretText, ConfigError> {
    let from_environment = environment.text("SNIPARA_API_KEY")?.map(SecretText::new);
    let in_file = || existing.and_then(|read| read.settings.snipara_api_key.clone());
    from_environment.or_else(in_file).ok_or(ConfigError::NoKey)
}

/// Says what the file will hold, or refuses to change what it says.
fn plan(
    request: &InitRequest,
    path: &Path,
    existing: Option<&Document>,
    exists: bool,
) -> Result<FilePlan, ConfigError> {
    let mut document = existing.cloned().unwrap_or_default();
    let existing_keys: Vec<String> = document.0.keys().cloned().collect();
    let mut changed = Vec::new();
    let mut differing = Vec::new();
    for (key, wanted) in [("snipara_project", request.project.trim()), ("prod_url", request.prod_url.trim())] {
        let present = document.0.get(key).filter(|value| !value.is_null());
        if present.is_some_and(|value| same(value, wanted)) {
            continue;
        }
        if present.is_some() {
            differing.push(key.to_owned());
        }
        changed.push(key.to_owned());
        document.0.insert(key.to_owned(), Value::from(wanted));
    }
    if !differing.is_empty() && !request.overwrite {
        return Err(ConfigError::Differs { file: path.to_owned(), keys: differing });
    }
    let mut left_out = Vec::new();
    for (key, value) in request.found.iter().filter(|(key, _)| !existing_keys.contains(*key)) {
        if exists && !request.overwrite {
            left_out.push(key.clone());
        } else {
            changed.push(key.clone());
            document.0.insert(key.clone(), value.clone());
        }
    }
    // A key must not get into a new file, and it is removed from an old one when it is stored elsewhere.
    if (request.store_key || !exists) && document.0.shift_remove("snipara_api_key").is_some() {
        changed.push("snipara_api_key".to_owned());
    }
    if !document.0.contains_key("$schema") {
        document.0.shift_insert(0, "$schema".to_owned(), Value::from(SCHEMA_ID));
        if !exists {
            changed.push("$schema".to_owned());
        }
    }
    Ok(FilePlan { document, changed, left_out, exists })
}

/// Tells whether a value is the wanted text, or the same address written in another way.
fn same(value: &Value, wanted: &str) -> bool {
    let Some(text) = value.as_str() else { return false };
    text == wanted || values::base_url(text).is_ok_and(|url| values::base_url(wanted).is_ok_and(|other| other == url))
}

struct FilePlan {
    document: Document,
    changed: Vec<String>,
    left_out: Vec<String>,
    exists: bool,
}

impl FilePlan {
    fn write(&self, path: &Path) -> Result<Written, ConfigError> {
        if self.exists && self.changed.is_empty() {
            private_file::close_to_others(path)?;
            return Ok(Written::Unchanged);
        }
        let text = serde_json::to_string_pretty(&self.document.0)
            .map_err(|source| ConfigError::io("write", path)(source.into()))?;
        private_file::write(path, &format!("{text}\n"))?;
        if self.exists { Ok(Written::Updated { keys: self.changed.clone() }) } else { Ok(Written::Created) }
    }
}
