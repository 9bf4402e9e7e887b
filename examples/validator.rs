//! The seed's "Validator" snippet: send one live check and judge the answer.
//!
//! `cargo run --example validator`

#![expect(clippy::print_stdout, reason = "an example shows what it got")]

use std::sync::Arc;

use snipara_orchestrator::domain::{
    Actor, Credential, ExpectedStatus, LiveCheck, Origin, Outcome, Redactor, SecretText, SystemClock, TestUser,
};
use snipara_orchestrator::executor::{CommandPolicy, Executor, ExecutorSettings};
use snipara_orchestrator::outbound::{EgressRule, HttpClient, HttpSettings};
use snipara_orchestrator::validator::{Validator, ValidatorParts};
use tokio_util::sync::CancellationToken;
use url::Url;

mod support;

#[tokio::main]
pub(crate) async fn main() -> anyhow::Result<()> {
    let production = support::Production::start().await?;
    let origin = Origin::of(&Url::parse(&production.url())?)?;
    let validator = Validator::new(ValidatorParts {
        http: HttpClient::new(HttpSettings {
            egress: EgressRule {
                actor: Actor::Person,
                production: Some(origin.clone()),
                allowed_hosts: Vec::new(),
                allow_public: false,
            },
            resolve: Vec::new(),
            ca_file: None,
            max_body_bytes: 1 << 20,
            max_concurrent: 8,
        })?,
        // Runs Playwright, where a checklist has UI tests.
        executor: Executor::new(ExecutorSettings {
            repository: env!("CARGO_MANIFEST_DIR").into(),
            search_path: std::env::var_os("PATH").unwrap_or_default(),
            hidden_variables: Vec::new(),
            redactor: Redactor::default(),
            policy: CommandPolicy::Unrestricted,
        }),
        users: vec![TestUser {
            name: "test@example.com".to_owned(),
            credential: Credential::Bearer(SecretText::new("the test user's token")),
            methods: vec![snipara_orchestrator::domain::Method::Get],
        }],
        production: Some(origin),
        redactor: Redactor::default(),
        clock: Arc::new(SystemClock),
        max_concurrent: 8,
        ui_timeout_ms: 60_000,
    });

    let mut check =
        LiveCheck::get(format!("{}/health", production.url())).with_expected_status(ExpectedStatus::default());
    check.user = Some("test@example.com".to_owned());
    let run = validator.run_live_check(&check, 0, &CancellationToken::new()).await;

    println!("Result: {:?}", run.outcome);
    println!("Status: {:?}", run.response_code);
    println!("User: {}", run.user_tested);
    anyhow::ensure!(run.outcome == Outcome::Passed && run.response_code == Some(200), "{run:?}");
    anyhow::ensure!(run.user_tested == "test@example.com", "the test user's credentials were not sent: {run:?}");
    Ok(())
}
