//! The seed's "Drift Detector" snippet: compare a repository with production.
//!
//! `cargo run --example drift_detector`

#![expect(clippy::print_stdout, reason = "an example shows what it got")]

use std::sync::Arc;

use snipara_orchestrator::domain::{Actor, LiveCheck, Production, Redactor, SystemClock};
use snipara_orchestrator::drift::{DriftDetector, DriftParts, DriftRequest, RouteProbe};
use snipara_orchestrator::executor::{CommandPolicy, Executor, ExecutorSettings};
use snipara_orchestrator::outbound::{EgressRule, HttpClient, HttpSettings};
use tokio_util::sync::CancellationToken;
use url::Url;

mod support;

#[tokio::main]
pub(crate) async fn main() -> anyhow::Result<()> {
    let service = support::Production::start().await?;
    let production = Production::new(Url::parse(&service.url())?)?;
    let detector = DriftDetector::new(DriftParts {
        http: HttpClient::new(HttpSettings {
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
        })?,
        executor: Executor::new(ExecutorSettings {
            repository: env!("CARGO_MANIFEST_DIR").into(),
            search_path: std::env::var_os("PATH").unwrap_or_default(),
            hidden_variables: Vec::new(),
            redactor: Redactor::default(),
            policy: CommandPolicy::Unrestricted,
        }),
        production: Some(production.clone()),
        users: Vec::new(),
        redactor: Redactor::default(),
        clock: Arc::new(SystemClock),
        database_url_set: false,
        request_timeout_ms: 5_000,
        schema_timeout_ms: 30_000,
        max_concurrent: 8,
    });

    // Both routes are there: /api/auth answers 401, which means "present".
    let request = DriftRequest {
        routes: ["/api/users", "/api/auth"]
            .into_iter()
            .map(|route| probe(route, &production))
            .collect::<Result<_, _>>()?,
        check_schema: true,
        check_health: true,
        ..DriftRequest::default()
    };
    let report = detector.check(&request, &CancellationToken::new()).await;
    println!("Drift: {}", report.has_drift());
    println!("Checked: {:?}", report.checked());
    println!("Not applicable: {:?}", report.not_applicable());
    anyhow::ensure!(!report.has_drift() && report.checked_anything(), "{report:?}");

    // This one was never deployed.
    let request = DriftRequest { routes: vec![probe("/api/invoices", &production)?], ..DriftRequest::default() };
    let report = detector.check(&request, &CancellationToken::new()).await;
    println!("Issues: {:?}", report.issues());
    println!("Recommendations: {:?}", report.recommendations());
    anyhow::ensure!(report.has_drift(), "a missing route is drift: {report:?}");
    Ok(())
}

fn probe(route: &str, production: &Production) -> anyhow::Result<RouteProbe> {
    Ok(RouteProbe {
        check: LiveCheck::get(route).resolved(Some(&production.url))?,
        subject: route.to_owned(),
        expected: None,
        explicit: true,
    })
}
