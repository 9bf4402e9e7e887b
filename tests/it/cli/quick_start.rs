//! The Quick Start of the seed's README, word for word: over the embedded store, and through the hosted proxy.

use serde_json::{Value, json};

use super::place::{Ended, Place};
use super::tls_front::TlsFront;
use crate::support::production::{Answer, Production};
use crate::support::snipara_host::{KEY, SniparaHost};

/// Production as the Quick Start needs it, and the flags that lead its addresses there.
struct Network {
    production: Production,
    _front: TlsFront,
    flags: Vec<String>,
}

impl Network {
    async fn start(place: &Place) -> Self {
        let production = Production::start().await;
        for (path, body) in [
            ("/health", json!({"status": "ok"})),
            ("/ready", json!({"status": "ready"})),
            ("/api/auth/session", json!({"session": null, "kind": "anonymous"})),
            ("/api/users", json!({"users": []})),
            ("/api/auth", json!({"auth": "here"})),
        ] {
            production.answer(path, Answer::json(200, &body));
        }
        let front = TlsFront::start("api.example.com", production.address(), place.path()).await;
        let resolve = format!("api.example.com:443:{}:{}", front.address.ip(), front.address.port());
        let ca_file = front.ca_file.display().to_string();
        let flags = ["--resolve".to_owned(), resolve, "--ca-file".to_owned(), ca_file].to_vec();
        Self { production, _front: front, flags }
    }
}

async fn line(place: &Place, network: &Network, line: &str) -> Ended {
    let flags: Vec<&str> = network.flags.iter().map(String::as_str).collect();
    let ended = place.line(line, &flags).await;
    assert_eq!(ended.code, Some(0), "{line}: {ended:#?}");
    ended
}

const INIT: &str = "snipara-orchestrator init --project my-project --prod-url https://api.example.com";
const RUN: &str = r#"snipara-orchestrator run "Deploy Auth Feature" \
  --test "pnpm test" \
  --test "pnpm lint" \
  --endpoint "https://api.example.com/health" \
  --endpoint "https://api.example.com/api/auth/session" \
  --required-proofs 3"#;
const RECALL: &str = r#"snipara-orchestrator recall "deployment failures" --limit 5"#;
const REMEMBER: &str = r#"snipara-orchestrator remember "Chose Redis for rate limiting" --type decision"#;
const CREATE_FEATURE: &str = r#"snipara-orchestrator htask-create-feature "Auth Overhaul" \
  --swarm-id swarm_abc123 \
  --description "Move auth to OAuth and JWT" \
  --owner codex \
  --workstream API \
  --workstream QA"#;
const CREATE: &str = r#"snipara-orchestrator htask-create "Add refresh endpoint" \
  --swarm-id swarm_abc123 \
  --parent-id htask_ws_api \
  --description "Implement token rotation" \
  --owner codex \
  --evidence-required '{"type":"test","description":"targeted tests passed"}'"#;
const NEXT: &str = "snipara-orchestrator htask-next --swarm-id swarm_abc123 --limit 5";
const TREE: &str = "snipara-orchestrator htask-tree --swarm-id swarm_abc123 --task-id htask_feature";
const COMPLETE: &str = r#"snipara-orchestrator htask-complete htask_task_001 \
  --swarm-id swarm_abc123 \
  --evidence "test:pytest packages/agentic-orchestrator" \
  --result "Implemented and verified htask wrapper""#;

#[tokio::test(flavor = "multi_thread")]
async fn the_quick_start_of_the_seed_ends_done_where_health_and_ready_answer_alike() {
    let place = Place::new();
    place.program("pnpm", "exit 0");
    let network = Network::start(&place).await;
    network.production.answer("/ready", Answer::json(200, &json!({"status": "ok"})));
    line(&place, &network, INIT).await;
    let run = line(&place, &network, RUN).await;
    assert!(run.stdout.starts_with("✓ DONE Deploy Auth Feature"), "{run:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_quick_start_of_the_seed_runs_verbatim() {
    let place = Place::new();
    place.program("pnpm", "exit 0");
    let network = Network::start(&place).await;
    line(&place, &network, INIT).await;
    assert!(place.repository().join(".snipara-orchestrator.json").is_file());
    let run = line(&place, &network, RUN).await;
    assert!(run.stdout.starts_with("✓ DONE Deploy Auth Feature"), "{run:#?}");
    let drift = line(&place, &network, "snipara-orchestrator check-drift --route /api/users --route /api/auth").await;
    assert!(drift.stdout.starts_with("✓ no drift"), "{drift:#?}");
    let validate = line(&place, &network, "snipara-orchestrator validate https://api.example.com/health").await;
    assert!(validate.stdout.starts_with("✓ GET https://api.example.com/health 200"), "{validate:#?}");
    assert!(network.production.count("/api/auth/session") >= 1);
}

/// With the ids of the document: the host knows what it made under them, as the author of the document did.
#[tokio::test(flavor = "multi_thread")]
async fn e04_the_whole_quick_start_runs_verbatim_through_the_hosted_proxy() {
    let host = SniparaHost::start().await;
    host.serves("my-project");
    let place = Place::new().with_variable("SNIPARA_API_KEY", KEY).with_variable("SNIPARA_API_URL", &host.url());
    place.program("pnpm", "exit 0");
    let network = Network::start(&place).await;
    let id = |ended: &Ended, key: &str| ended.json()[key].as_str().expect("an id").to_owned();
    line(&place, &network, INIT).await;
    let run = line(&place, &network, RUN).await;
    assert!(run.stdout.starts_with("✓ DONE Deploy Auth Feature"), "{run:#?}");
    let calls = || host.calls().into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    for tool in ["snipara_context_query", "snipara_recall", "snipara_remember", "snipara_state_set"] {
        assert!(calls().iter().any(|name| name == tool), "the run calls {tool}: {:?}", calls());
    }
    line(&place, &network, RECALL).await;
    let kept = line(&place, &network, &format!("{REMEMBER} --json")).await;
    assert!(id(&kept, "memory_id").starts_with("mem_"), "{kept:#?}");

    let swarm = line(&place, &network, "snipara-orchestrator swarm-create deployment --json").await;
    host.takes_for("swarm_abc123", &id(&swarm, "swarm_id"));
    let feature = line(&place, &network, &format!("{CREATE_FEATURE} --json")).await;
    host.takes_for("htask_feature", &id(&feature, "feature_id"));
    host.takes_for("htask_ws_api", feature.json()["workstream_ids"]["API"].as_str().expect("an id"));
    let task = line(&place, &network, &format!("{CREATE} --json")).await;
    let task_id = id(&task, "task_id");
    host.takes_for("htask_task_001", &task_id);
    let next = line(&place, &network, &format!("{NEXT} --json")).await.json();
    assert_eq!(next["tasks"][0]["task_id"], json!(task_id), "{next:#}");
    line(&place, &network, TREE).await;
    line(&place, &network, COMPLETE).await;
    let tree = line(&place, &network, &format!("{TREE} --json")).await.json();
    assert_eq!(tree["tree"]["progress"]["completed"], json!(1), "{tree:#}");
    let given = host.calls().into_iter().rfind(|(name, _)| name == "snipara_htask_complete").expect("completed").1;
    let evidence: &Value = &given["evidence"][0];
    assert_eq!(
        (&evidence["type"], &evidence["description"]),
        (&json!("test"), &json!("pytest packages/agentic-orchestrator"))
    );
}

const BOOTSTRAP_1_13: &str = r#"snipara-orchestrator htask-bootstrap "Auth Overhaul" \
  --swarm-name default-agent-orchestrator \
  --description "Move auth to OAuth and JWT" \
  --owner coordinator \
  --workstream API \
  --workstream QA \
  --custom-workstream DEPLOY_PROD_VERIFY"#;
const NEXT_1_13: &str = r"snipara-orchestrator htask-next \
  --swarm-name default-agent-orchestrator \
  --claim-for-agent hermes-worker-1 \
  --limit 1";

/// The literal `swarm_abc123` of the document is made when a person names it; ids of htasks are those that were answered.
#[tokio::test(flavor = "multi_thread")]
async fn the_htask_commands_of_the_quick_start_run_over_the_embedded_store() {
    let place = Place::new();
    let answered = async |line: &str| {
        let ended = place.line(&format!("{line} --json"), &[]).await;
        assert_eq!(ended.code, Some(0), "{line}: {ended:#?}");
        ended.json()
    };
    let id = |document: &Value, key: &str| document[key].as_str().unwrap_or_else(|| panic!("{document}")).to_owned();
    let early = place.run(&["htask-next", "--swarm-id", "swarm_abc123"]).await;
    assert!(early.stderr.contains("there is no swarm `swarm_abc123`"), "who only looks makes nothing: {early:#?}");
    let feature = answered(CREATE_FEATURE).await;
    let workstream = id(&feature["workstream_ids"], "API");
    let task = id(&answered(&CREATE.replace("htask_ws_api", &workstream)).await, "task_id");
    assert_eq!(answered(NEXT).await["tasks"][0]["task_id"], json!(task));
    answered(&COMPLETE.replace("htask_task_001", &task)).await;
    let tree = answered(&TREE.replace("htask_feature", &id(&feature, "feature_id"))).await;
    assert_eq!(tree["tree"]["progress"]["completed"], json!(1), "{tree:#}");
    let mistyped = CREATE_FEATURE.replace("swarm_abc123", "swarm_abc124");
    let refused = place.line(&mistyped, &[]).await;
    assert!(refused.code != Some(0) && refused.stderr.contains("swarm_abc123"), "the nearest is meant: {refused:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_htask_commands_of_1_13_1_run_over_the_embedded_store() {
    let place = Place::new();
    let answered = async |line: &str| {
        let ended = place.line(&format!("{line} --json"), &[]).await;
        assert_eq!(ended.code, Some(0), "{line}: {ended:#?}");
        ended.json()
    };
    let made = answered(BOOTSTRAP_1_13).await;
    assert!(made["initiative_id"].is_string(), "{made:#}");
    assert_eq!(made["workstream_ids"].as_object().map(serde_json::Map::len), Some(3), "{made:#}");
    let next = answered(NEXT_1_13).await;
    assert_eq!(next["tasks"][0]["claimed_by"], json!("hermes-worker-1"), "{next:#}");
    let none = place.line("snipara-orchestrator htask-create T -d d -o o --no-auto-create-swarm", &[]).await;
    assert!(none.code == Some(2) && none.stderr.contains("swarm_id: is missing"), "{none:#?}");
}
