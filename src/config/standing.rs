//! What counts for a caller: the values that a person recorded, and what tightens them.
//!
//! Whatever an agent does to the file (edit, delete, hide, break it), the trusted values stay in force. Of an untrusted file
//! only its policy counts, as far as it asks for more, and suites that it adds; both have a caller's rights.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::error::{ConfigError, shown};
use super::file::Document;
use super::trust::{
    self, KeyDigests, LATER_KEYS, PERMISSION_KEYS, SECRET, TIGHTENING, TrustPlace, key_digest, name_of,
};

/// The numbers of a policy, with what they are when nobody says.
const NUMBERS: [(&str, u64); 3] = [("required_proofs", 1), ("min_task_proofs", 1), ("hold_seconds", 0)];
/// The keys that say whose store this is: they count from the file until a person has recorded one. A store lets no other
/// repository in than its own, whatever they say.
const NAMING: [&str; 2] = ["repo_path", "snipara_project"];
/// The lists of a policy.
const LISTS: [&str; 4] = ["local_tests", "live_checks", "ui_tests", "require"];

/// How the file stands to what a person trusted. Empty for persons and scripts, for whom the file counts as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallerTrust {
    /// The file: the trusted one, also when it is gone.
    pub file: PathBuf,
    /// Whether a person recorded it.
    pub recorded: bool,
    /// Whether it was recorded and another one or none stands in its place.
    pub gone: bool,
    /// Permission keys whose value in the file waits for a person.
    pub waiting: Vec<String>,
    /// Trusted keys that cannot be put in force: a file that they name was changed, or an older version kept no value.
    pub lost: Vec<String>,
    /// Whether the policy in force asks for more than the trusted one.
    pub tightened: bool,
    /// Local tests that only the untrusted policy has.
    pub local_tests: Vec<String>,
    /// Suites that only the untrusted file has.
    pub suites: Vec<String>,
    /// What the untrusted policy adds and a caller may not do, one line each: no task runs while it stands there.
    pub held_back: Vec<String>,
    /// Why the file could not be read; what was trusted is in force.
    pub unreadable: Option<String>,
}

impl CallerTrust {
    /// Says what waits for a person and how they accept it, one line each.
    pub fn warnings(&self) -> Vec<String> {
        let file = shown(&self.file);
        let mut lines = Vec::new();
        // The keys come first: answers cut long lines at their end.
        if let Some(why) = &self.unreadable {
            lines.push(format!("the trusted settings stay in force: {why}"));
        }
        if self.gone {
            lines.push(format!(
                "the trusted settings stay in force, though their file is not: a person puts it back or runs \
                 `snipara-orchestrator trust` ({file})"
            ));
        } else if !self.waiting.is_empty() {
            let before = if self.recorded { "; what was trusted stays in force" } else { "" };
            lines.push(format!(
                "waits for trust: {} (a person runs `snipara-orchestrator trust`){before}",
                self.waiting.join(", ")
            ));
        }
        if self.tightened {
            lines.push(format!("an untrusted policy asks for more: it holds at once, with a caller's rights ({file})"));
        }
        lines
    }

    /// Says why nothing may be asked of production, when a setting that decides it is not in force.
    pub fn refusal(&self, production_known: bool) -> Option<ConfigError> {
        let of_production = |key: &&String| *key == "prod_url" && !production_known;
        let keys: Vec<String> = match self.lost.is_empty() {
            false => self.lost.clone(),
            true if self.waiting.iter().any(|key| of_production(&key)) => self.waiting.clone(),
            true => return None,
        };
        let Self { file, recorded, gone, .. } = self;
        Some(ConfigError::Untrusted { file: file.clone(), keys, recorded: *recorded, gone: *gone })
    }
}

/// What counts for a caller.
pub(super) struct CallerDocument {
    /// The file's document, with trusted values in the place of others.
    pub(super) document: Document,
    /// The file that relative paths start from.
    pub(super) file: Option<PathBuf>,
    pub(super) trust: CallerTrust,
}

/// Puts in force what a person recorded.
///
/// `overridden` are the keys that flags and variables say. Without `tighten` nothing of the untrusted values counts.
///
/// # Errors
/// When the record cannot be read.
pub(super) fn of_caller(
    place: &TrustPlace,
    document: &Document,
    overridden: &[&str],
    tighten: bool,
) -> Result<CallerDocument, ConfigError> {
    let record = trust::read(&place.record)?;
    let current = place.file.as_deref().map(name_of);
    let base = trust::trusted_file(place, &record);
    let none = (KeyDigests::new(), Document::default());
    let trusted = base.as_ref().and_then(|name| record.files.get(name)).unwrap_or(&none.0);
    let values = base.as_ref().and_then(|name| record.values.get(name));
    let keeps_values = values.is_some();
    let values = values.unwrap_or(&none.1);
    let file = base.as_ref().map(PathBuf::from).or_else(|| place.file.clone());
    let mut standing = CallerDocument {
        document: document.clone(),
        trust: CallerTrust {
            file: file.clone().unwrap_or_default(),
            recorded: base.is_some(),
            gone: base.is_some() && base != current,
            ..CallerTrust::default()
        },
        file,
    };
    let path = standing.file.clone().unwrap_or_default();
    for key in PERMISSION_KEYS.into_iter().filter(|key| !overridden.contains(key)) {
        let now = place.keys.get(key);
        let as_recorded = base == current && now == trusted.get(key);
        let unknown = match &base {
            None => NAMING.contains(&key),
            Some(_) => !keeps_values && base == current && LATER_KEYS.contains(&key),
        };
        let tightens = key == TIGHTENING && now.is_some();
        if as_recorded || unknown || tightens {
            continue;
        }
        standing.document.0.shift_remove(key);
        match (trusted.get(key), values.0.get(key)) {
            (Some(digest), Some(value)) if key_digest(&path, key, value) == *digest => {
                standing.document.0.insert(key.to_owned(), value.clone());
                if document.0.get(key) == Some(value) {
                    continue;
                }
            }
            (Some(_), _) if key != SECRET => standing.trust.lost.push(key.to_owned()),
            _ if now.is_none() => continue,
            _ => {}
        }
        standing.trust.waiting.push(key.to_owned());
    }
    if tighten {
        standing.tighten(document);
    }
    Ok(standing)
}

impl CallerDocument {
    /// Adds what the file's policy asks for beyond the one in force, and the suites that only the file has.
    fn tighten(&mut self, of_file: &Document) {
        let waits = |trust: &CallerTrust, key: &str| trust.waiting.iter().any(|waiting| waiting == key);
        if let Some(Value::Object(added)) = of_file.0.get("policy")
            && waits(&self.trust, "policy")
        {
            let trusted = self.document.0.get("policy").and_then(Value::as_object).cloned().unwrap_or_default();
            let mut added = added.clone();
            self.trust.held_back = hold_back(&trusted, &mut added);
            let merged = tightened(&trusted, &added);
            self.trust.local_tests = new_items(&trusted, &merged, "local_tests")
                .filter_map(|test| test.as_str().map(str::to_owned))
                .collect();
            self.trust.tightened = merged != trusted;
            if self.trust.held_back.is_empty() && whole(&merged) == whole(&added) {
                self.trust.waiting.retain(|key| key != "policy");
            }
            self.document.0.insert("policy".to_owned(), Value::Object(merged));
        }
        if let Some(Value::Object(listed)) = of_file.0.get("suites")
            && waits(&self.trust, "suites")
        {
            let trusted = self.document.0.entry("suites").or_insert_with(|| Value::Object(Map::new()));
            let Some(trusted) = trusted.as_object_mut() else { return };
            for (name, checks) in listed {
                let mut each = checks.as_array().into_iter().flatten();
                let is_plain = !each.any(|check| why_not_a_callers("suites", check).is_some());
                if is_plain && !trusted.contains_key(name) {
                    trusted.insert(name.clone(), checks.clone());
                    self.trust.suites.push(name.clone());
                }
            }
        }
    }
}

/// Returns a policy that asks for what both ask for: lists united, numbers the larger.
fn tightened(trusted: &Map<String, Value>, added: &Map<String, Value>) -> Map<String, Value> {
    let mut merged = trusted.clone();
    for (key, usual) in NUMBERS {
        let number = |policy: &Map<String, Value>| policy.get(key).and_then(Value::as_u64).unwrap_or(usual);
        if number(added) > number(trusted) {
            merged.insert(key.to_owned(), Value::from(number(added)));
        }
    }
    for key in LISTS {
        let mut items: Vec<Value> = trusted.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
        for item in added.get(key).and_then(Value::as_array).into_iter().flatten() {
            if !items.contains(item) {
                items.push(item.clone());
            }
        }
        if !items.is_empty() {
            merged.insert(key.to_owned(), Value::Array(items));
        }
    }
    merged
}

/// A policy whose keys are all there, so that what is not said equals what is said to be usual.
fn whole(policy: &Map<String, Value>) -> Option<crate::domain::Policy> {
    serde_json::from_value(Value::Object(policy.clone())).ok()
}

/// Takes the live checks out that only the untrusted policy has and a caller may not ask, and says why, one line each.
fn hold_back(trusted: &Map<String, Value>, added: &mut Map<String, Value>) -> Vec<String> {
    let known = trusted.get("live_checks").and_then(Value::as_array).cloned().unwrap_or_default();
    let Some(Value::Array(listed)) = added.get_mut("live_checks") else { return Vec::new() };
    let why = |check: &Value| if known.contains(check) { None } else { why_not_a_callers("policy", check) };
    let lines = listed
        .iter()
        .enumerate()
        .filter_map(|(index, check)| Some(format!("policy.live_checks[{index}] waits for trust: it {}", why(check)?)));
    let lines = lines.collect();
    listed.retain(|check| why(check).is_none());
    lines
}

/// The items of a list that only the merged policy has.
fn new_items<'a>(
    trusted: &Map<String, Value>,
    merged: &'a Map<String, Value>,
    key: &str,
) -> impl Iterator<Item = &'a Value> {
    let known = trusted.get(key).and_then(Value::as_array).map_or(0, Vec::len);
    merged.get(key).and_then(Value::as_array).into_iter().flatten().skip(known)
}

/// Says what of a check is more than a caller's, whose file no person trusted.
fn why_not_a_callers(key: &str, check: &Value) -> Option<&'static str> {
    if ["user", "users"].iter().any(|user| check.get(user).is_some_and(|value| !value.is_null())) {
        Some("asks as a test user")
    } else if !trust::named_files(key, check).is_empty() {
        Some("names a schema file")
    } else {
        None
    }
}

/// Returns the files that the values of a document name, which lies in `file`.
pub(super) fn files_of(file: &Path, document: &Document) -> Vec<PathBuf> {
    let folder = file.parent().unwrap_or(Path::new(""));
    let named = document.0.iter().flat_map(|(key, value)| trust::named_files(key, value));
    named.map(|name| folder.join(name)).collect()
}
