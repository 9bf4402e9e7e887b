//! Where the audit trail is kept.

use std::path::Path;

use super::env::Environment;
use super::error::ConfigError;
use super::resolve::Layers;
use super::state_paths::{current_folder, home};
use crate::domain::AuditFile;

/// The file's name in a state folder.
const FILE: &str = "audit.jsonl";
/// The name of the key's file beside the store, wherever the trail is: it shall not travel with the lines.
const KEY_FILE: &str = "audit.key";
/// How large the file may grow when nobody says otherwise, in MB.
const DEFAULT_MAX_MB: u64 = 10;
/// The largest bound, in MB.
const LARGEST_MB: u64 = 10_000;

/// Chooses where the trail is: the flag over the file over the state folder.
///
/// # Errors
/// When the bound is too large, or the file's name empty.
pub(super) fn audit_file(layers: &Layers<'_>, state_folder: &Path) -> Result<Option<AuditFile>, ConfigError> {
    let chosen = layers.settings.audit.clone().unwrap_or_default();
    let max_mb = chosen.max_mb.unwrap_or(DEFAULT_MAX_MB);
    if max_mb > LARGEST_MB {
        return Err(layers.wrong("audit.max_mb", format!("it is not between 0 and {LARGEST_MB}")));
    }
    if chosen.file.as_deref().is_some_and(|file| file.trim().is_empty()) {
        return Err(layers.wrong("audit.file", "it is empty"));
    }
    let path = chosen.file.map_or_else(|| state_folder.join(FILE), |file| layers.folder_of("audit").join(file));
    Ok(kept(path.as_path(), state_folder, max_mb))
}

/// Returns where the trail is when the settings cannot be read, so that who can break them does not end it: beside the
/// projects' folders.
pub fn audit_without_settings(environment: &Environment) -> Option<AuditFile> {
    let home = current_folder(environment).and_then(|folder| home(environment, &folder)).ok()?;
    kept(&home.join(FILE), &home, DEFAULT_MAX_MB)
}

fn kept(path: &Path, key_folder: &Path, max_mb: u64) -> Option<AuditFile> {
    let max_bytes = max_mb.saturating_mul(1_000_000);
    (max_mb > 0).then(|| AuditFile { path: path.to_owned(), key_path: key_folder.join(KEY_FILE), max_bytes })
}
