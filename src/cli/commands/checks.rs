//! `validate`, `check-drift` and `checklist`.

use tokio_util::sync::CancellationToken;

use crate::cli::arguments::{CheckDrift, ChecklistCommand, Validate};
use crate::cli::commands::Context;
use crate::cli::error::CliError;
use crate::cli::exit_code::{self, Exit};
use crate::cli::interrupt::Interrupt;
use crate::cli::render;
use crate::domain::{DEFAULT_CHECK_TIMEOUT_MS, DriftDocument, DriftKind, DriftQuery, LiveCheck};

/// Checks one endpoint and records its proof.
///
/// # Errors
/// Bad input, or when the proof could not be recorded.
pub(super) fn validate(context: &Context, words: Validate) -> Result<Exit, CliError> {
    let check = LiveCheck {
        url: words.url,
        method: words.method,
        expected_status: words.expected,
        headers: words.header.into_iter().collect(),
        body: words.body,
        timeout_ms: words.timeout.unwrap_or(DEFAULT_CHECK_TIMEOUT_MS),
        user: words.user,
        follow_redirects: words.follow_redirects,
    };
    let proof = context.block_on(async {
        let mut interrupt = Interrupt::listen()?;
        let orchestrator = interrupt.unless_interrupted(context.open()).await?;
        let cancel = CancellationToken::new();
        interrupt.cancelling(&context.output, &cancel, orchestrator.validate_endpoint(check, &cancel)).await
    })?;
    let quiet = context.output.quiet;
    context.output.result(&proof, |paint| {
        if quiet { render::proof_verdict(&proof, *paint) } else { render::proof(&proof, *paint) }
    })?;
    Ok(exit_code::of_proof(&proof))
}

/// Looks for drift.
///
/// # Errors
/// Bad input, or when the report could not be recorded.
pub(super) fn check_drift(context: &Context, words: &CheckDrift) -> Result<Exit, CliError> {
    let query = DriftQuery {
        routes: words.routes.clone(),
        check_schema: !words.no_schema,
        check_health: !words.no_health,
        check_version: words.version_check,
    };
    let report = context.block_on(async {
        let mut interrupt = Interrupt::listen()?;
        let orchestrator = interrupt.unless_interrupted(context.open()).await?;
        let cancel = CancellationToken::new();
        interrupt.cancelling(&context.output, &cancel, orchestrator.check_drift(query, &cancel)).await
    })?;
    let quiet = context.output.quiet;
    context.output.result(&DriftDocument::from(&report), |paint| {
        if quiet { render::drift_verdict(&report, *paint) } else { render::drift(&report, *paint) }
    })?;
    Ok(exit_code::of_drift(&report, &named_kinds(words), words.strict))
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
pub(super) fn checklist(context: &Context, words: &ChecklistCommand) -> Result<Exit, CliError> {
    let title = words.task.is_none().then(|| "cutover checklist".to_owned());
    let request = words.criteria.request(title, words.task.clone());
    let checklist = context.ask(async |orchestrator| orchestrator.cutover_checklist(request).await)?;
    context.output.answer(&checklist, |paint| render::checklist(&checklist, *paint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_flags_that_name_a_kind_make_it_explicit() {
        assert_eq!(named_kinds(&CheckDrift::default()), []);
        let words = CheckDrift { schema: true, version_check: true, ..CheckDrift::default() };
        assert_eq!(named_kinds(&words), [DriftKind::Schema, DriftKind::Version]);
    }
}
