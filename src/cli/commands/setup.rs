//! `trust`: what only a person decides.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::cli::commands::Context;
use crate::cli::commands::confirm::{at_terminal, not_below_a_run, read_line, said_yes};
use crate::cli::error::CliError;
use crate::cli::exit_code::Exit;
use crate::cli::render::Paint;
use crate::config::{self, Config, TrustState};
use crate::domain::{Actor, Redactor, one_line, printable, shown_path};

/// Shows the permissions in the configuration file and, when a person says yes at a terminal, records them.
///
/// # Errors
/// Without a terminal, whatever the flags; when the file changed meanwhile.
pub(super) fn trust(context: &Context) -> Result<Exit, CliError> {
    not_below_a_run(context, "trust")?;
    if !at_terminal() {
        return Err(CliError::needs_terminal(
            "trust is given by a person at a terminal, and this is none",
            "Run `snipara-orchestrator trust` at a terminal.",
        ));
    }
    let config = context.settings()?;
    let keys = match config::trust_state(&config)? {
        TrustState::NothingToTrust => return tell(context, "nothing_to_trust", &config),
        TrustState::Trusted if config::values_are_kept(&config)? => return tell(context, "already_trusted", &config),
        TrustState::Trusted => {
            // An older version kept no values.
            let file = config.file.clone().unwrap_or_default();
            context.output.ask(&question(&config, &file, &[], false, context.output.note_paint));
            config.permissions_from_file.clone()
        }
        TrustState::Untrusted { keys, file, gone, .. } => {
            context.output.ask(&question(&config, &file, &keys, gone, context.output.note_paint));
            keys
        }
    };
    if !said_yes(&read_line()?) {
        return Err(CliError::usage("nothing was recorded", "Answer y to trust the file as it is."));
    }
    // The file may have been changed while the person read.
    let again = config::load(Actor::Person, &context.globals.overrides(), &context.environment)?;
    if again.permission_digest != config.permission_digest {
        return Err(CliError::usage("the file changed while you read it", "Run `snipara-orchestrator trust` again."));
    }
    config::record_trust(&config)?;
    context.audit.permission(context, &format!("trust: {}", keys.join(", ")));
    context.output.note(&format!("trusted: {}", keys.join(", ")));
    tell(context, "trusted", &config)
}

fn tell(context: &Context, status: &str, config: &Config) -> Result<Exit, CliError> {
    let file = config.file.as_deref().map(|file| file.display().to_string());
    let document = json!({ "status": status, "file": file, "keys": config.permissions_from_file });
    context.output.answer(&document, |paint| {
        let words = match status {
            "nothing_to_trust" => "no file gives permissions: there is nothing to trust",
            "already_trusted" => "the file is trusted as it is",
            _ => "the file's permissions count for agents now",
        };
        format!("{} {words}", paint.success("✓"))
    })
}

/// Says what would be trusted: every permission key with its value, those that are new or changed marked.
fn question(config: &Config, file: &Path, changed: &[String], gone: bool, paint: Paint) -> String {
    let mut text = String::new();
    if gone {
        text = format!(
            "{} was trusted and is not in force any more: {}\n",
            shown_path(file),
            one_line(&changed.join(", "), 400)
        );
        if config.permissions_from_file.is_empty() {
            return format!("{text}Forget it? [y/N] ");
        }
        text.push_str("It will be forgotten, and another file takes its place.\n");
    }
    // What is recorded is shown, also where it hides a file that was trusted.
    let changed = if gone { config.permissions_from_file.as_slice() } else { changed };
    let file = config.file.as_deref().filter(|_| gone).unwrap_or(file);
    let values = permission_values(config);
    text.push_str(&format!("{} gives agents these permissions:\n", shown_path(file)));
    for key in &config.permissions_from_file {
        let mark = if changed.contains(key) { paint.warning("new or changed") } else { paint.dim("as trusted") };
        let value = values.get(key).map(|value| format!("{value:#}")).unwrap_or_default();
        text.push_str(&format!("  {key} ({mark})\n"));
        for value_line in printable(&value).lines() {
            text.push_str(&format!("    {value_line}\n"));
        }
    }
    for key in changed.iter().filter(|key| !config.permissions_from_file.contains(key)) {
        text.push_str(&format!("  {} ({})\n", one_line(key, 80), paint.warning("removed")));
    }
    text.push_str("Trust the file as it is? [y/N] ");
    text
}

/// The values that will be recorded, and not what the file says by now.
fn permission_values(config: &Config) -> Map<String, Value> {
    match Redactor::new(config.secrets.iter().cloned()).json(&config::file_permissions(config)) {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
