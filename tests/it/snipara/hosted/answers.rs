//! What is understood: every envelope, rows with holes, budgets.

use serde_json::json;
use snipara_orchestrator::domain::{ContextQuery, MemoryType, NewMemory, RecallQuery};
use snipara_orchestrator::snipara::{ContextSearch, Memories};

use crate::support::snipara_host::{Envelope, Fault, SniparaHost};

#[tokio::test]
async fn e16_an_answer_is_understood_in_every_envelope() {
    for envelope in Envelope::ALL {
        let host = SniparaHost::speaking(envelope).await;
        host.answers(
            json!({"memories": [{"memory_id": "m1", "type": "decision", "content": "Redis", "relevance": 0.9}],
            "total_searched": 3, "memory_id": "m9"}),
        );
        let found = host.client().recall(RecallQuery::new("where")).await.expect("an answer");
        assert_eq!(found.memories.len(), 1, "{envelope:?}");
        assert_eq!(found.memories[0].memory.content, "Redis");
        assert_eq!((found.memories[0].memory.memory_type, found.total_searched), (MemoryType::Decision, 3));
        let kept = host.client().remember(NewMemory::new("x", MemoryType::Fact)).await.expect("kept");
        assert_eq!(kept.memory.memory_id.as_str(), "m9", "{envelope:?}");
    }
}

#[tokio::test]
async fn e18_error_null_and_a_wrong_content_type_are_no_errors() {
    for fault in [Fault::ErrorNull, Fault::WrongType] {
        let host = SniparaHost::start().await;
        host.answers(json!({"memories": []}));
        host.fails([fault.clone()]);
        let found = host.client().recall(RecallQuery::new("x")).await;
        assert!(found.expect("an answer").memories.is_empty(), "{fault:?}");
    }
}

#[tokio::test]
async fn e19_a_row_with_a_null_content_or_score_is_no_crash() {
    let host = SniparaHost::start().await;
    host.answers(json!({"memories": [
        {"memory_id": "m1", "type": "decision", "content": null, "relevance_score": null},
        {"memory_id": "m2", "type": null, "text": "kept", "score": "0.75"},
        null,
    ], "warnings": null}));
    let found = host.client().recall(RecallQuery::new("x")).await.expect("an answer");
    let rows: Vec<_> = found.memories.iter().map(|row| (row.memory.content.as_str(), row.relevance)).collect();
    assert_eq!(rows, [("", 0.0), ("kept", 0.75)]);
}

#[tokio::test]
async fn no_more_rows_and_tokens_come_than_were_asked_for() {
    let host = SniparaHost::start().await;
    let row = |index: usize| json!({"memory_id": format!("m{index}"), "content": "x", "relevance": 0.9});
    let section = json!({"title": "T", "file": "README.md", "content": "y".repeat(3_000), "token_count": 1});
    host.answers(json!({
        "memories": (0..50).map(row).collect::<Vec<_>>(), "sections": [section, section], "total_tokens": 2,
    }));
    let client = host.client();
    let found = client.recall(RecallQuery { limit: 3, ..RecallQuery::new("x") }).await.expect("an answer");
    assert_eq!(found.memories.len(), 3);
    let answer = client.query_context(ContextQuery { query: "x".into(), max_tokens: 1_000 }).await.expect("an answer");
    let bytes: usize = answer.sections.iter().map(|section| section.content.len()).sum();
    assert_eq!((bytes, answer.total_tokens), (4_000, 1_000));
}
