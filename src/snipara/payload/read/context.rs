//! A host's sections.

use super::{Fields, Missing};
use crate::domain::{ContextAnswer, Section, tokens_of};
use crate::snipara::payload::Payload;

/// Reads sections and cuts them to `max_tokens`, which hosts take as a wish (snipara-wire.md §S4).
///
/// # Errors
/// When there is no list.
pub fn context_answer(payload: &Payload, max_tokens: i64) -> Result<ContextAnswer, Missing> {
    let fields = Fields(payload);
    let mut left = u64::try_from(max_tokens).unwrap_or_default();
    let mut sections = Vec::new();
    for row in fields.rows(&["sections"])? {
        if left == 0 {
            break;
        }
        let mut section = section(row);
        if section.token_count > left {
            cut(&mut section.content, left);
            section.truncated = true;
            section.token_count = tokens_of(&section.content);
        }
        left = left.saturating_sub(section.token_count);
        sections.push(section);
    }
    Ok(ContextAnswer {
        total_tokens: sections.iter().map(|section| section.token_count).sum(),
        sections,
        files_indexed: fields.count(&["files_indexed"]).unwrap_or_default(),
        sections_indexed: fields.count(&["sections_indexed"]).unwrap_or_default(),
        warnings: fields.texts(&["warnings"]),
    })
}

/// Tokens are counted here, because hosts count by other vocabularies.
fn section(row: Fields<'_>) -> Section {
    let content = row.text(&["content", "preview"]).unwrap_or_default();
    let line = |index: usize| {
        let given = row.list(&["lines"]).get(index).and_then(serde_json::Value::as_u64);
        given.and_then(|line| u32::try_from(line).ok()).unwrap_or_default()
    };
    Section {
        title: row.text(&["title"]).unwrap_or_default(),
        file: row.text(&["file", "file_path", "path"]).unwrap_or_default(),
        lines: [line(0), line(1)],
        relevance_score: row.number(&["relevance_score", "relevance", "score"]).unwrap_or_default(),
        token_count: tokens_of(&content),
        truncated: row.flag(&["truncated"]).unwrap_or_default(),
        content,
    }
}

/// Cuts a text to at most `tokens` tokens of four bytes, at a character.
fn cut(text: &mut String, tokens: u64) {
    let end = text.floor_char_boundary(usize::try_from(tokens.saturating_mul(4)).unwrap_or(usize::MAX));
    text.truncate(end);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_budget_is_a_hard_cap_whatever_the_host_sends() {
        let long = "ä".repeat(1_000);
        let host = json!({"sections": [
            {"title": "One", "file": "README.md", "content": "x".repeat(200), "relevance_score": 0.9, "token_count": 1},
            {"title": null, "content": long, "lines": [3, null]},
            {"title": "Three", "content": "never reached"},
        ], "total_tokens": 9_999});
        let answer = context_answer(host.as_object().expect("an object"), 100).expect("reads");
        assert_eq!((answer.sections.len(), answer.total_tokens), (2, 100));
        assert!(answer.sections[1].truncated && answer.sections[1].content.len() == 200);
        assert_eq!(answer.sections[1].lines, [3, 0]);
        assert!(context_answer(&Payload::new(), 100).is_err());
    }
}
