//! The flat task queue of 0.1.5 over htasks.

use serde_json::{Value, json};

use crate::support::served::Served;
use crate::support::world::World;

struct Queue {
    world: World,
    served: Served,
    swarm: Value,
}

impl Queue {
    async fn new() -> Self {
        let world = World::new().await;
        let served = Served::over(&world).await;
        let swarm = served.call("snipara_swarm_create", json!({ "name": "q" })).await["swarm_id"].clone();
        Self { world, served, swarm }
    }

    async fn call(&self, tool: &str, agent: &str, more: Value) -> Value {
        let mut arguments = json!({ "swarm_id": self.swarm, "agent_id": agent });
        arguments.as_object_mut().expect("fields").extend(more.as_object().expect("fields").clone());
        self.served.call(tool, arguments).await
    }

    async fn create(&self, title: &str, more: Value) -> String {
        let mut arguments = more;
        arguments["title"] = json!(title);
        let made = self.call("snipara_task_create", "planner", arguments).await;
        assert_eq!(made["success"], true, "{made}");
        made["task_id"].as_str().expect("an id").to_owned()
    }

    /// What lies in the file about a task.
    fn row(&self, id: &str, columns: &str) -> String {
        self.world.sqlite3(&format!("SELECT {columns} FROM htasks WHERE id='{id}'")).trim().to_owned()
    }
}

#[tokio::test]
async fn a_task_is_an_n3_without_parent_that_is_claimed_and_completed() {
    let queue = Queue::new().await;
    let id = queue.create("Ship it", json!({ "description": "", "priority": 2, "depends_on": [] })).await;
    assert_eq!(
        queue.row(&id, "level || ' ' || priority || ' ' || owner || ' ' || description"),
        "N3_TASK P0 unassigned Ship it"
    );
    let claimed = queue.call("rlm_task_claim", "ada", json!({ "task_id": null, "timeout_seconds": 600 })).await;
    assert_eq!(
        (&claimed["task_id"], &claimed["title"], &claimed["status"]),
        (&json!(id), &json!("Ship it"), &json!("claimed"))
    );
    assert_eq!(queue.row(&id, "status || ' ' || claimed_by"), "IN_PROGRESS ada");
    let theirs = queue.call("rlm_task_complete", "bob", json!({ "task_id": id })).await;
    assert_eq!((&theirs["success"], &theirs["code"]), (&json!(false), &json!("not_yours")), "{theirs}");
    let done = queue.call("rlm_task_complete", "ada", json!({ "task_id": id, "result": { "tests": 12 } })).await;
    assert_eq!((&done["status"], &done["success"]), (&json!("completed"), &json!(true)), "{done}");
    assert_eq!(queue.row(&id, "status"), "COMPLETED");
    assert!(queue.row(&id, "evidence_provided").contains("\"claimed\""), "the agent's word is a claim");
}

#[tokio::test]
async fn dependencies_come_first_and_what_is_for_others_is_left_to_them() {
    let queue = Queue::new().await;
    let first = queue.create("First", json!({ "priority": 0 })).await;
    let second = queue.create("Second", json!({ "priority": 5, "depends_on": [first] })).await;
    let for_bob = queue.create("For Bob", json!({ "priority": 5, "for_agent_id": "bob" })).await;
    let early = queue.call("snipara_task_claim", "ada", json!({ "task_id": second })).await;
    assert_eq!((&early["success"], &early["code"]), (&json!(false), &json!("wrong_status")), "{early}");
    let next = queue.call("snipara_task_claim", "ada", json!({})).await;
    assert_eq!(next["task_id"], json!(first), "{next}");
    let held = queue.call("snipara_task_claim", "bob", json!({ "task_id": first })).await;
    assert_eq!((&held["success"], &held["code"]), (&json!(false), &json!("held")), "{held}");
    let nothing = queue.call("snipara_task_claim", "ada", json!({})).await;
    assert_eq!((&nothing["success"], &nothing["code"]), (&json!(false), &json!("nothing_ready")), "{nothing}");
    let bobs = queue.call("snipara_task_claim", "bob", json!({ "task_id": for_bob })).await;
    assert_eq!((&bobs["task_id"], &bobs["priority"]), (&json!(for_bob), &json!(2)), "{bobs}");
    queue.call("snipara_task_complete", "ada", json!({ "task_id": first })).await;
    assert_eq!(queue.call("snipara_task_claim", "ada", json!({})).await["task_id"], json!(second));
}

#[tokio::test]
async fn a_task_that_failed_is_blocked_with_the_reason_and_never_completed() {
    let queue = Queue::new().await;
    let id = queue.create("Ship it", json!({})).await;
    let failed = queue
        .call("snipara_task_complete", "ada", json!({ "task_id": id, "success": false, "result": "no disk" }))
        .await;
    assert_eq!((&failed["status"], &failed["htask_status"]), (&json!("failed"), &json!("BLOCKED")), "{failed}");
    assert_eq!(queue.row(&id, "status"), "BLOCKED");
    assert!(queue.row(&id, "blocker").contains("no disk"));
    let again = queue.call("snipara_task_complete", "ada", json!({ "task_id": id })).await;
    assert_eq!((&again["success"], &again["code"]), (&json!(false), &json!("wrong_status")), "{again}");
}

#[tokio::test]
async fn who_fails_a_task_with_a_token_that_is_not_the_last_one_blocks_nothing() {
    let queue = Queue::new().await;
    let id = queue.create("Ship it", json!({})).await;
    let claimed = queue.call("snipara_task_claim", "ada", json!({})).await;
    let token = claimed["fencing_token"].as_i64().unwrap_or_else(|| panic!("{claimed}"));
    let failed = |token: i64| json!({ "task_id": id, "success": false, "result": "no", "fencing_token": token });
    let late = queue.call("snipara_task_complete", "ada", failed(token - 1)).await;
    assert_eq!((&late["success"], &late["code"]), (&json!(false), &json!("stale_fencing_token")), "{late}");
    assert_eq!(queue.row(&id, "status || ' ' || claimed_by"), "IN_PROGRESS ada");
    let held = queue.call("snipara_task_complete", "ada", failed(token)).await;
    assert_eq!(held["htask_status"], "BLOCKED", "{held}");
    assert_eq!(queue.row(&id, "status"), "BLOCKED");
}

#[tokio::test]
async fn flat_tasks_are_no_tools_of_the_protocol_itself() {
    use crate::support::mcp_client::{Client, Era};
    let queue = Queue::new().await;
    let client = Client::of(&queue.world, Era::Initialize).await;
    let error = client.call("task_create", json!({})).await.expect_err("unknown");
    assert!(error.to_string().contains("unknown tool"), "{error}");
}

#[tokio::test]
async fn an_htask_without_a_swarm_goes_to_one_that_is_made_by_name_or_to_the_projects_own() {
    let queue = Queue::new().await;
    let htask = |more: Value| {
        let mut arguments = json!({ "title": "T", "description": "D", "owner": "ada" });
        arguments.as_object_mut().expect("fields").extend(more.as_object().expect("fields").clone());
        arguments
    };
    let own = queue.served.call("snipara_htask_create", htask(json!({}))).await;
    let named = queue.served.call("snipara_htask_create", htask(json!({ "swarm_name": "crew" }))).await;
    let name = |made: &Value| {
        let id = made["swarm_id"].as_str().unwrap_or_else(|| panic!("{made}"));
        queue.world.sqlite3(&format!("SELECT name FROM swarms WHERE id='{id}'")).trim().to_owned()
    };
    assert_eq!((name(&own).as_str(), name(&named).as_str()), ("default-agent-orchestrator", "crew"));
    let none = queue.served.call("snipara_htask_create", htask(json!({ "auto_create_swarm": false }))).await;
    assert_eq!((&none["code"], &none["field"]), (&json!("invalid_input"), &json!("swarm_id")), "{none}");
    let feature = json!({ "title": "F", "description": "D", "owner": "ada", "swarm_name": "crew",
        "create_initiative": true, "initiative_title": "I", "workstreams": ["API"] });
    let feature = queue.served.call("snipara_htask_create_feature", feature).await;
    let initiative = feature["initiative_id"].as_str().unwrap_or_else(|| panic!("{feature}"));
    assert_eq!(queue.row(initiative, "level || ' ' || title"), "N0_INITIATIVE I");
    let feature_id = feature["feature_id"].as_str().expect("an id");
    assert_eq!(queue.row(feature_id, "parent_id"), initiative);
    let starters = "SELECT count(*) FROM htasks WHERE level='N3_TASK' AND parent_id IN \
                    (SELECT id FROM htasks WHERE level='N2_WORKSTREAM')";
    assert_eq!(queue.world.sqlite3(starters).trim(), "1", "the contract makes starter tasks when nobody says");
}
