//! `doctor`: what works here and what is missing.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::time::Duration;

use clap::ValueEnum;
use tokio_util::sync::CancellationToken;

use crate::app;
use crate::cli::commands::Context;
use crate::cli::error::CliError;
use crate::cli::exit_code::Exit;
use crate::cli::install::{Client, ClientPaths, InstallScope};
use crate::cli::interrupt::Interrupt;
use crate::cli::render::{self, DoctorReport, Finding, State};
use crate::config::{self, Config, ConfigError, Environment, Loaded, TrustState};
use crate::domain::{Actor, LiveCheck, pluralize};
use crate::orchestrator::Orchestrator;

/// How long production may take to answer, and the ledger to be verified.
const PATIENCE: Duration = Duration::from_secs(5);

/// How much must fit beside the store, in bytes: a few of its pages.
const ROOM: usize = 64 * 1024;

mod hosts;

const NAME: &str = "snipara-orchestrator";

/// Looks at everything a task may need.
///
/// # Errors
/// Only when standard output cannot be written, or when a signal came.
pub(super) fn doctor(context: &Context) -> Result<Exit, CliError> {
    let report = match config::load_in_part(&context.globals.overrides(), &context.environment) {
        Err(error) => DoctorReport::new(vec![missing(
            "configuration",
            true,
            error.message(),
            "correct it, or write a new one with `snipara-orchestrator init`",
        )]),
        Ok(loaded) => context.block_on(async {
            let mut interrupt = Interrupt::listen()?;
            interrupt.unless_interrupted(async { Ok::<_, CliError>(examine(context, &loaded).await) }).await
        })?,
    };
    let quiet = context.output.quiet;
    context.output.result(&report, |paint| render::doctor(&report, *paint, quiet))?;
    Ok(if report.ok { Exit::Success } else { Exit::CouldNot })
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
            // Nothing is written into a store that is damaged or full.
            let production = match database.state {
                State::Missing => not_needed("production", "not asked: the answer could not be recorded"),
                State::Works | State::NotNeeded => production(&orchestrator, config).await,
            };
            findings.extend([database, production]);
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
        return missing("git", false, format!("{repository} is in no git repository"), "run `git init` there");
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
            "run `snipara-orchestrator init`",
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

async fn production(orchestrator: &Orchestrator, config: &Config) -> Finding {
    let Some(url) = &config.prod_url else {
        let fix = "set prod_url: `snipara-orchestrator init`, or PROD_URL, or --prod-url";
        return missing("production", true, "prod_url is not set", fix);
    };
    let milliseconds = u64::try_from(PATIENCE.as_millis()).unwrap_or(u64::MAX);
    let check = LiveCheck { timeout_ms: milliseconds, ..LiveCheck::get(url.as_str()) };
    let fix = "see that the address is right and reachable from this machine";
    match orchestrator.validate_endpoint(check, &CancellationToken::new()).await {
        Ok(proof) => match proof.response_code {
            Some(code) => works("production", true, format!("{url} answers {code}")),
            None => missing("production", true, format!("{url}: {}", proof.error_message.unwrap_or_default()), fix),
        },
        Err(error) => missing("production", true, error.to_string(), fix),
    }
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
    if !config.repository.join("package.json").is_file() {
        return not_needed("playwright", "no package.json here");
    }
    if app::find_program("npx", &config.search_path, Some(&config.repository)).is_none() {
        return missing("playwright", false, "npx is not on PATH", "install Node.js");
    }
    if config.repository.join("node_modules/@playwright/test").is_dir() {
        works("playwright", false, "@playwright/test is installed")
    } else {
        let fix = "npm install --save-dev @playwright/test && npx playwright install";
        missing("playwright", false, "@playwright/test is not installed: UI tests cannot run", fix)
    }
}

/// Looks into the clients' own files for our name.
fn clients(environment: &Environment, repository: &Path) -> Vec<Finding> {
    let Ok(paths) = ClientPaths::of(environment, Some(repository)) else { return Vec::new() };
    let looked_at = |client: &Client| {
        let config_files = [InstallScope::Project, InstallScope::User].map(|scope| client.config_file(scope, &paths));
        // Programs read it.
        let name = client.title().to_lowercase();
        match config_files.into_iter().flatten().find(|config_file| names_us(&config_file.file)) {
            Some(config_file) => works(name, false, config_file.file.display().to_string()),
            None => missing(name, false, "not configured", format!("snipara-orchestrator install {}", client.word())),
        }
    };
    Client::value_variants().iter().map(looked_at).collect()
}

fn names_us(file: &Path) -> bool {
    std::fs::read(file).is_ok_and(|text| text.windows(NAME.len()).any(|window| window == NAME.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_known_by_our_name_in_its_file() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(
            folder.path().join(".mcp.json"),
            r#"{"mcpServers": {"snipara-orchestrator": {"command": "snipara-orchestrator", "args": ["mcp"]}}}"#,
        )
        .expect("written");
        let environment = Environment {
            variables: [("HOME".into(), folder.path().join("home").into())].into(),
            current_folder: folder.path().to_owned(),
            ..Environment::default()
        };
        let findings = clients(&environment, folder.path());
        let states: Vec<_> = findings.iter().map(|finding| (finding.name.as_str(), finding.state)).collect();
        assert_eq!(
            states,
            [
                ("claude code", State::Works),
                ("codex", State::Missing),
                ("cursor", State::Missing),
                ("vs code", State::Missing),
                ("gemini cli", State::Missing),
                ("windsurf", State::Missing)
            ]
        );
    }
}
