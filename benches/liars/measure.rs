//! All cases, several at once.

use std::path::Path;

use anyhow::ensure;
use futures_util::StreamExt;

use super::case::{Aim, Case, Kind, strong};
use super::judge::{Verdict, judge};
use super::session::make_repository;
use super::{agents, app, deployments, honest, table};
use crate::Lines;

/// How many cases run at once: they wait for each other's disk and for their own pauses more than for a core.
const AT_ONCE: usize = 8;
/// How many cases run at once that wait for production to settle.
const PATIENT_AT_ONCE: usize = 24;
/// The word before the beginning of an id, such as `--only=stale`: the other cases are left out.
const ONLY: &str = "--only=";

/// A case with what the product said to its agents.
pub(super) struct Row {
    pub case: Case,
    /// To the agent that knows paths and statuses only; there is none beside lying agents and honest deployments.
    pub blind: Option<Verdict>,
    /// To the one that says what an answer must show; the lying agent itself, and an honest one.
    pub competent: Verdict,
    /// To the competent agent in a project that requires `strict`, with a baseline, a build that production tells, tests and a
    /// clean tree; asked where the one without was done, because `strict` refuses more and never less.
    pub strict: Option<Verdict>,
}

pub(crate) fn measure() -> anyhow::Result<Lines> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let only = std::env::args().find_map(|argument| argument.strip_prefix(ONLY).map(str::to_owned));
    let mut cases: Vec<Case> = [deployments::all(), agents::all(), honest::all()].concat();
    check_ids(&cases)?;
    cases.retain(|case| only.as_ref().is_none_or(|beginning| case.id.starts_with(beginning.as_str())));
    let folder = tempfile::tempdir()?;
    let repository = folder.path().join("repository");
    make_repository(&repository, &[])?;
    let began = std::time::Instant::now();
    let rows = runtime.block_on(rows(cases, &repository));
    let mut lines = table::lines(&rows);
    lines.push(format!("{} cases in {} s", rows.len(), began.elapsed().as_secs()));
    Ok(lines)
}

async fn rows(cases: Vec<Case>, repository: &Path) -> Vec<Row> {
    // Who requires `strict` waits until production is settled: these cost no core.
    let (patient, others): (Vec<Case>, Vec<Case>) = cases.into_iter().partition(|case| case.aim == Aim::Strong);
    let asked = |cases: Vec<Case>, at_once| {
        futures_util::stream::iter(cases).map(|case| row(case, repository)).buffered(at_once).collect::<Vec<Row>>()
    };
    let (mut rows, patient) = futures_util::join!(asked(others, AT_ONCE), asked(patient, PATIENT_AT_ONCE));
    rows.extend(patient);
    rows
}

async fn row(case: Case, repository: &Path) -> Row {
    let blind = match case.kind {
        Kind::Deployment => Some(judge(&case, case.blind_arguments(), repository).await),
        Kind::Agent | Kind::Honest => None,
    };
    let competent = judge(&case, case.arguments.clone(), repository).await;
    let strict = if case.kind == Kind::Deployment && competent.is_done() {
        let case = strong(case.clone(), app::old_shop());
        Some(judge(&case, case.arguments.clone(), repository).await)
    } else {
        None
    };
    Row { case, blind, competent, strict }
}

/// An id is a name for good: in kebab case, and given once.
fn check_ids(cases: &[Case]) -> anyhow::Result<()> {
    let mut known = std::collections::HashSet::new();
    for Case { id, .. } in cases {
        let is_kebab = id.bytes().all(|byte| byte == b'-' || byte.is_ascii_lowercase() || byte.is_ascii_digit());
        ensure!(is_kebab, "the id {id} is not in kebab case");
        ensure!(known.insert(*id), "the id {id} is given twice");
    }
    Ok(())
}
