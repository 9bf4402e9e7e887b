//! The permissions of a file that count for a caller: those that a person saw and recorded.
//!
//! An agent can edit files. So for it the permission keys of a configuration file have the values that they had when a
//! person ran `snipara-orchestrator trust`, whatever the file says now (`standing` puts them in force). The record lies
//! under the state's home and is keyed by the file's path, not by the project: a file cannot slip out of it by naming another
//! project, nor by being deleted or hidden behind a nearer file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::digest::file_digest;
use super::error::ConfigError;
use super::file::{Document, FILE_NAME, OLD_FILE_NAME};
use super::private_file;
use super::settings::Config;
use crate::domain::{canonical_json, sha256_hex};
use crate::expect::Expectation;

/// The keys that give permissions or set the bar: all but a kept few (docs/configuration.md, *Trust*). Among them are
/// `version`, `fail_fast_on_drift` (they decide what drift stops a task), `toolsets`, `read_only`, `lockdown` (they bound
/// what a caller may do), `audit` (it says what a caller leaves behind).
pub const PERMISSION_KEYS: [&str; 28] = [
    "allowed_commands",
    "allowed_hosts",
    "audit",
    "ca_file",
    "client_certificate",
    "converge",
    "deploy",
    "deploy_paths",
    "fail_fast_on_drift",
    "health_paths",
    "identity",
    "lockdown",
    "policy",
    "prod_url",
    "production_hosts",
    "proxy",
    "read_only",
    "repo_path",
    "resolve",
    "settle_seconds",
    "snipara_api_key",
    "snipara_api_url",
    "snipara_project",
    "suites",
    "test_users",
    "timeouts",
    "toolsets",
    "version",
];

/// The keys that label and log: they count for everybody as the file has them.
#[cfg(test)]
const FREE_KEYS: [&str; 5] = ["$schema", "auto_remember", "gatekeeper_id", "test_user", "verbose"];

/// The keys that a record without values knows nothing of: they count from the file until it is trusted anew.
pub(super) const LATER_KEYS: [&str; 5] =
    ["repo_path", "settle_seconds", "snipara_api_key", "snipara_project", "timeouts"];

/// The key whose value is not kept beside its digest, because it is a secret.
pub(super) const SECRET: &str = "snipara_api_key";

/// The key that takes something from callers when it is true, and means nothing when it is not.
pub(super) const TIGHTENING: &str = "lockdown";

const RECORD_FORMAT: u32 = 1;
/// The largest record that is read.
const MAX_RECORD_BYTES: u64 = 4_194_304;

/// The permission keys of a file with the digests of their values.
pub(crate) type KeyDigests = BTreeMap<String, String>;

/// The place where trust is recorded, and the keys to record.
#[derive(Debug, Clone, Default)]
pub(crate) struct TrustPlace {
    /// The record.
    pub(crate) record: PathBuf,
    /// The file in force.
    pub(crate) file: Option<PathBuf>,
    /// The folders that were searched for it; none when it was named.
    pub(crate) folders: Vec<PathBuf>,
    /// Its permission keys.
    pub(crate) keys: KeyDigests,
    /// Their values, but the secret.
    pub(crate) values: Document,
    /// The permission keys that are in force, flags and variables among them.
    pub(crate) in_force: KeyDigests,
}

/// The state of a file's permissions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrustState {
    /// No file gives permissions.
    NothingToTrust,
    /// A person recorded the file as it is.
    Trusted,
    /// These keys differ from a person's record, or there is no record.
    Untrusted {
        /// The file. It may be one that was trusted and is gone.
        file: PathBuf,
        /// The keys.
        keys: Vec<String>,
        /// Whether the file was recorded at all.
        recorded: bool,
        /// Whether it was recorded and is not in force any more.
        gone: bool,
    },
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct TrustedFiles {
    format: u32,
    pub(super) files: BTreeMap<String, KeyDigests>,
    /// What versions before 0.2 did not keep: a file without an entry counts only while it is as it was.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) values: BTreeMap<String, Document>,
}

/// Returns the permission keys of a file's document with the digest of each value. A key that is `null` is absent.
///
/// The digest of a key that names files covers their content, too, also that of the schemas which live checks name. Otherwise
/// an agent that can write such a file could choose the trusted authorities, as whom production is asked, or lower the bar.
pub(crate) fn key_digests(file: &Path, document: &Document) -> KeyDigests {
    let present = PERMISSION_KEYS.iter().filter_map(|key| Some((*key, document.0.get(*key)?)));
    present
        .filter(|(key, value)| !value.is_null() && (*key != TIGHTENING || **value == serde_json::Value::Bool(true)))
        .map(|(key, value)| (key.to_owned(), key_digest(file, key, value)))
        .collect()
}

/// Returns the digest of one key's value, with the content of the files that it names.
pub(super) fn key_digest(file: &Path, key: &str, value: &Value) -> String {
    // A JSON value always has a canonical form; its plain text stands in if the library disagrees.
    let mut text = canonical_json(value).unwrap_or_else(|_| value.to_string());
    for name in named_files(key, value) {
        // A file that cannot be read is refused where it is used.
        let folder = file.parent().unwrap_or(Path::new(""));
        text.push_str(&file_digest(&folder.join(name)).unwrap_or_default());
    }
    format!("sha256:{}", sha256_hex(text.as_bytes()))
}

/// Returns the values of a document's permission keys, but the secret.
pub(crate) fn permission_values(document: &Document) -> Document {
    let kept = |key: &str| PERMISSION_KEYS.contains(&key) && key != SECRET;
    let kept = document.0.iter().filter(|(key, value)| kept(key) && !value.is_null());
    Document(kept.map(|(key, value)| (key.clone(), value.clone())).collect())
}

/// Returns the files that a value names, relative to the configuration's, in their order.
pub(super) fn named_files(key: &str, value: &Value) -> Vec<String> {
    match (key, value) {
        ("ca_file", Value::String(name)) => vec![name.clone()],
        ("client_certificate", Value::Object(fields)) => ["certificate", "key_file"]
            .iter()
            .filter_map(|name| fields.get(*name)?.as_str().map(str::to_owned))
            .collect(),
        ("policy" | "suites", Value::String(line)) => {
            line.parse::<Expectation>().ok().and_then(|line| Some(line.schema_file()?.to_owned())).into_iter().collect()
        }
        ("policy" | "suites", Value::Array(items)) => items.iter().flat_map(|item| named_files(key, item)).collect(),
        ("policy" | "suites", Value::Object(fields)) => {
            fields.values().flat_map(|field| named_files(key, field)).collect()
        }
        _ => Vec::new(),
    }
}

/// Returns the digest of a file's path and its permission keys.
pub(crate) fn permission_digest(file: Option<&Path>, keys: &KeyDigests) -> String {
    let path = file.map(name_of);
    let document = serde_json::json!({ "file": path, "keys": keys });
    let text = canonical_json(&document).unwrap_or_else(|_| document.to_string());
    format!("sha256:{}", sha256_hex(text.as_bytes()))
}

/// Returns the state of the permissions of the configuration's file.
///
/// # Errors
/// When the record cannot be read.
pub fn trust_state(config: &Config) -> Result<TrustState, ConfigError> {
    state(&config.trust_place, &[])
}

/// How the settings of a script stand to what a person trusted: for it the file counts as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScriptTrust {
    /// Whether a person ever recorded a file here.
    pub recorded: bool,
    /// The permission keys in force whose value is not the recorded one: the file's were edited, or a flag or a variable stands in
    /// for them. Where nothing was ever recorded there is nothing to compare with.
    pub differing: Vec<String>,
}

/// Compares the permission keys in force with those that a person recorded.
///
/// # Errors
/// When the record cannot be read.
pub fn script_trust(config: &Config) -> Result<ScriptTrust, ConfigError> {
    let place = &config.trust_place;
    let record = read(&place.record)?;
    let Some(name) = trusted_file(place, &record) else { return Ok(ScriptTrust::default()) };
    let nothing = KeyDigests::new();
    let recorded = record.files.get(&name).unwrap_or(&nothing);
    let old = !record.values.contains_key(&name);
    let keys: std::collections::BTreeSet<&String> = place.in_force.keys().chain(recorded.keys()).collect();
    let differs = |key: &&&String| {
        let is_known = !(old && LATER_KEYS.contains(&key.as_str()));
        let tightens = key.as_str() == TIGHTENING && place.in_force.contains_key(**key);
        is_known && !tightens && place.in_force.get(**key) != recorded.get(**key)
    };
    Ok(ScriptTrust { recorded: true, differing: keys.iter().filter(differs).map(|key| (*key).clone()).collect() })
}

/// Returns the recorded file that is nearest, whether or not it is still there.
pub(super) fn trusted_file(place: &TrustPlace, record: &TrustedFiles) -> Option<String> {
    let current = place.file.as_deref().map(name_of);
    let recorded = |name: String| record.files.contains_key(&name).then_some(name);
    let in_folder = |folder: &PathBuf| {
        let own = place.file.as_deref().filter(|file| file.parent() == Some(folder)).map(name_of);
        let others = [FILE_NAME, OLD_FILE_NAME].map(|name| name_of(&folder.join(name)));
        own.into_iter().chain(others).find_map(recorded)
    };
    place.folders.iter().find_map(in_folder).or_else(|| current.and_then(recorded))
}

/// Tells whether the record holds the values of the file in force. Those of versions before 0.2 hold digests alone.
///
/// # Errors
/// When the record cannot be read.
pub fn values_are_kept(config: &Config) -> Result<bool, ConfigError> {
    let place = &config.trust_place;
    let record = read(&place.record)?;
    Ok(place.file.as_deref().is_none_or(|file| record.values.contains_key(&name_of(file))))
}

/// Returns the values of the file's permission keys, but the secret.
pub fn file_permissions(config: &Config) -> Value {
    Value::Object(config.trust_place.values.0.clone())
}

/// Records a file's permissions as trusted with their values, and forgets files of the same folders that are not in force.
///
/// Only a person at a terminal may ask for it. The caller of this function must make sure of that.
///
/// # Errors
/// When the record cannot be written.
pub fn record_trust(config: &Config) -> Result<(), ConfigError> {
    record(&config.trust_place)
}

/// Records the permissions at a place, as [`record_trust`] does.
pub(crate) fn record(place: &TrustPlace) -> Result<(), ConfigError> {
    let mut record = read(&place.record)?;
    let hidden: Vec<String> = hidden(place, &record).map(|(name, _)| name.clone()).collect();
    for name in hidden {
        record.files.remove(&name);
        record.values.remove(&name);
    }
    if let Some(file) = &place.file {
        record.files.insert(name_of(file), place.keys.clone());
        record.values.insert(name_of(file), place.values.clone());
    }
    if let Some(folder) = place.record.parent() {
        private_file::make_folder(folder)?;
    }
    let text = serde_json::to_string_pretty(&record)
        .map_err(|source| ConfigError::io("write", &place.record)(source.into()))?;
    private_file::write(&place.record, &format!("{text}\n"))
}

/// Returns the state of the permissions at a place, except keys that flags or environment override.
pub(crate) fn state(place: &TrustPlace, overridden: &[&str]) -> Result<TrustState, ConfigError> {
    let record = read(&place.record)?;
    let counts = |key: &&String| !overridden.contains(&key.as_str());
    for (name, keys) in hidden(place, &record) {
        let keys: Vec<String> = keys.keys().filter(counts).cloned().collect();
        if !keys.is_empty() {
            return Ok(TrustState::Untrusted { file: PathBuf::from(name), keys, recorded: true, gone: true });
        }
    }
    let Some(file) = &place.file else { return Ok(TrustState::NothingToTrust) };
    let known = record.files.get(&name_of(file));
    let nothing = KeyDigests::new();
    let recorded = known.unwrap_or(&nothing);
    let old = known.is_some() && !record.values.contains_key(&name_of(file));
    let counts = |key: &&String| counts(key) && !(old && LATER_KEYS.contains(&key.as_str()));
    let mut keys: Vec<String> = place.keys.keys().chain(recorded.keys()).filter(counts).cloned().collect();
    keys.sort_unstable();
    keys.dedup();
    if keys.is_empty() {
        return Ok(TrustState::NothingToTrust);
    }
    // What only tightens counts at once; without it the file gives more than was recorded.
    keys.retain(|key| place.keys.get(key) != recorded.get(key) && !(key == TIGHTENING && place.keys.contains_key(key)));
    if keys.is_empty() {
        return Ok(TrustState::Trusted);
    }
    Ok(TrustState::Untrusted { file: file.clone(), keys, recorded: known.is_some(), gone: false })
}

/// Returns the files of a record with their trusted values; none when it cannot be read.
pub(super) fn recorded_files(record: Option<&Path>) -> Vec<(PathBuf, Document)> {
    let record = record.and_then(|path| read(path).ok());
    let values = record.map(|record| record.values).unwrap_or_default();
    values.into_iter().map(|(name, document)| (PathBuf::from(name), document)).collect()
}

/// Tells whether a person's record names a file.
///
/// # Errors
/// When the record cannot be read.
pub fn is_recorded(config: &Config, file: &Path) -> Result<bool, ConfigError> {
    Ok(read(&config.trust_place.record)?.files.contains_key(&name_of(file)))
}

/// Returns the recorded files of the searched folders that are not the one in force.
fn hidden<'a>(place: &'a TrustPlace, record: &'a TrustedFiles) -> impl Iterator<Item = (&'a String, &'a KeyDigests)> {
    let current = place.file.as_deref().map(name_of);
    record.files.iter().filter(move |(name, _)| {
        let folder = Path::new(name).parent();
        Some(*name) != current.as_ref() && place.folders.iter().any(|known| Some(known.as_path()) == folder)
    })
}

pub(super) fn name_of(file: &Path) -> String {
    file.to_string_lossy().into_owned()
}

pub(super) fn read(path: &Path) -> Result<TrustedFiles, ConfigError> {
    let Some(text) = private_file::read(path, MAX_RECORD_BYTES)? else {
        return Ok(TrustedFiles { format: RECORD_FORMAT, files: BTreeMap::new(), values: BTreeMap::new() });
    };
    match serde_json::from_str::<TrustedFiles>(&text) {
        Ok(record) if record.format == RECORD_FORMAT => Ok(record),
        // Broken or from a newer version: guessing here would give permissions.
        _ => Err(ConfigError::TrustRecord { file: path.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::schema::file_schema;

    #[test]
    fn every_key_is_a_permission_but_a_kept_list() {
        let schema = file_schema();
        let mut keys: Vec<&str> =
            schema["properties"].as_object().expect("properties").keys().map(String::as_str).collect();
        let mut known: Vec<&str> = PERMISSION_KEYS.into_iter().chain(FREE_KEYS).collect();
        keys.sort_unstable();
        known.sort_unstable();
        assert_eq!(keys, known);
    }
}
