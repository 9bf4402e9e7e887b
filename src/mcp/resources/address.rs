//! Addresses of resources, read strictly.

use std::fmt;

use crate::domain::{HTaskId, HTaskRef, SwarmId, TaskId, one_line};
use crate::mcp::skills;
use crate::orchestrator::OrchestratorError;

/// The longest address, in bytes: two ids of 256 bytes and what stands around them.
pub(in crate::mcp) const LONGEST_URI: usize = 600;

/// A resource by its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::mcp) enum Address {
    /// The report of a task.
    Task(TaskId),
    /// The cutover checklist of a task.
    Checklist(TaskId),
    /// A proof by its place in the ledger.
    Proof(u64),
    /// A proof by its hash.
    ProofOfHash(String),
    /// The end of the ledger.
    Head,
    /// The receipt of an attempt.
    Receipt(TaskId, u32),
    /// An htask.
    HTask(HTaskRef),
    /// An answer of which something was left out.
    Answer(String),
    /// A file of the skill.
    Skill(&'static str),
}

impl Address {
    /// Reads an address. Nothing is decoded, resolved or normalized: an address has one spelling.
    ///
    /// # Errors
    /// When it does not have a known form. Then no resource has this address.
    pub(in crate::mcp) fn parse(uri: &str) -> Result<Self, OrchestratorError> {
        if uri.len() > LONGEST_URI {
            return Err(not_found(uri));
        }
        read(uri).ok_or_else(|| not_found(uri))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Task(id) => write!(formatter, "task://{id}"),
            Self::Checklist(id) => write!(formatter, "checklist://{id}"),
            Self::Proof(seq) => write!(formatter, "proof://{seq}"),
            Self::ProofOfHash(hash) => write!(formatter, "proof://{hash}"),
            Self::Head => formatter.write_str("ledger://head"),
            Self::Receipt(id, attempt) => write!(formatter, "receipt://{id}/{attempt}"),
            Self::HTask(task) => write!(formatter, "htask://{}/{}", task.swarm_id, task.task_id),
            Self::Answer(id) => write!(formatter, "answer://{id}"),
            Self::Skill(file) => formatter.write_str(&skills::uri_of(file)),
        }
    }
}

fn read(uri: &str) -> Option<Address> {
    if let Some(file) = skills::file_of(uri) {
        return Some(Address::Skill(file));
    }
    let (scheme, rest) = uri.split_once("://")?;
    let segments: Vec<&str> = rest.split('/').collect();
    if !segments.iter().all(|segment| is_plain(segment)) {
        return None;
    }
    match (scheme, segments.as_slice()) {
        ("task", [id]) => TaskId::parse(id).ok().map(Address::Task),
        ("checklist", [id]) => TaskId::parse(id).ok().map(Address::Checklist),
        ("ledger", ["head"]) => Some(Address::Head),
        ("proof", [id]) if is_hash(id) => Some(Address::ProofOfHash((*id).to_owned())),
        ("proof", [id]) => number(id).map(Address::Proof),
        ("receipt", [id, attempt]) => {
            let attempt = u32::try_from(number(attempt)?).ok()?;
            Some(Address::Receipt(TaskId::parse(id).ok()?, attempt))
        }
        ("answer", [id]) if is_random(id) => Some(Address::Answer((*id).to_owned())),
        ("htask", [swarm, id]) => {
            let (swarm_id, task_id) = (SwarmId::parse(swarm).ok()?, HTaskId::parse(id).ok()?);
            Some(Address::HTask(HTaskRef { swarm_id, task_id }))
        }
        _ => None,
    }
}

/// Tells whether a segment holds only characters that a URI never encodes, and means itself.
fn is_plain(segment: &str) -> bool {
    let plain = |character: char| character.is_ascii_alphanumeric() || "-._~:".contains(character);
    !segment.is_empty() && segment != "." && segment != ".." && segment.chars().all(plain)
}

fn is_hash(text: &str) -> bool {
    let lower = |digit: char| digit.is_ascii_digit() || ('a'..='f').contains(&digit);
    text.strip_prefix("sha256:").is_some_and(|digits| digits.len() == 64 && digits.chars().all(lower))
}

fn is_random(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}

/// Reads a number from 1 in its one spelling: no sign, no zero in front.
fn number(text: &str) -> Option<u64> {
    let digits = !text.starts_with('0') && text.chars().all(|digit| digit.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

fn not_found(uri: &str) -> OrchestratorError {
    OrchestratorError::not_found(
        format!("there is no resource {}", one_line(uri, 120)),
        "resources/templates/list shows the forms of addresses.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "task_00000000000070008000000000000001";

    #[test]
    fn every_known_form_is_read_and_written_back_in_its_one_spelling() {
        let hash = format!("sha256:{}", "0a".repeat(32));
        for uri in [
            format!("task://{ID}"),
            format!("checklist://{ID}"),
            "proof://12".to_owned(),
            format!("proof://{hash}"),
            "ledger://head".to_owned(),
            format!("answer://{}", "0a".repeat(16)),
            format!("receipt://{ID}/2"),
            "htask://swarm_1/clx9.f2~a".to_owned(),
            skills::SKILL_URI.to_owned(),
            "skill://prod-first-validation/references/live-checks.md".to_owned(),
        ] {
            assert_eq!(Address::parse(&uri).expect(&uri).to_string(), uri);
        }
    }

    #[test]
    fn tricks_with_paths_encodings_and_numbers_name_nothing() {
        let long = format!("task://{}", "a".repeat(LONGEST_URI));
        for wrong in [
            "",
            "task",
            "task://",
            &format!("TASK://{ID}"),
            &format!("task:{ID}"),
            &format!("task:///{ID}"),
            &format!("task://{ID}/"),
            &format!("task://{ID}/.."),
            &format!("task://{ID}?a=b"),
            &format!("task://{ID}#a"),
            &format!("task://{ID}%00"),
            &format!("task://{ID}\n"),
            &format!("task://user@{ID}"),
            &format!(" task://{ID}"),
            "task://..%2f..%2fetc%2fpasswd",
            "task://../../etc/passwd",
            "checklist://%2e%2e",
            "ledger://tail",
            "ledger://head/../head",
            "ledger://%68ead",
            "proof://-1",
            "proof://+1",
            "proof://0",
            "proof://01",
            "proof://1/",
            "proof://x",
            "proof://99999999999999999999",
            "proof://sha256:AB",
            &format!("receipt://{ID}"),
            &format!("receipt://{ID}/0"),
            &format!("receipt://{ID}/5000000000"),
            "htask://swarm_1",
            "answer://1",
            "htask://swarm_1/..",
            "htask://./htask_1",
            "htask://swarm_1/a%2fb",
            "htask://swarm_1/a\\b",
            "htask://swarm_1/\u{1b}[31m",
            "htask://swarm_1/\u{202e}x",
            "htask://swarm_1/a/b",
            "skill://prod-first-validation/../SKILL.md",
            "skill://prod-first-validation",
            "file:///etc/passwd",
            "http://169.254.169.254/",
            &long,
        ] {
            assert!(Address::parse(wrong).is_err(), "{wrong}");
        }
    }
}
