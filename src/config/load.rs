//! Brings the layers together: what the file says, and for whom it counts; what flags and the environment say; or what a
//! program gives instead of a file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::digest::{config_digest, file_digest};
use super::env::Environment;
use super::error::ConfigError;
use super::file::{Document, FILE_NAME, FileSettings, OLD_FILE_NAME, settings_of};
use super::find::{self, FoundFile};
use super::flags;
use super::resolve::{Layers, Loaded, PROJECT_VARIABLES};
use super::settings::{Config, Overrides};
use super::standing::{self, CallerTrust};
use super::state_paths::{current_folder, home, trust_record};
use super::trust::{self, KeyDigests, TrustPlace};
use super::users::secrets_of;
use crate::domain::{Actor, TestUser};

/// Finds and reads the file, and resolves every setting. For a caller the permission keys of the file have the values that a
/// person recorded, whatever the file says now; [`Config::caller_trust`] tells what waits.
///
/// # Errors
/// All that is wrong, in one line: file, variable or flag, the key, and the nearest known key; never a value.
pub fn load(actor: Actor, overrides: &Overrides, environment: &Environment) -> Result<Config, ConfigError> {
    let Loaded { config, problems } = look(Some(actor), overrides, environment, true)?;
    let Some(error) = ConfigError::all(problems) else { return Ok(config) };
    let trust = &config.caller_trust;
    if !trust.tightened && trust.suites.is_empty() {
        return Err(error);
    }
    // What an untrusted file adds cannot be used: the trusted settings are in force, and no task runs while it stands there.
    let Loaded { mut config, problems } = look(Some(actor), overrides, environment, false)?;
    match ConfigError::all(problems) {
        Some(error) => Err(error),
        None => {
            let line = format!("policy and suites wait for trust: {}", error.message());
            config.caller_trust.held_back.push(line);
            Ok(config)
        }
    }
}

/// Resolves for a person what can be resolved, for commands that look at settings and let nothing pass by them.
///
/// # Errors
/// When it is not known which project is meant, or where its state is.
pub fn load_in_part(overrides: &Overrides, environment: &Environment) -> Result<Loaded, ConfigError> {
    look(None, overrides, environment, true)
}

/// Without an actor nobody's permissions are looked at.
fn look(
    actor: Option<Actor>,
    overrides: &Overrides,
    environment: &Environment,
    tighten: bool,
) -> Result<Loaded, ConfigError> {
    let folder = current_folder(environment)?;
    let FoundFile { file, folders, warnings } = found(overrides, environment, &folder)?;
    let (mut file, read) = file.map(|(path, read)| (Some(path), read)).unwrap_or_default();
    let keys = file.as_deref().map(|path| trust::key_digests(path, &read.document)).unwrap_or_default();
    let values = trust::permission_values(&read.document);
    let mut problems = read.problems;
    let given = flags::read(&overrides.settings, &folder);
    let home = home(environment, &folder)?;
    let replacing = replacing(overrides, environment)?;
    let mut document = read.document;
    let in_force: Document =
        Document(document.0.clone().into_iter().chain(given.document.0.clone()).chain(replacing.clone()).collect());
    let in_force = trust::key_digests(file.as_deref().unwrap_or(&folder.join(FILE_NAME)), &in_force);
    let mut place = TrustPlace { record: trust_record(&home), file: file.clone(), folders, keys, values, in_force };
    let mut caller_trust = CallerTrust::default();
    if actor == Some(Actor::Caller) {
        let overridden = overrides.settings.keys().chain(replacing.keys()).map(String::as_str);
        let overridden = overridden.filter(|key| *key != "resolve").chain(elsewhere(overrides, environment)?);
        let overridden: Vec<&str> = overridden.collect();
        let broken = ConfigError::all(std::mem::take(&mut problems));
        if broken.is_some() {
            (place.keys, document) = (KeyDigests::new(), Document::default());
        }
        let standing = standing::of_caller(&place, &document, &overridden, tighten && broken.is_none())?;
        (document, caller_trust) = (standing.document, standing.trust);
        match broken {
            Some(error) if caller_trust.recorded => {
                caller_trust.waiting.clear();
                caller_trust.unreadable = Some(error.message());
            }
            broken => problems.extend(broken),
        }
        file = standing.file;
    }
    problems.extend(given.problems);
    document.0.extend(given.document.0);
    // What is wrong with the document is told above.
    let (settings, _) = settings_of(&document);
    let layers =
        Layers { overrides, environment, folder, file, settings: &settings, flags: given.flags, home: Some(home) };
    let mut loaded = layers.resolve(place, None, warnings, problems)?;
    loaded.config.caller_trust = caller_trust;
    Ok(loaded)
}

/// Finds and reads the file that counts.
fn found(overrides: &Overrides, environment: &Environment, folder: &Path) -> Result<FoundFile, ConfigError> {
    Ok(match &overrides.config_file {
        // Who names a file means that one: without it there is nothing to go on with.
        Some(path) => find::named(&folder.join(path))?,
        None => match named_repository(overrides, environment, folder) {
            Some(repository) => find::search_both(&repository, folder),
            None => find::search(folder),
        },
    })
}

/// The content of every file that settings are read from, to tell whether they have to be read again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SettingsSeen(BTreeMap<PathBuf, Option<String>>);

/// Looks at the files that [`load`] reads, whether or not they are there.
pub fn settings_seen(overrides: &Overrides, environment: &Environment) -> SettingsSeen {
    let Ok(folder) = current_folder(environment) else { return SettingsSeen::default() };
    let record = home(environment, &folder).ok().map(|home| trust_record(&home));
    let mut named = trust::recorded_files(record.as_deref());
    let mut paths: Vec<PathBuf> = record.into_iter().collect();
    match found(overrides, environment, &folder) {
        Ok(FoundFile { file, folders, .. }) => {
            paths.extend(folders.iter().flat_map(|folder| [FILE_NAME, OLD_FILE_NAME].map(|name| folder.join(name))));
            named.retain(|(path, _)| path.parent().is_some_and(|parent| folders.iter().any(|one| one == parent)));
            named.extend(file.map(|(path, read)| (path, read.document)));
        }
        Err(_) => named.clear(),
    }
    paths.extend(overrides.config_file.iter().map(|path| folder.join(path)));
    paths.extend(named.iter().flat_map(|(path, document)| standing::files_of(path, document)));
    SettingsSeen(paths.into_iter().map(|path| (path.clone(), file_digest(&path).ok())).collect())
}

/// Names the keys that a flag of their own or a variable says, and whose value no record is compared with.
fn elsewhere(overrides: &Overrides, environment: &Environment) -> Result<Vec<&'static str>, ConfigError> {
    let project = PROJECT_VARIABLES.iter().any(|name| environment.value(name).is_some());
    let given = [
        ("repo_path", overrides.repo_path.is_some() || environment.value("REPO_PATH").is_some()),
        ("snipara_project", overrides.project.is_some() || project),
        ("snipara_api_key", environment.text("SNIPARA_API_KEY")?.is_some()),
    ];
    Ok(given.into_iter().filter(|(_, given)| *given).map(|(key, _)| key).collect())
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
    const SETTINGS: [&str; 4] = ["PROD_URL", "REPO_PATH", "SNIPARA_API_URL", "SNIPARA_API_KEY"];
    let mut environment = environment.clone();
    environment.variables.retain(|name, _| !SETTINGS.iter().chain(&PROJECT_VARIABLES).any(|setting| name == setting));
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
        config.secrets.extend(secrets_of(user));
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
