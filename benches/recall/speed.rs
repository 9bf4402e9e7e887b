//! How fast recall is among 100,000 memories, beside `LIKE '%…%'` over the same texts in the same run.

use std::path::Path;
use std::time::Instant;

use futures_util::{StreamExt, TryStreamExt, stream};
use rusqlite::Connection;
use snipara_orchestrator::Orchestrator;
use snipara_orchestrator::domain::{MemoryType, NewMemory, RecallQuery, Reconciliation};

use super::random::{Random, VOCABULARY, Zipf, word};
use crate::Lines;
use crate::numbers::Numbers;

const MEMORIES: usize = 100_000;
/// How many memories there are when the rate of `remember` is measured.
const SIZES: [usize; 3] = [1_000, 10_000, MEMORIES];
/// How many memories are remembered one at a time to measure that rate, in so many batches.
const SINGLES: usize = 300;
const BATCHES: usize = 5;
/// How many memories are on their way at once when the store is filled: texts are read while another one is written.
const FILLING: usize = 8;
const QUESTIONS: usize = 500;
/// `LIKE` reads everything for each question; fewer are enough.
const PEER_QUESTIONS: usize = 30;

/// Words that have others used for them, the most frequent first; the made-up ones have none.
const OPERATIONS: [&str; 24] = [
    "deploy",
    "database",
    "error",
    "user",
    "config",
    "server",
    "job",
    "release",
    "test",
    "cache",
    "migration",
    "session",
    "password",
    "rollback",
    "pod",
    "queue",
    "certificate",
    "outage",
    "backup",
    "memory",
    "proxy",
    "retention",
    "dns",
    "replica",
];

/// Questions of words of a certain frequency.
struct Class {
    name: &'static str,
    /// How many words of [`OPERATIONS`] are asked for besides.
    operations: usize,
    /// For each word the share of the memories that hold it: more than the first, at most the second.
    words: &'static [(f64, f64)],
}

const RARE: (f64, f64) = (0.000_5, 0.005);
const COMMON: (f64, f64) = (0.005, 0.25);
const CLASSES: [Class; 4] = [
    Class { name: "each word in 0.05–0.5 %", operations: 0, words: &[RARE; 4] },
    Class { name: "two in 0.05–0.5 %, two in 0.5–25 %", operations: 0, words: &[RARE, RARE, COMMON, COMMON] },
    Class { name: "each word in 0.5–25 %", operations: 0, words: &[COMMON; 4] },
    Class { name: "two in 0.05–0.5 %, two with synonyms", operations: 2, words: &[RARE; 2] },
];

pub(crate) fn measure() -> anyhow::Result<Lines> {
    let texts = texts();
    let shares = shares(&texts);
    let folder = tempfile::tempdir()?;
    let peer = peer(folder.path(), &texts)?;
    let runtime = super::runtime()?;
    let orchestrator = runtime.block_on(super::open(folder.path()))?;
    let mut lines = runtime.block_on(remember(&orchestrator, &texts))?;
    let mut random = Random::new(2);
    for class in CLASSES {
        let questions: Vec<String> = (0..QUESTIONS).map(|_| question(&class, &shares, &mut random)).collect();
        let ours = runtime.block_on(recall(&orchestrator, &questions))?;
        let like = like(&peer, &questions[..PEER_QUESTIONS])?;
        for (percentile, name) in [(50.0, "p50"), (99.0, "p99")] {
            let (ours, like) = (ours.percentile(percentile), like.percentile(percentile));
            let title = format!("recall {name}, {}", class.name);
            lines.push(format!("{title:<52} {ours:>9.2} ms   LIKE {like:>8.1} ms   {:>6.0} times", like / ours));
        }
    }
    runtime.block_on(orchestrator.shut_down());
    Ok(lines)
}

/// Makes texts of 12 to 40 words and two of [`OPERATIONS`], a third of them with an identifier at the end.
fn texts() -> Vec<String> {
    let (zipf, mut random) = (Zipf::new(), Random::new(1));
    let text = |number: usize| {
        let length = 12 + random.below(29);
        let mut words: Vec<String> = (0..length).map(|_| word(zipf.rank(&mut random))).collect();
        // The nth is drawn less often than the one before it.
        let mut operation =
            || OPERATIONS[random.below(OPERATIONS.len()).min(random.below(OPERATIONS.len()))].to_owned();
        words.extend([operation(), operation()]);
        match number % 9 {
            0 => words.push(format!("/api/{}/{number}", word(number % VOCABULARY))),
            3 => words.push(format!("ERR_{}_{number}", word(number % VOCABULARY).to_uppercase())),
            6 => words.push(format!("{}-1.{number}", word(number % VOCABULARY))),
            _ => {}
        }
        words.join(" ")
    };
    (0..MEMORIES).map(text).collect()
}

/// Counts in which share of the texts each word is, most frequent rank first.
fn shares(texts: &[String]) -> Vec<(String, f64)> {
    let ranks: std::collections::HashMap<String, usize> = (0..VOCABULARY).map(|rank| (word(rank), rank)).collect();
    let mut holding = vec![0_u32; VOCABULARY];
    for text in texts {
        let mut seen: Vec<usize> = text.split(' ').filter_map(|word| ranks.get(word).copied()).collect();
        seen.sort_unstable();
        seen.dedup();
        seen.into_iter().for_each(|rank| holding[rank] += 1);
    }
    let share = |(rank, count): (usize, u32)| (word(rank), f64::from(count) / texts.len() as f64);
    holding.into_iter().enumerate().map(share).collect()
}

fn question(class: &Class, shares: &[(String, f64)], random: &mut Random) -> String {
    let mut words: Vec<&str> = Vec::new();
    for &(above, most) in class.words {
        words.push(loop {
            let (word, share) = &shares[random.below(shares.len())];
            if above < *share && *share <= most {
                break word;
            }
        });
    }
    words.extend((0..class.operations).map(|_| OPERATIONS[random.below(OPERATIONS.len())]));
    words.join(" ")
}

/// Fills the store, and measures at each size how fast one memory after another is remembered.
///
/// Filling leaves out the search for near-duplicates, of which these texts have none; what is measured has it.
async fn remember(orchestrator: &Orchestrator, texts: &[String]) -> anyhow::Result<Lines> {
    let fill = |text: &String| {
        let memory = NewMemory { reconciliation: Reconciliation::Off, ..NewMemory::new(text, MemoryType::Learning) };
        orchestrator.remember(memory)
    };
    let mut lines = Lines::new();
    let mut filled = 0;
    for size in SIZES {
        let (began, batch) = (Instant::now(), &texts[filled..size - SINGLES]);
        let mut filling = stream::iter(batch).map(fill).buffer_unordered(FILLING);
        while filling.try_next().await?.is_some() {}
        let fill_rate = batch.len() as f64 / began.elapsed().as_secs_f64();
        let mut rates = Numbers::default();
        for batch in texts[size - SINGLES..size].chunks(SINGLES / BATCHES) {
            let began = Instant::now();
            for text in batch {
                orchestrator.remember(NewMemory::new(text, MemoryType::Learning)).await?;
            }
            rates.push(batch.len() as f64 / began.elapsed().as_secs_f64());
        }
        filled = size;
        let row = rates.row(&format!("remember, one at a time, among {size}"), "/s");
        lines.push(format!("{row}   {FILLING} at once, near-duplicates not asked for: {fill_rate:.0} /s"));
    }
    Ok(lines)
}

/// Asks with the defaults: five memories, relevance 0.5.
async fn recall(orchestrator: &Orchestrator, questions: &[String]) -> anyhow::Result<Numbers> {
    let mut took = Numbers::default();
    for question in questions {
        let began = Instant::now();
        let recalled = orchestrator.recall(RecallQuery::new(question)).await?;
        took.push(1_000.0 * began.elapsed().as_secs_f64());
        anyhow::ensure!(recalled.memories.len() <= 5, "more than was asked for");
    }
    Ok(took)
}

/// Puts the same texts into a plain table.
fn peer(folder: &Path, texts: &[String]) -> anyhow::Result<Connection> {
    let mut connection = Connection::open(folder.join("peer.sqlite3"))?;
    connection.execute_batch("CREATE TABLE memories (id INTEGER PRIMARY KEY, content TEXT NOT NULL)")?;
    let transaction = connection.transaction()?;
    {
        let mut insert = transaction.prepare("INSERT INTO memories (content) VALUES (?1)")?;
        for text in texts {
            insert.execute([text])?;
        }
    }
    transaction.commit()?;
    Ok(connection)
}

/// Asks for the five texts that hold the most of the words.
fn like(connection: &Connection, questions: &[String]) -> anyhow::Result<Numbers> {
    let mut took = Numbers::default();
    let mut select = connection.prepare(
        "SELECT id, content FROM memories WHERE content LIKE ?1 OR content LIKE ?2 OR content LIKE ?3 OR content LIKE ?4
         ORDER BY (content LIKE ?1) + (content LIKE ?2) + (content LIKE ?3) + (content LIKE ?4) DESC, id DESC LIMIT 5",
    )?;
    for question in questions {
        let patterns: Vec<String> = question.split(' ').map(|word| format!("%{word}%")).collect();
        let began = Instant::now();
        let rows: Vec<String> =
            select.query_map(rusqlite::params_from_iter(&patterns), |row| row.get(1))?.collect::<Result<_, _>>()?;
        took.push(1_000.0 * began.elapsed().as_secs_f64());
        anyhow::ensure!(!rows.is_empty(), "{question} is in no text");
    }
    Ok(took)
}
