//! How fast a question about the repository's documents is answered, among 3,000 sections in 300 files.

use std::fmt::Write as _;
use std::fs;
use std::time::Instant;

use snipara_orchestrator::domain::ContextQuery;

use super::random::{Random, Zipf, word};
use crate::Lines;
use crate::numbers::Numbers;

const FILES: usize = 300;
const SECTIONS_EACH: usize = 10;
const QUESTIONS: usize = 300;
/// What a call without `max_tokens` may return.
const TOKENS: i64 = 4_000;

pub(crate) fn measure() -> anyhow::Result<Lines> {
    let folder = tempfile::tempdir()?;
    let docs = folder.path().join("repository/docs");
    fs::create_dir_all(&docs)?;
    let (zipf, mut random) = (Zipf::new(), Random::new(3));
    for file in 0..FILES {
        let mut text = String::new();
        for _ in 0..SECTIONS_EACH {
            writeln!(text, "## {} {}\n", word(zipf.rank(&mut random)), word(zipf.rank(&mut random)))?;
            for _ in 0..80 + random.below(80) {
                write!(text, "{} ", word(zipf.rank(&mut random)))?;
            }
            text.push_str("\n\n");
        }
        fs::write(docs.join(format!("{file}.md")), text)?;
    }
    let runtime = super::runtime()?;
    runtime.block_on(async {
        let orchestrator = super::open(folder.path()).await?;
        let (mut first, mut later) = (0.0, Numbers::default());
        for number in 0..=QUESTIONS {
            let words: Vec<String> = (0..4).map(|_| word(zipf.rank(&mut random))).collect();
            let began = Instant::now();
            let query = ContextQuery { query: words.join(" "), max_tokens: TOKENS };
            let answer = orchestrator.query_context(query).await?;
            let took_ms = 1_000.0 * began.elapsed().as_secs_f64();
            anyhow::ensure!(
                answer.sections_indexed >= (FILES * SECTIONS_EACH) as u64,
                "not all is indexed: {answer:?}"
            );
            if number == 0 { first = took_ms } else { later.push(took_ms) }
        }
        orchestrator.shut_down().await;
        Ok(vec![
            format!("first question, which reads and indexes everything {first:>8.1} ms"),
            format!("questions after it, nothing changed: p50 {:>8.2} ms", later.percentile(50.0)),
            format!("questions after it, nothing changed: p99 {:>8.2} ms", later.percentile(99.0)),
        ])
    })
}
