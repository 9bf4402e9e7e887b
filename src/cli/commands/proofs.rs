//! `proofs list`, `show`, `verify`, `export`, `redact`, `accept-head`.

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::pin::pin;

use futures_util::TryStreamExt;
use serde_json::{Value, json};

use crate::cli::arguments::ProofsCommand;
use crate::cli::commands::Context;
use crate::cli::commands::confirm::{confirm, not_below_a_run};
use crate::cli::error::CliError;
use crate::cli::exit_code::Exit;
use crate::cli::render;
use crate::domain::{one_line, pluralize};
use crate::orchestrator::Orchestrator;

/// Lists, shows, verifies, exports or redacts proofs.
///
/// # Errors
/// When there is no such task or entry, or when the ledger cannot be read; a broken chain is an answer.
pub(super) fn proofs(context: &Context, command: &ProofsCommand) -> Result<Exit, CliError> {
    match command {
        ProofsCommand::AcceptHead { .. } => not_below_a_run(context, "whether the chain is accepted")?,
        ProofsCommand::Redact { .. } => not_below_a_run(context, "what is removed from the ledger")?,
        _ => {}
    }
    context.ask(async |orchestrator| answer(context, orchestrator, command).await)
}

async fn answer(context: &Context, orchestrator: &Orchestrator, command: &ProofsCommand) -> Result<Exit, CliError> {
    let output = &context.output;
    match command {
        ProofsCommand::List { task, limit } => {
            let list = orchestrator.proofs(task.as_deref(), *limit).await?;
            output.result(&json!({ "proofs": list }), |paint| {
                render::proofs(&list, *paint, context.opened.production())
            })?;
        }
        ProofsCommand::Show { seq } => {
            let entry = orchestrator.entry(*seq).await?;
            let shown = document(&entry)?;
            output.result(&entry, |paint| render::entry(&shown, *paint))?;
        }
        ProofsCommand::Verify => {
            let report = orchestrator.verify_proofs().await?;
            output.result(&report, |paint| render::verify(&report, *paint, output.quiet))?;
            return Ok(if report.verified { Exit::Success } else { Exit::Refused });
        }
        ProofsCommand::Export { task: Some(task), attempt, output: file, .. } => {
            let receipt = orchestrator.export_receipt(task, *attempt).await?;
            match file {
                Some(file) => write_receipt(context, file, &receipt)?,
                None => output.result(&receipt, |_| format!("{receipt:#}"))?,
            }
        }
        ProofsCommand::Export { output: Some(file), .. } => export_to_file(context, orchestrator, file).await?,
        ProofsCommand::Export { output: None, .. } => export_to_stdout(context, orchestrator).await?,
        ProofsCommand::AcceptHead { yes } => return accept_head(context, orchestrator, *yes).await,
        ProofsCommand::Redact { seq, .. } => {
            let report = match seq {
                Some(seq) => orchestrator.redact(*seq).await?,
                None => orchestrator.redact_text(&text_from_stdin()?).await?,
            };
            output.result(&report, |paint| render::redaction(&report, *seq, *paint))?;
        }
    }
    Ok(Exit::Success)
}

/// Accepts the chain as it is, after a person said so.
async fn accept_head(context: &Context, orchestrator: &Orchestrator, yes: bool) -> Result<Exit, CliError> {
    if let Some(problem) = orchestrator.head_to_accept().await? {
        let lines = [
            one_line(&problem.what, 400),
            "entries that were cut off at the end would not be missed any more".to_owned(),
        ];
        confirm(context, yes, "the ledger is accepted as it is", &lines)?;
    }
    let accepted = orchestrator.accept_head().await?;
    context.output.answer(&json!({ "accepted": accepted.is_some(), "entry": accepted }), |paint| match &accepted {
        Some(entry) => format!("{} (recorded as entry {})", paint.success("✓ the head is new"), entry.seq),
        None => format!("{}, nothing was done", paint.success("✓ the head fits")),
    })
}

/// The longest text that is read to be removed, in bytes.
const MAX_TEXT_BYTES: u64 = 64 * 1024;

fn text_from_stdin() -> Result<String, CliError> {
    let mut text = String::new();
    let read = std::io::stdin().lock().take(MAX_TEXT_BYTES).read_to_string(&mut text);
    read.map_err(|error| {
        let fix = "Write the text to standard input: printf %s \"$SECRET\" | snipara-orchestrator proofs redact --text-from-stdin";
        CliError::could_not("no_text", format!("cannot read the text to remove: {error}"), fix)
    })?;
    Ok(text)
}

fn document<T: serde::Serialize>(value: &T) -> Result<Value, CliError> {
    serde_json::to_value(value).map_err(|_| CliError::bug("an entry is no JSON"))
}

fn write_receipt(context: &Context, file: &Path, receipt: &Value) -> Result<(), CliError> {
    std::fs::write(file, format!("{receipt:#}\n")).map_err(|error| CliError::file("write", file, &error))?;
    written(context, file, None)
}

fn written(context: &Context, file: &Path, entries: Option<u64>) -> Result<(), CliError> {
    let shown = file.display().to_string();
    let mut document = json!({ "output": shown });
    if let Some(entries) = entries {
        document["entries"] = entries.into();
    }
    context.output.result(&document, |paint| {
        let count = entries.map(|entries| format!(" ({})", pluralize(entries, "entry", "entries"))).unwrap_or_default();
        format!("{} {}{count}", paint.success("✓ wrote"), crate::domain::one_line(&shown, usize::MAX))
    })
}

/// Hands every line of the exported chain to `take`, until it wants no more.
async fn each_line(
    orchestrator: &Orchestrator,
    mut take: impl FnMut(&str) -> Result<bool, CliError>,
) -> Result<u64, CliError> {
    let mut lines = pin!(orchestrator.export_lines());
    let mut count = 0;
    while let Some(line) = lines.try_next().await? {
        count += 1;
        if !take(&line)? {
            break;
        }
    }
    Ok(count)
}

async fn export_to_file(context: &Context, orchestrator: &Orchestrator, file: &Path) -> Result<(), CliError> {
    let failed = |error: std::io::Error| CliError::file("write", file, &error);
    let mut lines = BufWriter::new(File::create(file).map_err(failed)?);
    let entries = each_line(orchestrator, |line| {
        writeln!(lines, "{line}").map_err(failed)?;
        Ok(true)
    })
    .await?;
    lines.into_inner().map_err(|error| failed(error.into_error()))?.sync_all().map_err(failed)?;
    written(context, file, Some(entries))
}

/// With `--json` the lines become one document: `{"entries": […]}`.
async fn export_to_stdout(context: &Context, orchestrator: &Orchestrator) -> Result<(), CliError> {
    let output = &context.output;
    if output.json {
        output.raw(b"{\"entries\": [")?;
    }
    let mut first = true;
    each_line(orchestrator, |line| {
        let text = match (output.json, first) {
            (false, _) => format!("{line}\n"),
            (true, true) => format!("\n{line}"),
            (true, false) => format!(",\n{line}"),
        };
        first = false;
        output.raw(text.as_bytes())
    })
    .await?;
    if output.json {
        output.raw(b"\n]}\n")?;
    }
    Ok(())
}
