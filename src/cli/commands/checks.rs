//! `validate`, `check-drift` and `checklist`.

use crate::cli::arguments::CheckDrift;
use crate::cli::commands::Context;
use crate::cli::error::CliError;
use crate::cli::exit_code::{self, Exit};
use crate::cli::render;
use crate::domain::{DriftDocument, DriftKind, DriftQuery, LiveCheck, RunRequest};

/// Checks one endpoint and records its proof.
///
/// # Errors
/// Bad input, or when the proof could not be recorded.
pub(super) fn validate(context: &Context, check: LiveCheck) -> Result<Exit, CliError> {
    let proof =
        context.ask_cancelling(async |orchestrator, cancel| orchestrator.validate_endpoint(check, cancel).await)?;
    let quiet = context.output.quiet;
    context.output.result(&proof, |paint| {
        if quiet { render::proof_verdict(&proof, *paint) } else { render::proof(&proof, *paint) }
    })?;
    Ok(exit_code::of_result(proof.result))
}

/// Looks for drift.
///
/// # Errors
/// Bad input, or when the report could not be recorded.
pub(super) fn check_drift(context: &Context, words: CheckDrift) -> Result<Exit, CliError> {
    let (named, strict) = (named_kinds(&words), words.strict);
    let query = DriftQuery { check_version: words.version_check || words.query.0.all, ..words.query.0 };
    let report = context.ask_cancelling(async |orchestrator, cancel| orchestrator.check_drift(query, cancel).await)?;
    let quiet = context.output.quiet;
    context.output.result(&DriftDocument::from(&report), |paint| {
        if quiet { render::drift_verdict(&report, *paint) } else { render::drift(&report, *paint) }
    })?;
    Ok(exit_code::of_drift(&report, &named, strict))
}

/// Returns the kinds that were asked for by name: an unverified answer to those is exit code 3.
fn named_kinds(words: &CheckDrift) -> Vec<DriftKind> {
    [(words.schema, DriftKind::Schema), (words.health, DriftKind::Health), (words.version_check, DriftKind::Version)]
        .into_iter()
        .filter_map(|(named, kind)| named.then_some(kind))
        .collect()
}

/// Generates a cutover checklist; executes nothing.
///
/// # Errors
/// Bad input.
pub(super) fn checklist(context: &Context, request: RunRequest) -> Result<Exit, CliError> {
    let checklist = context.ask(async |orchestrator| orchestrator.cutover_checklist(request).await)?;
    context.output.answer(&checklist, |paint| render::checklist(&checklist, *paint))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::arguments::{Command, CommandLine};

    #[test]
    fn only_flags_that_name_a_kind_make_it_explicit() {
        let named = |line: &str| match CommandLine::try_parse_from(line.split(' ')).expect(line).command {
            Command::CheckDrift(words) => (named_kinds(&words), words.query.0.check_schema),
            _ => panic!("{line}"),
        };
        assert_eq!(named("x check-drift"), (vec![], true));
        assert_eq!(
            named("x check-drift --no-schema --schema --version-check"),
            (vec![DriftKind::Schema, DriftKind::Version], true)
        );
        assert_eq!(named("x check-drift --schema --no-schema"), (vec![], false));
    }
}
