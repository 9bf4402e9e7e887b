//! Hierarchical tasks, and the flat tasks of Snipara's older clients.

use serde_json::{Value, json};

use super::project::Door::{CommandLine, SniparaRest, SniparaRpc};
use super::verb::{Verb, verb};

fn work(title: &str) -> Value {
    json!({ "title": title, "description": "What it is", "owner": "ada", "swarm_id": "$swarm" })
}

fn in_a_swarm(name: &'static str) -> Verb {
    verb(name).after("swarm_create", json!({ "name": "shop" }))
}

fn with_work(name: &'static str) -> Verb {
    in_a_swarm(name).after("htask_create", work("Work")).after("htask_create", work("Other"))
}

fn with_a_feature(name: &'static str) -> Verb {
    in_a_swarm(name).after(
        "htask_create_feature",
        json!({ "title": "Carts", "description": "Buy", "owner": "ada", "swarm_id": "$swarm", "workstreams": ["API"] }),
    )
}

/// The same arguments with more.
fn with(mut arguments: Value, more: Value) -> Value {
    arguments.as_object_mut().expect("fields").extend(more.as_object().expect("fields").clone());
    arguments
}

fn task(more: Value) -> Value {
    with(json!({ "swarm_id": "$swarm", "task_id": "$work" }), more)
}

fn claimed(name: &'static str) -> Verb {
    with_work(name).after("htask_next", json!({ "swarm_id": "$swarm", "claim_for_agent": "ada" }))
}

fn creating() -> Vec<Verb> {
    let whole = with(
        work("Work"),
        json!({
            "level": "N3_TASK", "parent_id": "$stream", "priority": "P0", "depends_on": [], "is_blocking": false,
            "evidence_required": [{ "type": "test", "description": "it passes" }],
            "acceptance_criteria": [{ "text": "it works" }],
        }),
    );
    let stream = json!({
        "title": "Billing", "description": "Pay", "owner": "bob", "swarm_id": "$swarm", "level": "N2_WORKSTREAM",
        "parent_id": "$feature", "workstream_type": "CUSTOM", "custom_workstream_type": "Money",
    });
    let feature = json!({ "title": "Carts", "description": "Buy", "owner": "ada", "swarm_id": "$swarm" });
    let given = with(
        feature.clone(),
        json!({ "workstreams": ["API", "QA"], "workstream_owners": { "QA": "bob" }, "create_actionable_tasks": true }),
    );
    let published = "Snipara's published contract makes starter tasks when nobody says";
    vec![
        in_a_swarm("htask_create by default")
            .mcp("htask_create", work("Work"))
            .cli(&["htask-create", "Work", "-d", "What it is", "-o", "ada", "-s", "$swarm"])
            .snipara("htask_create", work("Work")),
        with_a_feature("htask_create with everything")
            .mcp("htask_create", whole.clone())
            .cli(&[
                "htask-create",
                "Work",
                "-d",
                "What it is",
                "-o",
                "ada",
                "-s",
                "$swarm",
                "-l",
                "N3_TASK",
                "--parent-id",
                "$stream",
                "-p",
                "P0",
                "--not-blocking",
                "--evidence-required",
                "test:it passes",
                "--acceptance",
                "it works",
            ])
            .snipara("htask_create", whole),
        with_a_feature("htask_create of a workstream")
            .mcp("htask_create", stream.clone())
            .cli(&[
                "htask-create",
                "Billing",
                "-d",
                "Pay",
                "-o",
                "bob",
                "-s",
                "$swarm",
                "-l",
                "N2_WORKSTREAM",
                "--parent-id",
                "$feature",
                "--workstream-type",
                "CUSTOM",
                "--custom-workstream-type",
                "Money",
            ])
            .snipara("htask_create", stream),
        verb("htask_create in the project's own swarm")
            .mcp("htask_create", json!({ "title": "Work", "description": "What it is", "owner": "ada" }))
            .cli(&["htask-create", "Work", "-d", "What it is", "-o", "ada"]),
        in_a_swarm("htask_create_feature by default")
            .mcp("htask_create_feature", feature.clone())
            .cli(&["htask-create-feature", "Carts", "-d", "Buy", "-o", "ada", "-s", "$swarm"])
            .snipara("htask_create_feature", feature)
            .differs(&[SniparaRpc, SniparaRest], "htasks", published)
            .differs(&[SniparaRpc, SniparaRest], "swarm_events", published),
        in_a_swarm("htask_create_feature with everything")
            .mcp("htask_create_feature", given.clone())
            .cli(&[
                "htask-create-feature",
                "Carts",
                "-d",
                "Buy",
                "-o",
                "ada",
                "-s",
                "$swarm",
                "-w",
                "API",
                "-w",
                "QA",
                "--workstream-owner",
                "QA=bob",
                "--create-actionable-tasks",
            ])
            .snipara("htask_create_feature", given),
    ]
}

fn doing() -> Vec<Verb> {
    let claim = json!({ "swarm_id": "$swarm", "claim_for_agent": "ada", "lease_seconds": 1800, "limit": 2 });
    let one = json!({ "swarm_id": "$swarm", "claim_for_agent": "ada" });
    let renew = json!({ "swarm_id": "$swarm", "claim_for_agent": "ada", "renew_task_id": "$work", "fencing_token": "$fence#", "lease_seconds": 3600 });
    let done = task(json!({
        "evidence": [{ "type": "note", "description": "by hand" }], "result": { "number": 9_007_199_254_740_993_i64 },
        "learnings": ["it was easy"], "decision_impact": "none", "agent_id": "ada", "fencing_token": "$fence#",
    }));
    let evidence = json!([{ "type": "note", "description": "by hand" }]);
    let silent = task(json!({ "create_memory": false, "result": "it works", "evidence": evidence }));
    let plain = task(json!({ "evidence": evidence }));
    let list = json!({ "swarm_id": "$swarm" });
    let seed = "a text of --result is the summary, as the seed's command line has it";
    let contract = "Snipara's published contract claims five, ours one when nobody says";
    vec![
        with_work("htask_next")
            .mcp("htask_next", list.clone())
            .cli(&["htask-next", "-s", "$swarm"])
            .snipara("htask_recommend_batch", list),
        with_work("htask_next with a claim")
            .mcp("htask_next", one.clone())
            .cli(&["htask-next", "-s", "$swarm", "--claim-for-agent", "ada"])
            .snipara("htask_recommend_batch", one)
            .differs(&[SniparaRpc, SniparaRest], "htasks", contract)
            .differs(&[SniparaRpc, SniparaRest], "swarm_events", contract)
            .differs(&[SniparaRpc, SniparaRest], "fencing_tokens", contract),
        with_work("htask_next with everything")
            .mcp("htask_next", claim.clone())
            .cli(&["htask-next", "-s", "$swarm", "--claim-for-agent", "ada", "--lease-seconds", "1800", "-l", "2"])
            .snipara("htask_recommend_batch", claim),
        claimed("htask_next that renews").mcp("htask_next", renew.clone()).snipara("htask_recommend_batch", renew),
        claimed("htask_complete with everything")
            .mcp("htask_complete", done.clone())
            .cli(&[
                "htask-complete",
                "$work",
                "-s",
                "$swarm",
                "-e",
                "note:by hand",
                "--result-json",
                r#"{"number": 9007199254740993}"#,
                "--learning",
                "it was easy",
                "--decision-impact",
                "none",
                "--agent-id",
                "ada",
                "--fencing-token",
                "$fence",
            ])
            .snipara("htask_complete", done),
        with_work("htask_complete without a memory")
            .mcp("htask_complete", silent.clone())
            .cli(&[
                "htask-complete",
                "$work",
                "-s",
                "$swarm",
                "--no-create-memory",
                "--result",
                "it works",
                "-e",
                "note:by hand",
            ])
            .snipara("htask_complete", silent)
            .differs(&[CommandLine], "htasks.result", seed)
            .differs(&[CommandLine], "htasks.result/summary", seed),
        with_work("htask_complete by default")
            .mcp("htask_complete", plain.clone())
            .cli(&["htask-complete", "$work", "-s", "$swarm", "-e", "note:by hand"])
            .snipara("htask_complete", plain),
        with_work("htask_complete without evidence")
            .mcp("htask_complete", task(json!({})))
            .cli(&["htask-complete", "$work", "-s", "$swarm"])
            .snipara("htask_complete", task(json!({})))
            .refused(),
    ]
}

fn keeping() -> Vec<Verb> {
    let block =
        task(json!({ "blocker_type": "TECH", "blocker_reason": "the disk is full", "blocked_by_task_id": "$other" }));
    let blocked = || {
        with_work("htask_unblock")
            .after("htask_block", task(json!({ "blocker_type": "TECH", "blocker_reason": "the disk" })))
    };
    let unblock = task(json!({ "resolution": "a larger one" }));
    let feature = json!({ "swarm_id": "$swarm", "task_id": "$feature" });
    let stream = json!({ "swarm_id": "$swarm", "task_id": "$stream" });
    vec![
        with_work("htask_block")
            .mcp("htask_block", block.clone())
            .cli(&[
                "htask-block",
                "$work",
                "-s",
                "$swarm",
                "-t",
                "TECH",
                "-r",
                "the disk is full",
                "--blocked-by",
                "$other",
            ])
            .snipara("htask_block", block),
        blocked()
            .mcp("htask_unblock", unblock.clone())
            .cli(&["htask-unblock", "$work", "-s", "$swarm", "--resolution", "a larger one"])
            .snipara("htask_unblock", unblock),
        with_a_feature("htask_close of what is empty")
            .mcp("htask_close", stream.clone())
            .cli(&["htask-close", "$stream", "-s", "$swarm"])
            .snipara("htask_close", stream)
            .refused(),
        with_a_feature("htask_close")
            .after("htask_create", with(work("Work"), json!({ "parent_id": "$stream" })))
            .after("htask_complete", task(json!({ "evidence": [{ "type": "note", "description": "by hand" }] })))
            .mcp("htask_close", feature.clone())
            .cli(&["htask-close", "$feature", "-s", "$swarm"])
            .snipara("htask_close", feature.clone()),
        with_a_feature("htask_tree")
            .mcp("htask_tree", feature.clone())
            .cli(&["htask-tree", "-s", "$swarm", "-t", "$feature"])
            .snipara("htask_tree", feature.clone()),
        with_a_feature("htask_get").snipara("htask_get", feature.clone()),
        with_a_feature("htask_audit_trail").snipara("htask_audit_trail", feature),
        with_work("htask_update").snipara(
            "htask_update",
            task(json!({ "updates": { "evidenceProvided": [{ "type": "note", "description": "a word" }] } })),
        ),
    ]
}

fn flat() -> Vec<Verb> {
    let one = json!({ "swarm_id": "$swarm", "agent_id": "ada" });
    vec![
        in_a_swarm("task_create").snipara(
            "task_create",
            with(one.clone(), json!({ "title": "Work", "priority": 2, "for_agent_id": "bob" })),
        ),
        with_work("task_claim").snipara("task_claim", with(one.clone(), json!({ "task_id": "$work" }))),
        claimed("task_complete").snipara("task_complete", with(one, json!({ "task_id": "$work", "result": "done" }))),
    ]
}

pub(super) fn verbs() -> Vec<Verb> {
    creating().into_iter().chain(doing()).chain(keeping()).chain(flat()).collect()
}
