//! The seed's "Executor" snippet: run a command in the repository and look at what came of it.
//!
//! `cargo run --example executor`

#![expect(clippy::print_stdout, reason = "an example shows what it got")]

use snipara_orchestrator::domain::Redactor;
use snipara_orchestrator::executor::{CommandPolicy, Executor, ExecutorSettings};
use tokio_util::sync::CancellationToken;

#[tokio::main]
pub(crate) async fn main() -> anyhow::Result<()> {
    let executor = Executor::new(ExecutorSettings {
        repository: env!("CARGO_MANIFEST_DIR").into(),
        search_path: std::env::var_os("PATH").unwrap_or_default(),
        hidden_variables: vec!["SNIPARA_API_KEY".to_owned()],
        redactor: Redactor::default(),
        // A person's own command; `Restricted` is what an agent's commands run under.
        policy: CommandPolicy::Unrestricted,
    });

    let run = executor.run_test("cargo --version", 60_000, &CancellationToken::new()).await;

    println!("Success: {}", run.success());
    println!("Output: {}", run.stdout.text.trim());
    anyhow::ensure!(run.success() && run.stdout.text.starts_with("cargo "), "{run:?}");
    Ok(())
}
