//! What a client's record of a session says about the tasks that were run in it.

use std::collections::BTreeSet;
use std::io::{BufRead, Read};

use serde_json::Value;

use crate::domain::TaskId;

/// Lines that are longer are passed over: no verdict of ours is that long.
const MAX_LINE_BYTES: u64 = 16 * 1024 * 1024;

/// Returns the task of the last `run_task` in a session of Claude Code, one JSON document a line.
///
/// Lines that cannot be read are passed over: the record may end in the middle of one.
///
/// # Errors
/// When the record cannot be read.
pub(super) fn last_task(mut record: impl BufRead) -> std::io::Result<Option<TaskId>> {
    let mut calls = BTreeSet::new();
    let mut last = None;
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = record.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(last);
        }
        let Ok(entry) = serde_json::from_slice::<Value>(&line) else { continue };
        let blocks = entry.pointer("/message/content").and_then(Value::as_array);
        for block in blocks.into_iter().flatten() {
            match block["type"].as_str() {
                Some("tool_use") if block["name"].as_str().is_some_and(is_run_task) => {
                    calls.extend(block["id"].as_str().map(str::to_owned));
                }
                Some("tool_result") if block["tool_use_id"].as_str().is_some_and(|id| calls.contains(id)) => {
                    if let Some(task) = task_of(&block["content"]) {
                        last = Some(task);
                    }
                }
                _ => {}
            }
        }
    }
}

/// Claude Code calls a tool `mcp__SERVER__TOOL`; a plugin's server has the plugin's name in front.
fn is_run_task(name: &str) -> bool {
    name.strip_prefix("mcp__")
        .and_then(|name| name.strip_suffix("__run_task"))
        .is_some_and(|server| server.contains("snipara"))
}

/// Finds the task that a verdict is about: it is the first that the text names.
fn task_of(content: &Value) -> Option<TaskId> {
    match content {
        Value::String(text) => first_task(text),
        Value::Array(blocks) => blocks.iter().filter_map(|block| block["text"].as_str()).find_map(first_task),
        _ => None,
    }
}

fn first_task(text: &str) -> Option<TaskId> {
    const LENGTH: usize = "task_".len() + 32;
    text.match_indices("task_").find_map(|(at, _)| TaskId::parse(text.get(at..at + LENGTH)?).ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn id(digit: char) -> String {
        format!("task_{}", digit.to_string().repeat(32))
    }

    fn call(call: &str, tool: &str) -> Value {
        json!({ "type": "assistant", "message": { "content": [{ "type": "tool_use", "id": call, "name": tool, "input": {} }] } })
    }

    fn result(call: &str, text: &str) -> Value {
        let content = json!([{ "type": "text", "text": text }]);
        json!({ "type": "user", "message": { "content": [
            { "type": "tool_result", "tool_use_id": call, "content": content }] } })
    }

    fn found(lines: &[Value]) -> Option<String> {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        last_task(text.as_bytes()).expect("read").map(|task| task.to_string())
    }

    const TOOL: &str = "mcp__snipara-orchestrator__run_task";

    #[test]
    fn the_last_run_counts_whatever_was_called_after_it() {
        let lines = [
            call("1", TOOL),
            result("1", &format!("{{\"task_id\":\"{}\"}}", id('a'))),
            call("2", "mcp__plugin_p_snipara-orchestrator__run_task"),
            result("2", &format!("{} PROD_FAIL, see {}", id('b'), id('c'))),
            call("3", "mcp__snipara-orchestrator__task_status"),
            result("3", &id('d')),
        ];
        assert_eq!(found(&lines), Some(id('b')));
    }

    #[test]
    fn a_run_of_another_server_and_a_refused_call_do_not_count() {
        assert_eq!(found(&[call("1", "mcp__other__run_task"), result("1", &id('a'))]), None);
        assert_eq!(found(&[call("1", TOOL), result("1", "title is empty")]), None);
        assert_eq!(found(&[json!({ "message": { "content": "I call run_task now" } })]), None);
    }

    #[test]
    fn a_record_that_breaks_off_is_read_as_far_as_it_goes() {
        let text = format!("{}\n{}\n{{\"type\": \"us", call("1", TOOL), result("1", &id('a')));
        assert_eq!(last_task(text.as_bytes()).expect("read").map(|task| task.to_string()), Some(id('a')));
    }
}
