//! `init` and `trust`: what only a person decides.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::app;
use crate::cli::arguments::Init;
use crate::cli::commands::Context;
use crate::cli::commands::confirm::{at_terminal, is_below_a_run, not_below_a_run, read_line, said_yes};
use crate::cli::error::CliError;
use crate::cli::exit_code::Exit;
use crate::cli::render::Paint;
use crate::config::{self, Config, InitReport, InitRequest, Overrides, TrustState, Written};
use crate::domain::{Actor, Redactor, one_line, printable, shown_path};

/// Writes the configuration file. With both flags it never prompts; at a terminal of a
/// person the file is trusted, too.
///
/// # Errors
/// Bad values, other values in the file without `--yes`, something missing and no terminal to ask at.
pub(super) fn init(context: &Context, words: &Init) -> Result<Exit, CliError> {
    if let Some(name) = &words.join
        && words.project.is_none()
        && words.prod_url.is_none()
    {
        return join(context, name);
    }
    let project = words.project.clone().or_else(|| context.globals.project.clone());
    let prod_url = words.prod_url.clone().or_else(|| context.globals.prod_url.clone());
    let request = InitRequest {
        project: given_or_asked(context, project, "--project", "Project", usual_project, |_| Ok(()))?,
        prod_url: given_or_asked(
            context,
            prod_url,
            "--prod-url",
            "Production's address (such as https://api.example.com)",
            |_| None,
            |typed| config::base_url(typed).map(drop),
        )?,
        overwrite: words.yes,
        trust: at_terminal() && !is_below_a_run(context),
        store_key: words.store_key,
    };
    let report = config::init(&request, &context.environment)?;
    if report.trusted {
        context.audit.permission(context, "trust");
    }
    if report.key_file.is_some() {
        context.audit.permission(context, "store-key");
    }
    let quiet = context.output.quiet;
    context.output.result(&init_document(&report), |paint| init_text(&report, *paint, quiet))?;
    for warning in &report.warnings {
        context.output.note(&format!("warning: {warning}"));
    }
    if let Some(name) = &words.join {
        let joined = admit(context, name)?;
        context.output.note(&joined);
    }
    Ok(Exit::Success)
}

/// Lets this repository use the store of a project that another one made; the file stays as it is.
fn join(context: &Context, name: &str) -> Result<Exit, CliError> {
    let joined = admit(context, name)?;
    context.output.answer(&json!({ "status": "joined", "project": name, "detail": joined }), |paint| {
        format!("{} {joined}", paint.success("✓"))
    })
}

fn admit(context: &Context, name: &str) -> Result<String, CliError> {
    not_below_a_run(context, "which repositories use a project's store")?;
    let mut config = context.settings()?;
    // Without a file nothing but this word names a project.
    let named = config.file.is_some() || context.globals.project.is_some();
    if !named {
        let overrides = Overrides { project: Some(name.to_owned()), ..context.globals.overrides() };
        config = config::load(Actor::Person, &overrides, &context.environment)?;
    }
    let joined = context.block_on(async { Ok(app::join(&config, name).await?) })?;
    context.audit.opened(&config);
    context.audit.permission(context, "join");
    let verb = if joined.already { "could use" } else { "may use" };
    let before = if joined.already { " before" } else { " now" };
    let mut told = format!("{} {verb} the store of `{}`{before}", shown_path(&joined.repository), joined.project);
    if !named {
        told.push_str(&format!("; name it with `--project {}`, or write it down with `init`", joined.project));
    }
    Ok(told)
}

fn given_or_asked(
    context: &Context,
    given: Option<String>,
    flag: &str,
    question: &str,
    usual: fn(&Context) -> Option<String>,
    check: fn(&str) -> Result<(), config::BaseUrlError>,
) -> Result<String, CliError> {
    match given {
        Some(value) => Ok(value),
        None if at_terminal() && !context.output.json => {
            let usual = usual(context);
            let shown = usual.as_deref().map(|usual| format!(" [{}]", one_line(usual, 100))).unwrap_or_default();
            loop {
                context.output.ask(&format!("{question}{shown}: "));
                let answer = match (read_line()?, usual.clone()) {
                    (typed, _) if !typed.is_empty() => typed,
                    (_, Some(usual)) => usual,
                    (_, None) => {
                        return Err(CliError::usage(
                            format!("{flag} is empty"),
                            format!("type an answer, or give {flag}; nothing was written"),
                        ));
                    }
                };
                match check(&answer) {
                    Ok(()) => return Ok(answer),
                    Err(why) => context.output.ask(&format!("{why}\n")),
                }
            }
        }
        None => Err(CliError::usage(
            format!("{flag} is missing, and there is no terminal to ask at"),
            "Use: snipara-orchestrator init --project NAME --prod-url URL",
        )),
    }
}

/// Returns the project's name when nobody names one: that of the main worktree's folder.
fn usual_project(context: &Context) -> Option<String> {
    config::load(Actor::Person, &context.globals.overrides(), &context.environment)
        .ok()
        .map(|config| config.project.to_string())
}

fn init_document(report: &InitReport) -> Value {
    let (status, keys) = match &report.written {
        Written::Created => ("created", Vec::new()),
        Written::Unchanged => ("unchanged", Vec::new()),
        Written::Updated { keys } => ("updated", keys.clone()),
    };
    json!({
        "file": report.file.display().to_string(),
        "status": status,
        "keys": keys,
        "trusted": report.trusted,
        "untrusted_keys": report.untrusted_keys,
        "key_file": report.key_file.as_ref().map(|file| file.display().to_string()),
        "warnings": report.warnings,
    })
}

fn init_text(report: &InitReport, paint: Paint, quiet: bool) -> String {
    let file = shown_path(&report.file);
    let mut text = match &report.written {
        Written::Created => format!("{} {file}\n", paint.success("✓ created")),
        Written::Unchanged => format!("{} {file}\n", paint.success("✓ unchanged")),
        Written::Updated { keys } => format!("{} {file}: {}\n", paint.success("✓ updated"), keys.join(", ")),
    };
    if quiet {
        return text;
    }
    match &report.key_file {
        Some(key_file) => text.push_str(&format!("  The API key is in {}.\n", shown_path(key_file))),
        None => text.push_str("  The API key stays in the environment (SNIPARA_API_KEY); it is not written.\n"),
    }
    if report.trusted {
        text.push_str("  Its permissions count for agents, too.\n");
    } else if report.untrusted_keys.is_empty() {
        text.push_str("  Run `snipara-orchestrator trust` at a terminal, so that it counts for agents.\n");
    } else {
        let keys = one_line(&report.untrusted_keys.join(", "), 400);
        text.push_str(&format!(
            "  These keys do not count for agents until you run `snipara-orchestrator trust`: {keys}\n"
        ));
    }
    text
}

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

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn report(written: Written) -> InitReport {
        InitReport {
            file: PathBuf::from("/repo/.snipara-orchestrator.json"),
            written,
            trusted: false,
            untrusted_keys: Vec::new(),
            key_file: None,
            warnings: Vec::new(),
        }
    }

    #[test]
    fn init_says_what_it_wrote_and_where_the_key_is() {
        insta::assert_snapshot!(init_text(&report(Written::Created), Paint::new(false), false), @"
        ✓ created /repo/.snipara-orchestrator.json
          The API key stays in the environment (SNIPARA_API_KEY); it is not written.
          Run `snipara-orchestrator trust` at a terminal, so that it counts for agents.
        ");
        let updated = Written::Updated { keys: vec!["prod_url".into()] };
        assert_eq!(
            init_text(&report(updated), Paint::new(false), true),
            "✓ updated /repo/.snipara-orchestrator.json: prod_url\n"
        );
    }

    #[test]
    fn init_is_a_document_for_programs() {
        let document = init_document(&report(Written::Unchanged));
        assert_eq!(document["status"], "unchanged");
        assert_eq!(document["file"], "/repo/.snipara-orchestrator.json");
        assert_eq!(document["key_file"], Value::Null);
    }
}
