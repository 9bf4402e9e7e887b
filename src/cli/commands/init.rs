//! `init`: finds what can be found, proposes it, and writes the configuration.

use serde_json::{Map, Value, json};

use super::proposal::{Proposal, health_routes, routes_to_ask};
use crate::app::{self, ProductionLook};
use crate::cli::arguments::Init;
use crate::cli::commands::Context;
use crate::cli::commands::confirm::{at_terminal, is_below_a_run, not_below_a_run, read_line};
use crate::cli::error::CliError;
use crate::cli::exit_code::Exit;
use crate::cli::render::Paint;
use crate::config::{self, Config, InitReport, InitRequest, Overrides, Written};
use crate::detect::{Detected, Sources, detect};
use crate::domain::{Actor, LiveCheck, ProjectId, one_line, shown_path};

/// Writes the configuration file. It never prompts when the address of production is given, or without a terminal; at a
/// terminal of a person the file is trusted, too.
///
/// # Errors
/// Bad values, other values in the file without `--yes`, no address and no terminal to ask at.
pub(super) fn init(context: &Context, words: &Init) -> Result<Exit, CliError> {
    if let Some(name) = &words.join
        && words.project.is_none()
        && words.prod_url.is_none()
    {
        return join(context, name);
    }
    let known = config::load_in_part(&context.globals.overrides(), &context.environment).ok().map(|known| known.config);
    let detected = match &known {
        Some(known) if !words.bare && is_open(known) => detect(&Sources::read(&known.repository)),
        _ => Detected::default(),
    };
    let given = words.prod_url.clone().or_else(|| context.globals.prod_url.clone()).or_else(|| variable(context));
    let may_ask = given.is_none() && at_terminal() && !context.output.json;
    let usual = known.as_ref().map(|known| known.project.to_string());
    let project = match words.project.clone().or_else(|| context.globals.project.clone()) {
        Some(project) => project,
        None if may_ask => asked(context, "--project", "Project", usual, |_| Ok(()))?,
        None => usual.ok_or_else(|| missing("--project", "NAME"))?,
    };
    let before = known.as_ref().and_then(|known| known.prod_url.as_ref()).map(|url| plain(url.as_str()));
    let local = detected.port.map(|port| format!("http://localhost:{port}"));
    let prod_url = match given {
        Some(url) => url,
        None if may_ask => {
            let question = "Production's address (such as https://api.example.com)";
            asked(context, "--prod-url", question, before.or(local), |typed| config::base_url(typed).map(drop))?
        }
        None => before.ok_or_else(|| missing("--prod-url", local.as_deref().unwrap_or("https://api.example.com")))?,
    };
    let proposal = propose(context, words, &project, &prod_url, &detected)?;
    let accepted = !may_ask || accept(context, &proposal)?;
    let request = InitRequest {
        project,
        prod_url,
        found: if accepted { proposal.keys() } else { Map::new() },
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
    let told = accepted && !may_ask;
    let mut document = init_document(&report);
    document["found"] = json!(proposal);
    context.output.result(&document, |paint| init_text(&report, told.then_some(&proposal), *paint, quiet))?;
    for warning in &report.warnings {
        context.output.note(&format!("warning: {warning}"));
    }
    if let Some(name) = &words.join {
        let joined = admit(context, name)?;
        context.output.note(&joined);
    }
    Ok(Exit::Success)
}

/// Tells whether anything that could be found is still open: what the file says is never replaced.
fn is_open(known: &Config) -> bool {
    known.file.is_none() || known.suites.is_empty() || known.policy.local_tests.is_empty()
}

fn variable(context: &Context) -> Option<String> {
    context.environment.value("PROD_URL").and_then(|value| value.to_str()).map(str::to_owned)
}

fn plain(url: &str) -> String {
    url.trim_end_matches('/').to_owned()
}

fn missing(flag: &str, value: &str) -> CliError {
    CliError::usage(
        format!("{flag} is missing, and there is no terminal to ask at"),
        format!("Use: snipara-orchestrator init {flag} {value}"),
    )
}

/// Asks production and chooses. An address that cannot be used is left to who writes the file.
fn propose(
    context: &Context,
    words: &Init,
    project: &str,
    prod_url: &str,
    detected: &Detected,
) -> Result<Proposal, CliError> {
    if words.bare || config::base_url(prod_url).is_err() || ProjectId::from_name(project).is_err() {
        return Ok(Proposal::default());
    }
    let mut overrides = Overrides { prod_url: Some(prod_url.to_owned()), ..context.globals.overrides() };
    overrides.project = Some(project.to_owned());
    let Ok(loaded) = config::load_in_part(&overrides, &context.environment) else { return Ok(Proposal::default()) };
    if !is_open(&loaded.config) {
        return Ok(Proposal::default());
    }
    let look = look(context, &loaded.config, detected)?;
    let (search_path, repository) = (&loaded.config.search_path, &loaded.config.repository);
    let is_there = |command: &str| {
        let program = command.split(' ').next().unwrap_or(command);
        match program.contains('/') {
            true => repository.join(program).is_file(),
            false => app::find_named_program(program, search_path, repository).is_some(),
        }
    };
    let suite = loaded.config.project.to_string();
    Ok(Proposal::of(&suite, detected, look.as_ref(), is_there))
}

fn look(context: &Context, config: &Config, detected: &Detected) -> Result<Option<ProductionLook>, CliError> {
    let checks: Vec<LiveCheck> = routes_to_ask(detected).into_iter().map(LiveCheck::get).collect();
    let health = health_routes(detected);
    context.block_on(async {
        let mut interrupt = crate::cli::interrupt::Interrupt::listen()?;
        let looking = async { Ok::<_, CliError>(app::look_at_production(config, &checks, &health).await.ok()) };
        interrupt.unless_interrupted(looking).await
    })
}

/// Shows a person what was found. Nothing found is nothing to accept.
fn accept(context: &Context, proposal: &Proposal) -> Result<bool, CliError> {
    if proposal.keys().is_empty() {
        return Ok(true);
    }
    context.output.ask(&format!("{}Write this? [Y/n] ", proposal_text(proposal, context.output.note_paint)));
    Ok(matches!(read_line()?.to_ascii_lowercase().as_str(), "" | "y" | "yes"))
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

fn asked(
    context: &Context,
    flag: &str,
    question: &str,
    usual: Option<String>,
    check: fn(&str) -> Result<(), config::BaseUrlError>,
) -> Result<String, CliError> {
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
        "not_written": report.left_out,
        "trusted": report.trusted,
        "untrusted_keys": report.untrusted_keys,
        "key_file": report.key_file.as_ref().map(|file| file.display().to_string()),
        "warnings": report.warnings,
    })
}

/// Says what was found and what it comes from, one line each.
fn proposal_text(proposal: &Proposal, paint: Paint) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: String| text.push_str(&format!("  {:<12} {}\n", name, one_line(&value, 300)));
    let recognised = [proposal.frameworks.as_slice(), proposal.documents.as_slice()].concat();
    if !recognised.is_empty() {
        line("found", recognised.join(", "));
    }
    match (proposal.production_status, &proposal.silence) {
        (Some(status), _) => line("production", format!("answers {status}")),
        (None, Some(why)) => line("production", format!("does not answer now: {why}")),
        (None, None) => {}
    }
    if let Some(path) = &proposal.health {
        line("health", format!("{path} says healthy"));
    }
    if let Some(path) = &proposal.version {
        line("version", format!("{path} tells the commit"));
    }
    if !proposal.local_tests.is_empty() {
        line("local tests", proposal.local_tests.join(", "));
    }
    if !proposal.checks.is_empty() {
        line("suite", proposal.suite.clone());
    }
    for path in &proposal.checks {
        let answers = if proposal.production_status.is_some() { "answers" } else { "not asked yet" };
        line("", format!("GET {path} ({answers})"));
    }
    for (path, why) in &proposal.left_out {
        line("left out", format!("{path}: {why}"));
    }
    for note in &proposal.notes {
        text.push_str(&format!("  {} {}\n", paint.warning("!"), one_line(note, 300)));
    }
    text
}

fn init_text(report: &InitReport, proposal: Option<&Proposal>, paint: Paint, quiet: bool) -> String {
    let file = shown_path(&report.file);
    let mut text = match &report.written {
        Written::Created => format!("{} {file}\n", paint.success("✓ created")),
        Written::Unchanged => format!("{} {file}\n", paint.success("✓ unchanged")),
        Written::Updated { keys } => format!("{} {file}: {}\n", paint.success("✓ updated"), keys.join(", ")),
    };
    if quiet {
        return text;
    }
    if let Some(proposal) = proposal {
        text.push_str(&proposal_text(proposal, paint));
    }
    if !report.left_out.is_empty() {
        let keys = report.left_out.join(", ");
        text.push_str(&format!(
            "  Not written, as the file is there: {keys}. `snipara-orchestrator init --yes` adds it.\n"
        ));
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
    let has_suite = proposal.is_some_and(|proposal| !proposal.checks.is_empty()) && report.left_out.is_empty();
    if has_suite {
        text.push_str("  Next: snipara-orchestrator run\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn report(written: Written) -> InitReport {
        InitReport {
            file: PathBuf::from("/repo/.snipara-orchestrator.json"),
            written,
            left_out: Vec::new(),
            trusted: false,
            untrusted_keys: Vec::new(),
            key_file: None,
            warnings: Vec::new(),
        }
    }

    #[test]
    fn init_says_what_it_wrote_and_where_the_key_is() {
        let text = |report: &InitReport, proposal, quiet| init_text(report, proposal, Paint::new(false), quiet);
        insta::assert_snapshot!(text(&report(Written::Created), None, false), @"
        ✓ created /repo/.snipara-orchestrator.json
          The API key stays in the environment (SNIPARA_API_KEY); it is not written.
          Run `snipara-orchestrator trust` at a terminal, so that it counts for agents.
        ");
        let proposal = Proposal {
            frameworks: vec!["FastAPI".into()],
            documents: vec!["openapi.yaml".into()],
            local_tests: vec!["pytest".into()],
            production_status: Some(200),
            health: Some("/health".into()),
            suite: "shop".into(),
            checks: vec!["/orders".into(), "/".into()],
            left_out: vec![("/admin".into(), "expected 2xx, got 401".into())],
            notes: vec!["cannot read openapi.json: it ends too early".into()],
            ..Proposal::default()
        };
        insta::assert_snapshot!(text(&report(Written::Created), Some(&proposal), false), @"
        ✓ created /repo/.snipara-orchestrator.json
          found        FastAPI, openapi.yaml
          production   answers 200
          health       /health says healthy
          local tests  pytest
          suite        shop
                       GET /orders (answers)
                       GET / (answers)
          left out     /admin: expected 2xx, got 401
          ! cannot read openapi.json: it ends too early
          The API key stays in the environment (SNIPARA_API_KEY); it is not written.
          Run `snipara-orchestrator trust` at a terminal, so that it counts for agents.
          Next: snipara-orchestrator run
        ");
        let updated = Written::Updated { keys: vec!["prod_url".into()] };
        assert_eq!(
            text(&report(updated), Some(&proposal), true),
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
