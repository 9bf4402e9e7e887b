//! The chain's arithmetic: sealing an entry, and verifying rows from link to link. Pure.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::ChainProblem;
use super::entry::fact_of;
use super::fact::{Fact, PayloadCaller, Redaction, may_be_tombstone};
use crate::domain::{CanonicalError, TaskId, Timestamp, canonical_value, one_line, sha256_hex};

/// The format of entries that this program writes. Format 2 has `caller`, and keeps texts that may have to go one day
/// beside the chain; format 1 is what 0.1.0 wrote.
pub(super) const FORMAT: u32 = 2;

/// The problem of a page whose rows are not those that were counted.
pub(super) const ODD_PAGE: &str = "the ledger has a row that is none of its entries";

/// Integers up to here are exact in canonical JSON (RFC 8785 §3.2.2.3, RFC 7493 §2.2).
const EXACT: u64 = 9_007_199_254_740_992;

/// An entry's content as it is read back.
#[derive(Debug, Deserialize)]
pub(super) struct Envelope {
    pub(super) format: u32,
    pub(super) project: String,
    pub(super) seq: String,
    pub(super) prev: String,
    /// A text: a newer program may have kinds that this one does not know.
    pub(super) kind: String,
    pub(super) task_id: Option<TaskId>,
    pub(super) attempt: Option<u32>,
    pub(super) at: Timestamp,
    caller: Option<String>,
    pub(super) payload: Value,
    pub(super) body_digest: Option<String>,
}

impl Envelope {
    /// Returns the caller of a request that does not belong to a task. Format 1 keeps it in the payload.
    pub(super) fn caller(&self) -> Option<String> {
        match (self.format, &self.task_id) {
            (1, None) => PayloadCaller::deserialize(&self.payload).ok().and_then(|asked| asked.caller),
            (1, Some(_)) => None,
            _ => self.caller.clone(),
        }
    }
}

/// An entry's content that is to be sealed. Numbers that can grow are text.
#[derive(Debug, Serialize)]
pub(super) struct Content<'a> {
    pub(super) format: u32,
    pub(super) project: &'a str,
    pub(super) seq: String,
    pub(super) prev: &'a str,
    pub(super) kind: &'a str,
    pub(super) task_id: Option<&'a TaskId>,
    pub(super) attempt: Option<u32>,
    pub(super) at: Timestamp,
    pub(super) token: Option<String>,
    pub(super) caller: Option<&'a str>,
    pub(super) payload: Value,
    pub(super) body_digest: Option<&'a str>,
}

/// The part of an entry's content that is compared with its columns; newer formats may have more.
#[derive(Debug, Deserialize)]
struct EntryLink<'a> {
    format: i64,
    project: &'a str,
    seq: &'a str,
    prev: &'a str,
    kind: &'a str,
    task_id: Option<&'a str>,
    attempt: Option<u32>,
    caller: Option<Cow<'a, str>>,
    #[serde(borrow)]
    payload: &'a RawValue,
    body_digest: Option<&'a str>,
}

impl EntryLink<'_> {
    fn caller(&self) -> Option<Cow<'_, str>> {
        match (self.format, self.task_id) {
            (1, None) => {
                let read: Result<PayloadCaller, _> = serde_json::from_str(self.payload.get());
                read.ok().and_then(|read| read.caller).map(Cow::Owned)
            }
            (1, Some(_)) => None,
            _ => self.caller.as_deref().map(Cow::Borrowed),
        }
    }
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
pub(super) fn seal(content: &Content<'_>) -> Result<(String, String), CanonicalError> {
    let canonical = canonical_value(&serde_json::to_value(content)?)?;
    let hash = digest(&canonical);
    Ok((canonical, hash))
}

/// Turns integers that canonical JSON would round into strings.
pub(super) fn exact(value: Value) -> Value {
    match value {
        Value::Number(number) => {
            let inexact = number.as_u64().is_some_and(|it| it > EXACT)
                || number.as_i64().is_some_and(|it| it.unsigned_abs() > EXACT);
            if inexact { Value::String(number.to_string()) } else { Value::Number(number) }
        }
        Value::Array(items) => Value::Array(items.into_iter().map(exact).collect()),
        Value::Object(fields) => Value::Object(fields.into_iter().map(|(key, value)| (key, exact(value))).collect()),
        other => other,
    }
}

/// A row of the chain as text; absent columns are empty.
#[derive(Debug, Clone, Copy)]
pub(super) struct ChainColumns<'a> {
    pub(super) seq: &'a str,
    pub(super) prev_hash: &'a str,
    pub(super) hash: &'a str,
    pub(super) kind: &'a str,
    pub(super) task_id: &'a str,
    pub(super) attempt: &'a str,
    pub(super) format_version: &'a str,
    /// As a JSON string: a name may hold what separates columns.
    pub(super) caller: &'a str,
    pub(super) body_digest: &'a str,
    pub(super) redacted_by: &'a str,
    pub(super) canonical: &'a str,
}

impl<'a> ChainColumns<'a> {
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
            caller: next()?,
            body_digest: next()?,
            redacted_by: next()?,
            canonical: next()?,
        };
        columns.next().is_none().then_some(row)
    }
}

/// Verifies a chain from its beginning, row after row.
#[derive(Debug, Clone)]
pub(super) struct ChainVerifier {
    project: String,
    /// How many entries held.
    pub(super) entries: u64,
    /// The hash of the last one; the genesis before the first.
    pub(super) hash: String,
    /// Entries of which a tombstone is left, and which no redaction explained yet.
    unexplained: Vec<Tombstone>,
    /// Those that a later redaction explains.
    explained: Vec<Tombstone>,
}

/// What is left of an entry whose text stood in the chain itself.
#[derive(Debug, Clone)]
struct Tombstone {
    seq: u64,
    hash: String,
    /// The digest of what is left.
    left: String,
    redacted_by: u64,
}

impl ChainVerifier {
    pub(super) fn new(project: &str) -> Self {
        Self {
            project: project.to_owned(),
            entries: 0,
            hash: genesis(project),
            unexplained: Vec::new(),
            explained: Vec::new(),
        }
    }

    /// Says which entry was changed, once all entries were looked at: a tombstone that no redaction explains.
    pub(super) fn unexplained(&self) -> Option<ChainProblem> {
        let first = self.unexplained.first()?;
        let (seq, by) = (first.seq, first.redacted_by);
        let what = format!("entry {seq} was changed: entry {by} does not say that it was redacted");
        Some(ChainProblem { seq: Some(seq), what })
    }

    /// Returns how many tombstones a later redaction explains.
    pub(super) fn tombstones(&self) -> u64 {
        self.explained.len() as u64
    }

    /// Returns how many entries hold by themselves: before the first tombstone whose redaction is not among them.
    pub(super) fn held(&self) -> u64 {
        let mut held = self.unexplained.first().map_or(self.entries, |first| first.seq - 1);
        while let Some(first) = self.explained.iter().find(|it| it.seq <= held && it.redacted_by > held) {
            held = first.seq - 1;
        }
        held
    }

    /// Checks the next row: number, hash, link, and columns against content.
    pub(super) fn step(&mut self, row: ChainColumns<'_>) -> Result<(), ChainProblem> {
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
        let left = digest(row.canonical);
        let redacted_by = row.redacted_by.parse::<u64>().ok().filter(|by| *by > expected);
        match (left == row.hash, redacted_by) {
            (true, _) if row.redacted_by.is_empty() => {}
            (false, Some(redacted_by)) => {
                let hash = row.hash.to_owned();
                self.unexplained.push(Tombstone { seq: expected, hash, left: left.clone(), redacted_by });
            }
            (true, _) => {
                return Err(here(format!("entry {expected} was changed: it is whole and says it was redacted")));
            }
            (false, None) => {
                return Err(here(format!("entry {expected} was changed: its content does not have its hash")));
            }
        }
        let link: EntryLink<'_> = serde_json::from_str(row.canonical).map_err(|error| {
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
        if left != row.hash && !may_be_left(&link) {
            let what = "it says it was redacted, and nothing may be removed from such an entry";
            return Err(here(format!("entry {expected} was changed: {what}")));
        }
        if link.kind == super::Fact::REDACTION {
            self.explain(expected, row.canonical);
        }
        self.entries = expected;
        row.hash.clone_into(&mut self.hash);
        Ok(())
    }

    /// Takes the tombstone off the list that this redaction explains: by its number, its hash and what is left of it.
    fn explain(&mut self, seq: u64, canonical: &str) {
        let Some(Fact::Redaction(redaction)) = fact_of(canonical, None) else { return };
        let is_explained = |tombstone: &mut Tombstone| tombstone.redacted_by == seq && tombstone.is_of(&redaction);
        self.explained.extend(self.unexplained.extract_if(.., is_explained));
    }

    fn compare_columns(&self, row: ChainColumns<'_>, link: &EntryLink<'_>) -> Result<(), String> {
        let attempt = link.attempt.map(|attempt| attempt.to_string()).unwrap_or_default();
        let asked = if row.caller.is_empty() { None } else { serde_json::from_str::<String>(row.caller).ok() };
        let caller = link.caller().unwrap_or_default();
        // A value that is not a JSON string is shown as it is, because it is wrong in any case.
        let column = asked.as_deref().unwrap_or(row.caller);
        let pairs = [
            ("prev_hash", row.prev_hash, link.prev),
            ("kind", row.kind, link.kind),
            ("task_id", row.task_id, link.task_id.unwrap_or_default()),
            ("attempt", row.attempt, &attempt),
            ("format_version", row.format_version, &link.format.to_string()),
            ("caller", column, &caller),
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

impl Tombstone {
    fn is_of(&self, redaction: &Redaction) -> bool {
        redaction.seq == self.seq
            && redaction.body_digest == self.hash
            && redaction.tombstone.as_ref() == Some(&self.left)
    }
}

/// Tells whether this may be what is left of an entry that lost a text.
fn may_be_left(link: &EntryLink<'_>) -> bool {
    let (format, payload) = (u32::try_from(link.format), serde_json::from_str(link.payload.get()));
    matches!((format, payload), (Ok(format), Ok(payload)) if may_be_tombstone(format, link.kind, &payload))
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

    type Row = [String; 11];

    const KINDS: [&str; 4] = ["proof", "transition", "decision", "of a newer program"];

    fn chain(payloads: &[u32]) -> Vec<Row> {
        let mut rows: Vec<Row> = Vec::new();
        let mut prev = genesis("demo");
        for (index, payload) in payloads.iter().enumerate() {
            let body_digest = (payload % 2 == 0).then(|| digest(&payload.to_string()));
            let task_id = (payload % 3 != 0).then(|| TaskId::generate(Timestamp::from_micros(i64::from(*payload))));
            let attempt = task_id.as_ref().map(|_| payload % 5);
            let caller = (payload % 3 == 0 && payload % 4 != 0).then_some("ada \"\u{1f}\"");
            let kind = KINDS[*payload as usize % KINDS.len()];
            let seq = index as u64 + 1;
            let content = Content {
                format: FORMAT,
                project: "demo",
                seq: seq.to_string(),
                prev: &prev,
                kind,
                attempt,
                task_id: task_id.as_ref(),
                at: Timestamp::from_micros(i64::from(*payload) * 1_000_000),
                token: Some(payload.to_string()),
                caller,
                payload: json!({ "n": payload, "text": "a\u{1f}b\nc" }),
                body_digest: body_digest.as_deref(),
            };
            let (canonical, hash) = seal(&content).expect("seals");
            rows.push([
                seq.to_string(),
                prev,
                hash.clone(),
                kind.into(),
                task_id.map(|id| id.to_string()).unwrap_or_default(),
                attempt.map(|attempt| attempt.to_string()).unwrap_or_default(),
                FORMAT.to_string(),
                caller.map(|caller| Value::from(caller).to_string()).unwrap_or_default(),
                body_digest.unwrap_or_default(),
                String::new(),
                canonical,
            ]);
            prev = hash;
        }
        rows
    }

    /// Verifies rows in the order of their numbers, as the store returns them, and compares the end with a head.
    fn walk(rows: &[Row], head: &(u64, String)) -> Result<(), String> {
        let mut sorted = rows.to_vec();
        sorted.sort_by_key(|row| row[0].parse::<i64>().unwrap_or(i64::MAX));
        let mut walk = ChainVerifier::new("demo");
        for row in &sorted {
            let text = row.join("\u{1f}");
            let columns = ChainColumns::split(&text, '\u{1f}').ok_or("columns")?;
            walk.step(columns).map_err(|problem| problem.what)?;
        }
        if (walk.entries, &walk.hash) == (head.0, &head.1) { Ok(()) } else { Err("head".into()) }
    }

    proptest! {
        #[test]
        fn any_single_change_is_found(
            payloads in proptest::collection::vec(0_u32..1000, 1..12),
            place: prop::sample::Index,
            column in 0_usize..11,
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
        rows[1][10] = rows[1][10].replace("\"n\":2", "\"n\":9");
        rows[1][2] = digest(&rows[1][10]);
        let head = (3, rows[2][2].clone());
        assert_eq!(walk(&rows, &head), Err("entry 3 does not follow entry 2: one of the two was replaced".to_owned()));
    }

    #[test]
    fn integers_beyond_doubles_are_kept_as_text() {
        let value =
            exact(json!({ "big": 9_007_199_254_740_993_u64, "small": 7, "deep": [-9_007_199_254_740_993_i64] }));
        assert_eq!(value, json!({ "big": "9007199254740993", "small": 7, "deep": ["-9007199254740993"] }));
    }

    #[test]
    fn two_projects_begin_differently() {
        assert_ne!(genesis("a"), genesis("b"));
    }
}
