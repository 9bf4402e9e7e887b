//! Makes the new text of a client's file from its present text and our entry, or says why it cannot.

use serde_json::{Map, Value};

use super::client::{Client, Format};
use super::entry::ServerEntry;
use super::{json_text, toml_text};

/// The name that our entry has in every client's file.
pub(super) const NAME: &str = "snipara-orchestrator";

/// The result of an edit.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Edit {
    /// What kind of change it is.
    pub(crate) kind: EditKind,
    /// The new text; the present one when nothing changes.
    pub(crate) text: String,
    /// The keys of our entry that change.
    pub(crate) changes: Vec<KeyChange>,
    /// Whether the new text is empty apart from our section, so that the file may go.
    pub(crate) says_nothing: bool,
}

/// What kind of change an edit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EditKind {
    /// Nothing changes.
    Unchanged,
    /// The entry is new.
    Added,
    /// The entry gets more keys; none that was there changes.
    Completed,
    /// Keys of the entry get other values or go.
    Replaced,
    /// The entry goes.
    Removed,
}

/// One key of our entry: what it was, what it becomes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct KeyChange {
    /// The key.
    pub(crate) key: String,
    /// Its present value.
    pub(crate) old: Option<Value>,
    /// Its new value.
    pub(crate) new: Option<Value>,
}

/// Why a text is left as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EditError {
    /// It cannot be read.
    #[error("it cannot be read as {format} ({reason})")]
    Unreadable {
        /// JSON or TOML.
        format: &'static str,
        /// What the reader said.
        reason: String,
    },
    /// Something stands where our entry or its section should be.
    #[error("`{key}` is not {wanted}")]
    WrongKind {
        /// The key.
        key: String,
        /// What it should be.
        wanted: &'static str,
    },
    /// A key is there more than once: which one counts is not known.
    #[error("`{key}` stands there more than once")]
    Twice {
        /// The key.
        key: String,
    },
    /// Our own edit came out wrong.
    #[error("the new text would not say what it should")]
    Wrong,
}

/// Puts our entry into a text. Keys of the entry that are not ours stay.
///
/// # Errors
/// When the text cannot be read or holds something else at that place.
pub(crate) fn set(client: Client, text: &str, entry: &ServerEntry) -> Result<Edit, EditError> {
    let present = entry_of(client, text)?;
    let changes = changes(present.as_ref(), entry);
    let kind = match &present {
        None => EditKind::Added,
        Some(_) if changes.is_empty() => EditKind::Unchanged,
        Some(_) if changes.iter().all(|change| change.old.is_none()) => EditKind::Completed,
        Some(_) => EditKind::Replaced,
    };
    let text = match (kind, client.format()) {
        (EditKind::Unchanged, _) => text.to_owned(),
        (_, Format::Json) => json_text::set(text, client.section(), NAME, &changes)?,
        (_, Format::Toml) => toml_text::set(text, client.section(), NAME, &changes)?,
    };
    Ok(Edit { kind, text, changes, says_nothing: false })
}

/// Takes our entry out of a text.
///
/// # Errors
/// As [`set`].
pub(crate) fn remove(client: Client, text: &str) -> Result<Edit, EditError> {
    let Some(present) = entry_of(client, text)? else {
        return Ok(Edit { kind: EditKind::Unchanged, text: text.to_owned(), changes: Vec::new(), says_nothing: false });
    };
    let text = match client.format() {
        Format::Json => json_text::remove(text, client.section(), NAME)?,
        Format::Toml => toml_text::remove(text, client.section(), NAME)?,
    };
    let says_nothing = says_nothing(client, &text);
    let gone = |(key, old): (String, Value)| KeyChange { key, old: Some(old), new: None };
    Ok(Edit { kind: EditKind::Removed, text, changes: present.into_iter().map(gone).collect(), says_nothing })
}

/// Tells whether a text is empty apart from our section. A comment is content, too.
pub(crate) fn says_nothing(client: Client, text: &str) -> bool {
    match client.format() {
        Format::Json => json_text::says_nothing(text, client.section()),
        Format::Toml => text.trim().is_empty(),
    }
}

/// Reads our entry; nothing when it is not there.
///
/// # Errors
/// As [`set`].
pub(crate) fn entry_of(client: Client, text: &str) -> Result<Option<Map<String, Value>>, EditError> {
    match client.format() {
        Format::Json => json_text::entry(text, client.section(), NAME),
        Format::Toml => toml_text::entry(text, client.section(), NAME),
    }
}

fn changes(present: Option<&Map<String, Value>>, entry: &ServerEntry) -> Vec<KeyChange> {
    let old = |key: &str| present.and_then(|present| present.get(key)).cloned();
    let conflicting_keys = entry
        .conflicting_keys
        .iter()
        .filter_map(|key| Some(KeyChange { key: (*key).to_owned(), old: Some(old(key)?), new: None }));
    let ours = entry.fields.iter().filter_map(|(key, value)| {
        let old = old(key);
        let differs = old.as_ref() != Some(value);
        differs.then(|| KeyChange { key: key.clone(), old, new: Some(value.clone()) })
    });
    conflicting_keys.chain(ours).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cli::install::client::InstallScope;
    use crate::cli::install::entry::{InstallOptions, Remote};

    fn entry(client: Client) -> ServerEntry {
        let prod_url = Some("https://api.example.com".to_owned());
        let options = InstallOptions { command: "snipara-orchestrator".into(), prod_url, ..InstallOptions::default() };
        ServerEntry::new(client, InstallScope::Project, &options)
    }

    #[test]
    fn the_second_time_nothing_changes() {
        for client in [Client::Claude, Client::Codex, Client::Gemini] {
            let first = set(client, "", &entry(client)).expect("set");
            assert_eq!(first.kind, EditKind::Added);
            let second = set(client, &first.text, &entry(client)).expect("set");
            assert_eq!((second.kind, &second.text), (EditKind::Unchanged, &first.text));
        }
    }

    #[test]
    fn what_a_person_added_to_our_entry_stays() {
        let text = r#"{"mcpServers": {"snipara-orchestrator": {"type": "stdio", "command": "snipara-orchestrator",
            "args": ["mcp"], "disabled": true}}}"#;
        let edit = set(Client::Claude, text, &entry(Client::Claude)).expect("set");
        assert_eq!(edit.kind, EditKind::Replaced);
        assert_eq!(edit.changes.iter().map(|change| change.key.as_str()).collect::<Vec<_>>(), ["args"]);
        let document: Value = serde_json::from_str(&edit.text).expect("JSON");
        assert_eq!(document["mcpServers"]["snipara-orchestrator"]["disabled"], json!(true));
    }

    #[test]
    fn the_keys_of_the_other_transport_go() {
        let remote = Remote { url: "https://o.example.com/mcp".into(), token_variable: None };
        let options = InstallOptions { command: "s".into(), remote: Some(remote), ..InstallOptions::default() };
        for client in [Client::Codex, Client::Cursor] {
            let local = set(client, "", &entry(client)).expect("set").text;
            let edit = set(client, &local, &ServerEntry::new(client, InstallScope::User, &options)).expect("set");
            let present = entry_of(client, &edit.text).expect("read").expect("an entry");
            assert_eq!(edit.kind, EditKind::Replaced);
            assert!(present.contains_key("url") && !present.contains_key("command") && !present.contains_key("args"));
        }
    }

    #[test]
    fn a_missing_time_out_is_added_without_replacing_anything() {
        let text = "[mcp_servers.snipara-orchestrator]\ncommand = \"snipara-orchestrator\"\n\
                    args = [\"mcp\", \"--prod-url\", \"https://api.example.com\"]\n";
        let edit = set(Client::Codex, text, &entry(Client::Codex)).expect("set");
        assert_eq!(edit.kind, EditKind::Completed);
        assert!(
            edit.text.starts_with(text.trim_end()) && edit.text.contains("tool_timeout_sec = 650"),
            "{}",
            edit.text
        );
    }

    #[test]
    fn removing_what_is_not_there_changes_nothing() {
        let text = "{\"mcpServers\": {\"other\": {}}}";
        let edit = remove(Client::Cursor, text).expect("read");
        assert_eq!((edit.kind, edit.text.as_str()), (EditKind::Unchanged, text));
    }
}
