//! The chain's arithmetic: sealing an entry, and walking rows from link to link. Pure.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ChainProblem, EntryKind};
use crate::domain::{CanonicalError, TaskId, Timestamp, canonical_value, one_line, sha256_hex};

/// The format of entries that this program writes.
pub(super) const FORMAT: u32 = 1;

/// Said of a page whose rows are not those that were counted.
pub(super) const ODD_PAGE: &str = "the ledger has a row that is none of its entries";

/// Integers up to here are exact in canonical JSON (RFC 8785 §3.2.2.3, RFC 7493 §2.2).
const EXACT: u64 = 9_007_199_254_740_992;

/// An entry's content in the stored form.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Envelope {
    pub(super) format: u32,
    pub(super) project: String,
    pub(super) seq: String,
    pub(super) prev: String,
    pub(super) kind: EntryKind,
    pub(super) task_id: Option<TaskId>,
    pub(super) attempt: Option<u32>,
    pub(super) at: Timestamp,
    pub(super) token: Option<String>,
    pub(super) payload: Value,
    pub(super) body_digest: Option<String>,
}

/// The part of an entry's content that a walk compares; newer formats may have more.
#[derive(Debug, Deserialize)]
struct Link<'a> {
    format: i64,
    project: &'a str,
    seq: &'a str,
    prev: &'a str,
    kind: &'a str,
    #[serde(default)]
    task_id: Option<&'a str>,
    #[serde(default)]
    attempt: Option<u32>,
    #[serde(default)]
    body_digest: Option<&'a str>,
}

/// Returns `sha256:` and the digest of a text.
pub(super) fn digest(text: &str) -> String {
    format!("sha256:{}", sha256_hex(text.as_bytes()))
}

/// Returns the hash that the first entry of a project follows.
pub(super) fn genesis(project: &str) -> String {
    digest(&format!("snipara-orchestrator ledger 1\n{project}"))
}

/// Writes an entry's content as the bytes that are stored, and their hash.
pub(super) fn seal(envelope: &Envelope) -> Result<(String, String), CanonicalError> {
    let canonical = canonical_value(&serde_json::to_value(envelope)?)?;
    let hash = digest(&canonical);
    Ok((canonical, hash))
}

/// Turns integers that canonical JSON would round into strings.
pub(super) fn exact(value: &Value) -> Value {
    match value {
        Value::Number(number) => {
            let inexact = number.as_u64().is_some_and(|it| it > EXACT)
                || number.as_i64().is_some_and(|it| it.unsigned_abs() > EXACT);
            if inexact { Value::String(number.to_string()) } else { value.clone() }
        }
        Value::Array(items) => Value::Array(items.iter().map(exact).collect()),
        Value::Object(fields) => Value::Object(fields.iter().map(|(key, value)| (key.clone(), exact(value))).collect()),
        other => other.clone(),
    }
}

/// A row of the chain as text; absent columns are empty.
#[derive(Debug, Clone, Copy)]
pub(super) struct Columns<'a> {
    pub(super) seq: &'a str,
    pub(super) prev_hash: &'a str,
    pub(super) hash: &'a str,
    pub(super) kind: &'a str,
    pub(super) task_id: &'a str,
    pub(super) attempt: &'a str,
    pub(super) format_version: &'a str,
    pub(super) body_digest: &'a str,
    pub(super) canonical: &'a str,
}

impl<'a> Columns<'a> {
    /// Splits a row of a page; `None` when it has more or fewer columns than we write.
    pub(super) fn split(row: &'a str, separator: char) -> Option<Self> {
        let mut columns = row.split(separator);
        let mut next = || columns.next();
        let row = Self {
            seq: next()?,
            prev_hash: next()?,
            hash: next()?,
            kind: next()?,
            task_id: next()?,
            attempt: next()?,
            format_version: next()?,
            body_digest: next()?,
            canonical: next()?,
        };
        columns.next().is_none().then_some(row)
    }
}

/// Walks a chain from its beginning, row after row.
#[derive(Debug, Clone)]
pub(super) struct Walk {
    project: String,
    /// How many entries held.
    pub(super) entries: u64,
    /// The hash of the last one; the genesis before the first.
    pub(super) hash: String,
}

impl Walk {
    pub(super) fn new(project: &str) -> Self {
        Self { project: project.to_owned(), entries: 0, hash: genesis(project) }
    }

    /// Checks the next row: number, hash, link, and columns against content.
    pub(super) fn step(&mut self, row: Columns<'_>) -> Result<(), ChainProblem> {
        let expected = self.entries + 1;
        let here = |what: String| ChainProblem { seq: Some(expected), what };
        match row.seq.parse::<i64>().ok().and_then(|seq| u64::try_from(seq).ok()) {
            Some(seq) if seq == expected => {}
            Some(seq) if seq > expected => return Err(here(gap(expected, seq))),
            Some(seq) if seq > 0 => {
                return Err(ChainProblem { seq: Some(seq), what: format!("entry {seq} stands twice in the ledger") });
            }
            _ => return Err(here(format!("a row has the number `{}`, which no entry has", one_line(row.seq, 40)))),
        }
        if digest(row.canonical) != row.hash {
            return Err(here(format!("entry {expected} was changed: its content does not have its hash")));
        }
        let link: Link<'_> = serde_json::from_str(row.canonical).map_err(|error| {
            here(format!(
                "entry {expected} was replaced: its content cannot be read ({})",
                one_line(&error.to_string(), 80)
            ))
        })?;
        if link.project != self.project {
            return Err(here(format!("entry {expected} was copied from another project")));
        }
        if link.seq != row.seq {
            return Err(here(format!(
                "entry {expected} was replaced by a copy of entry {}: replayed or moved",
                one_line(link.seq, 20)
            )));
        }
        if link.prev != self.hash {
            let before = self.entries;
            return Err(here(if before == 0 {
                "entry 1 does not begin this project's chain: it was replaced".to_owned()
            } else {
                format!("entry {expected} does not follow entry {before}: one of the two was replaced")
            }));
        }
        self.compare_columns(row, &link).map_err(here)?;
        self.entries = expected;
        row.hash.clone_into(&mut self.hash);
        Ok(())
    }

    fn compare_columns(&self, row: Columns<'_>, link: &Link<'_>) -> Result<(), String> {
        let attempt = link.attempt.map(|attempt| attempt.to_string()).unwrap_or_default();
        let pairs = [
            ("prev_hash", row.prev_hash, link.prev),
            ("kind", row.kind, link.kind),
            ("task_id", row.task_id, link.task_id.unwrap_or_default()),
            ("attempt", row.attempt, &attempt),
            ("format_version", row.format_version, &link.format.to_string()),
            ("body_digest", row.body_digest, link.body_digest.unwrap_or_default()),
        ];
        match pairs.into_iter().find(|(_, column, content)| column != content) {
            None => Ok(()),
            Some((name, column, content)) => Err(format!(
                "entry {} was changed: its column {name} says `{}`, its content says `{}`",
                row.seq,
                one_line(column, 80),
                one_line(content, 80)
            )),
        }
    }
}

fn gap(expected: u64, found: u64) -> String {
    let last = found - 1;
    if last == expected {
        format!("entry {expected} is missing: it was deleted")
    } else {
        format!("entries {expected} to {last} are missing: they were deleted")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    type Row = [String; 9];

    fn chain(payloads: &[u32]) -> Vec<Row> {
        let mut rows: Vec<Row> = Vec::new();
        let mut prev = genesis("demo");
        for (index, payload) in payloads.iter().enumerate() {
            let body_digest = (payload % 2 == 0).then(|| digest(&payload.to_string()));
            let task_id = (payload % 3 != 0).then(|| TaskId::generate(Timestamp::from_micros(i64::from(*payload))));
            let envelope = Envelope {
                format: FORMAT,
                project: "demo".into(),
                seq: (index + 1).to_string(),
                prev: prev.clone(),
                kind: EntryKind::ALL[*payload as usize % 11],
                attempt: task_id.as_ref().map(|_| payload % 5),
                task_id: task_id.clone(),
                at: Timestamp::from_micros(i64::from(*payload) * 1_000_000),
                token: Some(payload.to_string()),
                payload: json!({ "n": payload, "text": "a\u{1f}b\nc" }),
                body_digest: body_digest.clone(),
            };
            let (canonical, hash) = seal(&envelope).expect("seals");
            rows.push([
                envelope.seq.clone(),
                prev,
                hash.clone(),
                envelope.kind.as_str().into(),
                task_id.map(|id| id.to_string()).unwrap_or_default(),
                envelope.attempt.map(|attempt| attempt.to_string()).unwrap_or_default(),
                FORMAT.to_string(),
                body_digest.unwrap_or_default(),
                canonical,
            ]);
            prev = hash;
        }
        rows
    }

    /// Walks rows in the order of their numbers, as the store hands them out; also compares the end with a head.
    fn walk(rows: &[Row], head: &(u64, String)) -> Result<(), String> {
        let mut sorted = rows.to_vec();
        sorted.sort_by_key(|row| row[0].parse::<i64>().unwrap_or(i64::MAX));
        let mut walk = Walk::new("demo");
        for row in &sorted {
            let text = row.join("\u{1f}");
            let columns = Columns::split(&text, '\u{1f}').ok_or("columns")?;
            walk.step(columns).map_err(|problem| problem.what)?;
        }
        if (walk.entries, &walk.hash) == (head.0, &head.1) { Ok(()) } else { Err("head".into()) }
    }

    proptest! {
        #[test]
        fn any_single_change_is_found(
            payloads in proptest::collection::vec(0_u32..1000, 1..12),
            place: prop::sample::Index,
            column in 0_usize..9,
            position: prop::sample::Index,
            replacement in "[ -~]{1}",
        ) {
            let rows = chain(&payloads);
            let head = (rows.len() as u64, rows[rows.len() - 1][2].clone());
            prop_assert_eq!(walk(&rows, &head), Ok(()));
            let mut changed = rows.clone();
            let cell = &mut changed[place.index(rows.len())][column];
            let mut characters: Vec<char> = cell.chars().collect();
            let character = replacement.chars().next().expect("one character");
            if characters.is_empty() {
                characters.push(character);
            } else {
                let at = position.index(characters.len());
                characters[at] = character;
            }
            *cell = characters.into_iter().collect();
            prop_assume!(changed != rows);
            prop_assert!(walk(&changed, &head).is_err(), "changed column {} unnoticed", column);
        }

        #[test]
        fn a_deleted_doubled_or_swapped_row_is_found(
            payloads in proptest::collection::vec(0_u32..1000, 2..12),
            first: prop::sample::Index,
            second: prop::sample::Index,
        ) {
            let rows = chain(&payloads);
            let head = (rows.len() as u64, rows[rows.len() - 1][2].clone());
            let (first, second) = (first.index(rows.len()), second.index(rows.len()));

            let mut deleted = rows.clone();
            deleted.remove(first);
            prop_assert!(walk(&deleted, &head).is_err());

            let mut doubled = rows.clone();
            doubled.push(rows[first].clone());
            prop_assert!(walk(&doubled, &head).is_err());

            let mut replayed = rows.clone();
            let mut copy = rows[first].clone();
            copy[0] = (rows.len() + 1).to_string();
            replayed.push(copy);
            prop_assert!(walk(&replayed, &head).is_err());

            prop_assume!(first != second);
            let mut swapped = rows.clone();
            swapped[first][0] = rows[second][0].clone();
            swapped[second][0] = rows[first][0].clone();
            prop_assert!(walk(&swapped, &head).is_err());
        }
    }

    #[test]
    fn a_rewritten_entry_breaks_the_link_of_the_next_one() {
        let mut rows = chain(&[1, 2, 3]);
        rows[1][8] = rows[1][8].replace("\"n\":2", "\"n\":9");
        rows[1][2] = digest(&rows[1][8]);
        let head = (3, rows[2][2].clone());
        assert_eq!(walk(&rows, &head), Err("entry 3 does not follow entry 2: one of the two was replaced".to_owned()));
    }

    #[test]
    fn integers_beyond_doubles_are_kept_as_text() {
        let value =
            exact(&json!({ "big": 9_007_199_254_740_993_u64, "small": 7, "deep": [-9_007_199_254_740_993_i64] }));
        assert_eq!(value, json!({ "big": "9007199254740993", "small": 7, "deep": ["-9007199254740993"] }));
    }

    #[test]
    fn two_projects_begin_differently() {
        assert_ne!(genesis("a"), genesis("b"));
    }
}
