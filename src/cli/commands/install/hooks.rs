//! Our hooks in a client's files, added with `--hooks` and taken out with everything else.

use std::path::Path;

use super::{Done, client_paths, unreadable};
use crate::cli::arguments::Install;
use crate::cli::commands::Context;
use crate::cli::error::CliError;
use crate::cli::install::{
    Client, ClientPaths, ConfigFile, EditKind, HookClient, InstallOptions, InstallScope, Target, remove_hooks,
    says_nothing, set_hooks, without_trust,
};

const HOOKS: &str = "hooks";

/// Returns whose hooks were asked for.
///
/// # Errors
/// When the client has none that we know.
pub(super) fn wanted(args: &Install) -> Result<Option<HookClient>, CliError> {
    if !args.hooks {
        return Ok(None);
    }
    let known = HookClient::of(args.client).ok_or_else(|| {
        let hint = "Leave out --hooks, or use it with claude, codex or gemini; nothing was written.";
        CliError::usage(
            format!("--hooks: {} has no hooks that were tried with this program", args.client.title()),
            hint,
        )
    })?;
    if args.command.as_deref().is_some_and(|command| !command.contains("snipara")) {
        let hint = "Name the program snipara-orchestrator, or leave out --hooks; nothing was written.";
        return Err(CliError::usage("--command: hooks are known again by `snipara` in the program's path", hint));
    }
    Ok(Some(known))
}

/// Adds our hooks to the file that the client reads.
///
/// # Errors
/// As the server's entry. That is written then.
pub(super) fn add_hooks(
    client: HookClient,
    scope: InstallScope,
    paths: &ClientPaths,
    options: &InstallOptions,
) -> Result<Done, CliError> {
    let config_file = client
        .config_file(scope, paths)
        .ok_or_else(|| CliError::usage("HOME is not set, and hooks lie there", "Set HOME, or use --project."))?;
    let target = Target::read(&config_file)?;
    let present = target.text.as_deref().unwrap_or_default();
    let edit =
        set_hooks(client, present, &shell_line(options)).map_err(|error| unreadable(&config_file.file, &error))?;
    if edit.kind != EditKind::Unchanged {
        target.replace(&edit.text, scope == InstallScope::User)?;
    }
    Ok(Done { scope, what: HOOKS, file: config_file.file, edit, by: "file".to_owned() })
}

/// The line that starts this program on the project that the server has, too.
fn shell_line(options: &InstallOptions) -> String {
    let mut words = vec![options.command.as_str()];
    for (flag, value) in [("--project", &options.project), ("--repo", &options.repository)] {
        words.extend(value.iter().flat_map(|value| [flag, value.as_str()]));
    }
    // A word with a NUL was refused before.
    shlex::try_join(words).unwrap_or_else(|_| options.command.clone())
}

/// Takes our hooks out of both scopes of a client, or of the one that was said, and what Codex recorded about them.
///
/// # Errors
/// When a file that holds them cannot be read or written.
pub(super) fn remove_hooks_everywhere(
    context: &Context,
    client: Client,
    chosen: Option<InstallScope>,
) -> Result<Vec<Done>, CliError> {
    let Some(hook_client) = HookClient::of(client) else { return Ok(Vec::new()) };
    let scopes = match chosen {
        Some(scope) => vec![scope],
        None => vec![InstallScope::Project, InstallScope::User],
    };
    let mut done = Vec::new();
    for scope in scopes {
        let paths = client_paths(context, scope)?;
        let Some(config_file) = hook_client.config_file(scope, &paths) else { continue };
        let target = Target::read(&config_file)?;
        let Some(present) = target.text.as_deref().filter(|text| text.contains(" hook ")) else { continue };
        let edit = remove_hooks(hook_client, present).map_err(|error| unreadable(&config_file.file, &error))?;
        if edit.kind != EditKind::Removed {
            continue;
        }
        // Codex knows the file by its path without links, which is found while it is there.
        if hook_client == HookClient::Codex {
            forget_trust(context, &config_file.file)?;
        }
        if edit.says_nothing && !target.is_link() {
            target.remove()?;
        } else {
            target.replace(&edit.text, scope == InstallScope::User)?;
        }
        done.push(Done { scope, what: HOOKS, file: config_file.file, edit, by: "file".to_owned() });
    }
    Ok(done)
}

fn forget_trust(context: &Context, hooks: &Path) -> Result<(), CliError> {
    let paths = client_paths(context, InstallScope::User)?;
    let Some(config_file) = Client::Codex.config_file(InstallScope::User, &paths) else { return Ok(()) };
    let ConfigFile { file, .. } = &config_file;
    let target = Target::read(&config_file)?;
    let Some(present) = target.text.as_deref() else { return Ok(()) };
    let left = without_trust(present, hooks).map_err(|error| unreadable(file, &error))?;
    if left == present {
        Ok(())
    } else if says_nothing(Client::Codex, &left) && !target.is_link() {
        target.remove()
    } else {
        target.replace(&left, true)
    }
}
