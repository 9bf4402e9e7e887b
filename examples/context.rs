//! The seed's "Context Retrieval" snippet: what the repository's own documents say about a question.
//!
//! `cargo run --example context`

#![expect(clippy::print_stdout, reason = "an example shows what it got")]

use std::path::Path;

use snipara_orchestrator::Builder;
use snipara_orchestrator::domain::ContextQuery;

const RUNBOOK: &str = "\
# Runbook

## Deployment checklist for production

1. Announce the release in #deploys.
2. Run the migrations, then roll out worker, api and web in this order.
3. Check `GET /health` and `POST /api/auth/login` on https://api.example.com.

## On call

The rota changes on Monday at 10:00 UTC.
";

#[tokio::main]
pub(crate) async fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let repository = folder.path().join("repository");
    write_documents(&repository)?;
    let orchestrator = Builder::new()
        .project("my-project")
        .repository(&repository)
        .state_folder(folder.path().join("state"))
        .build()
        .await?;

    // Get relevant documentation
    let context = orchestrator
        .query_context(ContextQuery { query: "deployment checklist production".to_owned(), max_tokens: 6_000 })
        .await?;

    for section in &context.sections {
        let [first, last] = section.lines;
        println!("{:.2} {}:{first}-{last} {}", section.relevance_score, section.file, section.title);
    }
    println!("{} tokens of {} sections", context.total_tokens, context.sections_indexed);
    let best = context.sections.first();
    anyhow::ensure!(best.is_some_and(|section| section.file == "docs/runbook.md"), "{context:?}");
    anyhow::ensure!(best.is_some_and(|section| section.content.contains("/api/auth/login")), "{context:?}");
    anyhow::ensure!(context.total_tokens <= 6_000, "the cap is hard: {context:?}");
    orchestrator.shut_down().await;
    Ok(())
}

fn write_documents(repository: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(repository.join("docs"))?;
    std::fs::write(repository.join("README.md"), "# Shop\n\nSells things.\n\n## Tests\n\nRun `pnpm test`.\n")?;
    std::fs::write(repository.join("docs/runbook.md"), RUNBOOK)
}
