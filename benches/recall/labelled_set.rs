//! The labelled set: memories, and questions with the memories that answer them (README.md beside this file).

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use snipara_orchestrator::Orchestrator;
use snipara_orchestrator::domain::{MemoryId, MemoryType, NewMemory, RecallQuery};

use super::Hit;

/// A memory of the set; the file is in the order in which they were learned.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LabelledMemory {
    pub(super) id: String,
    #[serde(rename = "type")]
    memory_type: MemoryType,
    category: String,
    pub(super) content: String,
    /// An earlier memory that it was said to replace.
    supersedes: Option<String>,
}

/// What makes a question hard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Paraphrase,
    Identifier,
    ErrorCode,
    NearDuplicate,
    Contradiction,
    /// Nothing answers it.
    Noise,
}

impl Kind {
    /// Those that something answers.
    pub(super) const ANSWERED: [Self; 5] =
        [Self::Paraphrase, Self::Identifier, Self::ErrorCode, Self::NearDuplicate, Self::Contradiction];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Paraphrase => "paraphrase",
            Self::Identifier => "identifier",
            Self::ErrorCode => "error code",
            Self::NearDuplicate => "near-duplicate",
            Self::Contradiction => "contradiction",
            Self::Noise => "noise",
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    pub(super) question: String,
    pub(super) kind: Kind,
    /// Ids of memories, each of which answers it.
    pub(super) answers: Vec<String>,
}

#[derive(Debug)]
pub(super) struct LabelledSet {
    pub(super) memories: Vec<LabelledMemory>,
    pub(super) questions: Vec<Question>,
}

impl LabelledSet {
    pub(super) fn read() -> anyhow::Result<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/recall");
        Ok(Self {
            memories: lines(&folder.join("memories.jsonl"))?,
            questions: lines(&folder.join("questions.jsonl"))?,
        })
    }
}

fn lines<T: DeserializeOwned>(path: &PathBuf) -> anyhow::Result<Vec<T>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let read =
        |(index, line)| serde_json::from_str(line).with_context(|| format!("{} line {}", path.display(), index + 1));
    text.lines().enumerate().map(read).collect()
}

/// Our recall over the set.
#[derive(Debug)]
pub(super) struct Kept {
    orchestrator: Orchestrator,
    ids: HashMap<MemoryId, String>,
}

impl Kept {
    /// Remembers every memory of the set, in order.
    pub(super) async fn remember(set: &LabelledSet, folder: &Path) -> anyhow::Result<Self> {
        let orchestrator = super::open(folder).await?;
        let mut by_name: HashMap<&str, MemoryId> = HashMap::new();
        for memory in &set.memories {
            let supersedes = match &memory.supersedes {
                Some(name) => Some(by_name.get(name.as_str()).context("supersedes a later memory")?.clone()),
                None => None,
            };
            let new = NewMemory {
                category: Some(memory.category.clone()),
                supersedes,
                ..NewMemory::new(&memory.content, memory.memory_type)
            };
            let kept = orchestrator.remember(new).await?.memory;
            anyhow::ensure!(kept.content == memory.content, "{} was changed: {}", memory.id, kept.content);
            by_name.insert(&memory.id, kept.memory_id);
        }
        let ids = by_name.into_iter().map(|(name, id)| (id, name.to_owned())).collect();
        Ok(Self { orchestrator, ids })
    }

    /// Asks as every client may: so many at most, of at least this relevance.
    pub(super) async fn ask(&self, question: &str, limit: i64, min_relevance: f64) -> anyhow::Result<Vec<Hit>> {
        let query = RecallQuery { limit, min_relevance, ..RecallQuery::new(question) };
        let recalled = self.orchestrator.recall(query).await?;
        let hit = |row: snipara_orchestrator::domain::RecalledMemory| {
            let id = self.ids.get(&row.memory.memory_id).context("a memory that nobody remembered")?.clone();
            Ok(Hit { id, relevance: row.relevance })
        };
        recalled.memories.into_iter().map(hit).collect()
    }

    pub(super) async fn close(self) {
        self.orchestrator.shut_down().await;
    }
}
