//! `status` and `schemas`: what needs no store (`status` looks into one that is there).

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::app;
use crate::cli::commands::Context;
use crate::cli::error::CliError;
use crate::cli::exit_code::Exit;
use crate::cli::render::Settings;
use crate::config::{self, Loaded, TrustState};
use crate::mcp;

/// Shows the settings in force, and what is wrong with the others: exit code 2 then.
///
/// # Errors
/// When it is not known which project is meant.
pub(super) fn status(context: &Context) -> Result<Exit, CliError> {
    let Loaded { config, problems } = config::load_in_part(&context.globals.overrides(), &context.environment)?;
    app::begin_logs(&config, &context.environment);
    config.warnings.iter().for_each(|warning| context.output.note(&format!("warning: {warning}")));
    // What cannot be opened is `doctor`'s to tell.
    let outbox = match config.snipara_api_key {
        Some(_) => context.block_on(async { Ok(app::outbox(&config).await.ok().flatten()) })?,
        None => None,
    };
    let trusted = match config::trust_state(&config)? {
        TrustState::NothingToTrust => None,
        TrustState::Trusted => Some(true),
        TrustState::Untrusted { .. } => Some(false),
    };
    let settings =
        Settings { config: &config, problems: &problems, trusted, snipara: app::who_answers(&config), outbox };
    let quiet = context.output.quiet;
    context.output.result(&settings.document(), |paint| settings.text(*paint, quiet))?;
    for problem in &problems {
        context.output.note(&format!("error: {} ({})", problem.message(), problem.hint()));
    }
    if !problems.is_empty() {
        return Ok(Exit::Usage);
    }
    if config.file.is_none() {
        context.output.note("no configuration file: `snipara-orchestrator init` writes one");
    }
    Ok(Exit::Success)
}

/// Prints the JSON Schema of the configuration file.
///
/// # Errors
/// When standard output cannot be written.
pub(super) fn configuration_schema(context: &Context) -> Result<Exit, CliError> {
    let schema = config::file_schema();
    context.output.answer(&schema, |_| format!("{schema:#}"))
}

/// Prints the tools' schemas, or writes one file a tool.
///
/// # Errors
/// When a file cannot be written.
pub(super) fn schemas(context: &Context, folder: Option<&Path>) -> Result<Exit, CliError> {
    let tools = mcp::tool_definitions();
    let Some(folder) = folder else {
        let document: Map<String, Value> = tools.into_iter().collect();
        return context.output.answer(&document, |_| format!("{:#}", Value::from(document.clone())));
    };
    std::fs::create_dir_all(folder).map_err(|error| CliError::file("make", folder, &error))?;
    let mut names = Vec::new();
    for (name, definition) in tools {
        let file = folder.join(format!("{name}.json"));
        std::fs::write(&file, format!("{definition:#}\n")).map_err(|error| CliError::file("write", &file, &error))?;
        names.push(file.display().to_string());
    }
    context.output.answer(&json!({ "written": names }), |_| names.join("\n"))
}
