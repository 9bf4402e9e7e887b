//! The seed's "Gatekeeper" snippet: ask both gates, one after the other.
//!
//! What the gates observe is recorded in the ledger; no task becomes done by asking them. `Orchestrator` runs tasks.
//!
//! `cargo run --example gatekeeper`

#![expect(clippy::print_stdout, reason = "an example shows what it got")]

use std::sync::Arc;

use snipara_orchestrator::domain::{Criteria, LiveCheck, Policy, Production, ProjectId, Redactor, SystemClock};
use snipara_orchestrator::gatekeeper::{Gatekeeper, GatekeeperDeps};
use snipara_orchestrator::ledger::Ledger;
use snipara_orchestrator::store::Store;
use snipara_orchestrator::{DriftDetector, Validator};
use tokio_util::sync::CancellationToken;
use url::Url;

mod support;

#[tokio::main]
pub(crate) async fn main() -> anyhow::Result<()> {
    let service = support::Production::start().await?;
    let production = Production::new(Url::parse(&service.url())?)?;
    let folder = tempfile::tempdir()?;
    let ledger =
        Ledger::new(Store::open(folder.path(), &ProjectId::from_name("example")?).await?, Arc::new(SystemClock));
    let gatekeeper = gatekeeper(&production)?;
    let cancel = CancellationToken::new();

    let criteria = Criteria {
        local_tests: Vec::new(),
        live_checks: ["/health", "/api/users"].map(LiveCheck::get).to_vec(),
        ui_tests: Vec::new(),
        required_proofs: Some(2),
    };
    let requirements = gatekeeper.requirements(&criteria)?;

    // Gate 1: LOCAL_OK → VALIDATING
    let first = gatekeeper.gate_local_to_validation(&ledger, &requirements, &cancel).await?;
    println!("Gate 1 passed: {}", first.verdict.passed);
    anyhow::ensure!(first.verdict.passed, "{first:?}");

    // Gate 2: VALIDATING → PROD_OK
    let second = gatekeeper.gate_validation_to_prod(&ledger, &requirements, &cancel).await?;
    println!("Gate 2 passed: {}", second.verdict.passed);
    println!("Proofs: {}/{}", second.verdict.proofs_counted, second.verdict.proofs_required);
    anyhow::ensure!(second.verdict.passed && second.verdict.proofs_counted == 2, "{second:?}");
    anyhow::ensure!(ledger.verify().await?.verified, "what was observed is in the ledger");

    // Requirements that this production cannot meet: the route was never deployed.
    let missing = vec![LiveCheck::get("/api/invoices")];
    let requirements =
        gatekeeper.requirements(&Criteria { live_checks: missing, required_proofs: Some(1), ..criteria })?;
    let refused = gatekeeper.gate_validation_to_prod(&ledger, &requirements, &cancel).await?;
    for reason in &refused.verdict.reasons {
        println!("Refused: {}", reason.text);
    }
    anyhow::ensure!(!refused.verdict.passed, "{refused:?}");
    Ok(())
}

fn gatekeeper(production: &Production) -> anyhow::Result<Gatekeeper> {
    Ok(Gatekeeper::new(GatekeeperDeps {
        id: "example".to_owned(),
        production: production.clone(),
        policy: Policy::default(),
        validator: Validator::new(),
        drift: DriftDetector::new(production.url.as_str(), env!("CARGO_MANIFEST_DIR"))?,
        fail_fast_on_drift: true,
        untrusted: Vec::new(),
        redactor: Redactor::default(),
    }))
}
