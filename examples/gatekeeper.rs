//! The seed's "Gatekeeper" snippet: ask both gates, one after the other.
//!
//! What the gates observe is recorded in the ledger; no task becomes done by asking them. `Orchestrator` runs tasks.
//!
//! `cargo run --example gatekeeper`

#![expect(clippy::print_stdout, reason = "an example shows what it got")]

use std::sync::Arc;

use snipara_orchestrator::domain::{
    Actor, Criteria, LiveCheck, Policy, Production, ProjectId, Redactor, SharedClock, SystemClock,
};
use snipara_orchestrator::drift::{DriftDetector, DriftParts};
use snipara_orchestrator::executor::{CommandPolicy, Executor, ExecutorSettings};
use snipara_orchestrator::gatekeeper::{Gatekeeper, GatekeeperParts};
use snipara_orchestrator::ledger::Ledger;
use snipara_orchestrator::outbound::{EgressRule, HttpClient, HttpSettings};
use snipara_orchestrator::store::Store;
use snipara_orchestrator::validator::{Validator, ValidatorParts};
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

    let live_checks =
        ["/health", "/api/users"].map(|path| LiveCheck::get(path).resolved(Some(&production.url))).into_iter();
    let criteria = Criteria {
        local_tests: Vec::new(),
        live_checks: live_checks.collect::<Result<_, _>>()?,
        ui_tests: Vec::new(),
        required_proofs: 2,
    };
    let bar = gatekeeper.bar(&criteria)?;

    // Gate 1: LOCAL_OK → VALIDATING
    let first = gatekeeper.gate_local_to_validation(&ledger, &bar, &cancel).await?;
    println!("Gate 1 passed: {}", first.verdict.passed);
    anyhow::ensure!(first.verdict.passed, "{first:?}");

    // Gate 2: VALIDATING → PROD_OK
    let second = gatekeeper.gate_validation_to_prod(&ledger, &bar, &cancel).await?;
    println!("Gate 2 passed: {}", second.verdict.passed);
    println!("Proofs: {}/{}", second.verdict.proofs_counted, second.verdict.proofs_required);
    anyhow::ensure!(second.verdict.passed && second.verdict.proofs_counted == 2, "{second:?}");
    anyhow::ensure!(ledger.verify().await?.verified, "what was observed is in the book");

    // A bar that this production cannot meet: the route was never deployed.
    let missing = LiveCheck::get("/api/invoices").resolved(Some(&production.url))?;
    let bar = gatekeeper.bar(&Criteria { live_checks: vec![missing], required_proofs: 1, ..criteria })?;
    let refused = gatekeeper.gate_validation_to_prod(&ledger, &bar, &cancel).await?;
    for reason in &refused.verdict.reasons {
        println!("Refused: {}", reason.text);
    }
    anyhow::ensure!(!refused.verdict.passed, "{refused:?}");
    Ok(())
}

fn gatekeeper(production: &Production) -> anyhow::Result<Gatekeeper> {
    let clock: SharedClock = Arc::new(SystemClock);
    let http = HttpClient::new(HttpSettings {
        egress: EgressRule {
            actor: Actor::Person,
            production: Some(production.origin.clone()),
            allowed_hosts: Vec::new(),
            allow_public: false,
        },
        resolve: Vec::new(),
        ca_file: None,
        max_body_bytes: 1 << 20,
        max_concurrent: 8,
    })?;
    let executor = Executor::new(ExecutorSettings {
        repository: env!("CARGO_MANIFEST_DIR").into(),
        search_path: std::env::var_os("PATH").unwrap_or_default(),
        hidden_variables: Vec::new(),
        redactor: Redactor::default(),
        policy: CommandPolicy::Unrestricted,
    });
    let validator = Validator::new(ValidatorParts {
        http: http.clone(),
        executor: executor.clone(),
        users: Vec::new(),
        production: Some(production.origin.clone()),
        redactor: Redactor::default(),
        clock: clock.clone(),
        max_concurrent: 8,
        ui_timeout_ms: 60_000,
    });
    let drift = DriftDetector::new(DriftParts {
        http,
        executor,
        production: Some(production.clone()),
        users: Vec::new(),
        redactor: Redactor::default(),
        clock,
        database_url_set: false,
        request_timeout_ms: 5_000,
        schema_timeout_ms: 30_000,
        max_concurrent: 8,
    });
    Ok(Gatekeeper::new(GatekeeperParts {
        id: "example".to_owned(),
        production: production.clone(),
        policy: Policy::default(),
        validator,
        drift,
        fail_fast_on_drift: true,
        redactor: Redactor::default(),
    }))
}
