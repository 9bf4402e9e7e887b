//! `doctor`: what works here and what is missing.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::time::Duration;

use clap::ValueEnum;

use crate::app;
use crate::cli::commands::Context;
use crate::cli::error::CliError;
use crate::cli::exit_code::Exit;
use crate::cli::install::{Client, ClientPaths, InstallScope};
use crate::cli::interrupt::Interrupt;
use crate::cli::render::{self, DoctorReport, Finding, State};
use crate::config::{self, Config, ConfigError, Environment, Loaded, Overrides, TrustState};
use crate::domain::{Actor, Credential, TestUser, pluralize};
use crate::orchestrator::Orchestrator;

/// How long production may take to answer, and the ledger to be verified.
const PATIENCE: Duration = Duration::from_secs(5);

/// How much must fit beside the store, in bytes: a few of its pages.
const ROOM: usize = 64 * 1024;

mod hosts;
mod production;

const NAME: &str = "snipara-orchestrator";

/// Looks at everything a task may need.
///
/// # Errors
/// Only when standard output cannot be written, or when a signal came.
pub(super) fn doctor(context: &Context) -> Result<Exit, CliError> {
    let report = match loaded(context) {
        Err(error) => DoctorReport::new(vec![missing("configuration", true, error.message(), error.hint())]),
        Ok(loaded) => context.block_on(async {
            let mut interrupt = Interrupt::listen()?;
            interrupt.unless_interrupted(async { Ok::<_, CliError>(examine(context, &loaded).await) }).await
        })?,
    };
    let quiet = context.output.quiet;
    context.output.result(&report, |paint| render::doctor(&report, *paint, quiet))?;
    Ok(if report.ok { Exit::Success } else { Exit::CouldNot })
}

/// Reads the settings. Where the project itself is not known, the rest is looked at for the repository of the current folder.
fn loaded(context: &Context) -> Result<Loaded, ConfigError> {
    let overrides = context.globals.overrides();
    let error = match config::load_in_part(&overrides, &context.environment) {
        Ok(loaded) => return Ok(loaded),
        Err(error) => error,
    };
    let here = config::repository_root(&context.environment, None)?;
    let overrides = Overrides { repo_path: Some(here), ..overrides };
    let Ok(mut loaded) = config::load_in_part(&overrides, &context.environment) else { return Err(error) };
    let first = match error {
        ConfigError::Several { problems } => problems,
        one => vec![one],
    };
    let told: Vec<String> = first.iter().map(ConfigError::message).collect();
    loaded.problems.retain(|problem| !told.contains(&problem.message()));
    loaded.problems.splice(0..0, first);
    Ok(loaded)
}

async fn examine(context: &Context, loaded: &Loaded) -> DoctorReport {
    let config = &loaded.config;
    let mut findings = vec![git(config)];
    findings.extend(configuration(loaded));
    findings.push(trust(config));
    match app::compose(config, Actor::Person, "doctor").await.map(|orchestrator| context.opened.keep(orchestrator)) {
        Ok(orchestrator) => {
            let database = match no_room(&config.state_folder) {
                Some(full) => full,
                None => database(&orchestrator, config).await,
            };
            let holds = database.state != State::Missing;
            findings.push(database);
            findings.extend(local_tests(config));
            findings.extend(test_users(config));
            match holds {
                true => findings.extend(production::production(config).await),
                false => findings.push(not_needed("production", "not asked: no answer could be recorded")),
            }
            findings.push(snipara(&orchestrator, config).await);
        }
        Err(error) => {
            let hint = CliError::from(error.clone()).hint;
            findings.push(missing("database", true, error.to_string(), hint));
        }
    }
    findings.extend([prisma(config), playwright(config)]);
    findings.extend(clients(&context.environment, &config.repository));
    findings.extend(hosts::hooks(&context.environment, config).into_iter().chain(hosts::system()));
    DoctorReport::new(findings)
}

fn works(name: impl Into<String>, needed: bool, detail: impl Into<String>) -> Finding {
    Finding { name: name.into(), state: State::Works, needed, detail: detail.into(), fix: String::new() }
}

fn missing(name: impl Into<String>, needed: bool, detail: impl Into<String>, fix: impl Into<String>) -> Finding {
    Finding { name: name.into(), state: State::Missing, needed, detail: detail.into(), fix: fix.into() }
}

fn not_needed(name: impl Into<String>, detail: impl Into<String>) -> Finding {
    Finding { name: name.into(), state: State::NotNeeded, needed: false, detail: detail.into(), fix: String::new() }
}

fn git(config: &Config) -> Finding {
    let repository = config.repository.display();
    let Some(program) = app::find_program("git", &config.search_path, Some(&config.repository)) else {
        return missing("git", true, "git is not on PATH", "install git");
    };
    // Outside git the common folder is the repository itself.
    if config.git_common_folder == config.repository {
        return missing("git", false, format!("{repository} is in no git repository"), "git init");
    }
    works("git", true, format!("{repository}, with {}", program.display()))
}

/// One finding a setting that is wrong, and the rest is looked at with its default.
fn configuration(loaded: &Loaded) -> Vec<Finding> {
    let wrong = |problem: &ConfigError| missing("configuration", true, problem.message(), problem.hint());
    match &loaded.config.file {
        _ if !loaded.problems.is_empty() => loaded.problems.iter().map(wrong).collect(),
        Some(file) => vec![works("configuration", true, file.display().to_string())],
        None => vec![missing(
            "configuration",
            false,
            "no .snipara-orchestrator.json here or above",
            "snipara-orchestrator init",
        )],
    }
}

fn trust(config: &Config) -> Finding {
    let fix = "a person runs `snipara-orchestrator trust` at a terminal";
    match config::trust_state(config) {
        Ok(TrustState::NothingToTrust) => not_needed("trust", "no file gives permissions"),
        Ok(TrustState::Trusted) => works("trust", false, "the file's permissions count for agents"),
        Ok(TrustState::Untrusted { keys, .. }) => {
            missing("trust", false, format!("do not count for agents: {}", keys.join(", ")), fix)
        }
        Err(error) => missing("trust", false, error.message(), error.hint()),
    }
}

async fn database(orchestrator: &Orchestrator, config: &Config) -> Finding {
    let place = config.state_folder.display();
    match tokio::time::timeout(PATIENCE, app::look_at_store(orchestrator, PATIENCE / 2)).await {
        Err(_) => works("database", true, format!("{place}; the ledger is too long to verify here")),
        Ok(Ok(report)) if report.ok => {
            let entries = pluralize(report.entries.unwrap_or_default(), "entry", "entries");
            let how = match (report.read_only, report.finished) {
                (true, _) => "; it can only be read",
                (false, false) => "; it is too large to look at all of its pages here",
                (false, true) => "",
            };
            works("database", true, format!("{place}, {entries}, the ledger holds{how}"))
        }
        Ok(Ok(report)) => {
            let found: Vec<&str> = report.problems.iter().map(|problem| problem.what.as_str()).collect();
            missing("database", true, format!("{place}: {}", found.join("; ")), report.fix.unwrap_or_default())
        }
        Ok(Err(error)) => {
            let hint = CliError::from(error.clone()).hint;
            missing("database", true, error.to_string(), hint)
        }
    }
}

/// Writes a little beside the store and takes it away again: reading goes on when a disk is full.
fn no_room(folder: &Path) -> Option<Finding> {
    let probe = folder.join(format!("doctor-{}", std::process::id()));
    let written = File::create(&probe).and_then(|mut file| {
        file.write_all(&[0; ROOM])?;
        file.sync_all()
    });
    // What was written of it goes in any case.
    let _ = std::fs::remove_file(&probe);
    let kind = written.err()?.kind();
    let full = matches!(kind, ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge);
    full.then(|| {
        let place = folder.display();
        missing("database", true, format!("{place}: the disk or its quota is full"), "free some space there")
    })
}

/// The test users whose variable is not set; needed where a check of the configuration names one.
fn test_users(config: &Config) -> Vec<Finding> {
    let checks = || config.suites.values().flatten().chain(&config.policy.live_checks);
    let finding = |user: &TestUser| match &user.credential {
        Credential::Missing { variable } => {
            let needed = checks().any(|check| check.user.as_ref() == Some(&user.name));
            let detail = format!("the variable {variable} of `{}` is not set", user.name);
            missing("test users", needed, detail, format!("export {variable}=…"))
        }
        _ => works("test users", false, format!("`{}` has a credential", user.name)),
    };
    config.test_users.iter().map(finding).collect()
}

/// The programs of the policy's tests, where a line begins with one.
fn local_tests(config: &Config) -> Vec<Finding> {
    if config.policy.local_tests.is_empty() {
        let fix = "snipara-orchestrator init --yes finds the command, or give `--test COMMAND`";
        return vec![missing("local tests", false, "no test of this repository is configured", fix)];
    }
    let finding = |command: &String| {
        let program = command.split_whitespace().next().unwrap_or_default();
        let is_line = program.contains(['/', '=', '(', '$', '"', '\'']);
        match is_line || app::find_named_program(program, &config.search_path, &config.repository).is_some() {
            true => works("local tests", true, command.clone()),
            false => missing(
                "local tests",
                true,
                format!("{command}: `{program}` is not here"),
                format!("install {program}"),
            ),
        }
    };
    config.policy.local_tests.iter().map(finding).collect()
}

/// Who answers for memories, context, htasks and swarms, and what it was not told yet.
async fn snipara(orchestrator: &Orchestrator, config: &Config) -> Finding {
    let who = app::who_answers(config);
    if config.snipara_api_key.is_none() {
        return works("snipara", false, format!("{who}: the store on this machine answers"));
    }
    match orchestrator.outbox().await {
        Ok(outbox) if outbox.unknown + outbox.refused > 0 => missing(
            "snipara",
            false,
            format!(
                "{who}; {} waiting to be sent, {} perhaps not delivered, {} refused",
                outbox.waiting, outbox.unknown, outbox.refused
            ),
            "look at the service for what is missing; it is never sent twice",
        ),
        Ok(outbox) => works("snipara", false, format!("{who}; {} waiting to be sent", outbox.waiting)),
        Err(error) => missing("snipara", false, format!("{who}: {error}"), error.hint()),
    }
}

fn prisma(config: &Config) -> Finding {
    let root = &config.repository;
    let schema =
        ["prisma/schema.prisma", "schema.prisma"].map(|path| root.join(path)).into_iter().find(|path| path.is_file());
    let Some(schema) = schema else { return not_needed("prisma", "no schema.prisma here") };
    if !root.join("node_modules/.bin/prisma").exists() {
        let fix = "npm install --save-dev prisma";
        return missing("prisma", false, format!("{}, but Prisma is not installed", schema.display()), fix);
    }
    if config.database_url_set {
        works("prisma", false, schema.display().to_string())
    } else {
        missing("prisma", false, "DATABASE_URL is not set", "export DATABASE_URL to compare the schema")
    }
}

fn playwright(config: &Config) -> Finding {
    let needed = !config.policy.ui_tests.is_empty();
    let configured = ["ts", "js", "mts", "mjs"].map(|end| config.repository.join(format!("playwright.config.{end}")));
    if !needed && !configured.iter().any(|file| file.is_file()) {
        return not_needed("playwright", "no UI tests here");
    }
    if app::find_program("npx", &config.search_path, Some(&config.repository)).is_none() {
        return missing("playwright", needed, "npx is not on PATH", "install Node.js");
    }
    if config.repository.join("node_modules/@playwright/test").is_dir() {
        works("playwright", false, "@playwright/test is installed")
    } else {
        let fix = "npm install --save-dev @playwright/test && npx playwright install";
        missing("playwright", needed, "@playwright/test is not installed: UI tests cannot run", fix)
    }
}

/// Looks into the files of the clients that are installed here for our name.
fn clients(environment: &Environment, repository: &Path) -> Vec<Finding> {
    let Ok(paths) = ClientPaths::of(environment, Some(repository)) else { return Vec::new() };
    let looked_at = |client: &Client| {
        let config_files = [InstallScope::Project, InstallScope::User].map(|scope| client.config_file(scope, &paths));
        // Programs read it.
        let name = client.title().to_lowercase();
        match config_files.into_iter().flatten().find(|config_file| names_us(&config_file.file)) {
            Some(config_file) => Some(works(name, false, config_file.file.display().to_string())),
            None if is_installed(*client, &paths, environment) => {
                let fix = format!("snipara-orchestrator install {}", client.word());
                Some(missing(name, false, "not configured", fix))
            }
            None => None,
        }
    };
    Client::value_variants().iter().filter_map(looked_at).collect()
}

/// Tells whether a client is here: its program, or what it keeps of a person.
fn is_installed(client: Client, paths: &ClientPaths, environment: &Environment) -> bool {
    let program = if client == Client::VsCode { "code" } else { client.word() };
    let search_path = environment.value("PATH").unwrap_or_default();
    let own = client.config_file(InstallScope::User, paths).map(|config_file| config_file.file);
    let folder = own.as_deref().and_then(Path::parent).filter(|folder| Some(*folder) != paths.home.as_deref());
    app::find_program(program, search_path, None).is_some()
        || own.as_ref().is_some_and(|file| file.is_file())
        || folder.is_some_and(Path::is_dir)
}

fn names_us(file: &Path) -> bool {
    std::fs::read(file).is_ok_and(|text| text.windows(NAME.len()).any(|window| window == NAME.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_known_by_our_name_in_its_file_and_only_those_that_are_here_are_told() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(
            folder.path().join(".mcp.json"),
            r#"{"mcpServers": {"snipara-orchestrator": {"command": "snipara-orchestrator", "args": ["mcp"]}}}"#,
        )
        .expect("written");
        std::fs::create_dir_all(folder.path().join("home/.codex")).expect("a folder");
        let environment = Environment {
            variables: [("HOME".into(), folder.path().join("home").into())].into(),
            current_folder: folder.path().to_owned(),
            ..Environment::default()
        };
        let findings = clients(&environment, folder.path());
        let states: Vec<_> = findings.iter().map(|finding| (finding.name.as_str(), finding.state)).collect();
        assert_eq!(states, [("claude code", State::Works), ("codex", State::Missing)]);
    }
}
