//! The seed's "Python API" snippet: a task with criteria, run against production.
//!
//! `cargo run --example orchestrator`

#![expect(clippy::print_stdout, reason = "an example shows what it got")]

use serde_json::json;
use snipara_orchestrator::domain::{Credential, ExpectedStatus, Method, SecretText, TaskStatus, TestUser};
use snipara_orchestrator::orchestrator::RunRequest;
use snipara_orchestrator::{Builder, LiveCheck};

mod support;

#[tokio::main]
pub(crate) async fn main() -> anyhow::Result<()> {
    let production = support::Production::start().await?;
    let folder = tempfile::tempdir()?;
    let repository = folder.path().join("repository");
    std::fs::create_dir(&repository)?;

    // Configuration
    let orchestrator = Builder::new()
        .project("my-project")
        .prod_url(production.url())
        .repository(&repository)
        .state_folder(folder.path().join("state"))
        .test_user(TestUser::new("test@example.com", Credential::Bearer(SecretText::new("the test user's token"))))
        // Known runners such as `pnpm test` need no permission; this command is none of them.
        .allow_command("git --version")
        .build()
        .await?;

    // Define a task with validation criteria
    let mut users = LiveCheck::get("/api/users");
    users.user = Some("test@example.com".to_owned());
    let task = RunRequest {
        title: Some("Deploy Authentication Feature".to_owned()),
        description: Some("Deploy OAuth2 authentication to production".to_owned()),
        local_tests: Some(vec!["git --version".to_owned()]),
        live_checks: Some(vec![
            LiveCheck::get("/health"),
            LiveCheck::get("/api/auth/login")
                .with_method(Method::Post)
                .with_expected_status(ExpectedStatus::default())
                .with_body(json!({"email": "test@test.com", "password": "test"})),
            users,
        ]),
        required_proofs: Some(3),
        ..RunRequest::default()
    };

    // Execute the task
    let report = orchestrator.run_task(task).await?;

    println!("Status: {}", report.status);
    println!("Proofs: {}/{}", report.proofs.passing, report.proofs.required);
    anyhow::ensure!(report.status == TaskStatus::Done && report.proofs.passing >= 3, "{report:?}");

    // What was observed is in the ledger, and the ledger holds.
    let proofs = orchestrator.proofs(Some(report.task_id.as_str()), 20).await?;
    for proof in proofs.iter().filter(|proof| proof.counts) {
        println!("  {} {:?} as {}", proof.label(), proof.result, proof.user_tested);
    }
    anyhow::ensure!(proofs.iter().any(|proof| proof.user_tested == "test@example.com"), "{proofs:?}");
    anyhow::ensure!(orchestrator.verify_proofs().await?.verified, "the ledger does not verify");
    orchestrator.shut_down().await;
    Ok(())
}
