//! The seed's "Validator" snippet: send one live check and judge the answer.
//!
//! `cargo run --example validator`

#![expect(clippy::print_stdout, reason = "an example shows what it got")]

use snipara_orchestrator::domain::{Credential, Origin, Outcome, SecretText, TestUser};
use snipara_orchestrator::{LiveCheck, Validator};
use tokio_util::sync::CancellationToken;
use url::Url;

mod support;

#[tokio::main]
pub(crate) async fn main() -> anyhow::Result<()> {
    let service = support::Production::start().await?;
    let production = Url::parse(&service.url())?;
    let check = Validator::prepare(&LiveCheck::get("/health"), Some(&production))?;
    let run = Validator::new().run_live_check(&check, 0, &CancellationToken::new()).await;

    println!("Result: {:?}", run.outcome);
    println!("Status: {:?}", run.response_code);
    println!("User: {}", run.user_tested);
    anyhow::ensure!(run.outcome == Outcome::Passed && run.response_code == Some(200), "{run:?}");

    // The same as a test user, whose credentials go to production only.
    let user = TestUser::new("test@example.com", Credential::Bearer(SecretText::new("the test user's token")));
    let validator = Validator::for_users(Origin::of(&production)?, vec![user]);
    let check = LiveCheck { user: Some("test@example.com".to_owned()), ..LiveCheck::get("/health") };
    let check = Validator::prepare(&check, Some(&production))?;
    let run = validator.run_live_check(&check, 0, &CancellationToken::new()).await;
    println!("User: {}", run.user_tested);
    anyhow::ensure!(run.user_tested == "test@example.com", "the test user's credentials were not sent: {run:?}");
    Ok(())
}
