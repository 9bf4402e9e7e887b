//! The seed's "Executor" snippet: run a command in the repository and look at what came of it.
//!
//! `cargo run --example executor`

#![expect(clippy::print_stdout, reason = "an example shows what it got")]

use snipara_orchestrator::Executor;
use tokio_util::sync::CancellationToken;

#[tokio::main]
pub(crate) async fn main() -> anyhow::Result<()> {
    let executor = Executor::new(env!("CARGO_MANIFEST_DIR"));
    let run = executor.run_test("cargo --version", 60_000, &CancellationToken::new()).await;

    println!("Success: {}", run.success());
    println!("Output: {}", run.stdout.text.trim());
    anyhow::ensure!(run.success() && run.stdout.text.starts_with("cargo "), "{run:?}");
    Ok(())
}
