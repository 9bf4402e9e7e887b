//! What Codex recorded about our hooks: it runs a hook only after a person has trusted exactly that handler.
//!
//! It is read and, when our hooks go, taken out. It is never written here: trust is a person's to give, in Codex
//! (`/hooks`).

use std::path::Path;

use serde_json::json;
use toml_edit::{DocumentMut, Item};

use super::edit::EditError;
use super::hooks::HookPlace;
use super::toml_text::parse;
use crate::domain::sha256_hex;

/// How Codex takes a hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HookTrust {
    /// It runs it.
    Trusted,
    /// It was trusted, and is another one now.
    Changed,
    /// Nobody looked at it yet.
    Unknown,
}

/// Reads from the person's config.toml whether Codex runs the handler of an event in a file of hooks.
///
/// # Errors
/// When the text cannot be read.
pub(crate) fn codex_trust(config: &str, hooks: &Path, event: &str, place: &HookPlace) -> Result<HookTrust, EditError> {
    let document = parse(config)?;
    let event = snake(event);
    let recorded = files(hooks).into_iter().find_map(|file| {
        let entry = state(&document)?.get(&format!("{file}:{event}:{}:0", place.group))?.as_table_like()?;
        entry.get("trusted_hash")?.as_str().map(str::to_owned)
    });
    Ok(match recorded {
        None => HookTrust::Unknown,
        Some(hash) if hash == codex_hash(&event, place) => HookTrust::Trusted,
        Some(_) => HookTrust::Changed,
    })
}

/// Takes what Codex recorded about a file of hooks out of the person's config.toml.
///
/// # Errors
/// When the text cannot be read.
pub(crate) fn without_trust(config: &str, hooks: &Path) -> Result<String, EditError> {
    let mut document = parse(config)?;
    let files = files(hooks);
    let Some(state) = document
        .get_mut("hooks")
        .and_then(Item::as_table_like_mut)
        .and_then(|hooks| hooks.get_mut("state"))
        .and_then(Item::as_table_like_mut)
    else {
        return Ok(config.to_owned());
    };
    let gone: Vec<String> = state
        .iter()
        .map(|(key, _)| key.to_owned())
        .filter(|key| files.iter().any(|file| key.strip_prefix(file).is_some_and(|rest| rest.starts_with(':'))))
        .collect();
    for key in &gone {
        state.remove(key);
    }
    if state.is_empty() {
        let hooks = document.get_mut("hooks").and_then(Item::as_table_like_mut).ok_or(EditError::Wrong)?;
        hooks.remove("state");
        if hooks.is_empty() {
            document.remove("hooks");
        }
    }
    Ok(if gone.is_empty() { config.to_owned() } else { document.to_string() })
}

fn state(document: &DocumentMut) -> Option<&dyn toml_edit::TableLike> {
    document.get("hooks")?.as_table_like()?.get("state")?.as_table_like()
}

/// The names under which Codex may know a file: as it was given, and without links.
fn files(hooks: &Path) -> Vec<String> {
    let real = hooks.canonicalize().ok();
    [Some(hooks.to_owned()), real].into_iter().flatten().map(|file| file.display().to_string()).collect()
}

/// Codex's own digest of a handler (0.150 and later): compact JSON, its keys in order.
fn codex_hash(event: &str, place: &HookPlace) -> String {
    let handler = json!({
        "async": false, "command": place.handler["command"], "timeout": place.handler["timeout"], "type": "command" });
    let text = json!({ "event_name": event, "hooks": [handler] }).to_string();
    format!("sha256:{}", sha256_hex(text.as_bytes()))
}

/// `SessionStart` is `session_start` in Codex's keys.
fn snake(event: &str) -> String {
    let mut name = String::new();
    for one in event.chars() {
        if one.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(one.to_ascii_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "/home/ada/.codex/hooks.json";

    fn place() -> HookPlace {
        HookPlace {
            group: 0,
            handler: json!({"type": "command", "command": "snipara-orchestrator hook stop", "timeout": 30}),
        }
    }

    fn config(hash: &str) -> String {
        format!("model = \"x\" # mine\n\n[hooks.state.\"{FILE}:stop:0:0\"]\ntrusted_hash = \"{hash}\"\n")
    }

    /// The digest was told by `codex app-server` (`hooks/list`) of 0.169.0.
    #[test]
    fn a_hook_is_trusted_when_codex_recorded_exactly_it() {
        let hash = "sha256:f9c29d893cb12d5e5e78cd61a945ca6d15787a01e8b7145a13c15f75f375ed0d";
        let trust = |text: &str| codex_trust(text, Path::new(FILE), "Stop", &place()).expect("read");
        assert_eq!(trust(&config(hash)), HookTrust::Trusted);
        assert_eq!(trust(&config("sha256:00")), HookTrust::Changed);
        assert_eq!(trust("model = \"x\"\n"), HookTrust::Unknown);
        assert_eq!(snake("SessionStart"), "session_start");
    }

    #[test]
    fn what_codex_recorded_about_our_file_goes_and_nothing_else() {
        let other = "[hooks.state.\"/x/hooks.json:stop:0:0\"]\ntrusted_hash = \"y\"\n";
        let left = without_trust(&format!("{}{other}", config("x")), Path::new(FILE)).expect("read");
        assert!(left.contains("# mine") && left.contains("/x/hooks.json") && !left.contains(FILE), "{left}");
        assert_eq!(without_trust(&config("x"), Path::new(FILE)).expect("read"), "model = \"x\" # mine\n");
    }
}
