//! What a client's own program is told: only what holds no secret, as every process of the machine sees its words.

use serde_json::Value;

use super::{NAME, unreadable};
use crate::cli::error::CliError;
use crate::cli::install::{Client, ConfigFile, Edit, EditKind, InstallScope, ServerEntry, Target, entry_of, set};
use crate::domain::{CommandRun, one_line};

/// Starts a client's program with these words.
pub(super) type RunProgram<'a> = dyn Fn(Vec<String>) -> Result<CommandRun, CliError> + 'a;

/// Tells whether a client's program carries an edit out. It writes and removes our entry; what a person changed in it
/// (`env`, `headers`) is merged in the file, and is nobody else's to see.
pub(super) fn is_for_the_program(client: Client, scope: InstallScope, kind: EditKind) -> bool {
    let whole = matches!(kind, EditKind::Added | EditKind::Removed);
    match client {
        Client::Claude => whole,
        Client::Codex => whole && scope == InstallScope::User,
        _ => false,
    }
}

/// Lets Claude Code add or remove our entry.
pub(super) fn by_claude(
    run: &RunProgram<'_>,
    scope: InstallScope,
    target: &Target,
    edit: &Edit,
) -> Result<(), CliError> {
    let scope = scope.word();
    if edit.kind == EditKind::Removed {
        return succeeded(&run(["claude", "mcp", "remove", NAME, "--scope", scope].map(str::to_owned).into())?);
    }
    let entry = entry_of(Client::Claude, &edit.text).map_err(|error| unreadable(&target.path, &error))?;
    let entry = Value::Object(entry.unwrap_or_default()).to_string();
    succeeded(&run(["claude", "mcp", "add-json", NAME, &entry, "--scope", scope].map(str::to_owned).into())?)
}

/// Lets Codex add or remove our entry, and completes it.
pub(super) fn by_codex(run: &RunProgram<'_>, target: &Target, edit: &Edit) -> Result<(), CliError> {
    if edit.kind == EditKind::Removed {
        return succeeded(&run(["codex", "mcp", "remove", NAME].map(str::to_owned).into())?);
    }
    let entry = entry_of(Client::Codex, &edit.text).map_err(|error| unreadable(&target.path, &error))?;
    let entry = entry.unwrap_or_default();
    let text = |key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
    let mut words: Vec<String> = ["codex", "mcp", "add", NAME].map(str::to_owned).into();
    if let Some(url) = text("url") {
        words.extend(["--url".to_owned(), url]);
        if let Some(variable) = text("bearer_token_env_var") {
            words.extend(["--bearer-token-env-var".to_owned(), variable]);
        }
    } else {
        words.push("--".to_owned());
        words.extend(text("command"));
        let arguments = entry.get("args").and_then(Value::as_array).into_iter().flatten();
        words.extend(arguments.filter_map(|argument| argument.as_str().map(str::to_owned)));
    }
    succeeded(&run(words)?)?;
    // `codex mcp add` has no word for the time-out.
    let config_file = ConfigFile { file: target.path.clone(), boundary: target.boundary.clone() };
    let added = Target::read(&config_file)?;
    let wanted = ServerEntry { fields: entry, conflicting_keys: &[] };
    let completed = set(Client::Codex, added.text.as_deref().unwrap_or_default(), &wanted)
        .map_err(|error| unreadable(&target.path, &error))?;
    match completed.kind {
        EditKind::Unchanged => Ok(()),
        _ => added.replace(&completed.text, true),
    }
}

fn succeeded(run: &CommandRun) -> Result<(), CliError> {
    if run.success() {
        return Ok(());
    }
    let said = if run.stderr.text.trim().is_empty() { &run.stdout.text } else { &run.stderr.text };
    let words = run.command.split_whitespace().take(3).collect::<Vec<_>>().join(" ");
    let message = format!("`{}` failed: {}", one_line(&words, 80), one_line(said, 300));
    Err(CliError::could_not("client_failed", message, "Use `--print` and edit the file yourself."))
}
