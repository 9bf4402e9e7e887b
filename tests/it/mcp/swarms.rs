//! The tools of the toolset `swarm`, through the real server and a real client.

use serde_json::{Value, json};

use crate::support::mcp_client::{Client, Era};
use crate::support::world::World;

fn text<'a>(document: &'a Value, field: &str) -> &'a str {
    document[field].as_str().unwrap_or_else(|| panic!("{field} in {document}"))
}

async fn swarm(client: &Client) -> String {
    text(&client.told("swarm_create", json!({"name": "release-42"})).await, "swarm_id").to_owned()
}

#[tokio::test]
async fn agents_join_are_listed_and_leave_in_both_eras() {
    let world = World::new().await;
    for era in Era::BOTH {
        let client = Client::of(&world, era).await;
        let name = format!("release-{era:?}");
        let made = client.told("swarm_create", json!({"name": name, "max_agents": 2})).await;
        let id = text(&made, "swarm_id");
        assert!(made["reused"] == false && text(&made, "next_step").contains(id), "{made}");
        let again = client.told("swarm_create", json!({"name": name})).await;
        assert_eq!((&again["swarm_id"], &again["reused"]), (&made["swarm_id"], &json!(true)), "{again}");
        let joined = client.told("swarm_join", json!({"swarm_id": id, "agent_id": "ada"})).await;
        assert_eq!((text(&joined, "agent_id"), text(&joined, "role")), ("ada", "worker"), "{joined}");
        client.told("swarm_join", json!({"swarm_id": id, "agent_id": "bob", "role": "observer"})).await;
        let (code, _) = client.refusal("swarm_join", json!({"swarm_id": id, "agent_id": "eve"})).await;
        assert_eq!(code, "swarm_full");
        let members = client.told("swarm_members", json!({"swarm_id": id})).await;
        assert_eq!((&members["agents"][0]["agent_id"], &members["agent_count"]), (&json!("ada"), &json!(2)));
        let left = client.told("swarm_leave", json!({"swarm_id": id, "agent_id": "ada"})).await;
        assert_eq!(left["was_member"], true, "{left}");
        let left = client.told("swarm_leave", json!({"swarm_id": id, "agent_id": "ada"})).await;
        assert_eq!(left["was_member"], false, "{left}");
    }
    assert_eq!(world.sqlite3("SELECT count(*) FROM swarms"), "2");
}

#[tokio::test]
async fn shared_state_has_versions_and_a_conflict_names_the_current_one() {
    let world = World::new().await;
    let client = Client::of(&world, Era::Initialize).await;
    let id = swarm(&client).await;
    let absent = client.told("state_get", json!({"swarm_id": id, "key": "deploy"})).await;
    assert_eq!((&absent["found"], &absent["key"]), (&json!(false), &json!("deploy")), "{absent}");
    let value = json!({"stage": "canary", "notes": "x".repeat(5_000)});
    let set = |value: Value, expected: Option<i64>| {
        let mut arguments = json!({"swarm_id": id, "agent_id": "ada", "key": "deploy", "value": value});
        if let Some(version) = expected {
            arguments["expected_version"] = version.into();
        }
        arguments
    };
    let written = client.told("state_set", set(value.clone(), Some(0))).await;
    assert_eq!(written["version"], 1, "{written}");
    let read = client.told("state_get", json!({"swarm_id": id, "key": "deploy"})).await;
    assert_eq!((&read["value"], &read["version"]), (&value, &json!(1)), "it comes back whole");
    assert!(text(&read, "next_step").contains("expected_version 1"), "{read}");
    client.told("state_set", set(json!(2), None)).await;
    let document = client.failure("state_set", set(json!(3), Some(1))).await;
    assert_eq!(document["code"], "version_conflict");
    assert!(text(&document, "hint").contains("expected_version 2"), "{document}");
    let read = client.told("state_get", json!({"swarm_id": id, "key": "deploy"})).await;
    assert_eq!((&read["value"], &read["version"]), (&json!(2), &json!(2)));
}

#[tokio::test]
async fn events_come_in_order_and_page_by_page() {
    let world = World::new().await;
    let client = Client::of(&world, Era::Discover).await;
    let id = swarm(&client).await;
    for number in 0..3 {
        let event = json!({"swarm_id": id, "agent_id": "ada", "event_type": "deployed", "payload": {"number": number}});
        let sent = client.told("broadcast", event).await;
        assert!(text(&sent, "event_id").starts_with("event_"), "{sent}");
    }
    let newest = client.told("swarm_events", json!({"swarm_id": id, "event_type": "deployed"})).await;
    let numbers: Vec<_> =
        newest["events"].as_array().expect("events").iter().map(|event| event["payload"]["number"].clone()).collect();
    assert_eq!((numbers, &newest["has_more"]), (vec![json!(0), json!(1), json!(2)], &json!(false)), "{newest}");
    let cursor = text(&newest, "next_cursor").to_owned();
    assert!(text(&newest, "next_step").contains(&cursor), "{newest}");
    client.told("broadcast", json!({"swarm_id": id, "agent_id": "bob", "event_type": "rolled_back"})).await;
    let later = client.told("swarm_events", json!({"swarm_id": id, "cursor": cursor})).await;
    let [event] = later["events"].as_array().expect("events").as_slice() else { panic!("one: {later}") };
    assert_eq!((text(event, "event_type"), text(event, "agent_id")), ("rolled_back", "bob"));
}

#[tokio::test]
async fn a_claim_excludes_others_until_it_is_released() {
    let world = World::new().await;
    let client = Client::of(&world, Era::Initialize).await;
    let id = swarm(&client).await;
    for agent in ["ada", "bob"] {
        client.told("swarm_join", json!({"swarm_id": id, "agent_id": agent})).await;
    }
    let asked =
        |agent: &str| json!({"swarm_id": id, "agent_id": agent, "resource_type": "file", "resource_id": "a.rs"});
    let first = client.told("claim", asked("ada")).await;
    let claim_id = text(&first, "claim_id");
    assert!(text(&first, "next_step").contains(claim_id), "{first}");
    let (code, message) = client.refusal("claim", asked("bob")).await;
    assert!(code == "held" && message.contains("ada"), "{code}: {message}");
    let (_, message) = client.refusal("claim", asked("eve")).await;
    assert!(message.contains("eve"), "{message}");
    let released = client.told("release", json!({"swarm_id": id, "agent_id": "ada", "claim_id": claim_id})).await;
    assert_eq!(released["released"], true, "{released}");
    let second = client.told("claim", asked("bob")).await;
    assert!(second["fencing_token"].as_i64() > first["fencing_token"].as_i64(), "{second}");
    let released = client.told("release", asked("bob")).await;
    assert_eq!(released["released"], true, "{released}");
}

#[tokio::test]
async fn bad_input_gets_one_clear_error_and_nothing_is_written() {
    let world = World::new().await;
    let client = Client::of(&world, Era::Initialize).await;
    let id = swarm(&client).await;
    let at = |more: Value| {
        let mut arguments = json!({"swarm_id": id, "agent_id": "ada"});
        for (name, value) in more.as_object().expect("an object") {
            arguments[name] = value.clone();
        }
        arguments
    };
    for (tool, arguments, part) in [
        ("swarm_create", json!({}), "missing field `name`"),
        ("swarm_create", json!({"name": " "}), "name: is empty"),
        ("swarm_create", json!({"name": "x", "max_agents": 0}), "max_agents: is 0"),
        ("swarm_create", json!({"name": "x", "task_timeout": 1}), "task_timeout: is 1"),
        ("swarm_join", at(json!({"role": "boss"})), "coordinator, worker, observer"),
        ("swarm_join", json!({"swarm_id": id}), "missing field `agent_id`"),
        ("swarm_join", json!({"swarm_id": "", "agent_id": "ada"}), "swarm_id in swarm_join: is empty"),
        ("state_set", at(json!({"key": "k"})), "missing field `value`"),
        ("state_set", at(json!({"key": "k", "value": null})), "missing field `value`"),
        ("state_set", at(json!({"key": "", "value": 1})), "key: is empty"),
        ("state_set", at(json!({"key": "k", "value": "x".repeat(65_537)})), "value: is 65539 bytes long"),
        ("state_set", at(json!({"key": "k", "value": 1, "expected_version": -1})), "expected_version: is -1"),
        ("state_set", at(json!({"key": "k", "value": 1, "ttl_seconds": 0})), "ttl_seconds: is 0"),
        ("state_get", json!({"swarm_id": id, "key": ""}), "key: is empty"),
        ("broadcast", at(json!({"event_type": ""})), "event_type: is empty"),
        ("broadcast", at(json!({"event_type": "x", "payload": "text"})), "payload in broadcast must be an object"),
        ("swarm_events", json!({"swarm_id": id, "limit": 0}), "limit: is 0"),
        ("swarm_events", json!({"swarm_id": id, "since": "yesterday"}), "since in swarm_events: `yesterday`"),
        ("claim", at(json!({"resource_type": "planet", "resource_id": "x"})), "file, function, module"),
        ("claim", at(json!({"resource_type": "file", "resource_id": ""})), "resource_id: is empty"),
        (
            "claim",
            at(json!({"resource_type": "file", "resource_id": "x", "timeout_seconds": 0})),
            "timeout_seconds: is 0",
        ),
        ("release", at(json!({})), "claim_id: is missing"),
    ] {
        let (code, message) = client.refusal(tool, arguments.clone()).await;
        assert!(code == "invalid_input" && message.contains(part), "{tool} {arguments}: {code}: {message}");
    }
    for (tool, mut arguments) in [
        ("swarm_join", json!({"agent_id": "ada"})),
        ("swarm_leave", json!({"agent_id": "ada"})),
        ("swarm_members", json!({})),
        ("state_set", json!({"agent_id": "ada", "key": "k", "value": 1})),
        ("state_get", json!({"key": "k"})),
        ("broadcast", json!({"agent_id": "ada", "event_type": "x"})),
        ("swarm_events", json!({})),
        ("claim", json!({"agent_id": "ada", "resource_type": "file", "resource_id": "x"})),
        ("release", json!({"agent_id": "ada", "claim_id": "claim_1"})),
    ] {
        arguments["swarm_id"] = "release-41".into();
        let (code, message) = client.refusal(tool, arguments).await;
        assert!(code == "not_found" && message.contains("release-41"), "{tool}: {code}: {message}");
        assert!(message.contains("release-42") || message.contains(&id), "{tool} names the nearest: {message}");
    }
    assert_eq!(world.sqlite3("SELECT count(*) FROM swarms"), "1");
}
