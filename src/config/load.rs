//! Brings the layers together: what the file says, and for whom it counts; what flags and the environment say; or what a
//! program gives instead of a file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::digest::config_digest;
use super::env::Environment;
use super::error::ConfigError;
use super::file::{Document, FileSettings, settings_of};
use super::find::{self, FoundFile};
use super::flags;
use super::resolve::{Layers, Loaded, secret_of};
use super::settings::{Config, Overrides};
use super::state_paths::{current_folder, home, trust_record};
use super::trust::{self, TrustPlace};
use crate::domain::{Actor, TestUser};

/// Finds and reads the file, and resolves every setting. For a caller, permission keys from the file count only when
/// a person recorded the file's permissions as they are.
///
/// # Errors
/// All that is wrong, in one line: file, variable or flag, the key, and the nearest known key; never a value.
pub fn load(actor: Actor, overrides: &Overrides, environment: &Environment) -> Result<Config, ConfigError> {
    let Loaded { config, problems } = look(Some(actor), overrides, environment)?;
    match ConfigError::all(problems) {
        Some(error) => Err(error),
        None => Ok(config),
    }
}

/// Resolves for a person what can be resolved, for commands that look at settings and let nothing pass by them.
///
/// # Errors
/// When it is not known which project is meant, or where its state is.
pub fn load_in_part(overrides: &Overrides, environment: &Environment) -> Result<Loaded, ConfigError> {
    look(None, overrides, environment)
}

/// Without an actor nobody's permissions are looked at.
fn look(actor: Option<Actor>, overrides: &Overrides, environment: &Environment) -> Result<Loaded, ConfigError> {
    let folder = current_folder(environment)?;
    let found = match &overrides.config_file {
        Some(path) => find::named(&folder.join(path)),
        None => match named_repository(overrides, environment, &folder) {
            Some(repository) => find::search_both(&repository, &folder),
            None => find::search(&folder),
        },
    };
    let mut problems = Vec::new();
    // Who names a file means that one: without it there is nothing to go on with.
    let found = if overrides.config_file.is_some() { Ok(found?) } else { found };
    let FoundFile { file, folders, warnings } = found.unwrap_or_else(|error| {
        problems.push(error);
        FoundFile::default()
    });
    let (file, read) = file.map(|(path, read)| (Some(path), read)).unwrap_or_default();
    let keys = file.as_deref().map(|path| trust::key_digests(path, &read.document)).unwrap_or_default();
    problems.extend(read.problems);
    let given = flags::read(&overrides.settings, &folder);
    problems.extend(given.problems);
    let home = home(environment, &folder)?;
    let replacing = replacing(overrides, environment)?;
    let mut document = read.document;
    document.0.extend(given.document.0);
    let in_force = Document(document.0.clone().into_iter().chain(replacing.clone()).collect());
    let in_force = file.as_deref().map(|path| trust::key_digests(path, &in_force)).unwrap_or_default();
    let place = TrustPlace { record: trust_record(&home), file: file.clone(), folders, keys, in_force };
    if actor == Some(Actor::Caller) && problems.is_empty() {
        let overridden = overrides.settings.keys().chain(replacing.keys()).map(String::as_str);
        trust::check(&place, &overridden.filter(|key| *key != "resolve").collect::<Vec<_>>())?;
    }
    // What is wrong with the document is told above.
    let (settings, _) = settings_of(&document);
    let layers =
        Layers { overrides, environment, folder, file, settings: &settings, flags: given.flags, home: Some(home) };
    layers.resolve(place, None, warnings, problems)
}

/// Returns the repository that a flag or the environment names, when it is there.
fn named_repository(overrides: &Overrides, environment: &Environment, folder: &Path) -> Option<PathBuf> {
    let named = overrides.repo_path.clone().or_else(|| environment.value("REPO_PATH").map(PathBuf::from))?;
    folder.join(named).canonicalize().ok().filter(|path| path.is_dir())
}

/// Settings that a program gives instead of a file.
#[derive(Debug, Clone, Default)]
pub(crate) struct CodeSettings {
    pub(crate) settings: FileSettings,
    pub(crate) overrides: Overrides,
    pub(crate) test_users: Vec<TestUser>,
    pub(crate) state_folder: Option<PathBuf>,
}

/// Resolves the settings of a program. No file is searched. Only the variables that describe the machine count (PATH,
/// HOME, DATABASE_URL, credentials), and never a setting.
///
/// # Errors
/// As [`load`].
pub(crate) fn from_code(code: CodeSettings, environment: &Environment) -> Result<Config, ConfigError> {
    const SETTINGS: [&str; 7] = [
        "PROD_URL",
        "REPO_PATH",
        "SNIPARA_PROJECT",
        "SNIPARA_PROJECT_SLUG",
        "SNIPARA_PROJECT_ID",
        "SNIPARA_API_URL",
        "SNIPARA_API_KEY",
    ];
    let mut environment = environment.clone();
    environment.variables.retain(|name, _| !SETTINGS.iter().any(|setting| name == setting));
    let folder = current_folder(&environment)?;
    let home = match &code.state_folder {
        Some(_) => None,
        None => Some(home(&environment, &folder)?),
    };
    let layers = Layers {
        overrides: &code.overrides,
        environment: &environment,
        folder,
        file: None,
        settings: &code.settings,
        flags: BTreeMap::new(),
        home,
    };
    let loaded = layers.resolve(TrustPlace::default(), code.state_folder, Vec::new(), Vec::new())?;
    let Loaded { mut config, problems } = loaded;
    if let Some(error) = ConfigError::all(problems) {
        return Err(error);
    }
    for user in &code.test_users {
        config.secrets.extend(secret_of(user).cloned());
    }
    config.test_users.extend(code.test_users);
    config.config_digest = config_digest(&config)?;
    Ok(config)
}

/// Returns the values of permission keys that stand in for the file's, from flags of their own and from variables. Those of
/// `resolve` are added to the file's.
fn replacing(overrides: &Overrides, environment: &Environment) -> Result<Map<String, Value>, ConfigError> {
    let production = overrides
        .prod_url
        .clone()
        .map_or_else(|| Ok(environment.text("PROD_URL")?.map(str::to_owned)), |url| Ok(Some(url)))?;
    let authorities = overrides.ca_file.as_ref().map(|file| file.to_string_lossy().into_owned());
    let names = (!overrides.resolve.is_empty()).then(|| json!(overrides.resolve));
    let given = [
        ("prod_url", production.map(Value::String)),
        ("ca_file", authorities.map(Value::String)),
        ("snipara_api_url", environment.text("SNIPARA_API_URL")?.map(Value::from)),
        ("resolve", names),
    ];
    Ok(given.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect())
}
