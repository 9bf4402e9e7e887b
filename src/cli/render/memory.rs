//! Memories for people. Nothing is cut (the seed cut every memory at 60 characters).

use super::paint::{Paint, indented, line};
use crate::domain::{Memory, MemoryPage, MemoryStatus, Recalled, RecalledMemory, Remembered};

/// Shows the recalled memories, best first.
pub(crate) fn recalled(found: &Recalled, paint: Paint) -> String {
    let mut text = String::new();
    if found.memories.is_empty() {
        text.push_str("no memories found\n");
    }
    for RecalledMemory { memory, relevance } in &found.memories {
        one(&mut text, memory, &format!("{relevance:.2}  "), paint);
    }
    for RecalledMemory { memory, relevance } in &found.inactive {
        one(&mut text, memory, &format!("{relevance:.2}  "), paint);
    }
    text
}

/// Lists memories.
pub(crate) fn memory_page(page: &MemoryPage, paint: Paint) -> String {
    let mut text = String::new();
    for memory in &page.memories {
        one(&mut text, memory, "", paint);
    }
    if page.memories.is_empty() {
        text.push_str("no memories\n");
    }
    if page.has_more {
        text.push_str(&format!("{} in all; --offset shows more\n", page.total_count));
    }
    text
}

fn one(text: &mut String, memory: &Memory, before: &str, paint: Paint) {
    let category = memory.category.as_deref().map(|category| format!("/{}", line(category))).unwrap_or_default();
    let inactive = match memory.status {
        MemoryStatus::Active => String::new(),
        status => format!("  {}", paint.warning(status.as_str().to_lowercase())),
    };
    let kind = paint.strong(format!("{}{category}", memory.memory_type));
    text.push_str(&format!("{before}{kind}  {}{inactive}\n", paint.dim(&memory.memory_id)));
    indented(text, &memory.content, "    ");
}

/// Shows the kept memory, and those that say nearly the same.
pub(crate) fn remembered(kept: &Remembered, paint: Paint) -> String {
    let mut text = format!("remembered {}\n", kept.memory.memory_id);
    for id in &kept.superseded {
        text.push_str(&format!("it replaces {id}\n"));
    }
    for similar in &kept.near_duplicates {
        let how = format!("{:.0} % alike", similar.similarity * 100.0);
        text.push_str(&format!("{} {}: {}\n", paint.warning(how), similar.memory_id, line(&similar.content)));
    }
    for warning in &kept.warnings {
        text.push_str(&format!("{} {}\n", paint.warning("warning:"), line(warning)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{MemoryId, MemoryScope, MemoryType, Timestamp};

    fn memory(content: &str) -> Memory {
        Memory {
            memory_id: MemoryId::parse("mem_1").expect("an id"),
            memory_type: MemoryType::Decision,
            scope: MemoryScope::Project,
            agent_id: None,
            category: Some("architecture".into()),
            content: content.into(),
            status: MemoryStatus::Active,
            status_reason: None,
            superseded_by: None,
            confidence: 1.0,
            source: None,
            created_at: Timestamp::from_micros(0),
            expires_at: None,
            last_accessed_at: None,
            access_count: 0,
        }
    }

    #[test]
    fn e19_a_memory_is_shown_whole_and_without_control_characters() {
        let long = format!("{} \u{1b}[2Jend", "word ".repeat(30));
        let found = Recalled {
            memories: vec![RecalledMemory { memory: memory(&long), relevance: 0.875 }],
            inactive: Vec::new(),
            total_searched: 1,
        };
        let shown = recalled(&found, Paint::new(false));
        assert!(shown.starts_with("0.88  decision/architecture  mem_1\n    word word"), "{shown}");
        assert!(shown.ends_with("\u{fffd}[2Jend\n") && !shown.contains("..."), "{shown}");
        assert_eq!(recalled(&Recalled::default(), Paint::new(false)), "no memories found\n");
    }
}
