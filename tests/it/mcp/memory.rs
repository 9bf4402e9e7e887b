//! The tools of the toolset `memory`, through the real server and a real client.

use serde_json::{Value, json};

use crate::support::mcp_client::{Client, Era};
use crate::support::world::World;

const POOL: &str = "Deploys fail with ENV_DRIFT when pgbouncer-1.22 keeps old connections: restart the pool first.";

fn text<'a>(document: &'a Value, field: &str) -> &'a str {
    document[field].as_str().unwrap_or_else(|| panic!("{field} in {document}"))
}

async fn remember(client: &Client, content: &str) -> String {
    text(&client.told("remember", json!({"content": content})).await, "memory_id").to_owned()
}

fn ids(document: &Value) -> Vec<&str> {
    document["memories"].as_array().expect("memories").iter().map(|memory| text(memory, "memory_id")).collect()
}

#[tokio::test]
async fn what_was_remembered_is_recalled_in_both_eras_under_both_spellings() {
    let world = World::new().await;
    for era in Era::BOTH {
        let client = Client::of(&world, era).await;
        let category = format!("failures-{era:?}");
        let kept = client.told("remember", json!({"content": POOL, "type": "learning", "category": category})).await;
        assert_eq!((text(&kept, "type"), text(&kept, "category")), ("learning", category.as_str()), "{kept}");
        let query = json!({"query": "pgbouncer-1.22 ENV_DRIFT", "type": "learning", "category": category});
        let answer = client.told("recall", query).await;
        let [found] = answer["memories"].as_array().expect("memories").as_slice() else { panic!("one: {answer}") };
        assert_eq!(found["memory_id"], kept["memory_id"]);
        assert_eq!((text(found, "content"), text(found, "text")), (POOL, POOL));
        assert!(found["relevance_score"].as_f64().expect("a score") >= 0.5, "{found}");
        assert_eq!(found["relevance_score"], found["relevance"]);
    }
    assert_eq!(world.sqlite3("SELECT count(*) FROM memories"), "2");
}

#[tokio::test]
async fn the_default_type_is_fact_and_ttl_and_scope_are_kept() {
    let world = World::new().await;
    let client = Client::of(&world, Era::Initialize).await;
    let kept =
        client.told("remember", json!({"content": POOL, "ttl_days": 7, "scope": "agent", "agent_id": "claude"})).await;
    assert_eq!((text(&kept, "type"), text(&kept, "scope")), ("fact", "agent"), "{kept}");
    let week = "SELECT expires_at - created_at, scope, agent_id FROM memories";
    assert_eq!(world.sqlite3(week), format!("{}|agent|claude", 7_i64 * 24 * 3_600 * 1_000_000));
}

#[tokio::test]
async fn a_near_duplicate_is_named_with_what_to_do_and_superseding_ends_its_recall() {
    let world = World::new().await;
    let client = Client::of(&world, Era::Initialize).await;
    let old = remember(&client, POOL).await;
    let again = client.told("remember", json!({"content": POOL})).await;
    assert_eq!(again["near_duplicates"][0]["memory_id"], old, "{again}");
    let step = text(&again, "next_step");
    assert!(step.starts_with("Forget or supersede") && step.contains(&old), "{step}");
    client.told("forget", json!({"memory_id": again["memory_id"]})).await;

    let better = "Deploys fail with ENV_DRIFT while pgbouncer-1.22 keeps old connections: drain the pool first.";
    let new = client.told("remember", json!({"content": better, "supersedes": old})).await;
    assert_eq!(new["superseded"], json!([old]), "{new}");
    let answer = client.told("recall", json!({"query": "pgbouncer-1.22 ENV_DRIFT"})).await;
    assert_eq!(ids(&answer), [text(&new, "memory_id")], "{answer}");
    assert_eq!(world.sqlite3(&format!("SELECT status FROM memories WHERE id='{old}'")), "SUPERSEDED");
}

#[tokio::test]
async fn nothing_found_says_what_to_try() {
    let world = World::new().await;
    let client = Client::of(&world, Era::Initialize).await;
    let answer = client.told("recall", json!({"query": "xylophone"})).await;
    assert_eq!(answer["memories"], json!([]));
    assert!(text(&answer, "next_step").starts_with("Try other words"), "{answer}");
    let answer = client.told("recall", json!({"query": "xylophone", "category": "music"})).await;
    assert!(text(&answer, "next_step").contains("leave the filters out"), "{answer}");
}

#[tokio::test]
async fn long_memories_are_cut_in_a_list_and_whole_alone() {
    let world = World::new().await;
    let client = Client::of(&world, Era::Initialize).await;
    for number in 0..2 {
        remember(&client, &format!("zeppelin {number} {}", format!("ballast{number} ").repeat(1_000))).await;
    }
    let several = client.told("recall", json!({"query": "zeppelin", "min_relevance": 0})).await;
    for memory in several["memories"].as_array().expect("memories") {
        assert_eq!(memory["truncated"], true, "{memory}");
        assert!(text(memory, "content").len() <= 2_051 && text(memory, "text").len() <= 2_051);
    }
    assert_eq!(several["memories"].as_array().map(Vec::len), Some(2));
    let one = client.told("recall", json!({"query": "zeppelin", "min_relevance": 0, "limit": 1})).await;
    assert!(text(&one["memories"][0], "content").len() > 8_000 && one["memories"][0].get("truncated").is_none());
}

#[tokio::test]
async fn lists_come_page_by_page_and_filters_narrow_them() {
    let world = World::new().await;
    let client = Client::of(&world, Era::Discover).await;
    for number in 0..5 {
        let kind = if number == 0 { "todo" } else { "fact" };
        let content = format!("Number {number} of a kind {}", "abcdefgh".split_at(number).1);
        client.told("remember", json!({"content": content, "type": kind})).await;
    }
    let page = client.told("list_memories", json!({"limit": 3, "sort_order": "asc"})).await;
    assert_eq!((ids(&page).len(), &page["has_more"], &page["total_count"]), (3, &json!(true), &json!(5)), "{page}");
    assert_eq!(text(&page, "next_step"), "Call list_memories with offset 3 for more.");
    let rest = client.told("list_memories", json!({"limit": 3, "offset": 3, "sort_order": "asc"})).await;
    assert_eq!((ids(&rest).len(), &rest["has_more"]), (2, &json!(false)), "{rest}");
    assert!(ids(&page).iter().all(|id| !ids(&rest).contains(id)));
    let todos = client.told("list_memories", json!({"type": "todo", "search": "number 0"})).await;
    assert_eq!(ids(&todos).len(), 1, "{todos}");
}

#[tokio::test]
async fn forgetting_removes_and_invalidating_keeps() {
    let world = World::new().await;
    let client = Client::of(&world, Era::Initialize).await;
    let gone = remember(&client, "The staging host is called birch.").await;
    let invalid = remember(&client, "Invoices are sent at midnight UTC.").await;
    let answer = client.told("forget", json!({"memory_id": gone})).await;
    assert_eq!(answer["deleted_count"], 1, "{answer}");
    let answer =
        client.told("forget", json!({"memory_id": invalid, "invalidate": true, "reason": "moved to noon"})).await;
    assert_eq!((&answer["deleted_count"], text(&answer, "status")), (&json!(0), "INVALIDATED"), "{answer}");
    let kept = "SELECT id, status, status_reason FROM memories";
    assert_eq!(world.sqlite3(kept), format!("{invalid}|INVALIDATED|moved to noon"));
    let answer = client.told("recall", json!({"query": "invoices midnight UTC"})).await;
    assert_eq!(answer["memories"], json!([]), "{answer}");
    let answer = client.told("forget", json!({"category": "nothing-here"})).await;
    assert_eq!(answer["deleted_count"], 0, "{answer}");
}

#[tokio::test]
async fn bad_input_gets_one_clear_error_and_nothing_is_written() {
    let world = World::new().await;
    let client = Client::of(&world, Era::Initialize).await;
    for (tool, arguments, part) in [
        ("remember", json!({}), "missing field `content`"),
        ("remember", json!({"text": "x"}), "unknown field `text` in remember"),
        ("remember", json!({"content": "x", "categroy": "a"}), "did you mean `category`?"),
        ("remember", json!({"content": " \n"}), "content: is empty"),
        ("remember", json!({"content": "x".repeat(65_537)}), "content: is 65537 bytes long: at most 65536"),
        ("remember", json!({"content": ["x"]}), "content in remember must be text, not a list"),
        ("remember", json!({"content": "x", "type": "desicion"}), "did you mean `decision`?"),
        ("remember", json!({"content": "x", "type": "note"}), "fact, decision, learning, preference, todo, context"),
        ("remember", json!({"content": "x", "ttl_days": 0}), "ttl_days: is 0"),
        ("remember", json!({"content": "x", "ttl_days": 1.5}), "ttl_days in remember must be a whole number"),
        ("remember", json!({"content": "x", "supersedes": ""}), "supersedes in remember: is empty"),
        ("remember", json!({"content": "x", "scope": "agent"}), "agent_id: is missing"),
        ("recall", json!({"query": ""}), "query: is empty"),
        ("recall", json!({"query": "x", "limit": 0}), "limit: is 0"),
        ("recall", json!({"query": "x", "limit": -1}), "limit: is -1"),
        ("recall", json!({"query": "x", "limit": "5"}), "limit in recall must be a whole number, not the text \"5\""),
        ("recall", json!({"query": "x", "min_relevance": 2}), "min_relevance: is 2"),
        ("list_memories", json!({"limit": 0}), "limit: is 0"),
        ("list_memories", json!({"offset": -1}), "offset: is -1"),
        ("list_memories", json!({"sort_by": "age"}), "created_at, confidence, access_count"),
        ("list_memories", json!({"sort_order": "up"}), "known are asc, desc"),
        ("list_memories", json!({"status": "DEAD"}), "ACTIVE, INVALIDATED, SUPERSEDED"),
        ("forget", json!({}), "memory_id: is missing"),
        ("forget", json!({"invalidate": true}), "invalidate: needs memory_id"),
        ("forget", json!({"invalidate": true, "memory_id": "m", "type": "fact"}), "invalidate: needs memory_id"),
        ("forget", json!({"memory_id": "m", "reason": "old"}), "reason: is given without invalidate"),
        ("forget", json!({"older_than_days": -1}), "older_than_days: is -1"),
    ] {
        let (code, message) = client.refusal(tool, arguments.clone()).await;
        assert!(code == "invalid_input" && message.contains(part), "{tool} {arguments}: {code}: {message}");
    }
    for (tool, arguments) in [
        ("remember", json!({"content": "x", "supersedes": "mem_none"})),
        ("forget", json!({"memory_id": "mem_none", "invalidate": true})),
    ] {
        let (code, message) = client.refusal(tool, arguments).await;
        assert!(code == "not_found" && message.contains("mem_none"), "{code}: {message}");
    }
    assert_eq!(world.sqlite3("SELECT count(*) FROM memories"), "0");
}

#[tokio::test]
async fn every_token_of_a_question_is_only_a_word() {
    let world = World::new().await;
    let client = Client::of(&world, Era::Initialize).await;
    let id = remember(&client, "GET /api/auth/session answers 401 without the cookie.").await;
    for query in ["\"unbalanced", "a AND OR NOT (", "content: *", "'; DROP TABLE memories; --", "/api/auth/session"] {
        client.told("recall", json!({"query": query})).await;
    }
    let answer = client.told("recall", json!({"query": "/api/auth/session"})).await;
    assert_eq!(ids(&answer), [id.as_str()], "{answer}");
}

/// Scripts without blanks between words, and words with endings.
#[tokio::test]
async fn a_word_inside_of_a_longer_run_is_recalled_in_scripts_that_write_no_blanks() {
    let world = World::new().await;
    let client = Client::of(&world, Era::Initialize).await;
    let (chinese, korean, japanese) = (
        "今天我们决定使用 Redis 做限流，因为数据库太慢",
        "배포 전에 캐시를 비워야 합니다",
        "デプロイの前にキャッシュを消す",
    );
    for content in [chinese, korean, japanese, "Use pnpm 9 here"] {
        client.told("remember", json!({ "content": content })).await;
    }
    for (query, wanted) in [
        ("限流", chinese),
        ("为什么数据库慢", chinese),
        ("캐시", korean),
        ("キャッシュ", japanese),
        ("pnpm", "Use pnpm 9 here"),
    ] {
        let found = client.told("recall", json!({ "query": query })).await;
        assert_eq!(found["memories"][0]["content"], wanted, "{query}: {found}");
    }
}
