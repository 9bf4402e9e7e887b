//! The seed's "Memory Persistence" snippet: remember a decision, recall what failed before.
//!
//! `cargo run --example memory`

#![expect(clippy::print_stdout, reason = "an example shows what it got")]

use snipara_orchestrator::Builder;
use snipara_orchestrator::domain::{MemoryType, NewMemory, RecallQuery};

#[tokio::main]
pub(crate) async fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let orchestrator = Builder::new()
        .project("my-project")
        .repository(folder.path())
        .state_folder(folder.path().join("state"))
        .build()
        .await?;

    // Remember decisions
    let decision = NewMemory {
        category: Some("architecture".to_owned()),
        ttl_days: Some(30),
        ..NewMemory::new("Chose Redis for rate limiting due to distributed nature", MemoryType::Decision)
    };
    let remembered = orchestrator.remember(decision.clone()).await?;
    println!("Remembered: {} ({})", remembered.memory.content, remembered.memory.memory_type);

    // … and learnings
    for content in [
        "Deployment failed with P1001: the security group of the database did not allow the new subnet",
        "The deployment on Thursday failed since its readiness probe called /api/auth/session",
    ] {
        let learning =
            NewMemory { category: Some("failures".to_owned()), ..NewMemory::new(content, MemoryType::Learning) };
        orchestrator.remember(learning).await?;
    }

    // Recall previous context
    let recalled = orchestrator.recall(RecallQuery { limit: 5, ..RecallQuery::new("deployment failures") }).await?;
    println!("About deployment failures:");
    for row in &recalled.memories {
        println!("  {:.2} {}", row.relevance, row.memory.content);
    }
    anyhow::ensure!(recalled.memories.len() == 2, "both failures, and not the decision: {recalled:?}");

    // Identifiers are found as they are written.
    let recalled = orchestrator.recall(RecallQuery::new("P1001")).await?;
    println!("About P1001:");
    for row in &recalled.memories {
        println!("  {:.2} {}", row.relevance, row.memory.content);
    }
    anyhow::ensure!(recalled.memories.len() == 1, "{recalled:?}");

    // Saying the same again tells that it is known already.
    let again = orchestrator.remember(decision).await?;
    println!("Known already: {} like it", again.near_duplicates.len());
    anyhow::ensure!(
        again.near_duplicates.iter().any(|like| like.memory_id == remembered.memory.memory_id),
        "{again:?}"
    );
    orchestrator.shut_down().await;
    Ok(())
}
