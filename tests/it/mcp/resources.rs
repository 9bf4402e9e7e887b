//! Resources as clients see them: the list with its pages, the forms, reading, and addresses that name nothing.

use rmcp::model::{
    CacheScope, ErrorCode, PaginatedRequestParams, ReadResourceRequestParams, ReadResourceResult, ResourceContents,
};
use rmcp::service::ServiceError;
use serde_json::{Value, json};
use snipara_orchestrator::mcp::ServerOptions;

use crate::support::mcp_client::{Client, Era, failing_opener, panicking_opener};
use crate::support::world::{PATHS, World};

async fn read(client: &Client, uri: &str) -> Result<ReadResourceResult, ServiceError> {
    client.session.read_resource(ReadResourceRequestParams::new(uri)).await
}

async fn document(client: &Client, uri: &str) -> Value {
    let result = read(client, uri).await.unwrap_or_else(|error| panic!("{uri}: {error}"));
    let [ResourceContents::TextResourceContents { text, uri: told, .. }] = result.contents.as_slice() else {
        panic!("one text")
    };
    assert_eq!(told, uri);
    serde_json::from_str(text).expect("json")
}

fn error_of<T: std::fmt::Debug>(result: Result<T, ServiceError>) -> rmcp::ErrorData {
    match result.expect_err("refused") {
        ServiceError::McpError(error) => error,
        other => panic!("{other}"),
    }
}

/// Puts tasks into the store that never run.
async fn plan(world: &World, count: usize) {
    let rows = (0..count).map(|number| {
        format!(
            "INSERT INTO tasks SELECT project_id, 'task_' || printf('%032x', {number}), title, description, criteria, \
             criteria_digest, 'pending', NULL, 0, {number}, {number} FROM tasks WHERE attempt = 1 LIMIT 1;"
        )
    });
    world.run(world.request(&PATHS)).await;
    let columns = "(project_id, id, title, description, criteria, criteria_digest, status, cause, attempt, created_at, \
                   updated_at)";
    let rows: Vec<_> =
        rows.map(|row| row.replace("INTO tasks SELECT", &format!("INTO tasks {columns} SELECT"))).collect();
    world.sqlite3(&rows.join("\n"));
}

#[tokio::test]
async fn the_list_holds_what_always_exists_then_tasks_then_proofs_newest_first_in_both_eras() {
    let world = World::new().await;
    let first = world.run(world.request(&PATHS)).await.task_id;
    let second = world.run(world.request(&PATHS)).await.task_id;
    for era in Era::BOTH {
        let client = Client::of(&world, era).await;
        let resources = client.session.list_all_resources().await.expect("a list");
        let uris: Vec<_> = resources.iter().map(|resource| resource.uri.as_str()).collect();
        let begin = ["ledger://head", "skill://prod-first-validation/SKILL.md"];
        assert_eq!(uris[..2], begin, "{era:?}");
        assert_eq!(uris[2..4], [format!("task://{second}"), format!("task://{first}")], "{era:?}");
        let seqs: Vec<u64> =
            uris[4..].iter().map(|uri| uri.strip_prefix("proof://").expect("a proof").parse().expect("seq")).collect();
        assert!(seqs.len() >= 6 && seqs.is_sorted_by(|left, right| left > right), "{seqs:?}");
        for resource in &resources {
            assert!(resource.title.is_some() && resource.description.is_some(), "{resource:?}");
            assert!(resource.mime_type.is_some(), "{resource:?}");
        }
        for uri in uris {
            read(&client, uri).await.unwrap_or_else(|error| panic!("{uri}: {error}"));
        }
    }
}

#[tokio::test]
async fn a_long_list_is_told_in_pages_and_a_cursor_that_no_page_gave_is_invalid() {
    let world = World::new().await;
    plan(&world, 120).await;
    let client = Client::of(&world, Era::Discover).await;
    let (mut uris, mut cursor, mut pages) = (Vec::new(), None, 0);
    loop {
        let asked = PaginatedRequestParams::default().with_cursor(cursor);
        let page = client.session.list_resources(Some(asked)).await.expect("a page");
        assert!(page.resources.len() <= 50);
        assert_eq!(page.cache_scope, Some(CacheScope::Private));
        uris.extend(page.resources.into_iter().map(|resource| resource.uri));
        pages += 1;
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    let tasks: Vec<_> = uris.iter().filter(|uri| uri.starts_with("task://")).collect();
    assert_eq!((tasks.len(), pages), (121, 3), "{uris:?}");
    assert_eq!(tasks[1], &format!("task://task_{:032x}", 119));
    let once: std::collections::BTreeSet<_> = uris.iter().collect();
    assert_eq!(once.len(), uris.len());

    for cursor in ["", "nonsense", "7461736b"] {
        let asked = PaginatedRequestParams::default().with_cursor(Some(cursor.to_owned()));
        let error = error_of(client.session.list_resources(Some(asked.clone())).await);
        assert_eq!(error.code, ErrorCode::INVALID_PARAMS, "{cursor}: {error:?}");
        assert_eq!(error_of(client.session.list_tools(Some(asked.clone())).await).code, ErrorCode::INVALID_PARAMS);
        assert_eq!(error_of(client.session.list_prompts(Some(asked.clone())).await).code, ErrorCode::INVALID_PARAMS);
        assert_eq!(error_of(client.session.list_resource_templates(Some(asked)).await).code, ErrorCode::INVALID_PARAMS);
    }
}

#[tokio::test]
async fn every_list_and_read_says_how_long_it_may_be_kept_and_that_it_is_the_callers_alone() {
    let world = World::new().await;
    let id = world.run(world.request(&PATHS)).await.task_id;
    let client = Client::of(&world, Era::Discover).await;
    let tools = client.session.list_tools(None).await.expect("a list");
    let forms = client.session.list_resource_templates(None).await.expect("a list");
    let prompts = client.session.list_prompts(None).await.expect("a list");
    let resources = client.session.list_resources(None).await.expect("a list");
    let task = read(&client, &format!("task://{id}")).await.expect("read");
    let head = read(&client, "ledger://head").await.expect("read");
    let private = Some(CacheScope::Private);
    for (what, ttl_ms, scope) in [
        ("tools", tools.ttl_ms, tools.cache_scope),
        ("forms", forms.ttl_ms, forms.cache_scope),
        ("prompts", prompts.ttl_ms, prompts.cache_scope),
        ("resources", resources.ttl_ms, resources.cache_scope),
        ("task", task.ttl_ms, task.cache_scope),
    ] {
        assert!(ttl_ms.is_some_and(|ttl_ms| ttl_ms > 0) && scope == private, "{what}: {ttl_ms:?} {scope:?}");
    }
    assert_eq!((head.ttl_ms, head.cache_scope), (Some(0), private));
}

#[tokio::test]
async fn lists_are_the_same_every_time() {
    let world = World::new().await;
    world.run(world.request(&PATHS)).await;
    let mut told = Vec::new();
    for _ in 0..2 {
        let client = Client::of(&world, Era::Initialize).await;
        let tools = client.session.list_all_tools().await.expect("a list");
        let resources = client.session.list_all_resources().await.expect("a list");
        let forms = client.session.list_all_resource_templates().await.expect("a list");
        let prompts = client.session.list_all_prompts().await.expect("a list");
        told.push(json!([tools, resources, forms, prompts]).to_string());
    }
    assert_eq!(told[0], told[1]);
}

#[tokio::test]
async fn a_proof_is_read_by_its_place_and_by_its_hash() {
    let world = World::new().await;
    world.run(world.request(&PATHS)).await;
    let client = Client::of(&world, Era::Initialize).await;
    let row = world.sqlite3("SELECT seq || ' ' || hash FROM ledger_entries WHERE kind = 'proof' ORDER BY seq LIMIT 1");
    let (seq, hash) = row.trim().split_once(' ').expect("two columns");
    let by_place = document(&client, &format!("proof://{seq}")).await;
    assert_eq!((by_place["kind"].as_str(), by_place["hash"].as_str()), (Some("proof"), Some(hash)));
    assert_eq!(document(&client, &format!("proof://{hash}")).await, by_place);
}

#[tokio::test]
async fn an_htask_is_read_with_its_swarm() {
    let world = World::new().await;
    let client = Client::of(&world, Era::Discover).await;
    let made = client.told("htask_create", json!({"title": "Migrate", "description": "d", "owner": "ada"})).await;
    let (swarm, id) = (made["swarm_id"].as_str().expect("text"), made["task_id"].as_str().expect("text"));
    let htask = document(&client, &format!("htask://{swarm}/{id}")).await;
    assert_eq!((htask["title"].as_str(), htask["status"].as_str()), (Some("Migrate"), Some("PENDING")), "{htask}");
    let other = read(&client, &format!("htask://swarm_00000000000000000000000000000000/{id}")).await;
    assert_eq!(error_of(other).code, ErrorCode::INVALID_PARAMS);
}

#[tokio::test]
async fn an_entry_that_is_no_proof_is_no_proof_resource() {
    let world = World::new().await;
    world.run(world.request(&PATHS)).await;
    let client = Client::of(&world, Era::Initialize).await;
    for uri in ["proof://1", "proof://99999", &format!("proof://sha256:{}", "0".repeat(64))] {
        assert_eq!(error_of(read(&client, uri).await).code, ErrorCode::RESOURCE_NOT_FOUND, "{uri}");
    }
}

#[tokio::test]
async fn tricks_in_addresses_find_nothing_open_nothing_and_are_told_without_control_characters() {
    let huge = format!("task://{}", "a".repeat(1_000_000));
    for era in Era::BOTH {
        let client = Client::open(era, ServerOptions::default(), panicking_opener()).await;
        let code = if era == Era::Initialize { ErrorCode::RESOURCE_NOT_FOUND } else { ErrorCode::INVALID_PARAMS };
        for uri in [
            "",
            "task://",
            "task://../../etc/passwd",
            "task://..%2f..%2fetc%2fpasswd",
            "task://task_00000000000070008000000000000001/../x",
            "task://task_00000000000070008000000000000001%00",
            "checklist://%2e%2e%2f",
            "htask://swarm/..",
            "htask://swarm/a%2fb",
            "htask://swarm/\u{1b}[31mred",
            "htask://swarm/\u{202e}gnp",
            "proof://+1",
            "ledger://head/..",
            "LEDGER://head",
            "skill://prod-first-validation/../../Cargo.toml",
            "file:///etc/passwd",
            "http://169.254.169.254/latest/meta-data",
            "data:text/plain,x",
            &huge,
        ] {
            let error = error_of(read(&client, uri).await);
            let shown: String = uri.chars().take(60).collect();
            assert_eq!(error.code, code, "{shown}: {}", error.message);
            assert!(error.message.len() < 400, "{shown}");
            assert!(!error.message.chars().any(|it| it.is_control() || it == '\u{202e}'), "{}", error.message);
        }
    }
}

#[tokio::test]
async fn where_no_state_can_be_opened_neither_the_list_nor_reading_hides_it() {
    let client = Client::open(Era::Initialize, ServerOptions::default(), failing_opener()).await;
    for error in [error_of(client.session.list_resources(None).await), error_of(read(&client, "ledger://head").await)] {
        assert_eq!(error.code, ErrorCode::INTERNAL_ERROR);
        assert!(error.message.starts_with("/state/store.sqlite3 is read-only: "), "{}", error.message);
    }
}

#[tokio::test]
async fn a_panic_is_answered_on_every_way_that_opens_the_state() {
    let client = Client::open(Era::Initialize, ServerOptions::default(), panicking_opener()).await;
    let errors = [
        error_of(read(&client, "ledger://head").await),
        error_of(client.session.list_resources(None).await),
        error_of(client.session.complete_resource_simple("task://{id}", "id", "").await),
        error_of(
            client
                .session
                .get_prompt(rmcp::model::GetPromptRequestParams::new("triage-failure").with_arguments(
                    json!({"task_id": "task_00000000000070008000000000000001"}).as_object().expect("an object").clone(),
                ))
                .await,
        ),
    ];
    for error in errors {
        assert_eq!(error.code, ErrorCode::INTERNAL_ERROR, "{error:?}");
        assert!(error.message.contains("panicked"), "{error:?}");
    }
}
