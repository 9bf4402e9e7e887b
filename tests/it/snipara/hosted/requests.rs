//! What is sent: address, headers, names, arguments.

use serde_json::{Map, Value, json};
use snipara_orchestrator::domain::{
    ContextQuery, Evidence, EvidenceVerdict, HTaskId, HTaskRef, MemoryId, MemoryType, NewEvidence, NewHTask, NewMemory,
    NextQuery, RecallQuery, SwarmId,
};
use snipara_orchestrator::snipara::hosted::HostedClient;
use snipara_orchestrator::snipara::{ContextSearch, HTasks, Memories};
use url::Url;

use crate::support::production::{Answer, Production};
use crate::support::snipara_host::{KEY, SniparaHost, settings_for};
use crate::support::world::{Settings, World};

fn swarm() -> SwarmId {
    SwarmId::parse("s1").expect("an id")
}

fn task(id: &str) -> HTaskRef {
    HTaskRef { swarm_id: swarm(), task_id: HTaskId::parse(id).expect("an id") }
}

#[tokio::test]
async fn a_call_is_a_post_of_json_rpc_with_the_key_in_its_header() {
    let host = SniparaHost::start().await;
    host.answers(json!({"memories": []}));
    let client = host.client();
    for _ in 0..2 {
        client.recall(RecallQuery::new("deploy")).await.expect("an answer");
    }
    let received = host.received();
    let bodies: Vec<Value> = received.iter().map(|got| serde_json::from_slice(&got.body).expect("JSON")).collect();
    assert_eq!((received[0].method.as_str(), received[0].target.as_str()), ("POST", "/mcp/shop"));
    assert_eq!(received[0].header("x-api-key"), Some(KEY));
    assert_eq!(received[0].header("content-type"), Some("application/json"));
    assert_eq!((&bodies[0]["jsonrpc"], &bodies[0]["method"]), (&json!("2.0"), &json!("tools/call")));
    assert_eq!((&bodies[0]["id"], &bodies[1]["id"]), (&json!(1), &json!(2)));
    let arguments = json!({"query": "deploy", "limit": 5, "min_relevance": 0.5});
    assert_eq!(bodies[0]["params"], json!({"name": "snipara_recall", "arguments": arguments}));
}

#[tokio::test]
async fn a_base_with_a_path_and_a_slash_and_a_strange_project_make_one_address() {
    let production = Production::start().await;
    production.fallback(Answer::json(200, &json!({"jsonrpc": "2.0", "id": 1, "result": {"memories": []}})));
    let url = Url::parse(&production.at("/base/")).expect("a URL");
    let mut settings = settings_for(url);
    settings.project = "a/b c?d".to_owned();
    HostedClient::new(settings).recall(RecallQuery::new("x")).await.expect("an answer");
    assert_eq!(production.received()[0].target, "/base/mcp/a%2Fb%20c%3Fd");
}

#[tokio::test]
async fn what_is_not_set_is_not_sent() {
    let host = SniparaHost::start().await;
    host.answers(json!({"memory_id": "m1", "task_id": "t1", "status": "COMPLETED", "tasks": [], "sections": []}));
    let client = host.client();
    let memory = NewMemory { ttl_days: Some(7), ..NewMemory::new("x", MemoryType::Learning) };
    client.remember(memory).await.expect("kept");
    client.create(swarm(), NewHTask::new(swarm(), "T", "d", "o")).await.expect("made");
    client.next(swarm(), NextQuery::new(swarm())).await.expect("an answer");
    client.query_context(ContextQuery { query: "x".into(), max_tokens: 500 }).await.expect("an answer");
    let calls = host.calls();
    let sent = |index: usize| (calls[index].0.as_str(), Value::Object(calls[index].1.clone()));
    assert_eq!(
        sent(0),
        (
            "snipara_remember",
            json!({"text": "x", "type": "learning", "scope": "project", "ttl_days": 7,
            "memory_reconciliation_mode": "recommend"})
        )
    );
    assert_eq!(
        sent(1),
        (
            "snipara_htask_create",
            json!({"swarm_id": "s1", "title": "T", "description": "d", "owner": "o",
            "level": "N3_TASK", "priority": "P1", "is_blocking": true})
        )
    );
    assert_eq!(
        sent(2),
        ("snipara_htask_recommend_batch", json!({"swarm_id": "s1", "limit": 5, "exclude_blocked": true}))
    );
    assert_eq!(sent(3), ("snipara_context_query", json!({"query": "x", "max_tokens": 500})));
}

#[tokio::test]
async fn what_the_contract_has_no_argument_for_is_sent_when_it_is_set() {
    let host = SniparaHost::start().await;
    let claimed = json!({"task_id": "t1", "claimed_by": "ada", "fencing_token": 5,
        "lease_expires_at": "2030-01-01T00:00:00Z"});
    host.answers(json!({"task_id": "t1", "tasks": [claimed]}));
    let client = host.client();
    let id = |text: &str| HTaskId::parse(text).expect("an id");
    client
        .create(swarm(), NewHTask { depends_on: vec![id("t0")], ..NewHTask::new(swarm(), "T", "d", "o") })
        .await
        .expect("made");
    let renewal = NextQuery {
        claim_for_agent: Some("ada".into()),
        lease_seconds: Some(60),
        renew_task_id: Some(id("t1")),
        fencing_token: Some(4),
        ..NextQuery::new(swarm())
    };
    let batch = client.next(swarm(), renewal.clone()).await.expect("renewed");
    assert_eq!(batch.tasks[0].claim.as_ref().map(|claim| claim.fencing_token), Some(5));
    let calls = host.calls();
    assert_eq!(calls[0].1["depends_on"], json!(["t0"]));
    assert_eq!(calls[1].1["lease_seconds"], json!(60));
    assert_eq!((&calls[1].1["renew_task_id"], &calls[1].1["fencing_token"]), (&json!("t1"), &json!(4)));

    host.answers(json!({"tasks": [{"task_id": "t1", "title": "T"}]}));
    let refused = client.next(swarm(), renewal).await.expect_err("a server that renews nothing");
    assert_eq!(refused.to_string(), "htask_recommend_batch: this server did not renew the lease of htask t1");
    let batch =
        client.next(swarm(), NextQuery { claim_for_agent: Some("ada".into()), ..NextQuery::new(swarm()) }).await;
    assert!(batch.expect("rows").tasks[0].claim.is_none(), "no claim is invented");
}

#[tokio::test]
async fn a_memory_that_replaces_another_is_kept_even_when_superseding_fails() {
    let host = SniparaHost::start().await;
    host.answers(json!({"memory_id": "m2"}));
    let client = host.client();
    let old = MemoryId::parse("m1").expect("an id");
    let memory = NewMemory { supersedes: Some(old.clone()), ..NewMemory::new("x", MemoryType::Fact) };
    let kept = client.remember(memory.clone()).await.expect("kept");
    assert_eq!((kept.superseded, kept.warnings.len()), (vec![old], 0));
    let calls = host.calls();
    assert_eq!(calls[1].0, "snipara_memory_supersede");
    assert_eq!(Value::Object(calls[1].1.clone()), json!({"old_memory_id": "m1", "new_memory_id": "m2"}));

    host.answers_in_turn([json!({"memory_id": "m3"}), json!({"success": false, "error": "no such memory"})]);
    let kept = client.remember(memory).await.expect("kept all the same");
    assert_eq!(kept.memory.memory_id.as_str(), "m3");
    assert_eq!(kept.warnings, ["m1 was not superseded: memory_supersede: no such memory"]);
}

#[tokio::test]
async fn evidence_is_attached_by_the_update_tool_and_a_refusal_sends_nothing() {
    let host = SniparaHost::start().await;
    host.answers(json!({"success": true}));
    let client = host.client();
    let given = NewEvidence { kind: "proof".into(), proof_id: Some("12".into()), ..NewEvidence::default() };
    let evidence = vec![Evidence {
        verdict: EvidenceVerdict::Verified,
        finding: Some("passed".into()),
        ..Evidence::claimed(given)
    }];
    client.attach_evidence(task("t1"), evidence.clone()).await.expect("attached");
    client.note_refusal(task("t1"), evidence, "why".into()).await.expect("nothing to do");
    let calls = host.calls();
    assert_eq!((calls.len(), calls[0].0.as_str()), (1, "snipara_htask_update"));
    let sent = json!([{"type": "proof", "proof_id": "12", "verdict": "verified", "finding": "passed"}]);
    assert_eq!(calls[0].1["updates"], json!({"evidenceProvided": sent}));
}

#[tokio::test]
async fn a_server_that_knows_only_rlm_names_is_found_out_once() {
    for tells_capabilities in [true, false] {
        let host = SniparaHost::start().await;
        host.answers(json!({"memories": [], "memory_id": "m"}));
        host.knows_only_rlm(tells_capabilities);
        let client = host.client();
        client.remember(NewMemory::new("x", MemoryType::Fact)).await.expect("kept");
        client.recall(RecallQuery::new("x")).await.expect("an answer");
        let names: Vec<String> = host.calls().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["snipara_remember", "rlm_remember", "rlm_recall"]);
        assert_eq!(host.received().len(), if tells_capabilities { 4 } else { 5 });
        let probe = &host.received()[1];
        assert_eq!((probe.target.as_str(), probe.header("x-api-key")), ("/capabilities", None));
    }
}

#[tokio::test]
async fn a_tool_that_a_server_of_published_names_does_not_know_stays_unknown() {
    let host = SniparaHost::start().await;
    let client = host.client();
    let error = client.call("ask", Map::new()).await.expect_err("unknown");
    assert_eq!(error.to_string(), "ask: Unknown tool: snipara_ask");
    assert_eq!(host.calls().len(), 1, "no other name is tried");
}

#[tokio::test]
async fn a_published_tool_is_forwarded_without_secrets_and_an_unknown_one_names_the_nearest() {
    let host = SniparaHost::start().await;
    host.answers(json!({"answer": "42"}));
    let world = World::with(Settings { snipara: Some(host.client().into_snipara()), ..Settings::default() }).await;
    let arguments = json!({"query": "password=hunter22", "max_tokens": 500, "task": null});
    let arguments = arguments.as_object().expect("an object").clone();
    let answer = world.orchestrator.forward_tool("snipara_ask", arguments.clone()).await.expect("an answer");
    assert_eq!(Value::Object(answer), json!({"answer": "42"}));
    let sent = Value::Object(host.calls()[0].1.clone());
    assert_eq!(sent, json!({"query": "password=[redacted]", "max_tokens": 500}));
    let error = world.orchestrator.forward_tool("swarm_crate", arguments.clone()).await.expect_err("unknown");
    assert_eq!(error.to_string(), "there is no tool `swarm_crate` (did you mean `swarm_create`?)");
    assert_eq!(host.calls().len(), 1);

    let world = World::new().await;
    let error = world.orchestrator.forward_tool("ask", arguments).await.expect_err("no key");
    assert_eq!((error.to_string().as_str(), error.code()), ("snipara_call needs SNIPARA_API_KEY", "no_api_key"));
}
