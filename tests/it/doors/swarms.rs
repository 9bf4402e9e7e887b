//! Swarms, their members, claims, events and state.

use serde_json::json;

use super::verb::{Verb, verb};

fn in_a_swarm(name: &'static str) -> Verb {
    verb(name)
        .after("swarm_create", json!({ "name": "shop" }))
        .after("swarm_join", json!({ "swarm_id": "$swarm", "agent_id": "ada" }))
}

pub(super) fn verbs() -> Vec<Verb> {
    let claim = json!({ "swarm_id": "$swarm", "agent_id": "ada", "resource_type": "file", "resource_id": "a.rs" });
    let long = json!({ "swarm_id": "$swarm", "agent_id": "ada", "resource_type": "file", "resource_id": "a.rs", "timeout_seconds": 3600 });
    let release = json!({ "swarm_id": "$swarm", "agent_id": "ada", "claim_id": "$claim" });
    let leave = json!({ "swarm_id": "$swarm", "agent_id": "ada" });
    let event = json!({ "swarm_id": "$swarm", "agent_id": "ada", "event_type": "deployed", "payload": { "number": 9_007_199_254_740_993_i64 } });
    let state = json!({ "swarm_id": "$swarm", "agent_id": "ada", "key": "release", "value": { "number": 9_007_199_254_740_993_i64 } });
    let again = json!({ "swarm_id": "$swarm", "agent_id": "ada", "key": "release", "value": [1], "expected_version": 1, "ttl_seconds": 600 });
    let read = json!({ "swarm_id": "$swarm", "key": "release" });
    let whole = json!({ "name": "shop", "description": "Builds it", "max_agents": 3, "task_timeout": 120, "claim_timeout": 180 });
    let join = json!({ "swarm_id": "$swarm", "agent_id": "bob", "name": "Bob", "role": "observer", "capabilities": ["deploy", "test"] });
    let own = json!({ "swarm_id": "$swarm" });
    vec![
        verb("swarm_create by default")
            .mcp("swarm_create", json!({ "name": "shop" }))
            .cli(&["swarm-create", "shop"])
            .snipara("swarm_create", json!({ "name": "shop" })),
        verb("swarm_create with everything")
            .mcp("swarm_create", whole.clone())
            .cli(&[
                "swarm-create",
                "shop",
                "-d",
                "Builds it",
                "--max-agents",
                "3",
                "--task-timeout",
                "120",
                "--claim-timeout",
                "180",
            ])
            .snipara("swarm_create", whole),
        in_a_swarm("swarm_create of one that is there")
            .mcp("swarm_create", json!({ "name": "shop" }))
            .cli(&["swarm-create", "shop"])
            .snipara("swarm_create", json!({ "name": "shop", "reuse_existing": true })),
        // Snipara's published contract makes a second one of a name only under another name.
        in_a_swarm("swarm_create of one that is there by default")
            .snipara("swarm_create", json!({ "name": "shop" }))
            .refused(),
        in_a_swarm("swarm_join by default")
            .mcp("swarm_join", json!({ "swarm_id": "$swarm", "agent_id": "bob" }))
            .cli(&["swarm-join", "-s", "$swarm", "-a", "bob"])
            .snipara("swarm_join", json!({ "swarm_id": "$swarm", "agent_id": "bob" })),
        in_a_swarm("swarm_join with everything")
            .mcp("swarm_join", join.clone())
            .cli(&[
                "swarm-join",
                "-s",
                "$swarm",
                "-a",
                "bob",
                "--name",
                "Bob",
                "-r",
                "observer",
                "-c",
                "deploy",
                "-c",
                "test",
            ])
            .snipara("swarm_join", join),
        in_a_swarm("swarm_leave")
            .after("claim", claim.clone())
            .mcp("swarm_leave", leave.clone())
            .snipara("swarm_leave", leave),
        in_a_swarm("swarm_members").mcp("swarm_members", own.clone()).snipara("swarm_members", own.clone()),
        in_a_swarm("claim").mcp("claim", claim.clone()).snipara("claim", claim.clone()),
        in_a_swarm("claim for long").mcp("claim", long.clone()).snipara("claim", long),
        in_a_swarm("release").after("claim", claim).mcp("release", release.clone()).snipara("release", release),
        in_a_swarm("broadcast").mcp("broadcast", event.clone()).snipara("broadcast", event.clone()),
        in_a_swarm("swarm_events")
            .after("broadcast", event)
            .mcp("swarm_events", own.clone())
            .snipara("swarm_events", own),
        in_a_swarm("state_set").mcp("state_set", state.clone()).snipara("state_set", state.clone()),
        in_a_swarm("state_set again")
            .after("state_set", state.clone())
            .mcp("state_set", again.clone())
            .snipara("state_set", again),
        in_a_swarm("state_get").after("state_set", state).mcp("state_get", read.clone()).snipara("state_get", read),
    ]
}
