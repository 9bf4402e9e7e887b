//! Recall: how well memories are found, on a set labelled by hand, and how fast among 100,000; how fast documents are.

mod labelled_set;
mod misses;
mod quality;
mod random;
mod sections;
mod speed;
mod substring;

use std::path::Path;

use snipara_orchestrator::{Builder, Orchestrator};

pub(crate) use misses::measure as list_misses;
pub(crate) use quality::measure as measure_quality;
pub(crate) use sections::measure as measure_sections;
pub(crate) use speed::measure as measure_speed;

/// A memory that was found, by the set's own id.
#[derive(Debug, Clone, PartialEq)]
struct Hit {
    id: String,
    /// 0 to 1.
    relevance: f64,
}

/// Opens an orchestrator over the embedded store in a folder of its own.
async fn open(folder: &Path) -> anyhow::Result<Orchestrator> {
    let repository = folder.join("repository");
    std::fs::create_dir_all(&repository)?;
    let builder = Builder::new().project("bench").repository(repository).state_folder(folder.join("state"));
    Ok(builder.build().await?)
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    // As many workers as the program itself has.
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()
}
