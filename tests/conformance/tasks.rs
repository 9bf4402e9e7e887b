//! Tools whose calls become tasks (SEP-2663), kept by rmcp's own manager.

use std::time::Duration;

use rmcp::model::{
    CallToolRequestParams, CallToolResult, ClientCapabilities, CreateTaskResult, InputRequest, JsonObject, Tool,
};
use rmcp::service::RequestContext;
use rmcp::task_manager::{TaskContext, TaskExit, TaskManager, TaskOptions};
use rmcp::{ErrorData, RoleServer};
use serde_json::{Value, json};

use crate::json::{Answer, parsed, plain_tool, text, tool};
use crate::rounds::{ask, field, form, name_question};

type Ended = Result<CallToolResult, TaskExit>;

/// The tools of this kind.
pub(crate) fn tools() -> Vec<Tool> {
    let named = |name: &str| json!({ "type": "object", "properties": { name: { "type": "string" } } });
    vec![
        tool("greet", "Greets at once", named("name")),
        tool(
            "slow_compute",
            "Takes some seconds",
            json!({
                "type": "object",
                "properties": { "seconds": { "type": "number" }, "label": { "type": "string" } }
            }),
        ),
        plain_tool("failing_job", "Fails as a tool does, after a second"),
        plain_tool("protocol_error_job", "Ends with an error of the protocol"),
        tool("confirm_delete", "Asks the user before it deletes", named("filename")),
        plain_tool("multi_input", "Asks the user two things at once"),
        plain_tool("test_tool_with_task", "Asks the user's name, then works on"),
    ]
}

/// Answers a call of a tool of this kind.
pub(crate) async fn call(
    request: &CallToolRequestParams,
    context: &RequestContext<RoleServer>,
    manager: &TaskManager,
) -> Option<Answer> {
    let arguments = request.arguments.clone().unwrap_or_default();
    let name = request.name.as_ref();
    let knows_tasks = context.client_capabilities().is_some_and(|able| able.supports_tasks());
    Some(match name {
        "greet" => text(format!("Hello, {}!", word(&arguments, "name"))),
        // Who knows no tasks waits for the answer.
        "slow_compute" if !knows_tasks => {
            tokio::time::sleep(seconds(&arguments)).await;
            text(computed(&arguments))
        }
        "slow_compute"
        | "failing_job"
        | "protocol_error_job"
        | "confirm_delete"
        | "multi_input"
        | "test_tool_with_task"
            if !knows_tasks =>
        {
            Err(ErrorData::missing_required_client_capability(ClientCapabilities::builder().enable_tasks().build()))
        }
        "slow_compute" => started(manager, |task| Box::pin(slow(task, arguments))),
        "failing_job" => started(manager, |_| {
            Box::pin(async {
                tokio::time::sleep(Duration::from_secs(1)).await;
                ended("the job failed", true)
            })
        }),
        "protocol_error_job" => started(manager, |_| {
            Box::pin(async { Err(TaskExit::Error(ErrorData::internal_error("the job broke", None))) })
        }),
        "confirm_delete" => started(manager, |task| Box::pin(confirm(task, arguments))),
        "multi_input" => started(manager, |task| Box::pin(two_names(task))),
        "test_tool_with_task" => match field(request.input_responses.as_ref(), "user_name", "name") {
            None => ask(json!({ "user_name": name_question() }), None),
            Some(name) => started(manager, move |_| Box::pin(async move { ended(&format!("Hello, {name}!"), false) })),
        },
        _ => return None,
    })
}

fn started(manager: &TaskManager, work: impl FnOnce(TaskContext) -> rmcp::task_manager::TaskFuture) -> Answer {
    let options = TaskOptions::new().with_poll_interval_ms(100);
    Ok(CreateTaskResult::new(manager.spawn(options, work)).into())
}

async fn slow(task: TaskContext, arguments: JsonObject) -> Ended {
    tokio::select! {
        () = task.cancelled() => Err(TaskExit::Cancelled),
        () = tokio::time::sleep(seconds(&arguments)) => ended(&computed(&arguments), false),
    }
}

async fn confirm(task: TaskContext, arguments: JsonObject) -> Ended {
    let file = word(&arguments, "filename");
    let answer = task.request_input("confirm", question(&format!("Delete {file}?"), "confirm", "boolean")?).await?;
    let confirmed = answer.pointer("/content/confirm").and_then(Value::as_bool).unwrap_or(false);
    ended(&format!("{file} was {}", if confirmed { "deleted" } else { "kept" }), false)
}

async fn two_names(task: TaskContext) -> Ended {
    let first = task.request_input("first", question("What is the first name?", "name", "string")?);
    let second = task.request_input("second", question("What is the second name?", "name", "string")?);
    let (first, second) = tokio::try_join!(first, second)?;
    ended(&format!("{first} and {second}"), false)
}

fn question(message: &str, field: &str, kind: &str) -> Result<InputRequest, TaskExit> {
    parsed(form(message, field, kind)).map_err(TaskExit::Error)
}

fn ended(text: &str, is_error: bool) -> Ended {
    let result = json!({ "content": [{ "type": "text", "text": text }], "isError": is_error });
    parsed(result).map_err(TaskExit::Error)
}

fn seconds(arguments: &JsonObject) -> Duration {
    let seconds = arguments.get("seconds").and_then(Value::as_f64).unwrap_or(0.0);
    // Bounded, so that no caller keeps a task for ever.
    Duration::try_from_secs_f64(seconds.min(60.0)).unwrap_or_default()
}

fn computed(arguments: &JsonObject) -> String {
    format!("computed {}", word(arguments, "label"))
}

fn word(arguments: &JsonObject, name: &str) -> String {
    arguments.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}
