//! The seed's "Drift Detector" snippet: compare a repository with production.
//!
//! `cargo run --example drift_detector`

#![expect(clippy::print_stdout, reason = "an example shows what it got")]

use snipara_orchestrator::DriftDetector;
use snipara_orchestrator::domain::DriftKind;
use snipara_orchestrator::drift::DriftRequest;
use tokio_util::sync::CancellationToken;

mod support;

#[tokio::main]
pub(crate) async fn main() -> anyhow::Result<()> {
    let service = support::Production::start().await?;
    let detector = DriftDetector::new(&service.url(), env!("CARGO_MANIFEST_DIR"))?;

    // Both routes are there: /api/auth answers 401, which means "present".
    let request = DriftRequest {
        routes: vec![detector.probe("/api/users")?, detector.probe("/api/auth")?],
        kinds: [DriftKind::Health, DriftKind::Schema].into(),
        ..DriftRequest::default()
    };
    let report = detector.check(&request, &CancellationToken::new()).await;
    println!("Drift: {}", report.has_drift());
    println!("Checked: {:?}", report.checked());
    println!("Not applicable: {:?}", report.not_applicable());
    anyhow::ensure!(!report.has_drift() && report.checked_anything(), "{report:?}");

    // This one was never deployed.
    let request = DriftRequest { routes: vec![detector.probe("/api/invoices")?], ..DriftRequest::default() };
    let report = detector.check(&request, &CancellationToken::new()).await;
    println!("Issues: {:?}", report.issues());
    println!("Recommendations: {:?}", report.recommendations());
    anyhow::ensure!(report.has_drift(), "a missing route is drift: {report:?}");
    Ok(())
}
