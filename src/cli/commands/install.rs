//! `install` and `uninstall`: a client's settings, by the client's own program where there is one.

use std::ffi::OsString;
use std::path::Path;

use serde_json::{Value, json};

use crate::app;
use crate::cli::arguments::{Install, Uninstall};
use crate::cli::commands::Context;
use crate::cli::error::CliError;
use crate::cli::exit_code::Exit;
use crate::cli::install::{
    Client, ClientPaths, ConfigFile, Edit, EditError, EditKind, InstallOptions, InstallScope, KeyChange, Remote,
    ServerEntry, TOKEN_VARIABLE, Target, entry_of, remove, says_nothing, set,
};
use crate::cli::render::Paint;
use crate::config::{self, BaseUrlError, Overrides};
use crate::domain::{one_line, shown_path};

mod by_program;
mod hooks;

use by_program::{by_claude, by_codex, is_for_the_program};
use hooks::{add_hooks, remove_hooks_everywhere};

const NAME: &str = "snipara-orchestrator";
/// What is told of a file that names our server.
const SERVER: &str = NAME;

/// Tells a client of this server.
///
/// # Errors
/// A bad address; a file that cannot be read or written, or holds another entry without `--yes`; a client's program
/// that fails. The file is as it was then.
pub(super) fn install(context: &Context, args: &Install) -> Result<Exit, CliError> {
    let client = args.client;
    let hook_client = hooks::wanted(args)?;
    let options = install_options(context, args)?;
    let scope = match args.scope.chosen() {
        None if options.prod_url.is_some() && client.knows_projects() => InstallScope::Project,
        None => InstallScope::User,
        Some(scope) => scope,
    };
    let paths = client_paths(context, scope)?;
    let options = with_repository(context, client, &paths, options)?;
    let config_file = config_file_of(client, scope, &paths)?;
    let entry = ServerEntry::new(client, scope, &options);
    if args.print {
        let text = set(client, "", &entry).map_err(|error| unreadable(&config_file.file, &error))?.text;
        let document = json!({ "client": client.word(), "file": shown_path(&config_file.file), "text": text });
        context.output.note(&format!("nothing was written; this belongs into {}", shown_path(&config_file.file)));
        return context.output.answer(&document, |_| text.clone());
    }
    let target = Target::read(&config_file)?;
    let present = target.text.as_deref().unwrap_or_default();
    let edit = set(client, present, &entry).map_err(|error| unreadable(&config_file.file, &error))?;
    if edit.kind == EditKind::Replaced && !args.yes {
        let keys: Vec<&str> = edit.changes.iter().map(|change| change.key.as_str()).collect();
        return Err(CliError::usage(
            format!("{} has another {NAME}: {} differ", shown_path(&config_file.file), keys.join(", ")),
            "`--yes` replaces them; nothing was written",
        ));
    }
    let by = write(context, client, scope, &paths, &target, &edit)?;
    let mut done = vec![Done { scope, what: SERVER, file: config_file.file, edit, by }];
    if let Some(hook_client) = hook_client {
        done.push(add_hooks(hook_client, scope, &paths, &options)?);
    }
    tell(context, client, &done)?;
    notes(context, args, scope, &options);
    Ok(Exit::Success)
}

/// Takes this server out of a client's settings.
///
/// # Errors
/// As [`install`].
pub(super) fn uninstall(context: &Context, args: &Uninstall) -> Result<Exit, CliError> {
    let client = args.client;
    let scopes = match args.scope.chosen() {
        Some(scope) => {
            let paths = client_paths(context, scope)?;
            vec![(scope, config_file_of(client, scope, &paths)?, paths)]
        }
        None => {
            let mut both = Vec::new();
            for scope in [InstallScope::Project, InstallScope::User] {
                let paths = client_paths(context, scope)?;
                both.extend(client.config_file(scope, &paths).map(|config_file| (scope, config_file, paths)));
            }
            both
        }
    };
    // All are read before the first is written.
    let mut planned = Vec::new();
    for (scope, config_file, paths) in scopes {
        let target = Target::read(&config_file)?;
        let present = target.text.as_deref().unwrap_or_default();
        let edit = match remove(client, present) {
            Ok(edit) => edit,
            // Nobody asked for this file, and we are not in it.
            Err(error) if args.scope.chosen().is_none() && !present.contains(NAME) => {
                let why = one_line(&error.to_string(), 300);
                context.output.note(&format!("note: {} is left alone: {why}", shown_path(&config_file.file)));
                continue;
            }
            Err(error) => return Err(unreadable(&config_file.file, &error)),
        };
        planned.push((scope, paths, target, edit));
    }
    let mut done = Vec::new();
    for (scope, paths, target, edit) in planned {
        let by = write(context, client, scope, &paths, &target, &edit)?;
        done.push(Done { scope, what: SERVER, file: target.path, edit, by });
    }
    done.extend(remove_hooks_everywhere(context, client, args.scope.chosen())?);
    tell(context, client, &done)?;
    Ok(Exit::Success)
}

/// Finds the folders of the environment; `--repo` names another repository than this one.
pub(super) fn client_paths(context: &Context, scope: InstallScope) -> Result<ClientPaths, CliError> {
    let named = context.globals.repo.as_deref().filter(|_| scope == InstallScope::Project);
    Ok(ClientPaths::of(&context.environment, named)?)
}

fn install_options(context: &Context, args: &Install) -> Result<InstallOptions, CliError> {
    let prod_url = context.globals.prod_url.as_deref().map(str::trim);
    if let Some(url) = prod_url {
        config::base_url(url).map_err(|reason| CliError::usage(format!("--prod-url: {reason}"), NOTHING))?;
    }
    if args.http.is_some() && (prod_url.is_some() || context.globals.repo.is_some()) {
        return Err(CliError::usage(
            "--http takes no --prod-url and no --repo: the server that runs there has its own",
            "Give them to that server's `serve`.",
        ));
    }
    let remote = args.http.as_deref().map(|url| remote(url, args.token_env.as_deref())).transpose()?;
    let command = args.command.clone().unwrap_or_else(|| NAME.to_owned());
    if command.trim().is_empty() || command.chars().any(char::is_control) {
        return Err(CliError::usage("--command is empty or holds control characters", NOTHING));
    }
    let codex = args.client == Client::Codex;
    if args.approve && !codex {
        return Err(CliError::usage(format!("--approve is Codex's: {} asks as it does", args.client.title()), NOTHING));
    }
    Ok(InstallOptions {
        command,
        prod_url: prod_url.map(str::to_owned),
        repository: None,
        // `--project` says here for whom; the name comes from the variable that names it to every command.
        project: context.environment.text("SNIPARA_PROJECT")?.map(str::to_owned),
        variables: if codex { handed_on(context) } else { Vec::new() },
        approve: args.approve,
        remote,
    })
}

/// Variables that decide where state lies and whom the server asks; Codex hands on none of them unasked.
const OWN_VARIABLES: [&str; 6] =
    ["SNIPARA_ORCHESTRATOR_HOME", "XDG_DATA_HOME", "PROD_URL", "SNIPARA_API_URL", "DATABASE_URL", "SSL_CERT_FILE"];

/// The names of the variables that the server reads in this repository: those of the configuration's credentials, and
/// our own that are set.
fn handed_on(context: &Context) -> Vec<String> {
    let environment = &context.environment;
    let here = Overrides { repo_path: context.globals.repo.clone(), ..Overrides::default() };
    let loaded = config::load_in_part(&here, environment);
    let credentials = loaded.map(|loaded| loaded.config.hidden_variables).unwrap_or_default();
    // A server over stdio reads no token, and an unset key is none.
    let unused = |name: &String| name == TOKEN_VARIABLE || name == KEY_VARIABLE && environment.value(name).is_none();
    let own = OWN_VARIABLES.iter().filter(|name| environment.value(name).is_some()).map(|name| (*name).to_owned());
    let mut names: Vec<String> = credentials.into_iter().filter(|name| !unused(name)).chain(own).collect();
    names.sort();
    names.dedup();
    names
}

const KEY_VARIABLE: &str = "SNIPARA_API_KEY";

const NOTHING: &str = "nothing was written";

fn remote(text: &str, variable: Option<&str>) -> Result<Remote, CliError> {
    let mut url = config::base_url(text).map_err(|reason| {
        // What is wrong may be a secret: the value is not shown.
        let reason = match reason {
            // The setting that the reason names is production's.
            BaseUrlError::Credentials => "it holds a user name or password".to_owned(),
            reason => reason.to_string(),
        };
        CliError::usage(format!("--http: {reason}"), "Use an address such as https://host.example.com/mcp.")
    })?;
    if url.path() == "/" {
        url.set_path("/mcp");
    }
    if let Some(name) = variable
        && (name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
    {
        return Err(CliError::usage(
            "--token-env is no variable's name",
            "Give the name of the variable that holds the token, never the token itself.",
        ));
    }
    let here = url.host().is_some_and(|host| match host {
        url::Host::Domain(name) => name == "localhost",
        url::Host::Ipv4(address) => address.is_loopback(),
        url::Host::Ipv6(address) => address.is_loopback(),
    });
    let usual = (!here).then_some(TOKEN_VARIABLE);
    Ok(Remote { url: url.to_string(), token_variable: variable.or(usual).map(str::to_owned) })
}

/// Adds the repository to the options: the one that was named, and this one for a client that would not know.
fn with_repository(
    context: &Context,
    client: Client,
    paths: &ClientPaths,
    mut options: InstallOptions,
) -> Result<InstallOptions, CliError> {
    if options.remote.is_some() {
        return Ok(options);
    }
    options.repository = match &context.globals.repo {
        // A folder of another machine, or one that is still to be made, is what the person says.
        Some(named) if named.is_absolute() => Some(named.display().to_string()),
        Some(named) => {
            let named = config::repository_root(&context.environment, Some(named))?;
            Some(named.display().to_string())
        }
        None if client == Client::Windsurf => Some(paths.repository.display().to_string()),
        None => None,
    };
    Ok(options)
}

fn config_file_of(client: Client, scope: InstallScope, paths: &ClientPaths) -> Result<ConfigFile, CliError> {
    client.config_file(scope, paths).ok_or_else(|| match scope {
        InstallScope::Project => CliError::usage(
            format!("{} has no settings for one repository", client.title()),
            "Use --user, and --repo for the repository that it is about.",
        ),
        InstallScope::User => {
            CliError::usage("HOME is not set, and these settings lie there", "Set HOME, or use --project.")
        }
    })
}

fn unreadable(file: &Path, error: &EditError) -> CliError {
    if matches!(error, EditError::Wrong) {
        return CliError::bug("an edit came out wrong; nothing was written");
    }
    CliError::usage(
        format!("{}: {}", shown_path(file), one_line(&error.to_string(), 300)),
        "Nothing was written. Mend it, or add what `--print` shows yourself.",
    )
}

/// Carries an edit out and says by what: the client's own program, or ourselves.
fn write(
    context: &Context,
    client: Client,
    scope: InstallScope,
    paths: &ClientPaths,
    target: &Target,
    edit: &Edit,
) -> Result<String, CliError> {
    if edit.kind == EditKind::Unchanged {
        return Ok(String::new());
    }
    let search_path = context.environment.value("PATH").map(OsString::from).unwrap_or_default();
    let own = is_for_the_program(client, scope, edit.kind)
        && app::find_program(client.word(), &search_path, Some(&paths.repository)).is_some();
    let run = |args: Vec<String>| {
        context.block_on(async { Ok(app::run_client_program(&context.environment, &paths.repository, args).await) })
    };
    match client {
        Client::Claude if own => by_claude(&run, scope, target, edit)?,
        Client::Codex if own => by_codex(&run, target, edit)?,
        _ => {
            if edit.says_nothing && !target.is_link() {
                target.remove()?;
            } else {
                target.replace(&edit.text, scope == InstallScope::User)?;
            }
            return Ok("file".to_owned());
        }
    }
    // What the program says is not taken for done: the file is read again.
    let config_file = client.config_file(scope, paths).ok_or_else(|| CliError::bug("a client lost its file"))?;
    let again = Target::read(&config_file)?;
    let text = again.text.as_deref().unwrap_or_default();
    let wanted = entry_of(client, &edit.text).map_err(|error| unreadable(&config_file.file, &error))?;
    let found = entry_of(client, text).map_err(|error| unreadable(&config_file.file, &error))?;
    if edit.kind == EditKind::Removed && !again.is_link() && says_nothing(client, text) && found == wanted {
        again.remove()?;
    }
    if found == wanted {
        return Ok(format!("{} mcp", client.word()));
    }
    let message = format!("`{} mcp` ended well, but {} does not say so", client.word(), shown_path(&config_file.file));
    Err(CliError::could_not("not_written", message, "Use `--print` and edit the file yourself."))
}

/// What was done to one file.
struct Done {
    scope: InstallScope,
    what: &'static str,
    file: std::path::PathBuf,
    edit: Edit,
    by: String,
}

fn tell(context: &Context, client: Client, done: &[Done]) -> Result<(), CliError> {
    let documents: Vec<Value> = done.iter().map(|done| document(client, done)).collect();
    let whole = match documents.as_slice() {
        [one] => one.clone(),
        several => json!({ "client": client.word(), "files": several }),
    };
    let quiet = context.output.quiet;
    context.output.result(&whole, |paint| done.iter().map(|done| text(client, done, *paint, quiet)).collect())
}

const fn status(kind: EditKind) -> &'static str {
    match kind {
        EditKind::Unchanged => "unchanged",
        EditKind::Added => "added",
        EditKind::Completed | EditKind::Replaced => "updated",
        EditKind::Removed => "removed",
    }
}

fn document(client: Client, done: &Done) -> Value {
    let changes: Vec<Value> = done
        .edit
        .changes
        .iter()
        .map(|change| json!({ "key": change.key, "old": shown_value(&change.key, change.old.as_ref()), "new": change.new }))
        .collect();
    json!({
        "client": client.word(),
        "scope": done.scope.word(),
        "what": done.what,
        "file": done.file.display().to_string(),
        "status": status(done.edit.kind),
        "by": done.by,
        "changes": changes,
    })
}

fn text(client: Client, done: &Done, paint: Paint, quiet: bool) -> String {
    let by = if done.by.is_empty() || done.by == "file" { String::new() } else { format!(" (by `{}`)", done.by) };
    let verdict = paint.success(format!("✓ {}", status(done.edit.kind)));
    let mut text = format!("{verdict} {} in {}, {}{by}\n", done.what, client.title(), shown_path(&done.file));
    if quiet {
        return text;
    }
    for KeyChange { key, old, new } in &done.edit.changes {
        if let Some(old) = shown_value(key, old.as_ref()) {
            text.push_str(&format!("  {} {key} = {}\n", paint.error("-"), one_line(&old.to_string(), 400)));
        }
        if let Some(new) = new {
            text.push_str(&format!("  {} {key} = {}\n", paint.success("+"), one_line(&new.to_string(), 400)));
        }
    }
    text
}

/// Shows an old value, which somebody else wrote: what may hold a secret is not shown.
fn shown_value(key: &str, value: Option<&Value>) -> Option<Value> {
    const OPEN: [&str; 8] =
        ["type", "command", "url", "httpUrl", "serverUrl", "timeout", "tool_timeout_sec", "bearer_token_env_var"];
    let value = value?;
    let address_with_secret = value.as_str().is_some_and(|text| text.contains(['@', '?']));
    // Hooks are shown only where they are ours.
    let ours = key.starts_with("hooks.") || key == "args" && value.get(0).and_then(Value::as_str) == Some("mcp");
    let open = (OPEN.contains(&key) && !address_with_secret) || ours;
    Some(if open { value.clone() } else { Value::from("(not shown)") })
}

/// Says what the person has to know besides.
fn notes(context: &Context, args: &Install, scope: InstallScope, options: &InstallOptions) {
    let client = args.client;
    let note = |text: &str| context.output.note(&format!("note: {text}"));
    match &options.remote {
        Some(Remote { url, token_variable }) => {
            if let Some(variable) = token_variable {
                note(&format!("{} reads the token from {variable}: set it where the client starts", client.title()));
                if url.starts_with("http://") {
                    note("the address is not https: the token can be read on the way");
                }
            }
        }
        None => {
            let search_path = context.environment.value("PATH").map(OsString::from).unwrap_or_default();
            if options.command == NAME && app::find_program(NAME, &search_path, None).is_none() {
                note(&format!("{NAME} is not on PATH: put it there, or name it with --command"));
            }
            if options.prod_url.is_none() {
                note("production's address comes from each repository: `snipara-orchestrator init`, then `trust`");
            } else if scope == InstallScope::User && client != Client::Windsurf {
                note("this address counts in every repository that you open: use --project for one");
            }
        }
    }
    match (client, scope) {
        (Client::Claude, InstallScope::Project) => {
            note("Claude Code asks each person once whether this server may be used")
        }
        (Client::Codex, InstallScope::Project) => note("Codex reads .codex/config.toml in repositories that it trusts"),
        _ => {}
    }
    if client == Client::Codex && !args.approve {
        note(
            "`codex exec` asks nobody and refuses our tools: `snipara-orchestrator install codex --approve` allows them",
        );
    }
    if client == Client::Codex && args.hooks {
        note("Codex runs a hook when a person trusted it: `/hooks` in codex; `doctor` says whether it does");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_this_machine_wants_no_token_and_another_one_does() {
        let variable = |url: &str, given: Option<&str>| remote(url, given).expect(url).token_variable;
        for url in ["http://127.0.0.1:8787", "http://localhost:1/mcp", "http://[::1]:9/mcp"] {
            assert_eq!(variable(url, None), None, "{url}");
            assert_eq!(variable(url, Some("T")).as_deref(), Some("T"), "{url}");
        }
        assert_eq!(variable("https://o.example.com/mcp", None).as_deref(), Some(TOKEN_VARIABLE));
        assert_eq!(variable("http://localhost.example.com/mcp", None).as_deref(), Some(TOKEN_VARIABLE));
    }

    #[test]
    fn an_address_without_a_path_is_that_of_the_protocol() {
        assert_eq!(remote("http://127.0.0.1:8787", None).expect("url").url, "http://127.0.0.1:8787/mcp");
        assert_eq!(
            remote("https://o.example.com/api/mcp/x", None).expect("url").url,
            "https://o.example.com/api/mcp/x"
        );
    }

    #[test]
    fn an_address_with_a_secret_and_a_token_for_a_name_are_refused_unseen() {
        for (url, variable) in [
            ("https://me:planted@o.example.com/mcp", None),
            ("https://o.example.com/mcp?token=planted", None),
            ("https://o.example.com/mcp", Some("planted-token")),
        ] {
            let error = remote(url, variable).expect_err(url);
            assert!(!error.message.contains("planted") && !error.hint.contains("planted"), "{error:?}");
        }
    }

    #[test]
    fn an_old_value_that_may_be_a_secret_is_not_shown_path() {
        let shown = |key: &str, value: Value| shown_value(key, Some(&value)).expect("a value");
        assert_eq!(shown("headers", json!({"Authorization": "Bearer x"})), "(not shown)");
        assert_eq!(shown("args", json!(["mcp-remote", "--header", "x"])), "(not shown)");
        assert_eq!(shown("url", json!("https://x.example/mcp?key=1")), "(not shown)");
        assert_eq!(shown("args", json!(["mcp"])), json!(["mcp"]));
        assert_eq!(shown("command", json!("npx")), "npx");
    }
}
