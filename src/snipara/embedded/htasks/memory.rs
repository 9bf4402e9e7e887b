//! The memory that a completed htask leaves (snipara-wire.md §S8, "Memory on completion").

use crate::domain::{Evidence, MAX_TEXT_BYTES, MemoryType, NewMemory, Timestamp, one_line};
use crate::store::StoredHTask;

/// The longest result that is kept, in bytes. A longer one is raw output, which does not belong into memories.
const MAX_RESULT_BYTES: usize = 2 * 1024;
/// The longest line about one piece of evidence, in characters.
const EVIDENCE_CHARACTERS: usize = 200;

/// Writes the memory of a completed htask: a learning when it has some, else a decision when it has an impact, else a
/// fact.
pub(super) fn memory_of(task: &StoredHTask, actor: &str, completed_at: Timestamp) -> NewMemory {
    let memory_type = match (&task.learnings[..], &task.decision_impact) {
        ([_, ..], _) => MemoryType::Learning,
        ([], Some(_)) => MemoryType::Decision,
        ([], None) => MemoryType::Fact,
    };
    NewMemory {
        category: Some(format!("htask:{}", task.task.task_id)),
        source: Some(one_line(actor, 50)),
        ..NewMemory::new(shortened(content(task, completed_at), MAX_TEXT_BYTES), memory_type)
    }
}

fn content(stored: &StoredHTask, completed_at: Timestamp) -> String {
    let task = &stored.task;
    let mut text = format!("# {}\n\nOwner: {}\nCompleted: {completed_at}\n", task.title, task.owner);
    // Learnings come first, because a long memory is cut at its end.
    if !stored.learnings.is_empty() {
        text.push_str("\n## Learnings\n");
        for learning in &stored.learnings {
            text.push_str(&format!("- {}\n", learning.trim()));
        }
    }
    if let Some(impact) = &stored.decision_impact {
        text.push_str(&format!("\n## Decision impact\n{}\n", impact.trim()));
    }
    if !task.evidence_provided.is_empty() {
        text.push_str("\n## Evidence\n");
        for item in &task.evidence_provided {
            text.push_str(&format!("- {}\n", evidence_line(item)));
        }
    }
    if let Some(result) = &task.result {
        let result = match result {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        if result.len() <= MAX_RESULT_BYTES {
            text.push_str(&format!("\n## Result\n{result}\n"));
        } else {
            text.push_str(&format!("\n## Result\n{} bytes, kept with the htask only\n", result.len()));
        }
    }
    text
}

fn evidence_line(item: &Evidence) -> String {
    let given = &item.given;
    let named = [("proof", &given.proof_id), ("task", &given.task_id)];
    let named = named.into_iter().filter_map(|(what, id)| id.as_ref().map(|id| format!("{what} {id}")));
    let told = [&given.description, &given.url, &item.finding].into_iter().flatten().cloned();
    let words: Vec<String> = named.chain(told).collect();
    one_line(&format!("{} ({}): {}", given.kind, item.verdict, words.join("; ")), EVIDENCE_CHARACTERS)
}

fn shortened(mut text: String, limit: usize) -> String {
    const CUT: &str = "\n…";
    if text.len() > limit {
        text.truncate(text.floor_char_boundary(limit - CUT.len()));
        text.push_str(CUT);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::hierarchy::tests::htask;
    use super::*;
    use crate::domain::Request;
    use crate::domain::{EvidenceVerdict, HTaskLevel, HTaskStatus, NewEvidence};

    fn stored() -> StoredHTask {
        let mut task = htask("htask_1", HTaskLevel::N3, HTaskStatus::Completed);
        task.owner = "ada".into();
        let given = NewEvidence { kind: "proof".into(), proof_id: Some("12".into()), ..NewEvidence::default() };
        let finding = Some("GET /api/cart answered 200".into());
        task.evidence_provided =
            vec![Evidence { verdict: EvidenceVerdict::Verified, finding, ..Evidence::claimed(given) }];
        StoredHTask::new(task)
    }

    const NOW: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

    #[test]
    fn the_type_follows_from_what_was_learned_and_decided() {
        let mut task = stored();
        assert_eq!(memory_of(&task, "ada", NOW).memory_type, MemoryType::Fact);
        task.decision_impact = Some("all carts expire".into());
        assert_eq!(memory_of(&task, "ada", NOW).memory_type, MemoryType::Decision);
        task.learnings = vec!["the cache needs a minute".into()];
        assert_eq!(memory_of(&task, "ada", NOW).memory_type, MemoryType::Learning);
    }

    #[test]
    fn it_tells_evidence_with_its_verdict_and_no_long_result() {
        let mut task = stored();
        task.task.result = Some(serde_json::json!({ "log": "x".repeat(3_000) }));
        let memory = memory_of(&task, "ada", NOW);
        assert_eq!(memory.category.as_deref(), Some("htask:htask_1"));
        assert!(
            memory.content.contains("- proof (verified): proof 12; GET /api/cart answered 200"),
            "{}",
            memory.content
        );
        assert!(memory.content.contains("kept with the htask only") && !memory.content.contains("xxx"));
        task.task.result = Some("shipped".into());
        assert!(memory_of(&task, "ada", NOW).content.contains("## Result\nshipped\n"));
    }

    #[test]
    fn it_can_be_kept_however_much_was_learned() {
        let mut task = stored();
        task.learnings = vec!["ä".repeat(MAX_TEXT_BYTES)];
        let memory = memory_of(&task, &"ö".repeat(400), NOW);
        assert_eq!(memory.check(), Ok(()));
        assert!(memory.content.ends_with('…'));
    }
}
