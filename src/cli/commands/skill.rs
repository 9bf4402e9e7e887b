//! `skill`: the text that tells an agent how to work with this server, where its client looks for it.

use serde_json::json;

use super::install::client_paths;
use crate::cli::arguments::SkillCommand;
use crate::cli::commands::Context;
use crate::cli::error::CliError;
use crate::cli::exit_code::Exit;
use crate::cli::install::{InstallScope, SkillClient, Target};
use crate::domain::one_line;
use crate::skill::{SKILL_FILES, SKILL_NAME, SKILL_TEXT};

/// Writes or removes the skill.
///
/// # Errors
/// When a skill of that name says something else and `--yes` was not given, or when a file cannot be read or written.
pub(super) fn skill(context: &Context, command: &SkillCommand) -> Result<Exit, CliError> {
    let (SkillCommand::Install { client, scope, yes, .. } | SkillCommand::Uninstall { client, scope, yes }) = command;
    let scope = scope.chosen().unwrap_or(InstallScope::User);
    if matches!(command, SkillCommand::Install { print: true, .. }) {
        let files = SKILL_FILES.map(|(path, text)| json!({ "path": path, "text": text }));
        return context
            .output
            .answer(&json!({ "name": SKILL_NAME, "text": SKILL_TEXT, "files": files }), |_| SKILL_TEXT.to_owned());
    }
    let paths = client_paths(context, scope)?;
    let mut files = Vec::new();
    for (path, text) in SKILL_FILES {
        let config_file = client
            .config_file(path, scope, &paths)
            .ok_or_else(|| CliError::usage("HOME is not set, and skills lie there", "Set HOME, or use --project."))?;
        files.push((Target::read(&config_file)?, text));
    }
    let install = matches!(command, SkillCommand::Install { .. });
    // All are judged before one is written.
    let other = files.iter().find(|(target, text)| target.text.as_deref().is_some_and(|present| present != *text));
    if let Some((target, _)) = other.filter(|_| !yes) {
        let verb = if install { "replaces" } else { "removes" };
        return Err(CliError::usage(
            format!("{} says something else: an older skill, or one that was edited", target.path.display()),
            format!("`--yes` {verb} it; nothing was written"),
        ));
    }
    let was_there = files.iter().any(|(target, _)| target.text.is_some());
    let mut changed = false;
    // SKILL.md comes last when files are removed: its folder is empty then.
    for (target, text) in files.iter().rev() {
        if install && target.text.as_deref() != Some(text) {
            target.replace(text, false)?;
            changed = true;
        } else if !install && target.text.is_some() {
            target.remove()?;
            changed = true;
        }
    }
    let status = match (changed, install, was_there) {
        (false, ..) => "unchanged",
        (true, true, false) => "added",
        (true, true, true) => "updated",
        (true, false, _) => "removed",
    };
    match files.first() {
        Some((target, _)) => report(context, *client, status, target),
        None => Ok(Exit::Success),
    }
}

fn report(context: &Context, client: SkillClient, status: &str, target: &Target) -> Result<Exit, CliError> {
    let file = target.path.display().to_string();
    let document = json!({ "name": SKILL_NAME, "file": file, "status": status });
    context.output.answer(&document, |paint| {
        let verdict = paint.success(format!("✓ {status}"));
        format!("{verdict} {SKILL_NAME} for {}, {}", client.title(), one_line(&file, 400))
    })
}
