//! The envelopes and names that the contract promises (snipara-wire.md §1.8).

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use snipara_orchestrator::http::auth::Access;
use snipara_orchestrator::http::{HttpLimits, HttpSettings};
use snipara_orchestrator::mcp::ServerOptions;

use crate::support::http_served::raw;
use crate::support::mcp_client::{opener, panicking_opener};
use crate::support::served::{PROJECT, Served, tools_call};
use crate::support::world::World;

/// Finds `null` anywhere but in a tool's own values.
fn holds_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(fields) => fields.values().any(holds_null),
        Value::Array(items) => items.iter().any(holds_null),
        _ => false,
    }
}

#[tokio::test]
async fn a_payload_stands_in_every_form_and_nothing_says_error() {
    let world = World::new().await;
    let served = Served::over(&world).await;
    let body = tools_call("snipara_remember", &json!({ "text": "Redis holds the sessions", "type": "decision" }));
    let reply = served.post("/mcp/world", &body).await.json();
    let names: Vec<_> = reply.as_object().expect("an object").keys().cloned().collect();
    assert_eq!(names, ["jsonrpc", "id", "result"]);
    assert_eq!(reply["id"], 7);
    let result = &reply["result"];
    let id = world.sqlite3("SELECT id FROM memories");
    assert_eq!(result["memory_id"], id.trim());
    assert_eq!(result["structuredContent"]["memory_id"], id.trim());
    assert_eq!(result["isError"], false);
    let [block] = result["content"].as_array().expect("blocks").as_slice() else { panic!("one block: {result}") };
    let text: Value = serde_json::from_str(block["text"].as_str().expect("text")).expect("JSON");
    assert_eq!(text, result["structuredContent"]);
    assert!(!holds_null(&reply), "{reply}");
}

#[tokio::test]
async fn both_prefixes_and_all_addresses_reach_the_same_tool() {
    let world = World::new().await;
    let served = Served::over(&world).await;
    for (path, tool) in [
        ("/mcp/world", "snipara_remember"),
        ("//mcp/world", "rlm_remember"),
        ("/mcp/world/", "rlm_remember"),
        ("//mcp//world/", "remember"),
    ] {
        let answered = served.post(path, &tools_call(tool, &json!({ "content": format!("{path} {tool}") }))).await;
        assert_eq!((answered.status, answered.json()["result"]["isError"].clone()), (200, json!(false)), "{path}");
    }
    for (path, tool) in [
        ("/v1/world/mcp", "rlm_remember"),
        ("//v1/world/mcp/", "snipara_remember"),
        ("/api/mcp/world", "rlm_remember"),
        ("//api/mcp/world/", "snipara_remember"),
    ] {
        let body = json!({ "tool": tool, "params": { "content": format!("{path} {tool}") } });
        let answered = served.post(path, &body).await;
        assert_eq!((answered.status, answered.json()["success"].clone()), (200, json!(true)), "{path}: {answered:?}");
    }
    assert_eq!(world.sqlite3("SELECT count(*) FROM memories").trim(), "8");
}

#[tokio::test]
async fn nulls_are_absent_and_unknown_arguments_ignored() {
    let world = World::new().await;
    let served = Served::over(&world).await;
    let params = json!({ "text": null, "content": "kept", "type": null, "ttl_days": null, "agent_id": null, "x": [1] });
    let answer = served.rest("rlm_remember", params).await;
    let names: Vec<_> = answer.as_object().expect("an object").keys().cloned().collect();
    assert_eq!(names, ["success", "result"]);
    assert_eq!(world.sqlite3("SELECT content || memory_type FROM memories").trim(), "keptfact");
}

#[tokio::test]
async fn a_failure_is_told_in_band_with_what_a_program_needs() {
    let world = World::new().await;
    let served = Served::over(&world).await;
    let swarm = served.call("snipara_swarm_create", json!({ "name": "s" })).await["swarm_id"].clone();
    let state = json!({ "swarm_id": swarm, "agent_id": "ada", "key": "phase", "value": 1 });
    served.call("snipara_state_set", state.clone()).await;
    let mut stale = state;
    stale["expected_version"] = json!(7);
    let result = served.call("snipara_state_set", stale.clone()).await;
    assert_eq!((&result["success"], &result["isError"]), (&json!(false), &json!(true)));
    assert_eq!((&result["current_version"], &result["expected_version"]), (&json!(1), &json!(7)), "{result}");
    assert!(result["error"].as_str().is_some_and(|error| error.contains("version 1, not 7")), "{result}");
    let answer = served.rest("rlm_state_set", stale).await;
    assert_eq!((&answer["success"], &answer["code"]), (&json!(false), &json!("version_conflict")), "{answer}");
    assert!(answer["error"].is_string() && answer.get("result").is_none(), "{answer}");
    let missing = served.call("snipara_recall", json!({})).await;
    assert_eq!((&missing["code"], &missing["field"]), (&json!("invalid_input"), &json!("query")), "{missing}");
}

#[tokio::test]
async fn a_published_tool_that_is_not_carried_out_says_so_and_is_not_listed() {
    let world = World::new().await;
    let served = Served::over(&world).await;
    for tool in ["snipara_code_impact", "rlm_session_memories"] {
        let result = served.call(tool, json!({})).await;
        assert_eq!((&result["success"], &result["code"]), (&json!(false), &json!("not_offered")));
        assert!(
            result["error"].as_str().is_some_and(|text| text.ends_with("is not offered by this server")),
            "{result}"
        );
        let answer = served.rest(tool, json!({})).await;
        assert_eq!((&answer["success"], &answer["code"]), (&json!(false), &json!("not_offered")));
    }
    let list = json!({ "jsonrpc": "2.0", "id": "a", "method": "tools/list" });
    let listed = served.post("/mcp/world", &list).await.json()["result"]["tools"].clone();
    let names: BTreeSet<&str> =
        listed.as_array().expect("tools").iter().filter_map(|tool| tool["name"].as_str()).collect();
    assert!(names.contains("snipara_recall") && names.contains("snipara_task_create"), "{names:?}");
    assert!(!names.contains("snipara_code_impact") && names.len() == 33, "{names:?}");
}

#[tokio::test]
async fn every_listed_tool_is_carried_out() {
    let world = World::new().await;
    let served = Served::over(&world).await;
    let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
    let listed = served.post("/mcp/world", &list).await.json()["result"]["tools"].clone();
    for tool in listed.as_array().expect("tools") {
        let name = tool["name"].as_str().expect("a name");
        let result = served.call(name, json!({})).await;
        // Without arguments it succeeds or misses one; it is never unknown, and never our bug.
        let code = result["code"].as_str().unwrap_or("done");
        assert!(matches!(code, "done" | "invalid_input"), "{name}: {result}");
        let required = tool["inputSchema"]["required"].as_array().expect("a list");
        assert!(required.is_empty() || code == "invalid_input", "{name} does not need {required:?}: {result}");
    }
}

#[tokio::test]
async fn a_name_that_nobody_published_is_an_error_of_the_envelope() {
    let world = World::new().await;
    let served = Served::over(&world).await;
    let reply = served.post("/mcp/world", &tools_call("snipara_recal", &json!({}))).await.json();
    assert_eq!(reply["error"]["code"], -32602);
    assert!(reply["error"]["message"].as_str().is_some_and(|text| text.contains("snipara_recall")), "{reply}");
    let answer = served.rest("rlm_nothing", json!({})).await;
    assert_eq!((&answer["success"], &answer["code"]), (&json!(false), &json!("unknown_tool")), "{answer}");
}

#[tokio::test]
async fn ordinary_mcp_hosts_are_answered_and_what_is_no_message_is_refused() {
    let world = World::new().await;
    let served = Served::over(&world).await;
    let post = async |body: Value| served.post("/mcp/world", &body).await;
    let rpc = |method: &str| json!({ "jsonrpc": "2.0", "id": 0, "method": method, "params": null });
    let begun = post(rpc("initialize")).await.json();
    assert_eq!(begun["result"]["serverInfo"]["name"], "snipara-orchestrator", "{begun}");
    assert_eq!(begun["id"], 0, "0 is an id");
    assert_eq!(post(rpc("ping")).await.json()["result"], json!({}));
    let note = post(json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
    assert_eq!((note.status, note.text.as_str()), (202, ""));
    assert_eq!(post(rpc("resources/list")).await.json()["error"]["code"], -32601);
    assert_eq!(post(json!({ "jsonrpc": "2.0", "id": 1 })).await.json()["error"]["code"], -32600);
    let wrong =
        json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "rlm_help", "arguments": 7}});
    assert_eq!(post(wrong).await.json()["error"]["code"], -32602);

    let both = post(json!([rpc("ping"), { "jsonrpc": "2.0", "method": "notifications/x" }, rpc("ping")])).await.json();
    assert_eq!(both.as_array().map(Vec::len), Some(2), "{both}");
    assert_eq!(post(json!([])).await.json()["error"]["code"], -32600);
    for path in ["/mcp/world", "/v1/world/mcp"] {
        let broken = served.send("POST", path, &[], "{\"jsonrpc\":").await;
        assert_eq!(broken.status, 400, "{path}");
        let told = broken.json();
        assert!(told["error"]["code"] == -32700 || told["success"] == false, "{path}: {told}");
    }
}

#[tokio::test]
async fn settings_and_capabilities_are_told_and_a_wrong_method_is_named() {
    let world = World::new().await;
    let served = Served::over(&world).await;
    let settings = served.send("GET", "//v1/world/automation/", &[], "").await.json();
    assert_eq!(settings["settings"]["searchMode"], "keyword", "{settings}");
    assert_eq!(settings["settings"]["memoryAutoRecallOnSessionStart"], false, "session_memories is not offered");
    let told = served.send("GET", "/capabilities", &[], "").await.json();
    assert_eq!(told["contract"], "snipara-orchestrator-v1");
    assert_eq!(told["tools"].as_array().map(Vec::len), Some(33));
    for (method, path, allowed) in [("GET", "/mcp/world", "POST"), ("POST", "/v1/world/automation", "GET")] {
        let answered = served.send(method, path, &[], "").await;
        let allow = answered.headers.get("allow").and_then(|value| value.to_str().ok());
        assert_eq!((answered.status, allow), (405, Some(allowed)), "{path}");
    }
    assert_eq!(served.send("GET", "/nothing/here", &[], "").await.status, 404);
}

#[tokio::test]
async fn the_servers_options_bound_these_names_too() {
    let world = World::new().await;
    let read_only = ServerOptions { read_only: true, ..ServerOptions::default() };
    let named = ServerOptions { tools: Some(vec!["recall".to_owned()]), ..ServerOptions::default() };
    for (options, refused, allowed) in [
        (read_only, vec!["snipara_remember", "rlm_task_create", "snipara_htask_update"], "snipara_memories"),
        (named, vec!["snipara_remember", "snipara_memories", "rlm_swarm_create"], "snipara_recall"),
    ] {
        let served = Served::with(opener(&world), &options, Access::open()).await;
        for tool in refused {
            let result = served.call(tool, json!({ "text": "x", "name": "x", "title": "x" })).await;
            assert_eq!((&result["success"], &result["code"]), (&json!(false), &json!("not_offered")), "{tool}");
        }
        let result = served.call(allowed, json!({ "query": "x" })).await;
        assert_eq!(result["isError"], false, "{allowed}: {result}");
        let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
        assert!(!served.post("/mcp/world", &list).await.text.contains("snipara_remember"));
    }
    assert_eq!(world.sqlite3("SELECT count(*) FROM memories").trim(), "0");
}

#[tokio::test]
async fn a_store_that_cannot_be_opened_is_told_and_a_panic_is_answered() {
    let served = Served::with(panicking_opener(), &ServerOptions::default(), Access::open()).await;
    let answered = served.post(&format!("/mcp/{PROJECT}"), &tools_call("rlm_recall", &json!({ "query": "x" }))).await;
    assert_eq!(answered.status, 500, "{answered:?}");
    let failing = crate::support::mcp_client::failing_opener();
    let served = Served::with(failing, &ServerOptions::default(), Access::open()).await;
    let answered = served.post(&format!("/mcp/{PROJECT}"), &tools_call("rlm_recall", &json!({ "query": "x" }))).await;
    assert_eq!((answered.status, answered.json()["code"].clone()), (503, json!("store_unavailable")));
}

#[tokio::test]
async fn a_body_that_breaks_off_or_drips_is_not_called_too_large() {
    let world = World::new().await;
    let settings = HttpSettings {
        limits: HttpLimits { body: Duration::from_millis(50), ..HttpLimits::default() },
        ..HttpSettings::default()
    };
    let served = Served::at(settings, opener(&world), &ServerOptions::default()).await;
    for (headers, start) in [("content-length: 100", "{"), ("transfer-encoding: chunked", "1\r\n{\r\nno length\r\n")] {
        let request = format!(
            "POST /mcp/{PROJECT} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
             content-type: application/json\r\n{headers}\r\n\r\n{start}"
        );
        let answer = raw(served.address(), request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("broken_body"), "{headers}: {answer}");
    }
}
