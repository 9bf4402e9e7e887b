//! The tools of the toolset `htask`, through the real server and a real client.

use serde_json::{Value, json};

use crate::support::mcp_client::{Client, Era};
use crate::support::world::{PATHS, World};

fn text<'a>(document: &'a Value, field: &str) -> &'a str {
    document[field].as_str().unwrap_or_else(|| panic!("{field} in {document}"))
}

fn task(title: &str) -> Value {
    json!({"title": title, "description": "As the plan says.", "owner": "ada"})
}

fn with(mut arguments: Value, more: Value) -> Value {
    for (name, value) in more.as_object().expect("an object") {
        arguments[name] = value.clone();
    }
    arguments
}

async fn create(client: &Client, arguments: Value) -> String {
    text(&client.told("htask_create", arguments).await, "task_id").to_owned()
}

fn note() -> Value {
    json!([{"type": "note", "description": "It works on my machine."}])
}

#[tokio::test]
async fn an_htask_is_created_claimed_and_completed_in_both_eras_without_naming_a_swarm() {
    let world = World::new().await;
    for era in Era::BOTH {
        let client = Client::of(&world, era).await;
        let made = client.told("htask_create", with(task("Migrate"), json!({"priority": "P0"}))).await;
        let id = text(&made, "task_id");
        assert_eq!((text(&made, "id"), text(&made, "level"), text(&made, "priority")), (id, "N3_TASK", "P0"));
        assert!(text(&made, "swarm_id").starts_with("swarm_"), "{made}");
        let listed = client.told("htask_next", json!({})).await;
        assert_eq!(listed["tasks"][0]["task_id"], id, "{listed}");
        assert!(text(&listed, "next_step").contains("claim_for_agent"), "{listed}");
        let next = client.told("htask_next", json!({"claim_for_agent": "ada", "limit": 1})).await;
        let token = next["tasks"][0]["fencing_token"].as_i64().expect("a token");
        let step = text(&next, "next_step");
        assert!(step.contains(id) && step.contains(&format!("fencing_token {token} before 2")), "{step}");
        let none = client.told("htask_next", json!({"claim_for_agent": "bob"})).await;
        assert!(none["tasks"] == json!([]) && text(&none, "next_step").contains("htask_tree"), "{none}");
        let done = client
            .told(
                "htask_complete",
                json!({"task_id": id, "evidence": note(), "result": "Migrated.", "agent_id": "ada",
                       "fencing_token": token, "create_memory": false}),
            )
            .await;
        assert_eq!(
            (text(&done, "status"), &done["evidence"][0]["verdict"]),
            ("COMPLETED", &json!("claimed")),
            "{done}"
        );
        let step = text(&done, "next_step");
        assert!(step.contains("unverified") && step.contains(&format!("run_task and htask_id {id}")), "{step}");
        let again = client.told("htask_complete", json!({"task_id": id, "evidence": note()})).await;
        assert_eq!(again["repeated"], true, "{again}");
    }
}

#[tokio::test]
async fn evidence_that_names_a_run_is_looked_up_and_what_is_missing_or_false_is_said() {
    let world = World::new().await;
    let client = Client::of(&world, Era::Initialize).await;
    let required = json!({"evidence_required": [{"type": "test", "description": "the deploy is proven"}]});
    let made = client.told("htask_create", with(task("Deploy"), required)).await;
    let id = text(&made, "task_id");
    assert!(text(&made, "next_step").contains("test"), "{made}");

    let (code, message) = client.refusal("htask_complete", json!({"task_id": id})).await;
    assert!(code == "evidence_missing" && message.contains("the deploy is proven"), "{code}: {message}");
    let (code, message) = client.refusal("htask_complete", json!({"task_id": id, "evidence": note()})).await;
    assert!(code == "evidence_missing" && message.contains("test"), "{code}: {message}");
    let unknown = json!([{"type": "test", "task_id": "task_00000000000000000000000000000000"}]);
    let (code, message) = client.refusal("htask_complete", json!({"task_id": id, "evidence": unknown})).await;
    assert!(code == "evidence_refused" && message.starts_with("evidence[0] is refused"), "{code}: {message}");

    let checks: Vec<_> = PATHS.iter().map(|path| json!({"url": path})).collect();
    let run = json!({"title": "Deploy", "local_tests": [world.counted_tests()], "live_checks": checks});
    let run = client.told("run_task", run).await;
    assert_eq!(text(&run, "status"), "done");
    let evidence = json!([{"type": "test", "task_id": run["task_id"]}]);
    let done = client.told("htask_complete", json!({"task_id": id, "evidence": evidence})).await;
    assert_eq!((text(&done, "status"), &done["evidence"][0]["verdict"]), ("COMPLETED", &json!("verified")), "{done}");
    assert_eq!(text(&done, "next_step"), "Go on with htask_next.");
}

#[tokio::test]
async fn a_feature_is_planned_blocked_unblocked_and_closed() {
    let world = World::new().await;
    let client = Client::of(&world, Era::Initialize).await;
    let feature =
        client.told("htask_create_feature", with(task("Billing"), json!({"workstreams": ["API", "QA"]}))).await;
    let (feature_id, api) = (text(&feature, "feature_id"), text(&feature["workstream_ids"], "API"));
    assert!(text(&feature, "next_step").contains(&format!("parent_id {api}")), "{feature}");
    let one = create(&client, with(task("Endpoint"), json!({"parent_id": api}))).await;
    let two = create(&client, with(task("Client"), json!({"parent_id": api, "depends_on": [one]}))).await;
    let next = client.told("htask_next", json!({"feature_id": feature_id})).await;
    let ready: Vec<_> = next["tasks"].as_array().expect("tasks").iter().map(|task| text(task, "task_id")).collect();
    assert_eq!(ready, [one.as_str()], "the other one depends on it");

    let block = json!({"task_id": one, "blocker_type": "ACCESS", "blocker_reason": "The key is missing."});
    let blocked = client.told("htask_block", block).await;
    assert_eq!(text(&blocked, "status"), "BLOCKED", "{blocked}");
    assert!(blocked["affected_ancestors"].as_array().expect("ancestors").contains(&json!(api)), "{blocked}");
    let tree = client.told("htask_tree", json!({"task_id": feature_id})).await;
    assert_eq!(tree["tree"]["task_id"], feature_id, "{tree}");
    assert!(text(&tree, "next_step").contains("The key is missing"), "{tree}");
    let open = client.told("htask_unblock", json!({"task_id": one, "resolution": "Ada gave it."})).await;
    assert_eq!(text(&open, "status"), "PENDING", "{open}");

    let (code, message) = client.refusal("htask_close", json!({"task_id": api})).await;
    assert!(code == "closure_refused" && message.contains(api), "{code}: {message}");
    for id in [&one, &two] {
        client.told("htask_complete", json!({"task_id": id, "evidence": note(), "create_memory": false})).await;
    }
    let trees = client.told("htask_tree", json!({})).await;
    let root = &trees["trees"][0];
    assert_eq!((&root["task_id"], &root["progress"]["completed"]), (&json!(feature_id), &json!(2)), "{trees}");
}

#[tokio::test]
async fn a_lease_is_renewed_by_its_holder_and_a_stale_token_is_refused() {
    let world = World::new().await;
    let client = Client::of(&world, Era::Initialize).await;
    let id = create(&client, task("Deploy")).await;
    let next = client.told("htask_next", json!({"claim_for_agent": "ada", "lease_seconds": 60})).await;
    let token = next["tasks"][0]["fencing_token"].as_i64().expect("a token");
    let end = next["tasks"][0]["lease_expires_at"].clone();
    let renewal = |agent: &str, token: i64| json!({"claim_for_agent": agent, "renew_task_id": id, "fencing_token": token, "lease_seconds": 3_600});
    let renewed = client.told("htask_next", renewal("ada", token)).await;
    assert_eq!(renewed["tasks"][0]["fencing_token"], token, "{renewed}");
    assert_ne!(renewed["tasks"][0]["lease_expires_at"], end);
    assert!(text(&renewed, "next_step").starts_with("Go on with"), "{renewed}");
    let (code, _) = client.refusal("htask_next", renewal("ada", token - 1)).await;
    assert_eq!(code, "stale_fencing_token");
    let stale = json!({"task_id": id, "evidence": note(), "fencing_token": token - 1});
    let (code, _) = client.refusal("htask_complete", stale).await;
    assert_eq!(code, "stale_fencing_token");
}

#[tokio::test]
async fn bad_input_gets_one_clear_error_and_nothing_is_written() {
    let world = World::new().await;
    let client = Client::of(&world, Era::Initialize).await;
    let id = create(&client, task("There already")).await;
    let before = world.sqlite3("SELECT count(*) FROM htasks");
    let complete = |more: Value| with(json!({"task_id": id}), more);
    for (tool, arguments, part) in [
        ("htask_create", json!({"title": "x", "owner": "ada"}), "missing field `description`"),
        ("htask_create", with(task("x"), json!({"title": ""})), "title: is empty"),
        ("htask_create", with(task("x"), json!({"description": "x".repeat(65_537)})), "description: is 65537 bytes"),
        (
            "htask_create",
            with(task("x"), json!({"priority": "high"})),
            "`high` is not a priority: known are P0, P1, P2",
        ),
        ("htask_create", with(task("x"), json!({"level": "N4"})), "N0_INITIATIVE, N1_FEATURE"),
        ("htask_create", with(task("x"), json!({"level": "N2_WORKSTREAM"})), "workstream_type: is missing"),
        ("htask_create", with(task("x"), json!({"workstream_type": "APIS"})), "did you mean `API`?"),
        ("htask_create", with(task("x"), json!({"evidence_required": ["test"]})), "evidence_required[0]"),
        ("htask_create", with(task("x"), json!({"parent": id})), "did you mean `parent_id`?"),
        ("htask_create", with(task("x"), json!({"depends_on": id})), "depends_on in htask_create must be a list"),
        ("htask_next", json!({"limit": 0}), "limit: is 0"),
        ("htask_next", json!({"lease_seconds": 0, "claim_for_agent": "ada"}), "lease_seconds: is 0"),
        ("htask_next", json!({"renew_task_id": id, "claim_for_agent": "ada"}), "fencing_token: is missing"),
        ("htask_next", json!({"fencing_token": 1}), "fencing_token: is given without renew_task_id"),
        ("htask_next", json!({"renew_task_id": id, "fencing_token": 1}), "claim_for_agent: is missing"),
        ("htask_complete", json!({}), "missing field `task_id`"),
        ("htask_complete", complete(json!({"evidence": "tests pass"})), "evidence in htask_complete must be a list"),
        (
            "htask_complete",
            complete(json!({"evidence": ["tests pass"]})),
            "evidence[0] in htask_complete must be an object",
        ),
        ("htask_complete", complete(json!({"evidence": [{"type": "test"}]})), "evidence[0]: shows nothing"),
        (
            "htask_complete",
            complete(json!({"evidence": [{"type": "a b", "url": "x"}]})),
            "`a b` is not a type of evidence",
        ),
        ("htask_complete", complete(json!({"result": [1]})), "result in htask_complete must be an object or text"),
        ("htask_tree", json!({"max_depth": 0}), "max_depth: is 0"),
        ("htask_block", json!({"task_id": id, "blocker_type": "BAD", "blocker_reason": "x"}), "TECH, DEPENDENCY"),
        (
            "htask_block",
            json!({"task_id": id, "blocker_type": "TECH", "blocker_reason": ""}),
            "blocker_reason: is empty",
        ),
    ] {
        let (code, message) = client.refusal(tool, arguments.clone()).await;
        assert!(code == "invalid_input" && message.contains(part), "{tool} {arguments}: {code}: {message}");
    }
    for (tool, arguments) in [
        ("htask_create", with(task("x"), json!({"parent_id": "htask_none"}))),
        ("htask_create", with(task("x"), json!({"depends_on": ["htask_none"]}))),
        ("htask_next", json!({"feature_id": "htask_none"})),
        ("htask_complete", json!({"task_id": "htask_none", "evidence": note()})),
        ("htask_tree", json!({"task_id": "htask_none"})),
        ("htask_block", json!({"task_id": "htask_none", "blocker_type": "TECH", "blocker_reason": "x"})),
        ("htask_unblock", json!({"task_id": "htask_none"})),
        ("htask_close", json!({"task_id": "htask_none"})),
    ] {
        let (code, message) = client.refusal(tool, arguments).await;
        assert!(code == "not_found" && message.contains("htask_none"), "{tool}: {code}: {message}");
    }
    for (tool, arguments) in [
        ("htask_create", task("x")),
        ("htask_next", json!({})),
        ("htask_complete", json!({"task_id": id, "evidence": note()})),
        ("htask_tree", json!({})),
    ] {
        let (code, message) = client.refusal(tool, with(arguments, json!({"swarm_id": "swarm_none"}))).await;
        assert!(code == "not_found" && message.contains("swarm_none"), "{tool}: {code}: {message}");
    }
    assert_eq!(world.sqlite3("SELECT count(*) FROM htasks"), before);
}

#[tokio::test]
async fn the_shape_of_evidence_is_shown_to_who_writes_words() {
    let world = World::new().await;
    let client = Client::of(&world, Era::Initialize).await;
    for evidence in [json!("tests pass"), json!(["tests pass"])] {
        let document = client.failure("htask_complete", json!({"task_id": "htask_1", "evidence": evidence})).await;
        assert!(text(&document, "hint").contains("{\"type\": \"test\", \"task_id\": \"task_…\"}"), "{document}");
    }
}

#[tokio::test]
async fn a_claim_takes_one_and_who_asks_again_is_shown_what_it_holds() {
    let world = World::new().await;
    let client = Client::of(&world, Era::Initialize).await;
    let ids = [create(&client, task("One")).await, create(&client, task("Two")).await];
    let first = client.told("htask_next", json!({"claim_for_agent": "ada"})).await;
    assert_eq!((&first["tasks"][0]["task_id"], &first["count"]), (&json!(ids[0]), &json!(1)), "{first}");
    assert!(first.get("already_yours").is_none(), "{first}");
    let second = client.told("htask_next", json!({"claim_for_agent": "ada"})).await;
    assert_eq!(second["tasks"][0]["task_id"], json!(ids[1]), "{second}");
    assert_eq!(second["already_yours"][0]["fencing_token"], first["tasks"][0]["fencing_token"], "{second}");
    let third = client.told("htask_next", json!({"claim_for_agent": "ada"})).await;
    let held = third["already_yours"].as_array().map(Vec::len);
    assert!(third["tasks"] == json!([]) && held == Some(2), "{third}");
    let step = text(&third, "next_step");
    assert!(step.contains(&ids[0]) && step.contains("which you hold") && step.contains("fencing_token"), "{step}");
    let theirs = client.told("htask_next", json!({"claim_for_agent": "bob"})).await;
    assert!(theirs.get("already_yours").is_none(), "{theirs}");
}

#[tokio::test]
async fn another_agent_neither_completes_nor_blocks_what_is_held() {
    let world = World::new().await;
    let client = Client::of(&world, Era::Initialize).await;
    let id = create(&client, task("Deploy")).await;
    let token = client.told("htask_next", json!({"claim_for_agent": "ada"})).await["tasks"][0]["fencing_token"].clone();
    let complete = json!({"task_id": id, "agent_id": "bob", "evidence": note(), "create_memory": false});
    let block = json!({"task_id": id, "blocker_type": "TECH", "blocker_reason": "No key."});
    for (tool, arguments) in [("htask_complete", complete.clone()), ("htask_block", block.clone())] {
        let (code, message) = client.refusal(tool, arguments).await;
        assert!(code == "held" && message.contains("is held by ada until 2"), "{tool}: {message}");
    }
    assert_eq!(world.sqlite3("SELECT status FROM htasks"), "IN_PROGRESS");
    let done = client.told("htask_complete", with(complete, json!({"fencing_token": token}))).await;
    assert_eq!(text(&done, "status"), "COMPLETED", "{done}");
}

/// Found in public reports: one rule says what is ready, who asks and whatever holds it back.
#[tokio::test]
async fn what_waits_is_not_offered_or_completed_and_a_finished_blocker_releases_what_it_held() {
    let world = World::new().await;
    let client = Client::of(&world, Era::Initialize).await;
    let first = create(&client, task("first")).await;
    let stream = json!({"level": "N2_WORKSTREAM", "workstream_type": "API", "depends_on": [first]});
    let parent = create(&client, with(task("parent"), stream)).await;
    let child = create(&client, with(task("child"), json!({"parent_id": parent}))).await;
    let waiting = create(&client, task("waiting")).await;
    let held = json!({"task_id": waiting, "blocker_type": "DEPENDENCY", "blocker_reason": "needs it", "blocked_by_task_id": first});
    client.told("htask_block", held).await;
    // The parent's own part cannot hold it up: nothing would ever begin.
    let circle = json!({"task_id": parent, "blocker_type": "DEPENDENCY", "blocker_reason": "its parts", "blocked_by_task_id": child});
    assert!(client.failure("htask_block", circle).await.to_string().contains("close a circle"));

    let offered = |listed: &Value| -> Vec<String> {
        listed["tasks"].as_array().expect("tasks").iter().map(|task| text(task, "title").to_owned()).collect()
    };
    assert_eq!(offered(&client.told("htask_next", json!({"limit": 9})).await), ["first"]);
    let early = client.failure("htask_complete", json!({"task_id": child, "evidence": note()})).await;
    assert!(early.to_string().contains(&format!("waits for {first} (first)")), "{early}");
    let done = client.told("htask_complete", json!({"task_id": first, "evidence": note()})).await;
    assert_eq!(done["released"], json!([waiting]), "{done}");
    let mut ready = offered(&client.told("htask_next", json!({"limit": 9})).await);
    ready.sort_unstable();
    assert_eq!(ready, ["child", "waiting"]);
}
