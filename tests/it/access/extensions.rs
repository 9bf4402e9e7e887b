//! What the protocol's extensions tell a principal of another one's: nothing.

use serde_json::{Value, json};
use snipara_orchestrator::mcp::Server;

use super::{ADA, ADMIN, BOB, READER, settings};
use crate::support::http_process::task;
use crate::support::http_served::{HttpServed, posting, told};
use crate::support::mcp_client::{every_tool, opener};
use crate::support::world::World;

/// Asks the way of 2026-07-28 as a client that knows tasks and shows forms.
async fn asked(server: &HttpServed, token: &str, method: &str, name: &str, params: Value) -> Value {
    let mut params = params;
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities":
            {"elicitation": {}, "extensions": {"io.modelcontextprotocol/tasks": {}}},
    });
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
    let request = posting(&server.url("/mcp"), &message)
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", method)
        .header("mcp-name", name);
    told(request.bearer_auth(token)).await.json()
}

async fn called(server: &HttpServed, token: &str, tool: &str, params: Value) -> Value {
    let mut params = params;
    params["name"] = json!(tool);
    asked(server, token, "tools/call", tool, params).await["result"].clone()
}

#[tokio::test]
async fn another_s_task_of_the_protocol_reads_as_one_that_is_not_there() {
    let world = World::new().await;
    let server = HttpServed::start(settings(None), Server::new(&every_tool(), opener(&world)).expect("options")).await;
    let created = called(&server, ADA, "run_task", json!({"arguments": task(&[])})).await;
    let id = created["taskId"].as_str().expect("a task").to_owned();
    for method in ["tasks/get", "tasks/update", "tasks/cancel"] {
        let params = json!({"taskId": id, "inputResponses": {}});
        let foreign = asked(&server, BOB, method, &id, params.clone()).await;
        assert_eq!(foreign["error"]["code"], -32602, "{method}: {foreign}");
        let own = asked(&server, ADA, method, &id, params.clone()).await;
        assert_eq!(own.get("error"), None, "{method}: {own}");
        let all = asked(&server, ADMIN, method, &id, params).await;
        assert_eq!(all.get("error"), None, "{method}: {all}");
    }
    let refused = asked(&server, READER, "tasks/cancel", &id, json!({"taskId": id})).await;
    assert!(refused.to_string().contains("insufficient_scope"), "{refused}");
}

#[tokio::test]
async fn a_question_to_one_principal_is_not_answered_by_another() {
    let world = World::new().await;
    let server = HttpServed::start(settings(None), Server::new(&every_tool(), opener(&world)).expect("options")).await;
    for content in ["The cart answers 403.", "Migrations run first."] {
        let arguments = json!({"content": content, "category": "failures"});
        called(&server, ADA, "remember", json!({"arguments": arguments})).await;
    }
    let forget = json!({"arguments": {"category": "failures"}});
    let question = called(&server, ADA, "forget", forget.clone()).await;
    assert_eq!(question["resultType"], "input_required", "{question}");
    let mut answer = forget;
    answer["requestState"] = question["requestState"].clone();
    answer["inputResponses"] = json!({"word": {"action": "accept", "content": {"count": "2"}}});
    let stolen = called(&server, BOB, "forget", answer.clone()).await;
    assert!(stolen["isError"] == true && stolen.to_string().contains("requestState"), "{stolen}");
    assert_eq!(world.sqlite3("SELECT count(*) FROM memories"), "2");
    let own = called(&server, ADA, "forget", answer).await;
    assert_eq!(own["structuredContent"]["deleted_count"], 2, "{own}");
}
