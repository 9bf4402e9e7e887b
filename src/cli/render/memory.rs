//! Memories for people. Nothing is cut (the seed cut every memory at 60 characters).

use super::paint::{Paint, indented, line};
use super::table::{Cell, Look, TableRow, table};
use crate::domain::{Memory, MemoryPage, MemoryStatus, Recalled, RecalledMemory, Remembered};

/// Shows the recalled memories, best first, and those that do not hold any more after them.
pub(crate) fn recalled(found: &Recalled, paint: Paint) -> String {
    if found.memories.is_empty() && found.inactive.is_empty() {
        return "no memories found\n".to_owned();
    }
    let row = |RecalledMemory { memory, relevance }: &RecalledMemory| {
        let [kind, age, id] = cells(memory, paint);
        TableRow { cells: [Cell::from(format!("{relevance:.2}")), kind, age, id], below: whole(memory) }
    };
    let rows: Vec<TableRow<4>> = found.memories.iter().chain(&found.inactive).map(row).collect();
    table(["RELEVANCE", "TYPE", "MADE", "MEMORY"], &rows, paint)
}

/// Lists memories.
pub(crate) fn memory_page(page: &MemoryPage, paint: Paint) -> String {
    if page.memories.is_empty() {
        return "no memories\n".to_owned();
    }
    let row = |memory: &Memory| TableRow { cells: cells(memory, paint), below: whole(memory) };
    let mut text = table(["TYPE", "MADE", "MEMORY"], &page.memories.iter().map(row).collect::<Vec<_>>(), paint);
    if page.has_more {
        text.push_str(&format!("{} in all; --offset shows more\n", page.total_count));
    }
    text
}

fn cells(memory: &Memory, paint: Paint) -> [Cell; 3] {
    let category = memory.category.as_deref().map(|category| format!("/{category}")).unwrap_or_default();
    let inactive = match memory.status {
        MemoryStatus::Active => String::new(),
        status => format!("  {}", status.as_str().to_lowercase()),
    };
    [
        Cell::new(format!("{}{category}", memory.memory_type), Look::Strong),
        Cell::from(paint.when(memory.created_at)),
        Cell::new(format!("{}{inactive}", memory.memory_id), if inactive.is_empty() { Look::Dim } else { Look::Open }),
    ]
}

fn whole(memory: &Memory) -> String {
    let mut text = String::new();
    indented(&mut text, &memory.content, "    ");
    text
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
        assert!(shown.starts_with("RELEVANCE  TYPE                   MADE                      MEMORY\n0.88       decision/architecture  1970-01-01T00:00:00.000Z  mem_1\n    word word"), "{shown}");
        assert!(shown.ends_with("\u{fffd}[2Jend\n") && !shown.contains("..."), "{shown}");
        assert_eq!(recalled(&Recalled::default(), Paint::new(false)), "no memories found\n");
    }
}
