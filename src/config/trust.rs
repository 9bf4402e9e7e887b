//! The permissions of a file that count for a caller: those that a person saw and recorded.
//!
//! An agent can edit files. So the permission keys of a configuration file count for it only while they are, key by
//! key, what they were when a person ran `snipara-orchestrator trust`. The record lies under the state's home and is
//! keyed by the file's path, not by the project: a file cannot slip out of it by naming another project, nor by being
//! deleted or hidden behind a nearer file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::digest::file_digest;
use super::error::ConfigError;
use super::file::Document;
use super::private_file;
use super::settings::Config;
use crate::domain::{canonical_json, sha256_hex};
use crate::expect::Expectation;

/// The keys that give permissions or set the bar; among them `version`, `fail_fast_on_drift` (they decide what drift
/// stops a task), `toolsets`, `read_only`, `lockdown` (they bound what a caller may do), `audit` (it says what a caller
/// leaves behind).
pub const PERMISSION_KEYS: [&str; 22] = [
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
    "lockdown",
    "policy",
    "prod_url",
    "production_hosts",
    "proxy",
    "read_only",
    "resolve",
    "snipara_api_url",
    "suites",
    "test_users",
    "toolsets",
    "version",
];

/// The key that takes something from callers when it is true, and means nothing when it is not.
const TIGHTENING: &str = "lockdown";

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
struct Record {
    format: u32,
    files: BTreeMap<String, KeyDigests>,
}

/// Returns the permission keys of a file's document with the digest of each value. A key that is `null` is absent.
///
/// The digest of a key that names files covers their content, too, also that of the schemas which live checks name. Otherwise
/// an agent that can write such a file could choose the trusted authorities, as whom production is asked, or lower the bar.
pub(crate) fn key_digests(file: &Path, document: &Document) -> KeyDigests {
    let present = PERMISSION_KEYS.iter().filter_map(|key| Some((*key, document.0.get(*key)?)));
    present
        .filter(|(key, value)| !value.is_null() && (*key != TIGHTENING || **value == serde_json::Value::Bool(true)))
        .map(|(key, value)| {
            // A JSON value always has a canonical form; its plain text stands in if the library disagrees.
            let mut text = canonical_json(value).unwrap_or_else(|_| value.to_string());
            for name in named_files(key, value) {
                // A file that cannot be read is refused where it is used.
                let folder = file.parent().unwrap_or(Path::new(""));
                text.push_str(&file_digest(&folder.join(name)).unwrap_or_default());
            }
            (key.to_owned(), format!("sha256:{}", sha256_hex(text.as_bytes())))
        })
        .collect()
}

/// Returns the files that a value names, relative to the configuration's, in their order.
fn named_files(key: &str, value: &Value) -> Vec<String> {
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

/// Refuses permissions that a person has not recorded, except keys that flags or environment override.
///
/// # Errors
/// [`ConfigError::Untrusted`] with the keys; or when the record cannot be read.
pub(crate) fn check(place: &TrustPlace, overridden: &[&str]) -> Result<(), ConfigError> {
    match state(place, overridden)? {
        TrustState::Untrusted { file, keys, recorded, gone } => {
            Err(ConfigError::Untrusted { file, keys, recorded, gone })
        }
        TrustState::NothingToTrust | TrustState::Trusted => Ok(()),
    }
}

/// Returns the state of the permissions of the configuration's file.
///
/// # Errors
/// When the record cannot be read.
pub fn trust_state(config: &Config) -> Result<TrustState, ConfigError> {
    state(&config.trust_place, &[])
}

/// Returns the permission keys in force whose value is not the one that a person recorded: the file's were edited, or a
/// flag or a variable stands in for them. Where nothing was ever recorded there is nothing to compare with.
///
/// # Errors
/// When the record cannot be read.
pub fn differing_from_trusted(config: &Config) -> Result<Vec<String>, ConfigError> {
    let place = TrustPlace { keys: config.trust_place.in_force.clone(), ..config.trust_place.clone() };
    Ok(match state(&place, &[])? {
        TrustState::Untrusted { keys, recorded: true, .. } => keys,
        _ => Vec::new(),
    })
}

/// Records a file's permissions as trusted, key by key, and forgets files of the same folders that are not in force.
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
    }
    if let Some(file) = &place.file {
        record.files.insert(name_of(file), place.keys.clone());
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

/// Returns the recorded files of the searched folders that are not the one in force.
fn hidden<'a>(place: &'a TrustPlace, record: &'a Record) -> impl Iterator<Item = (&'a String, &'a KeyDigests)> {
    let current = place.file.as_deref().map(name_of);
    record.files.iter().filter(move |(name, _)| {
        let folder = Path::new(name).parent();
        Some(*name) != current.as_ref() && place.folders.iter().any(|known| Some(known.as_path()) == folder)
    })
}

fn name_of(file: &Path) -> String {
    file.to_string_lossy().into_owned()
}

fn read(path: &Path) -> Result<Record, ConfigError> {
    let Some(text) = private_file::read(path, MAX_RECORD_BYTES)? else {
        return Ok(Record { format: RECORD_FORMAT, files: BTreeMap::new() });
    };
    match serde_json::from_str::<Record>(&text) {
        Ok(record) if record.format == RECORD_FORMAT => Ok(record),
        // Broken or from a newer version: guessing here would give permissions.
        _ => Err(ConfigError::TrustRecord { file: path.to_owned() }),
    }
}
