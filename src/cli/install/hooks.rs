//! Our hooks in a client's settings: which file, which event, and which command of ours answers it.

use clap::ValueEnum;
use serde_json::{Value, json};

use super::client::{Client, ClientPaths, ConfigFile, InstallScope};
use super::edit::{Edit, EditError, EditKind, KeyChange};
use super::json_list::{elements, push, take_out};
use super::json_text::says_nothing;

/// A client that asks programs before its agent goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum HookClient {
    /// Claude Code.
    Claude,
    /// Codex.
    Codex,
    /// Gemini CLI.
    Gemini,
}

/// The list of a client's settings under which events stand.
const SECTION: &str = "hooks";
/// The words of `hook`, by which our commands are known again.
const WORDS: [&str; 3] = ["stop", "session-start", "pre-compact"];
/// Seconds that our answer may take; it opens the store.
const TIMEOUT_S: u64 = 30;

impl HookClient {
    /// Returns the hooks of a client; nothing for one that has none, or none that was tried.
    pub(crate) fn of(client: Client) -> Option<Self> {
        Self::value_variants().iter().copied().find(|it| it.client() == client)
    }

    /// Its client.
    pub(crate) const fn client(self) -> Client {
        match self {
            Self::Claude => Client::Claude,
            Self::Codex => Client::Codex,
            Self::Gemini => Client::Gemini,
        }
    }

    /// The word that names it on the command line.
    pub(crate) const fn word(self) -> &'static str {
        self.client().word()
    }

    /// The client's names of its events, and our words that answer them. Only Claude Code hands what a hook says before
    /// it summarises to the summary; the others begin a session anew, and ask then.
    pub(crate) const fn events(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Claude => &[("SessionStart", "session-start"), ("Stop", "stop"), ("PreCompact", "pre-compact")],
            Self::Codex => &[("SessionStart", "session-start"), ("Stop", "stop")],
            Self::Gemini => &[("SessionStart", "session-start"), ("AfterAgent", "stop")],
        }
    }

    /// The unit in which the client counts a hook's time, in parts of a second.
    const fn per_second(self) -> u64 {
        match self {
            Self::Gemini => 1000,
            Self::Claude | Self::Codex => 1,
        }
    }

    /// Returns the file of its hooks. Returns nothing when the person's home is not known.
    pub(crate) fn config_file(self, scope: InstallScope, paths: &ClientPaths) -> Option<ConfigFile> {
        paths.hooks_file(self.client(), scope)
    }

    /// One of our handlers; `command` is a line for a shell.
    pub(crate) fn handler(self, command: &str, word: &str) -> Value {
        let client = if self == Self::Claude { String::new() } else { format!(" {}", self.word()) };
        let command = format!("{command} hook {word}{client}");
        json!({ "type": "command", "command": command, "timeout": TIMEOUT_S * self.per_second() })
    }
}

/// Puts our hooks into a text; `command` is a line for a shell that starts this program.
///
/// # Errors
/// When the text cannot be read or holds something else at that place.
pub(crate) fn set_hooks(client: HookClient, text: &str, command: &str) -> Result<Edit, EditError> {
    let mut edit = unchanged(text);
    for (event, word) in client.events() {
        let group = json!({ "hooks": [client.handler(command, word)] });
        let old = elements(&edit.text, &[SECTION, event])?.into_iter().filter(is_ours).collect::<Vec<_>>();
        if old == [group.clone()] {
            continue;
        }
        edit.text = push(&take_out(&edit.text, &[SECTION, event], is_ours)?, &[SECTION, event], &group)?;
        edit.kind = match (edit.kind, old.is_empty()) {
            (EditKind::Unchanged | EditKind::Added, true) => EditKind::Added,
            _ => EditKind::Replaced,
        };
        edit.changes.push(change(event, old.into_iter().next(), Some(group)));
    }
    Ok(edit)
}

/// Takes our hooks out of a text, whatever event they stand under.
///
/// # Errors
/// As [`set_hooks`].
pub(crate) fn remove_hooks(client: HookClient, text: &str) -> Result<Edit, EditError> {
    let mut edit = unchanged(text);
    for (event, _) in client.events() {
        for old in elements(&edit.text, &[SECTION, event])?.into_iter().filter(is_ours) {
            edit.changes.push(change(event, Some(old), None));
            edit.kind = EditKind::Removed;
        }
        edit.text = take_out(&edit.text, &[SECTION, event], is_ours)?;
    }
    edit.says_nothing = edit.kind == EditKind::Removed && says_nothing(&edit.text, SECTION);
    Ok(edit)
}

/// Returns the handlers of ours in a text, each with its event and our word for it.
pub(crate) fn our_hooks(
    client: HookClient,
    text: &str,
) -> Result<Vec<(&'static str, &'static str, HookPlace)>, EditError> {
    let mut found = Vec::new();
    for (event, word) in client.events() {
        for (group, value) in elements(text, &[SECTION, event])?.into_iter().enumerate() {
            if is_ours(&value) {
                found.push((*event, *word, HookPlace { group, handler: value["hooks"][0].clone() }));
            }
        }
    }
    Ok(found)
}

/// Where a handler of ours stands among a client's groups of one event.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HookPlace {
    /// The number of its group.
    pub(crate) group: usize,
    /// The handler.
    pub(crate) handler: Value,
}

/// A group is ours when it starts this program and nothing else.
fn is_ours(group: &Value) -> bool {
    let is_our_command = |handler: &Value| {
        let command = handler["command"].as_str().unwrap_or_default();
        let words: Vec<&str> = command.split_whitespace().collect();
        command.contains("snipara") && words.windows(2).any(|pair| pair[0] == "hook" && WORDS.contains(&pair[1]))
    };
    group["hooks"].as_array().is_some_and(|handlers| handlers.len() == 1 && handlers.iter().all(is_our_command))
}

fn unchanged(text: &str) -> Edit {
    Edit { kind: EditKind::Unchanged, text: text.to_owned(), changes: Vec::new(), says_nothing: false }
}

fn change(event: &str, old: Option<Value>, new: Option<Value>) -> KeyChange {
    let command = |group: Value| group["hooks"][0]["command"].clone();
    KeyChange { key: format!("{SECTION}.{event}"), old: old.map(command), new: new.map(command) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_time_nothing_changes_and_what_was_there_stays_to_the_byte() {
        for before in
            ["", "{\n  // mine\n  \"hooks\": {\n    \"Stop\": [\n      {\"hooks\": []}\n    ]\n  }\n}\n", "{\"a\": 1}"]
        {
            for client in HookClient::value_variants() {
                let added = set_hooks(*client, before, "snipara-orchestrator").expect("set");
                assert_eq!((added.kind, added.changes.len()), (EditKind::Added, client.events().len()));
                let again = set_hooks(*client, &added.text, "snipara-orchestrator").expect("set");
                assert_eq!((again.kind, &again.text), (EditKind::Unchanged, &added.text));
                let removed = remove_hooks(*client, &added.text).expect("removed");
                match before {
                    "" => assert!(removed.says_nothing, "{}", removed.text),
                    _ => assert_eq!(removed.text, before),
                }
            }
        }
    }

    #[test]
    fn another_command_of_ours_takes_the_place_of_the_old_one_and_nobody_elses() {
        let other = r#"{"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "lint hook stop"}]}]}}"#;
        let first = set_hooks(HookClient::Claude, other, "snipara-orchestrator").expect("set");
        let second = set_hooks(HookClient::Claude, &first.text, "/opt/snipara-orchestrator").expect("set");
        assert_eq!(second.kind, EditKind::Replaced);
        let stop = elements(&second.text, &[SECTION, "Stop"]).expect("read");
        assert_eq!(stop.len(), 2, "{}", second.text);
        assert_eq!(stop[1]["hooks"][0]["command"], "/opt/snipara-orchestrator hook stop");
    }

    #[test]
    fn each_client_counts_time_in_its_own_unit() {
        assert_eq!(
            HookClient::Codex.handler("s", "stop"),
            json!({"type": "command", "command": "s hook stop codex", "timeout": 30})
        );
        assert_eq!(HookClient::Gemini.handler("s", "stop")["timeout"], 30_000);
    }
}
