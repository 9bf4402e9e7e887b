//! A task belongs to who started it: to everybody else it is not there.

use std::sync::Arc;

use rmcp::RoleClient;
use rmcp::model::{ProtocolVersion, ServerNotification, SubscriptionFilter};
use rmcp::service::{ClientLifecycleMode, ClientServiceExt, RunningService, Subscription};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use serde_json::{Value, json};
use snipara_orchestrator::http::HttpSettings;
use snipara_orchestrator::mcp::{Opener, Server};
use snipara_orchestrator::orchestrator::{Caller, Orchestrator};

use super::{ADA, ADMIN, BOB, settings};
use crate::support::http_process::task;
use crate::support::http_served::{HttpServed, modern, told};
use crate::support::mcp_client::every_tool;
use crate::support::patience::PATIENCE;
use crate::support::production::Answer;
use crate::support::world::{PATHS, World};

async fn serving(orchestrator: &Orchestrator, settings: HttpSettings) -> HttpServed {
    let orchestrator = orchestrator.clone();
    let opener: Opener = Arc::new(move || {
        let orchestrator = orchestrator.clone();
        Box::pin(async move { Ok(orchestrator) })
    });
    HttpServed::start(settings, Server::new(&every_tool(), opener).expect("a server")).await
}

async fn asked(server: &HttpServed, token: &str, method: &str, params: Value) -> Value {
    let mut request = modern(&server.url("/mcp"), method, params.clone());
    if let Some(uri) = params["uri"].as_str() {
        request = request.header("mcp-name", uri);
    }
    let answer = told(request.bearer_auth(token)).await;
    answer.json()
}

async fn called(server: &HttpServed, token: &str, tool: &str, arguments: Value) -> Value {
    asked(server, token, "tools/call", json!({"name": tool, "arguments": arguments})).await["result"].clone()
}

async fn run(server: &HttpServed, token: &str) -> String {
    let result = called(server, token, "run_task", task(&["true"])).await;
    assert_eq!(result["structuredContent"]["status"], "done", "{result}");
    result["structuredContent"]["task_id"].as_str().expect("an id").to_owned()
}

/// Everything that tells about one task or changes it, as tool calls.
fn tools(id: &str) -> Vec<(&'static str, Value)> {
    vec![
        ("task_status", json!({"task_id": id})),
        ("task_cancel", json!({"task_id": id})),
        ("cutover_checklist", json!({"task_id": id})),
        ("export_receipt", json!({"task_id": id})),
        ("export_receipt", json!({"task_id": id, "attempt": 1})),
        ("run_task", json!({"task_id": id})),
    ]
}

fn proof_of(world: &World, id: &str) -> String {
    let sql = format!("SELECT min(seq) FROM ledger_entries WHERE kind = 'proof' AND task_id = '{id}'");
    world.sqlite3(&sql).trim().to_owned()
}

fn resources(world: &World, id: &str) -> Vec<String> {
    let proof = proof_of(world, id);
    vec![format!("task://{id}"), format!("checklist://{id}"), format!("receipt://{id}/1"), format!("proof://{proof}")]
}

#[tokio::test]
async fn another_s_task_reads_in_every_way_as_one_that_is_not_there() {
    let world = World::new().await;
    let server = serving(&world.orchestrator, settings(None)).await;
    let id = run(&server, ADA).await;
    let nobody_s = id.replace(|digit: char| digit.is_ascii_digit(), "0");
    for ((tool, arguments), (_, invented)) in tools(&id).into_iter().zip(tools(&nobody_s)) {
        let foreign = called(&server, BOB, tool, arguments).await;
        assert_eq!(foreign["isError"], true, "{tool}: {foreign}");
        let missing = called(&server, BOB, tool, invented).await;
        assert_eq!(foreign.to_string().replace(&id, &nobody_s), missing.to_string(), "{tool}");
        assert!(foreign.to_string().contains("not_found"), "{tool}: {foreign}");
    }
    for uri in resources(&world, &id) {
        let foreign = asked(&server, BOB, "resources/read", json!({ "uri": uri })).await;
        assert!(foreign["error"].to_string().contains("not_found"), "{uri}: {foreign}");
    }
    // Bob's attempts changed nothing, by the book.
    let runs = world.sqlite3(&format!("SELECT count(*) FROM runs WHERE task_id = '{id}'"));
    assert_eq!(runs.trim(), "1");
}

#[tokio::test]
async fn another_s_task_is_neither_listed_nor_completed_nor_triaged() {
    let world = World::new().await;
    let server = serving(&world.orchestrator, settings(None)).await;
    let id = run(&server, ADA).await;
    let form = json!({"type": "ref/resource", "uri": "task://{id}"});
    let typed = json!({"ref": form, "argument": {"name": "id", "value": "task_"}});
    let triage = json!({"name": "triage-failure", "arguments": {"task_id": id}});
    for (token, sees) in [(ADA, true), (ADMIN, true), (BOB, false)] {
        let listed = asked(&server, token, "resources/list", json!({})).await;
        assert_eq!(listed["result"].to_string().contains(&id), sees, "{token}: {listed}");
        let proofs = listed["result"].to_string().matches("proof://").count();
        assert_eq!(proofs > 0, sees, "{token}: {listed}");
        let values = asked(&server, token, "completion/complete", typed.clone()).await;
        assert_eq!(values["result"]["completion"]["values"] == json!([id]), sees, "{token}: {values}");
        let prompt = asked(&server, token, "prompts/get", triage.clone()).await;
        assert_eq!(prompt["result"]["messages"].is_array(), sees, "{token}: {prompt}");
    }
}

#[tokio::test]
async fn own_proofs_are_listed_and_completed_however_many_of_others_came_since() {
    let world = World::new().await;
    let server = serving(&world.orchestrator, settings(None)).await;
    let id = run(&server, ADA).await;
    let own = proof_of(&world, &id);
    let checks: Vec<_> = (0..40).map(|page| json!({"url": format!("/api/users?page={page}")})).collect();
    for _ in 0..6 {
        let asks = json!({"title": "Deploy", "local_tests": [], "live_checks": checks});
        called(&server, BOB, "run_task", asks).await;
    }
    let count = |condition: &str| {
        let sql = format!("SELECT count(*) FROM ledger_entries WHERE kind = 'proof' AND task_id {condition} '{id}'");
        world.sqlite3(&sql).trim().parse::<usize>().expect("a number")
    };
    assert!(count("<>") > 200, "{}", count("<>"));
    let hers = world.orchestrator.for_caller(Caller::new("ada", false)).proofs(None, 100).await.expect("proofs");
    assert_eq!(hers.len(), count("="));
    let listed = asked(&server, ADA, "resources/list", json!({})).await;
    assert!(listed["result"].to_string().contains(&format!("proof://{own}\"")), "{listed}");
    let form = json!({"type": "ref/resource", "uri": "proof://{id}"});
    let typed = json!({"ref": form, "argument": {"name": "id", "value": own}});
    let values = asked(&server, ADA, "completion/complete", typed).await;
    assert!(values["result"]["completion"]["values"].to_string().contains(&format!("\"{own}\"")), "{values}");
}

async fn listening(server: &HttpServed, token: &str, uris: &[&str]) -> (RunningService<RoleClient, ()>, Subscription) {
    let settings = StreamableHttpClientTransportConfig::with_uri(server.url("/mcp")).auth_header(token);
    let transport = StreamableHttpClientTransport::from_config(settings);
    let modern = ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] };
    let session = ().serve_with_lifecycle(transport, modern).await.expect("a session");
    let filter = SubscriptionFilter::builder().resource_subscriptions(uris.iter().copied()).build();
    let subscription = session.listen(filter).await.expect("a subscription");
    (session, subscription)
}

async fn next(subscription: &mut Subscription) -> String {
    let next = tokio::time::timeout(PATIENCE, subscription.next()).await.expect("in time");
    match next.expect("a notification") {
        Some(ServerNotification::ResourceUpdatedNotification(update)) => update.params.uri,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn another_s_task_cannot_be_watched() {
    let world = World::new().await;
    world.production.answer("/api/cart", Answer::text(403, "no"));
    let server = serving(&world.orchestrator, settings(None)).await;
    let failed = called(&server, ADA, "run_task", task(&[])).await;
    let id = failed["structuredContent"]["task_id"].as_str().unwrap_or_else(|| panic!("{failed}"));
    let uri = format!("task://{id}");
    let (_ada, mut hers) = listening(&server, ADA, &[&uri]).await;
    let (_bob, mut his) = listening(&server, BOB, &[&uri, "ledger://head"]).await;
    called(&server, ADA, "run_task", json!({"task_id": id})).await;
    assert_eq!(next(&mut hers).await, uri);
    // The head moves again and again while the task runs; the task would be told in between.
    assert_eq!(next(&mut his).await, "ledger://head");
    called(&server, BOB, "validate_endpoint", json!({"url": PATHS[0]})).await;
    assert_eq!(next(&mut his).await, "ledger://head");
}

#[tokio::test]
async fn the_owner_and_an_administrator_see_a_task_also_after_a_restart() {
    let world = World::new().await;
    let first = serving(&world.orchestrator, settings(None)).await;
    let id = run(&first, ADA).await;
    assert_eq!(world.sqlite3("SELECT owner FROM task_owners").trim(), "ada");
    first.stopped().await;
    let second = serving(&world.another(), settings(None)).await;
    for token in [ADA, ADMIN] {
        for (tool, arguments) in
            tools(&id).into_iter().filter(|(tool, _)| *tool != "task_cancel" && *tool != "run_task")
        {
            let result = called(&second, token, tool, arguments).await;
            assert_ne!(result["isError"], true, "{tool}: {result}");
        }
        for uri in resources(&world, &id) {
            let read = asked(&second, token, "resources/read", json!({ "uri": uri })).await;
            assert!(read["result"]["contents"].is_array(), "{uri}: {read}");
        }
    }
    let foreign = called(&second, BOB, "task_status", json!({ "task_id": id })).await;
    assert_eq!(foreign["isError"], true, "{foreign}");
}

#[tokio::test]
async fn a_task_of_the_command_line_is_seen_by_administrators_and_where_nobody_has_a_name() {
    let world = World::new().await;
    let report = world.run(world.request(&PATHS)).await;
    let asks = json!({"task_id": report.task_id.to_string()});
    let named = serving(&world.orchestrator, settings(None)).await;
    assert_eq!(called(&named, ADA, "task_status", asks.clone()).await["isError"], true);
    assert_eq!(called(&named, ADMIN, "task_status", asks.clone()).await["structuredContent"]["status"], "done");
    let open = serving(&world.orchestrator, HttpSettings::default()).await;
    assert_eq!(called(&open, "whatever", "task_status", asks).await["structuredContent"]["status"], "done");
}

#[tokio::test]
async fn another_s_run_is_no_evidence_that_a_caller_can_name() {
    let world = World::new().await;
    let server = serving(&world.orchestrator, settings(None)).await;
    let made = called(
        &server,
        BOB,
        "htask_create",
        json!({"title": "Ship", "description": "Ship it", "level": "N3_TASK", "owner": "bob"}),
    )
    .await;
    let htask = made["structuredContent"]["task_id"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
    let id = run(&server, ADA).await;
    let proof = proof_of(&world, &id);
    for evidence in [json!({"type": "proof", "task_id": id}), json!({"type": "proof", "proof_id": proof})] {
        let given = json!({"task_id": htask, "evidence": [evidence]});
        let refused = called(&server, BOB, "htask_complete", given).await;
        assert_eq!(refused["isError"], true, "{refused}");
        assert!(
            !refused.to_string().contains("answered 200") && !refused.to_string().contains("is done, attempt"),
            "{refused}"
        );
    }
    let given = json!({"task_id": htask, "evidence": [{"type": "proof", "task_id": id}]});
    let done = called(&server, ADA, "htask_complete", given).await;
    assert_ne!(done["isError"], true, "its owner may: {done}");
}

#[tokio::test]
async fn a_token_of_another_project_sees_nothing_here() {
    let world = World::new().await;
    let text = format!("ada admin {ADA} elsewhere\nbob admin {BOB} world\n");
    let tokens = snipara_orchestrator::http::auth::Tokens::read(&text).expect("tokens");
    let access = super::access(tokens, None);
    let server = serving(&world.orchestrator, HttpSettings { access, ..HttpSettings::default() }).await;
    let refused = called(&server, ADA, "recall", json!({"query": "anything"})).await;
    assert!(refused["isError"] == true && refused.to_string().contains("not_found"), "{refused}");
    let answered = called(&server, BOB, "recall", json!({"query": "anything"})).await;
    assert_ne!(answered["isError"], true, "{answered}");
}

/// Found by a hostile agent: proofs without a task were everybody's, addresses and all.
#[tokio::test]
async fn a_check_without_a_task_belongs_to_who_asked_for_it() {
    let world = World::new().await;
    let server = serving(&world.orchestrator, settings(None)).await;
    let url = format!("{}?customer=4711", PATHS[0]);
    called(&server, ADA, "validate_endpoint", json!({"url": url})).await;
    called(&server, ADA, "check_drift", json!({"routes": [url]})).await;
    let entries = world.sqlite3("SELECT seq, canonical FROM ledger_entries WHERE task_id IS NULL");
    assert_eq!(entries.matches("\"caller\":\"ada\"").count(), 2, "{entries}");
    let seq = entries.split('|').next().expect("a number");
    let form = json!({"ref": {"type": "ref/resource", "uri": "proof://{id}"}, "argument": {"name": "id", "value": ""}});
    for (token, sees) in [(ADA, true), (ADMIN, true), (BOB, false)] {
        let read = asked(&server, token, "resources/read", json!({"uri": format!("proof://{seq}")})).await;
        assert_eq!(read.get("error").is_none(), sees, "{token}: {read}");
        let listed = asked(&server, token, "resources/list", json!({})).await;
        assert_eq!(listed.to_string().contains("proof://"), sees, "{token}: {listed}");
        let values = asked(&server, token, "completion/complete", form.clone()).await;
        assert_eq!(values["result"]["completion"]["values"].to_string().contains(seq), sees, "{token}: {values}");
    }
    // The chain holds with it, for those who verify it.
    assert!(world.orchestrator.verify_proofs().await.expect("verified").verified);
}
