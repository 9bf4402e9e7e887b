//! What a client's record of a session says about the tasks that were run in it.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Error, ErrorKind, Read};
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::domain::{TaskId, Timestamp};

/// Lines that are longer are passed over: no verdict of ours is that long.
const MAX_LINE_BYTES: u64 = 16 * 1024 * 1024;
/// A client writes its record behind its own back: it is read again until it stays as it is, for two seconds at most.
const PAUSE: Duration = Duration::from_millis(100);
const MOST_LOOKS: u32 = 20;

/// What a session's record says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct SessionRecord {
    /// The task of the last `run_task` that was answered.
    pub(crate) task: Option<TaskId>,
    /// Whether a `run_task` after it has no answer in the record.
    pub(crate) is_waiting: bool,
    /// When the session began.
    pub(crate) began: Option<Timestamp>,
}

/// Reads a session's record once it does not grow any more and every `run_task` in it has its answer.
///
/// # Errors
/// When the record is no regular file or cannot be read.
pub(crate) fn settled(path: &Path) -> std::io::Result<SessionRecord> {
    let length = || match path.metadata()? {
        metadata if metadata.is_file() => Ok(metadata.len()),
        _ => Err(Error::new(ErrorKind::InvalidInput, "it is no regular file")),
    };
    let mut before = length()?;
    let mut record = read(BufReader::new(File::open(path)?))?;
    for _ in 0..MOST_LOOKS {
        std::thread::sleep(PAUSE);
        let now = length()?;
        if now != before {
            before = now;
            record = read(BufReader::new(File::open(path)?))?;
        } else if !record.is_waiting {
            break;
        }
    }
    Ok(record)
}

/// Reads a record, one JSON document a line, as Claude Code and Codex write it. Of another client's only the time is
/// found. Lines that cannot be read are passed over: the record may end in the middle of one.
fn read(mut record: impl BufRead) -> std::io::Result<SessionRecord> {
    let mut found = SessionRecord::default();
    let (mut calls, mut open) = (BTreeSet::new(), BTreeSet::new());
    let mut line = Vec::new();
    loop {
        line.clear();
        if record.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line)? == 0 {
            found.is_waiting = !open.is_empty();
            return Ok(found);
        }
        let Ok(entry) = serde_json::from_slice::<Value>(&line) else { continue };
        if found.began.is_none() {
            let told = ["timestamp", "startTime"].iter().find_map(|key| entry[key].as_str());
            found.began = told.and_then(|text| Timestamp::parse_rfc3339(text).ok());
        }
        for part in parts(&entry) {
            match part {
                Part::Call { id } => {
                    calls.insert(id.to_owned());
                    open.insert(id.to_owned());
                }
                Part::Answer { id, content } if calls.contains(id) => {
                    open.remove(id);
                    found.task = task_of(content).or(found.task);
                }
                Part::Answer { .. } => {}
            }
        }
    }
}

/// What an entry says about our calls.
enum Part<'a> {
    /// `run_task` is called.
    Call { id: &'a str },
    /// Some call has its answer.
    Answer { id: &'a str, content: &'a Value },
}

fn parts(entry: &Value) -> Vec<Part<'_>> {
    // Claude Code writes a message with blocks, Codex one item of the Responses API.
    let blocks = entry.pointer("/message/content").and_then(Value::as_array).into_iter().flatten();
    blocks.chain(entry.get("payload")).filter_map(part).collect()
}

fn part(item: &Value) -> Option<Part<'_>> {
    let text = |key: &str| item[key].as_str();
    match text("type")? {
        "tool_use" if is_run_task(None, text("name")?) => Some(Part::Call { id: text("id")? }),
        "tool_result" => Some(Part::Answer { id: text("tool_use_id")?, content: &item["content"] }),
        "function_call" if is_run_task(text("namespace"), text("name")?) => Some(Part::Call { id: text("call_id")? }),
        "function_call_output" => Some(Part::Answer { id: text("call_id")?, content: &item["output"] }),
        _ => None,
    }
}

/// Clients call a tool `mcp__SERVER__TOOL`; Codex keeps the last part apart, and a plugin's server has the plugin's name
/// in front.
fn is_run_task(namespace: Option<&str>, name: &str) -> bool {
    let name = namespace.map_or_else(|| name.to_owned(), |namespace| format!("{namespace}__{name}"));
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
        read(text.as_bytes()).expect("read").task.map(|task| task.to_string())
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
        assert_eq!(read(text.as_bytes()).expect("read").task.map(|task| task.to_string()), Some(id('a')));
    }

    #[test]
    fn codex_writes_a_call_with_its_namespace_apart() {
        let item = |payload: Value| json!({ "timestamp": "2026-12-01T11:12:28.465Z", "type": "response_item", "payload": payload });
        let call = item(json!({ "type": "function_call", "name": "run_task", "namespace": "mcp__snipara_orchestrator",
                                "call_id": "1" }));
        let other =
            item(json!({ "type": "function_call", "name": "run_task", "namespace": "mcp__other", "call_id": "2" }));
        let answer = |call: &str, task: &str| {
            item(json!({ "type": "function_call_output", "call_id": call, "output": format!("Output:\n{task}") }))
        };
        assert_eq!(found(&[call, answer("1", &id('a')), other, answer("2", &id('b'))]), Some(id('a')));
    }

    #[test]
    fn a_call_without_its_answer_is_waited_for_and_the_first_time_is_the_sessions() {
        let mut first = call("1", TOOL);
        first["timestamp"] = json!("2026-12-01T10:00:00.000Z");
        let lines = [first, result("1", &id('a')), call("2", TOOL)];
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let record = read(text.as_bytes()).expect("read");
        assert!(record.is_waiting && record.task.is_some(), "{record:?}");
        assert_eq!(record.began.map(Timestamp::to_rfc3339).as_deref(), Some("2026-12-01T10:00:00.000Z"));
    }

    #[test]
    fn what_is_written_while_the_record_is_read_counts() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), format!("{}\n", call("1", TOOL))).expect("written");
        let path = file.path().to_owned();
        let writer = std::thread::spawn(move || {
            let text = format!("{}\n{}\n", call("1", TOOL), result("1", &id('c')));
            std::fs::write(path, text).expect("written");
        });
        let record = settled(file.path()).expect("read");
        writer.join().expect("ended");
        assert_eq!(record.task.map(|task| task.to_string()), Some(id('c')));
    }
}
