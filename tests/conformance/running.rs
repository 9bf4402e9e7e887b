//! Tools that tell something while they run: log messages, progress, changes of the lists.

use std::time::Duration;

use rmcp::RoleServer;
use rmcp::model::{LoggingLevel, LoggingMessageNotificationParam, ProgressNotificationParam, ProtocolVersion, Tool};
use rmcp::service::RequestContext;
use serde_json::json;
use tokio::sync::broadcast::Sender;

use crate::json::{Answer, plain_tool, text};

/// Which list changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// That of the tools.
    Tools,
    /// That of the prompts.
    Prompts,
}

/// Between two messages, as the suite asks.
const STEP: Duration = Duration::from_millis(50);

/// The tools of this kind.
pub(crate) fn tools() -> Vec<Tool> {
    vec![
        plain_tool("test_tool_with_logging", "Tells three log messages"),
        plain_tool("test_logging_tool", "Tells a log message to who asked for its level"),
        plain_tool("test_tool_with_progress", "Tells its progress"),
        plain_tool("test_reconnection", "Answers on a stream that can be resumed"),
        plain_tool("test_trigger_tool_change", "Says that the list of tools changed"),
        plain_tool("test_trigger_prompt_change", "Says that the list of prompts changed"),
    ]
}

/// Answers a call of a tool of this kind.
pub(crate) async fn call(name: &str, context: &RequestContext<RoleServer>, changes: &Sender<Change>) -> Option<Answer> {
    Some(match name {
        "test_tool_with_logging" => {
            for message in ["Tool execution started", "Tool processing data", "Tool execution completed"] {
                log(context, message).await;
                tokio::time::sleep(STEP).await;
            }
            text("Logging test completed")
        }
        "test_logging_tool" => {
            log(context, "Tool execution started").await;
            text("Logging test completed")
        }
        "test_tool_with_progress" => {
            for progress in [0.0, 50.0, 100.0] {
                if let Some(token) = context.meta.get_progress_token() {
                    let step = ProgressNotificationParam::new(token, progress).with_total(100.0);
                    // A client that has gone hears nothing; its call ends all the same.
                    let _gone = context.peer.notify_progress(step).await;
                }
                tokio::time::sleep(STEP).await;
            }
            text("Progress test completed")
        }
        "test_reconnection" => {
            tokio::time::sleep(STEP).await;
            text("Reconnection test completed")
        }
        "test_trigger_tool_change" => changed(changes, Change::Tools),
        "test_trigger_prompt_change" => changed(changes, Change::Prompts),
        _ => return None,
    })
}

/// Sessions are told; since 2026-07-28 only requests that ask for a level.
async fn log(context: &RequestContext<RoleServer>, message: &str) {
    let asks_itself = context.protocol_version().is_some_and(|version| version >= ProtocolVersion::V_2026_07_28);
    if asks_itself && context.meta.log_level().is_none() {
        return;
    }
    let message = LoggingMessageNotificationParam::new(LoggingLevel::Info, json!(message));
    let _gone = context.peer.notify_logging_message(message).await;
}

fn changed(changes: &Sender<Change>, change: Change) -> Answer {
    let listeners = changes.send(change).unwrap_or(0);
    text(format!("{listeners} listen"))
}
