//! `agents coordinate` and `team-sync` with a file as a companion tool writes it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};
use snipara_orchestrator::domain::{EventQuery, HTaskPolicy, ProjectId, SwarmId, SystemClock};
use snipara_orchestrator::snipara::Swarms;
use snipara_orchestrator::snipara::embedded::{EmbeddedSettings, embedded};
use snipara_orchestrator::store::Store;

use super::place::{Ended, Place};
use crate::support::snipara_host::{Fault, KEY, SniparaHost};

fn handoff() -> Value {
    json!({
        "schemaVersion": "1.1",
        "source": { "client": "snipara-companion", "command": "handoff", "generatedAt": "2026-11-23T10:00:00.000Z" },
        "workflow": {
            "workflowId": "Auth Rework #7", "currentPhaseId": "p1",
            "phases": [{ "id": "p1", "title": "Login", "query": "login flow", "needsRuntime": true }],
        },
        "runtime": { "sandbox": { "phases": [
            { "phaseId": "p1", "title": "Login", "bootstrapQuery": "q", "hasCheckpoint": true,
              "checkpointCapturedAt": "2026-11-23T09:00:00Z" },
            { "phaseId": "p2", "title": "Logout", "bootstrapQuery": "q" },
        ] } },
        "routing": { "level": "confirm", "reasons": ["touches auth"], "policySource": "project" },
        "task": { "title": "Rework auth", "query": "auth", "summary": "Sessions become short." },
        "repo": { "root": ".", "branch": "main", "headSha": "abc", "changedFiles": ["src/auth.rs"] },
        "coordination": { "claimScope": { "files": ["src/auth.rs"], "symbols": ["login"] } },
        "validation": {
            "requiresProofGate": true,
            "liveChecks": [{ "url": "/api/auth/session", "expected_status": 200, "timeout": 5.0 }],
            "requiredEvidence": [
                { "type": "test", "description": "unit tests are green" },
                { "type": "link", "description": "the build", "url": "https://ci.example.com" },
            ],
        },
        "memory": { "decisionIds": ["d1"], "resumeSummary": null },
        "companionVersion": "9.9",
    })
}

fn write(place: &Place, handoff: &Value) -> PathBuf {
    let folder = place.repository().join(".snipara/orchestrator");
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("handoff.json");
    std::fs::write(&file, handoff.to_string()).expect("written");
    file
}

async fn run(place: &Place, words: &str, file: &Path) -> Ended {
    let words: Vec<String> = shlex::split(words).expect("words");
    let words = words.iter().map(String::as_str).chain(["--plan", file.to_str().expect("UTF-8")]);
    place.run(&words.collect::<Vec<_>>()).await
}

/// Opens the place's store as a library user would.
async fn swarms(place: &Place) -> Arc<dyn Swarms> {
    let status = place.run(&["status", "--json"]).await.json();
    let project = ProjectId::from_name(status["project"].as_str().expect("a project")).expect("a name");
    let folder = status["state_folder"].as_str().expect("a folder");
    let store = Store::open(Path::new(folder), &project).await.expect("opens");
    let repository = place.repository();
    let clock = Arc::new(SystemClock);
    embedded(EmbeddedSettings { no_project: None, store, repository, clock, htask_policy: HTaskPolicy::default() })
        .swarms
}

async fn state(swarms: &Arc<dyn Swarms>, swarm: &SwarmId, name: &str) -> Value {
    let key = format!("coordination:auth-rework-7:{name}");
    swarms.get_state(swarm.clone(), key).await.expect("read").expect(name).value
}

fn swarm_of(document: &Value) -> SwarmId {
    SwarmId::parse(document["swarm_id"].as_str().expect("an id")).expect("an id")
}

#[tokio::test]
async fn e11_coordinate_writes_the_state_and_tells_the_swarm() {
    let place = Place::new();
    let file = write(&place, &handoff());
    let ended = run(&place, "agents coordinate --json", &file).await;
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:#?}");
    let told = ended.json();
    let swarm = swarm_of(&told);
    let keys = ["companion_handoff", "coordination_plan", "claim_scope", "validation_requirements"];
    let keys: Vec<String> = keys.iter().map(|name| format!("coordination:auth-rework-7:{name}")).collect();
    assert_eq!(told["state_keys"], json!(keys));
    assert_eq!((&told["resumed_swarm"], &told["workers_spawned"]), (&json!(false), &json!(0)));
    assert_eq!(told["runtime_phase_ids"], json!(["p1", "p2"]));
    assert_eq!(told["runtime_checkpointed_phase_ids"], json!(["p1"]));
    assert_eq!((&told["proof_gate_required"], &told["drift_check_required"]), (&json!(true), &json!(false)));
    assert_eq!((&told["feature_task_id"], &told["warnings"]), (&Value::Null, &json!([])));

    let swarms = swarms(&place).await;
    let whole = state(&swarms, &swarm, "companion_handoff").await;
    assert_eq!(whole["source"]["generatedAt"], "2026-11-23T10:00:00.000Z");
    assert_eq!((&whole["companionVersion"], &whole["memory"]["decisionIds"]), (&json!("9.9"), &json!(["d1"])));
    let plan = state(&swarms, &swarm, "coordination_plan").await;
    assert_eq!((&plan["status"], &plan["worker_execution_model"]), (&json!("ready"), &json!("external")));
    assert_eq!((&plan["workflow"]["mode"], &plan["workflow_phase_count"]), (&json!("full"), &json!(1)));
    let scope = state(&swarms, &swarm, "claim_scope").await;
    assert_eq!(scope, json!({ "files": ["src/auth.rs"], "symbols": ["login"] }));
    let required = state(&swarms, &swarm, "validation_requirements").await;
    assert_eq!(required["liveChecks"], handoff()["validation"]["liveChecks"]);
    let query =
        EventQuery { swarm_id: swarm.clone(), event_type: None, agent_id: None, since: None, cursor: None, limit: 9 };
    let events = swarms.events(query).await.expect("listed").events;
    assert_eq!(events.last().expect("one").event_type, "coordination_ready");
    let members = swarms.members(swarm).await.expect("listed").agents;
    assert_eq!((members.len(), members[0].role.as_str()), (1, "coordinator"));
}

#[tokio::test]
async fn e04_coordinate_calls_the_service_that_the_environment_names() {
    let host = SniparaHost::start().await;
    host.serves("shop-front");
    let place = Place::new()
        .with_variable("SNIPARA_API_KEY", KEY)
        .with_variable("SNIPARA_API_URL", &host.url())
        .with_variable("SNIPARA_PROJECT", "shop-front");
    let file = write(&place, &handoff());
    let ended = run(&place, "agents coordinate --json", &file).await;
    assert_eq!((ended.code, &ended.json()["warnings"]), (Some(0), &json!([])), "{ended:#?}");
    let calls: Vec<String> = host.calls().into_iter().map(|(name, _)| name).collect();
    for tool in ["snipara_swarm_create", "snipara_state_set", "snipara_broadcast"] {
        assert!(calls.iter().any(|name| name == tool), "{tool} in {calls:?}");
    }
}

/// In a process of its own: a subscriber of one thread of a test binary misses what another thread registered first.
#[tokio::test]
async fn the_key_stands_in_no_line_of_the_log() {
    let host = SniparaHost::start().await;
    let place = Place::new()
        .with_variable("SNIPARA_API_KEY", KEY)
        .with_variable("SNIPARA_API_URL", &host.url())
        .with_variable("RUST_LOG", "trace");
    host.fails([Fault::status(502), Fault::RpcError(-32000, KEY)]);
    let ended = place.run(&["recall", "sessions"]).await;
    assert_ne!(ended.code, Some(0), "{ended:#?}");
    let log = &ended.stderr;
    assert!(log.contains("the call is tried again") && log.contains("answered 502"), "{log}");
    assert!(!log.contains(KEY) && !ended.stdout.contains(KEY), "{ended:#?}");
}

#[tokio::test]
async fn e11_a_feature_is_made_once_with_something_to_work_on() {
    let place = Place::new();
    let mut wanted = handoff();
    wanted["coordination"]["htask"] = json!({ "featureTitle": "Short sessions", "workstreams": ["API", "QA"] });
    let file = write(&place, &wanted);
    let first = run(&place, "agents coordinate --json", &file).await;
    assert_eq!((first.code, first.stderr.as_str()), (Some(0), ""), "{first:#?}");
    let first = first.json();
    assert_eq!(
        (&first["feature_task_title"], &first["workstreams"]),
        (&json!("Short sessions"), &json!(["API", "QA"]))
    );
    let swarm = swarm_of(&first);
    let again = run(&place, "agents coordinate --json", &file).await.json();
    assert_eq!(again["feature_task_id"], first["feature_task_id"], "the second time it is the same");
    let plan = state(&swarms(&place).await, &swarm, "coordination_plan").await;
    assert_eq!(
        (&plan["feature_task_id"], &plan["feature_task_title"]),
        (&first["feature_task_id"], &json!("Short sessions"))
    );
    for action in first["next_actions"].as_array().expect("commands") {
        let ended = place.line(action.as_str().expect("a command"), &["--json"]).await;
        assert_eq!(ended.code, Some(0), "{ended:#?}");
        if action.as_str().expect("a command").contains("htask-next") {
            assert_ne!(ended.json()["count"], json!(0), "{ended:#?}");
        }
    }
    wanted["coordination"]["htask"] = json!({ "workstreams": ["no such word ".repeat(99)] });
    let refused = run(&place, "agents coordinate --json", &write(&place, &wanted)).await;
    assert_eq!(refused.code, Some(0), "a failing feature is a warning: {refused:#?}");
    let told = refused.json();
    assert!(told["warnings"][0].as_str().expect("a warning").contains("the feature could not be made"), "{told:#}");
    assert_eq!((&told["feature_task_id"], &told["feature_task_title"]), (&Value::Null, &json!("Rework auth")));
}

#[tokio::test]
async fn coordinating_again_uses_the_same_swarm_and_writes_anew() {
    let place = Place::new();
    let file = write(&place, &handoff());
    let first = run(&place, "agents coordinate --json", &file).await.json();
    let again = run(&place, "agents coordinate --json", &file).await.json();
    assert_eq!((&again["swarm_id"], &again["resumed_swarm"]), (&first["swarm_id"], &json!(true)));
    let key = "coordination:auth-rework-7:claim_scope".to_owned();
    let entry = swarms(&place).await.get_state(swarm_of(&first), key).await.expect("read").expect("there");
    assert_eq!(entry.version, 2);
    let words = format!("agents coordinate --swarm-id {}", first["swarm_id"].as_str().expect("an id"));
    let named = run(&place, &words, &file).await;
    assert_eq!(named.code, Some(0), "{named:#?}");
    assert!(named.stdout.contains("✓ The swarm is ready for workers; none is started here."), "{named:#?}");
    assert!(named.stdout.contains("  $ snipara-orchestrator htask-tree --swarm-id swarm_"), "{named:#?}");
}

#[tokio::test]
async fn e12_a_handoff_in_snake_case_is_read_like_one_in_camel_case() {
    let place = Place::new();
    let snake = json!({
        "schema_version": "1.1",
        "source": { "client": "c", "command": "c", "generated_at": "2026-11-23T10:00:00Z" },
        "workflow": { "workflow_id": "Auth Rework #7", "current_phase_id": "p1" },
        "routing": { "level": "suggest", "policy_source": "project" },
        "task": { "title": "t", "query": "q", "summary": "s" },
        "repo": { "root": ".", "head_sha": "abc", "changed_files": [] },
        "coordination": { "claim_scope": { "files": ["a.rs"] } },
        "validation": { "requires_drift_check": true, "required_evidence": [] },
        "memory": { "decision_ids": [] },
    });
    let file = write(&place, &snake);
    let gate = run(&place, "team-sync gate --json", &file).await;
    assert_eq!(gate.code, Some(0), "{gate:#?}");
    let gate = gate.json();
    assert_eq!((&gate["schema_version"], &gate["policy_source"]), (&json!("1.1"), &json!("project")));
    assert_eq!((&gate["requires_orchestrator"], &gate["claim_files"]), (&json!(true), &json!(["a.rs"])));
    let told = run(&place, "agents coordinate --json", &file).await.json();
    assert_eq!((&told["workflow_id"], &told["current_phase_id"]), (&json!("Auth Rework #7"), &json!("p1")));
    let whole = state(&swarms(&place).await, &swarm_of(&told), "companion_handoff").await;
    assert_eq!((&whole["schemaVersion"], &whole["repo"]["headSha"]), (&json!("1.1"), &json!("abc")));
}

#[tokio::test]
async fn e13_missing_evidence_is_exit_code_5() {
    let place = Place::new();
    let file = write(&place, &handoff());
    let check = async |evidence: &str| run(&place, &format!("team-sync check-evidence {evidence} --json"), &file).await;
    let all = check("-e 'test: 40 passed' -e 'link:https://ci.example.com/7'").await;
    assert_eq!(all.code, Some(0), "{all:#?}");
    assert_eq!((&all.json()["passed"], &all.json()["matched_count"]), (&json!(true), &json!(2)));
    for (evidence, missing) in [("", 2), ("--evidence 'test: green'", 1), ("-e test:a -e test:b -e 'all is well'", 1)] {
        let ended = check(evidence).await;
        assert_eq!(ended.code, Some(5), "{ended:#?}");
        let told = ended.json();
        assert_eq!(told["missing"].as_array().map(Vec::len), Some(missing), "{told:#}");
        assert_eq!((&told["passed"], &told["required_count"]), (&json!(false), &json!(2)));
    }
    let people = run(&place, "team-sync check-evidence -e test:green", &file).await;
    assert!(people.stdout.contains("✗ Required evidence is missing. (1 of 2)"), "{people:#?}");
    assert!(people.stdout.contains("missing link: the build"), "{people:#?}");
}

#[tokio::test]
async fn e14_a_url_is_a_link() {
    let place = Place::new();
    let file = write(&place, &handoff());
    let words = "team-sync check-evidence -e https://ci.example.com/runs/7 -e test:green --json";
    let ended = run(&place, words, &file).await;
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    let link = &ended.json()["matched"][1]["provided"];
    assert_eq!(*link, json!({ "type": "link", "url": "https://ci.example.com/runs/7" }));
}

#[tokio::test]
async fn a_plan_that_cannot_be_used_is_an_error_of_usage_that_names_it() {
    let place = Place::new();
    let file = write(&place, &handoff());
    for (text, part) in [
        ("{", "is not JSON"),
        ("{}", "schemaVersion: is missing"),
        (r#"{"schemaVersion": "1", "source": {"client": "c", "command": "c"}}"#, "source.generatedAt: is missing"),
    ] {
        std::fs::write(&file, text).expect("written");
        for words in ["team-sync gate", "team-sync check-evidence", "agents coordinate"] {
            let ended = run(&place, words, &file).await;
            assert_eq!(ended.code, Some(2), "{ended:#?}");
            assert!(ended.stderr.contains("handoff.json") && ended.stderr.contains(part), "{ended:#?}");
        }
    }
    for missing in [place.path().join("nowhere.json"), place.repository()] {
        let ended = run(&place, "team-sync gate", &missing).await;
        assert_eq!(ended.code, Some(2), "{ended:#?}");
        assert!(ended.stderr.contains(missing.to_str().expect("UTF-8")), "{ended:#?}");
    }
    let ended = run(&place, "team-sync check-evidence -e '{\"type\": 1}'", &write(&place, &handoff())).await;
    assert_eq!(ended.code, Some(2), "{ended:#?}");
    assert!(ended.stderr.contains("--evidence"), "{ended:#?}");
}

#[tokio::test]
async fn nothing_is_written_for_a_swarm_that_does_not_exist_or_a_handoff_that_does_not_fit() {
    let place = Place::new();
    let file = write(&place, &handoff());
    let ended = run(&place, "agents coordinate --swarm-id swarm_nowhere", &file).await;
    assert_eq!(ended.code, Some(2), "{ended:#?}");
    assert!(ended.stderr.contains("there is no swarm `swarm_nowhere`"), "{ended:#?}");
    let mut large = handoff();
    large["repo"]["changedFiles"] = json!(vec!["a".repeat(60); 2000]);
    let ended = run(&place, "agents coordinate", &write(&place, &large)).await;
    assert_eq!(ended.code, Some(2), "{ended:#?}");
    assert!(ended.stderr.contains("plan") && ended.stderr.contains("at most 65536"), "{ended:#?}");
    let status = place.run(&["status", "--json"]).await.json();
    let file = Path::new(status["state_folder"].as_str().expect("a folder")).join("store.sqlite3");
    let rows = crate::support::sqlite::sqlite3(&file, "SELECT count(*) FROM swarm_state").expect("read");
    assert_eq!(rows, "0");
}
