//! Memories.

use serde_json::{Value, json};

use super::verb::{Verb, verb};

fn kept() -> (&'static str, Value) {
    ("remember", json!({ "content": "Carts live in the session", "type": "decision", "category": "architecture" }))
}

pub(super) fn verbs() -> Vec<Verb> {
    let (remember, first) = kept();
    vec![
        verb("remember by default")
            .mcp("remember", json!({ "content": "Carts live in the database" }))
            .cli(&["remember", "Carts live in the database"])
            .snipara("remember", json!({ "text": "Carts live in the database" })),
        verb("remember for ever")
            .mcp("remember", json!({ "content": "Carts live in the database", "type": "learning" }))
            .cli(&["remember", "Carts live in the database", "--type", "learning", "--permanent"])
            .snipara("remember", json!({ "content": "Carts live in the database", "type": "learning" })),
        verb("remember with everything")
            .mcp(
                "remember",
                json!({ "content": "Carts live in the database", "type": "decision", "category": "architecture",
                        "scope": "agent", "agent_id": "ada", "ttl_days": 7 }),
            )
            .cli(&[
                "remember",
                "Carts live in the database",
                "-t",
                "decision",
                "-c",
                "architecture",
                "--scope",
                "agent",
                "--agent-id",
                "ada",
                "--ttl",
                "7",
            ])
            .snipara(
                "remember",
                json!({ "text": "Carts live in the database", "type": "decision", "category": "architecture",
                        "scope": "agent", "agent_id": "ada", "ttl_days": 7 }),
            ),
        verb("remember what replaces another")
            .after(remember, first.clone())
            .mcp("remember", json!({ "content": "Carts live in the database", "supersedes": "$memory" }))
            .cli(&["remember", "Carts live in the database", "--supersedes", "$memory"]),
        verb("memory_supersede")
            .after(remember, first.clone())
            .after(remember, json!({ "content": "Carts live in the database" }))
            .snipara(
                "memory_supersede",
                json!({ "old_memory_id": "$memory", "new_memory_id": "$newer", "reason": "it moved" }),
            ),
        verb("recall")
            .after(remember, first.clone())
            .mcp(
                "recall",
                json!({ "query": "Where do carts live?", "limit": 3, "type": "decision", "min_relevance": 0.1 }),
            )
            .cli(&["recall", "Where do carts live?", "-l", "3", "-t", "decision", "--min-relevance", "0.1"])
            .snipara(
                "recall",
                json!({ "query": "Where do carts live?", "limit": 3, "type": "decision", "min_relevance": 0.1 }),
            ),
        verb("recall by default")
            .after(remember, first.clone())
            .mcp("recall", json!({ "query": "Where do carts live in the session?" }))
            .cli(&["recall", "Where do carts live in the session?"])
            .snipara("recall", json!({ "query": "Where do carts live in the session?" })),
        verb("list_memories")
            .after(remember, first.clone())
            .mcp("list_memories", json!({ "search": "carts", "include_inactive": true }))
            .cli(&["memories", "--search", "carts", "--include-inactive"])
            .snipara("memories", json!({ "search": "carts", "include_inactive": true })),
        verb("forget one")
            .after(remember, first.clone())
            .mcp("forget", json!({ "memory_id": "$memory" }))
            .cli(&["forget", "$memory"])
            .snipara("forget", json!({ "memory_id": "$memory" })),
        verb("forget with a reason")
            .after(remember, first.clone())
            .mcp("forget", json!({ "memory_id": "$memory", "invalidate": true, "reason": "they do not" }))
            .cli(&["forget", "$memory", "--invalidate", "--reason", "they do not"])
            .snipara("memory_invalidate", json!({ "memory_id": "$memory", "reason": "they do not" })),
        verb("forget by filter")
            .after(remember, first)
            .mcp("forget", json!({ "type": "decision", "category": "architecture" }))
            .cli(&["forget", "-t", "decision", "-c", "architecture"])
            .snipara("forget", json!({ "type": "decision", "category": "architecture" })),
    ]
}
