//! `mcp` and `demo`.

use std::ffi::{OsStr, OsString};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::app::{self, AuditDoor};
use crate::cli::arguments::McpServer;
use crate::cli::commands::Context;
use crate::cli::commands::reopening::{Reopening, bounded};
use crate::cli::error::CliError;
use crate::cli::exit_code::Exit;
use crate::cli::interrupt::Interrupt;
use crate::cli::output::Output;
use crate::config::{self, Environment, Overrides, PERMISSION_KEYS, SettingFlag};
use crate::demo::{self, DemoOptions};
use crate::domain::{Actor, AuditEvent, AuditSink, audit_digest};
use crate::mcp::{self, Opener, ServerOptions, StdioError};

/// Serves MCP over standard input and output until the input ends.
///
/// The settings are read before the handshake, and again when they change; when that fails the server starts all the same
/// and tells each call why, so that a person can mend it without a restart.
///
/// # Errors
/// When an option names an unknown tool or toolset, or when the pipes break.
pub(super) fn mcp(context: &Context, words: McpServer) -> Result<Exit, CliError> {
    let Prepared { options, opener, audit } = prepared(context, words, AuditDoor::Mcp);
    if std::io::stdin().is_terminal() {
        context.output.note("serving MCP on standard input and output, for a client that starts this; Ctrl-C ends it");
    }
    context.block_on(async {
        mcp::serve_stdio(options, opener, audit).await.map_err(served)?;
        Ok(Exit::Success)
    })
}

/// What a server is made of.
pub(super) struct Prepared {
    pub(super) options: ServerOptions,
    pub(super) opener: Opener,
    pub(super) audit: Option<AuditSink>,
}

/// Reads the settings and tells what is wrong with them; a server starts all the same.
pub(super) fn prepared(context: &Context, words: McpServer, door: AuditDoor) -> Prepared {
    let global = context.globals.overrides();
    let overrides = Overrides {
        settings: bounds_by_flag(&words).chain(global.settings).collect(),
        allow_hosts: words.allow_host,
        allow_public: words.allow_public,
        allow_any_command: words.allow_any_command,
        no_local_commands: words.no_local_commands,
        credential_variables: words.credential_env,
        ..global
    };
    let seen = config::settings_seen(&overrides, &context.environment);
    let settings = config::load(Actor::Caller, &overrides, &context.environment);
    match &settings {
        Ok(config) => {
            app::begin_logs(config, &context.environment);
            let of_trust = config.caller_trust.warnings();
            let warnings = config.warnings.iter().chain(&of_trust).chain(&config.caller_trust.held_back);
            warnings.for_each(|warning| context.output.note(&format!("warning: {warning}")));
        }
        Err(error) => context.output.error(&told(error)),
    }
    let file = match &settings {
        Ok(config) => config.audit.clone(),
        Err(_) => config::audit_without_settings(&context.environment),
    };
    let audit = app::audit_trail(file.as_ref(), door);
    if let Some(trail) = &audit {
        write_permissions(trail, &overrides);
    }
    let flags = ServerOptions {
        toolsets: words.toolsets,
        tools: words.tools,
        read_only: words.read_only,
        lockdown: words.lockdown,
        // Not known when the settings cannot be read: each call then says why.
        hosted: settings.as_ref().map_or(true, |config| config.snipara_api_key.is_some()),
    };
    let options = bounded(&flags, settings.as_ref().ok());
    let reopening = Reopening::new(seen, settings.ok(), flags, overrides, context, audit.clone());
    Prepared { options, opener: reopening.opener(), audit }
}

/// Says which keys of the file the server's own flags stand in for.
fn bounds_by_flag(words: &McpServer) -> impl Iterator<Item = (String, Vec<String>)> + use<> {
    let yes = |given: bool| given.then(|| vec!["true".to_owned()]);
    let given =
        [("toolsets", words.toolsets.clone()), ("read_only", yes(words.read_only)), ("lockdown", yes(words.lockdown))];
    given.into_iter().filter_map(|(key, texts)| Some((key.to_owned(), texts?)))
}

/// Writes the flags by which whoever started the server lets callers do more.
fn write_permissions(trail: &AuditSink, flags: &Overrides) {
    let given = [
        (flags.allow_any_command, "--allow-any-command", &Vec::new()),
        (flags.allow_public, "--allow-public", &Vec::new()),
        (!flags.allow_hosts.is_empty(), "--allow-host", &flags.allow_hosts),
        (!flags.credential_variables.is_empty(), "--credential-env", &flags.credential_variables),
    ];
    let is_permission = |flag: &&SettingFlag| !flag.declared && PERMISSION_KEYS.contains(&flag.key.as_str());
    let settings = config::setting_flags().iter().filter(is_permission);
    let settings = settings.filter_map(|flag| Some((true, flag.flag.as_str(), flags.settings.get(&flag.key)?)));
    for (_, flag, values) in given.into_iter().chain(settings).filter(|(given, ..)| *given) {
        let digest = (!values.is_empty()).then(|| audit_digest(trail, values)).flatten();
        trail.record(AuditEvent { digest, ..AuditEvent::permission("person", flag) });
    }
}

/// The document of an error would be no protocol: standard output stays empty.
fn told(error: &config::ConfigError) -> CliError {
    CliError { hint: error.hint(), message: error.message(), ..CliError::usage("", "") }
}

fn served(error: StdioError) -> CliError {
    let options = matches!(error, StdioError::Options(_));
    let message = format!("{:#}", anyhow::Error::from(error));
    if options {
        CliError::usage(message, "`snipara-orchestrator mcp --help` names the options.")
    } else {
        CliError::could_not("not_served", message, "")
    }
}

/// Shows it all with a pretend production.
///
/// # Errors
/// When a file, a port or the server cannot be used, or when the product does not do what the story says.
pub(super) fn demo(context: &Context) -> Result<Exit, CliError> {
    let executable = own_executable(&context.program, &context.environment).ok_or_else(|| {
        CliError::could_not("no_executable", "cannot find the program's own file", "Run it by its path.")
    })?;
    let output = &context.output;
    let options = DemoOptions { executable, color: output.paint.colours() };
    let told = context.block_on(async {
        let mut interrupt = Interrupt::listen()?;
        let mut story = Vec::new();
        let mut terminal = ResultWriter(output);
        let writer: &mut (dyn Write + Send) = if output.json { &mut story } else { &mut terminal };
        let telling = async {
            match demo::run(writer, options).await {
                Err(error) if !error.is_closed_pipe() => {
                    Err(CliError::could_not("demo_failed", format!("{:#}", anyhow::Error::from(error)), ""))
                }
                _ => Ok(()),
            }
        };
        interrupt.unless_interrupted(telling).await?;
        Ok(String::from_utf8_lossy(&story).into_owned())
    })?;
    if output.json {
        output.result(&json!({ "passed": true, "story": told }), |_| String::new())?;
    }
    Ok(Exit::Success)
}

/// Lets the demo write results; a closed pipe ends it.
struct ResultWriter<'a>(&'a Output);

impl Write for ResultWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self.0.raw(bytes) {
            Ok(true) => Ok(bytes.len()),
            Ok(false) => Err(std::io::ErrorKind::BrokenPipe.into()),
            Err(error) => Err(std::io::Error::other(error)),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Finds this program's own file: from the kernel where it tells, else from the name that it was called by.
fn own_executable(program: &OsStr, environment: &Environment) -> Option<PathBuf> {
    if let Ok(file) = std::fs::read_link("/proc/self/exe")
        && file.is_file()
    {
        return Some(file);
    }
    let called = Path::new(program);
    if called.components().count() > 1 {
        let file = environment.current_folder.join(called);
        return file.is_file().then_some(file);
    }
    let search_path = environment.variables.get(OsStr::new("PATH")).map(OsString::as_os_str)?;
    app::find_program(program.to_str()?, search_path, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_file_is_found() {
        let file = own_executable(OsStr::new("x"), &Environment::default());
        #[cfg(target_os = "linux")]
        assert!(file.is_some_and(|file| file.is_file()));
        #[cfg(not(target_os = "linux"))]
        assert!(file.is_none());
    }
}
