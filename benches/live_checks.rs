//! The rate of live checks whose proofs are stored, beside `ab -k` on the same server.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::Context;
use futures_util::StreamExt;
use snipara_orchestrator::app;
use snipara_orchestrator::config::{Environment, Overrides};
use snipara_orchestrator::domain::{Actor, LiveCheck, Phase, ProgressEvent, ProgressSink, TaskStatus};
use snipara_orchestrator::orchestrator::{Orchestrator, RunRequest};
use tokio_util::sync::CancellationToken;

use crate::nginx::{INSTALL, Nginx};
use crate::{Lines, percent};

const CHECKS: usize = 1_000;
/// Connections of `ab`, and calls of `validate_endpoint` at once.
const AT_ONCE: usize = 16;
const ROUNDS: usize = 3;

pub(crate) fn measure() -> anyhow::Result<Lines> {
    let Some(nginx) = Nginx::start()? else {
        return Ok(vec![format!("peer missing: nginx ({INSTALL}); nothing was measured")]);
    };
    let runtime = tokio::runtime::Runtime::new()?;
    let folder = tempfile::tempdir()?;
    let repository = folder.path().join("repository");
    std::fs::create_dir(&repository)?;
    let home = folder.path().join("state");
    let (mut tasks, mut phases, mut singles, mut peers) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    runtime.block_on(async {
        let overrides = Overrides {
            prod_url: Some(nginx.url()),
            project: Some("bench".to_owned()),
            repo_path: Some(repository.clone()),
            ..Overrides::default()
        };
        let path = std::env::var_os("PATH").unwrap_or_default();
        let variables = BTreeMap::from([("SNIPARA_ORCHESTRATOR_HOME".into(), home.into()), ("PATH".into(), path)]);
        let environment = Environment { variables, current_folder: repository };
        let orchestrator = app::open(Actor::Person, &overrides, &environment, "bench").await?;
        // Each round measures everything, so that a busy machine slows all of it.
        for _ in 0..ROUNDS {
            let (whole, phase) = one_task(&orchestrator).await?;
            tasks.push(whole);
            phases.push(phase);
            singles.push(single_checks(&orchestrator, &nginx.url()).await?);
            let connections = u32::try_from(AT_ONCE)?;
            if let Some(rate) = tokio::task::block_in_place(|| nginx.ab_rate(20_000, connections))? {
                peers.push(rate);
            }
        }
        orchestrator.shut_down().await;
        anyhow::Ok(())
    })?;
    let checks = CHECKS as f64;
    let rows = [
        ("production checks of one task, proofs stored", checks / median(&mut phases)),
        ("whole task (drift check, checks, gates, ledger)", checks / median(&mut tasks)),
        ("validate_endpoint, each proof stored by itself", checks / median(&mut singles)),
    ];
    let peer = (!peers.is_empty()).then(|| median(&mut peers));
    let mut lines: Lines = rows
        .iter()
        .map(|(name, rate)| {
            let share = peer.map_or_else(String::new, |peer| format!("  {} of ab -k", percent(*rate, peer)));
            format!("{name:<48} {rate:>9.0} /s{share}")
        })
        .collect();
    lines.push(match peer {
        Some(rate) => format!("{:<48} {rate:>9.0} /s", format!("ab -k -c {AT_ONCE}, the same nginx, nothing stored")),
        None => format!("peer missing: ab ({INSTALL})"),
    });
    Ok(lines)
}

/// Runs one task; returns the seconds of the whole run and of its production checks.
async fn one_task(orchestrator: &Orchestrator) -> anyhow::Result<(f64, f64)> {
    let phase_ms = Arc::new(Mutex::new(None));
    let seen = phase_ms.clone();
    let progress: ProgressSink = Arc::new(move |event| {
        if let ProgressEvent::PhaseFinished { phase: Phase::Validation, duration_ms, .. } = event {
            *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(duration_ms);
        }
    });
    let checks = (0..CHECKS).map(|number| LiveCheck::get(format!("/api/resource/{number}"))).collect();
    let request = RunRequest {
        title: Some("1,000 live checks".to_owned()),
        live_checks: Some(checks),
        required_proofs: Some(i64::try_from(CHECKS)?),
        ..RunRequest::default()
    };
    let began = Instant::now();
    let run = orchestrator.start_task(request, progress).await?;
    let report = run.wait(None).await.context("the run goes on")??;
    let whole = began.elapsed().as_secs_f64();
    anyhow::ensure!(report.status == TaskStatus::Done, "{report:?}");
    let phase = phase_ms.lock().unwrap_or_else(PoisonError::into_inner).context("no production checks")?;
    Ok((whole, phase.max(1) as f64 / 1_000.0))
}

/// Validates as many endpoints one by one; returns the seconds.
async fn single_checks(orchestrator: &Orchestrator, origin: &str) -> anyhow::Result<f64> {
    let began = Instant::now();
    let cancel = CancellationToken::new();
    let mut proofs = futures_util::stream::iter(0..CHECKS)
        .map(|number| orchestrator.validate_endpoint(LiveCheck::get(format!("{origin}/api/single/{number}")), &cancel))
        .buffer_unordered(AT_ONCE);
    while let Some(proof) = proofs.next().await {
        let proof = proof?;
        anyhow::ensure!(proof.passed() && proof.seq.is_some(), "{proof:?}");
    }
    Ok(began.elapsed().as_secs_f64())
}

fn median(numbers: &mut [f64]) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}
