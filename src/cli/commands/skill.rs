//! `skill`: the text that tells an agent how to work with this server, where its client looks for it.

use serde_json::json;

use super::install::places;
use crate::cli::arguments::SkillCommand;
use crate::cli::commands::Context;
use crate::cli::error::CliError;
use crate::cli::exit_code::Exit;
use crate::cli::install::{Scope, SkillClient, Target};
use crate::domain::one_line;
use crate::skill::{SKILL_NAME, SKILL_TEXT};

/// Writes or removes the skill.
///
/// # Errors
/// When a skill of that name says something else and `--yes` was not given, or when a file cannot be read or written.
pub(super) fn skill(context: &Context, command: &SkillCommand) -> Result<Exit, CliError> {
    let (SkillCommand::Install { client, scope, yes, .. } | SkillCommand::Uninstall { client, scope, yes }) = command;
    let scope = scope.chosen().unwrap_or(Scope::User);
    let spot = client
        .spot(scope, &places(context, scope)?)
        .ok_or_else(|| CliError::usage("HOME is not set, and skills lie there", "Set HOME, or use --project."))?;
    if matches!(command, SkillCommand::Install { print: true, .. }) {
        context.output.result(&json!({ "name": SKILL_NAME, "text": SKILL_TEXT }), |_| SKILL_TEXT.to_owned())?;
        return Ok(Exit::Success);
    }
    let target = Target::read(&spot)?;
    let install = matches!(command, SkillCommand::Install { .. });
    let other = target.text.as_deref().is_some_and(|text| text != SKILL_TEXT);
    if other && !yes {
        let verb = if install { "replaces" } else { "removes" };
        return Err(CliError::usage(
            format!("{} says something else: an older skill, or one that was edited", target.path.display()),
            format!("`--yes` {verb} it; nothing was written"),
        ));
    }
    let status = match (install, &target.text) {
        (true, Some(_)) if !other => "unchanged",
        (true, present) => {
            target.replace(SKILL_TEXT, false)?;
            if present.is_some() { "updated" } else { "added" }
        }
        (false, None) => "unchanged",
        (false, Some(_)) => {
            target.remove()?;
            "removed"
        }
    };
    report(context, *client, status, &target)
}

fn report(context: &Context, client: SkillClient, status: &str, target: &Target) -> Result<Exit, CliError> {
    let file = target.path.display().to_string();
    let document = json!({ "name": SKILL_NAME, "file": file, "status": status });
    context.output.result(&document, |paint| {
        let verdict = paint.good(format!("✓ {status}"));
        format!("{verdict} {SKILL_NAME} for {}, {}", client.title(), one_line(&file, 400))
    })?;
    Ok(Exit::Success)
}
