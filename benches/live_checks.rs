//! The rate of live checks whose proofs are stored, beside `ab -k` on the same server.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::Context;
use futures_util::StreamExt;
use snipara_orchestrator::app;
use snipara_orchestrator::config::{Environment, Overrides};
use snipara_orchestrator::domain::{Actor, LiveCheck, Phase, ProgressEvent, ProgressSink, TaskStatus};
use snipara_orchestrator::orchestrator::{Orchestrator, RunRequest};
use tokio_util::sync::CancellationToken;

use crate::Lines;
use crate::client::EXPECTATIONS;
use crate::nginx::{INSTALL, Nginx, path};
use crate::numbers::Numbers;

const CHECKS: usize = 1_000;
/// Connections of `ab`, and calls of `validate_endpoint` at once: as many as a task has requests at once.
const AT_ONCE: usize = 50;
/// Calls of `validate_endpoint`: each asks git for the commit, which takes most of its time.
const SINGLES: usize = 200;
const ROUNDS: usize = 5;

/// The rates, in checks or requests a second.
#[derive(Debug, Default)]
struct Rates {
    checks: Numbers,
    drift: Numbers,
    task: Numbers,
    /// Requests of the whole task that nginx counted.
    requests: Numbers,
    single: Numbers,
    peer: Numbers,
}

pub(crate) fn measure() -> anyhow::Result<Lines> {
    let Some(nginx) = Nginx::start()? else {
        return Ok(vec![format!("peer missing: nginx ({INSTALL}); nothing was measured")]);
    };
    // As many workers as the program itself has.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let rates = runtime.block_on(rounds(&nginx))?;
    let row = |numbers: &Numbers, name: &str| {
        if rates.peer.is_empty() {
            numbers.row(name, "/s")
        } else {
            numbers.row_beside(name, "/s", &rates.peer, "ab -k")
        }
    };
    let mut lines = vec![
        row(&rates.checks, "production checks: sent, judged, stored, decided"),
        row(&rates.task, "whole task, three expectations a check"),
        row(&rates.requests, "requests really sent by it"),
        row(&rates.drift, "of it the drift check alone, one report stored"),
        row(&rates.single, &format!("validate_endpoint, {AT_ONCE} at once, each stored")),
    ];
    lines.push(if rates.peer.is_empty() {
        format!("peer missing: ab ({INSTALL})")
    } else {
        rates.peer.row(&format!("ab -k -c {AT_ONCE}, the same nginx, nothing stored"), "/s")
    });
    Ok(lines)
}

async fn rounds(nginx: &Nginx) -> anyhow::Result<Rates> {
    let folder = tempfile::tempdir()?;
    let repository = folder.path().join("repository");
    std::fs::create_dir(&repository)?;
    commit(&repository)?;
    let overrides = Overrides {
        prod_url: Some(nginx.url()),
        project: Some("bench".to_owned()),
        repo_path: Some(repository.clone()),
        ..Overrides::default()
    };
    let home = folder.path().join("state");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let variables = BTreeMap::from([("SNIPARA_ORCHESTRATOR_HOME".into(), home.into()), ("PATH".into(), path)]);
    let environment = Environment { variables, current_folder: repository, supervisor: None };
    let orchestrator = app::open(Actor::Person, &overrides, &environment, "bench").await?;
    let mut rates = Rates::default();
    // Each round measures everything, so that a busy machine slows all of it.
    for _ in 0..ROUNDS {
        let peer = tokio::task::block_in_place(|| nginx.ab_rate(20_000, u32::try_from(AT_ONCE)?))?;
        peer.into_iter().for_each(|rate| rates.peer.push(rate));
        one_task(&orchestrator, nginx, &mut rates).await?;
        single_checks(&orchestrator, &nginx.url(), &mut rates).await?;
    }
    orchestrator.shut_down().await;
    Ok(rates)
}

/// Makes a git repository with a commit, as a user has: asking for the commit is part of a run.
fn commit(repository: &Path) -> anyhow::Result<()> {
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=bench", "-c", "user.email=bench@example.com"];
        let status = Command::new("git").args(identity).args(arguments).current_dir(repository).status();
        anyhow::ensure!(status.context("git is missing")?.success(), "git {arguments:?} failed");
        anyhow::Ok(())
    };
    git(&["init", "-q"])?;
    git(&["commit", "-q", "--allow-empty", "-m", "a commit"])
}

/// Runs one task from the request to its report; its phases end when what they observed is stored.
async fn one_task(orchestrator: &Orchestrator, nginx: &Nginx, rates: &mut Rates) -> anyhow::Result<()> {
    let spans: Arc<Mutex<BTreeMap<&str, (Instant, Instant)>>> = Arc::default();
    let seen = spans.clone();
    let progress: ProgressSink = Arc::new(move |event| {
        let now = Instant::now();
        let mut spans = seen.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            ProgressEvent::PhaseStarted { phase, .. } => drop(spans.insert(phase.title(), (now, now))),
            ProgressEvent::PhaseFinished { phase, .. } => {
                spans.entry(phase.title()).and_modify(|(_, end)| *end = now);
            }
            _ => {}
        }
    });
    let check = |number| {
        let expect = EXPECTATIONS.map(str::to_owned).to_vec();
        LiveCheck { expect, ..LiveCheck::get(path(number)) }
    };
    let checks = (0..CHECKS).map(check).collect();
    let request = RunRequest {
        title: Some("1,000 live checks".to_owned()),
        live_checks: Some(checks),
        required_proofs: Some(i64::try_from(CHECKS)?),
        ..RunRequest::default()
    };
    let asked = nginx.requests()?;
    let began = Instant::now();
    let run = orchestrator.start_task(request, progress).await?;
    let report = run.wait(None).await.context("the run goes on")??;
    let seconds = began.elapsed().as_secs_f64();
    rates.task.push(CHECKS as f64 / seconds);
    rates.requests.push((nginx.requests()? - asked) / seconds);
    anyhow::ensure!(report.status == TaskStatus::Done, "{report:?}");
    anyhow::ensure!(report.proofs.passing as usize >= CHECKS, "{report:?}");
    let spans = spans.lock().unwrap_or_else(PoisonError::into_inner);
    let rate = |phase: Phase| {
        let (start, end) = spans.get(phase.title()).context("a phase is missing")?;
        anyhow::Ok(CHECKS as f64 / end.duration_since(*start).as_secs_f64())
    };
    rates.checks.push(rate(Phase::Validation)?);
    rates.drift.push(rate(Phase::Drift)?);
    Ok(())
}

/// Validates as many endpoints one by one, as a server does that is asked by many.
async fn single_checks(orchestrator: &Orchestrator, origin: &str, rates: &mut Rates) -> anyhow::Result<()> {
    let began = Instant::now();
    let cancel = CancellationToken::new();
    let mut proofs = futures_util::stream::iter(0..SINGLES)
        .map(|number| orchestrator.validate_endpoint(LiveCheck::get(format!("{origin}{}", path(number))), &cancel))
        .buffer_unordered(AT_ONCE);
    while let Some(proof) = proofs.next().await {
        let proof = proof?;
        anyhow::ensure!(proof.passed() && proof.seq.is_some(), "{proof:?}");
    }
    rates.single.push(SINGLES as f64 / began.elapsed().as_secs_f64());
    Ok(())
}
