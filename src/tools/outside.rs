//! What every answer goes through on its way out: it says whose words it holds, and what nobody sees is taken out
//! (docs/design/outside.md, O1 and O2).

use serde_json::Value;
use url::Url;

use crate::domain::{Redactor, clean, clean_fields, clean_value, one_line, pluralize};

use super::spec::JsonObject;

/// The field that says whose words stand beside it.
const FROM: &str = "from";
/// The field that says how many characters were taken out.
const DROPPED: &str = "dropped_characters";
/// The longest source, in characters.
const LONGEST_SOURCE: usize = 120;
/// Fields whose inside is somebody else's: none of its fields mean what ours do.
const FOREIGN: [&str; 8] =
    ["response_body", "payload", "value", "answer", "result", "receipt", "evidence_provided", "body"];

/// Returns somebody's document on one line; what nobody sees is taken out before it is written as an escape.
pub(super) fn quoted_json(value: &Value, limit: usize, redactor: &Redactor) -> String {
    let mut value = value.clone();
    clean_value(&mut value, redactor);
    one_line(&value.to_string(), limit)
}

/// Makes both forms of an answer fit to leave.
pub(super) fn release(output: &mut Value, text: &mut String, redactor: &Redactor) {
    let dropped = release_document(output, redactor).max(clean(text, redactor));
    if dropped > 0 {
        let note = format!("dropped: {}\n", pluralize(dropped, "hidden character", "hidden characters"));
        // The last line is the next step.
        text.insert_str(text.rfind('\n').map_or(0, |end| end + 1), &note);
    }
}

/// Makes a document fit to leave. Returns how many characters were taken out of it.
pub fn release_document(document: &mut Value, redactor: &Redactor) -> u64 {
    if let Value::Object(fields) = document {
        return release_object(fields, redactor);
    }
    attribute(document);
    clean_value(document, redactor)
}

/// Makes an object fit to leave, as [`release_document`] does.
pub fn release_object(fields: &mut JsonObject, redactor: &Redactor) -> u64 {
    attribute_fields(fields);
    let dropped = clean_fields(fields, redactor);
    if dropped > 0 {
        fields.insert(DROPPED.to_owned(), dropped.into());
    }
    dropped
}

/// Says in every object that holds somebody's words whose they are.
pub(super) fn attribute(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(attribute),
        Value::Object(fields) => attribute_fields(fields),
        _ => {}
    }
}

fn attribute_fields(fields: &mut JsonObject) {
    for (name, value) in fields.iter_mut() {
        if !FOREIGN.contains(&name.as_str()) {
            attribute(value);
        }
    }
    if let Some(source) = source_of(fields) {
        fields.insert(FROM.to_owned(), one_line(&source, LONGEST_SOURCE).into());
    }
}

/// Returns whose words an object of ours holds, told by the fields that such an object has.
fn source_of(fields: &JsonObject) -> Option<String> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let by =
        |what: &str, who: Option<&str>| Some(who.map_or_else(|| what.to_owned(), |who| format!("{what} by {who}")));
    if text("memory_id").is_some() && text("content").is_some() {
        return by("memory", text("agent_id").or_else(|| text("source")));
    }
    if text("event_type").is_some() && text("event_id").is_some() {
        return Some(text("agent_id").map_or_else(|| "swarm".to_owned(), |agent| format!("agent {agent}")));
    }
    if text("task_id").is_some() && text("level").is_some() && text("title").is_some() {
        return by("htask", text("owner"));
    }
    if let (Some(file), true) = (text("file"), fields.contains_key("content") || fields.contains_key("excerpt")) {
        return Some(format!("file {file}"));
    }
    if let (Some(_), Some(endpoint), Some(_)) = (text("check"), text("endpoint"), text("result")) {
        return Some(source_of_check(endpoint, text("method")));
    }
    if text("key").is_some() && fields.contains_key("value") {
        return by("state", text("updated_by"));
    }
    if let (Some(tool), true) = (text("tool"), fields.contains_key("answer")) {
        return Some(format!("Snipara {tool}"));
    }
    if fields.contains_key("has_drift") && fields.contains_key("checked_at") {
        return Some("production and repository".to_owned());
    }
    None
}

fn source_of_check(endpoint: &str, method: Option<&str>) -> String {
    match (Url::parse(endpoint), method) {
        (Ok(url), Some(method)) => format!("production {method} {}", url.path()),
        (Ok(_), None) => "production".to_owned(),
        // Its neighbour is the command.
        (Err(_), _) => "command".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::SecretText;

    #[test]
    fn every_kind_of_row_says_whose_words_it_holds_and_nothing_inside_of_a_body_does() {
        let body = json!({"memory_id": "m", "content": "x"});
        let mut document = json!({
            "memories": [{"memory_id": "m", "content": "x", "agent_id": "ada"}, {"memory_id": "m", "content": "x"}],
            "events": [{"event_id": "e", "event_type": "note", "agent_id": "bob", "payload": body}],
            "sections": [{"file": "README.md", "content": "x"}],
            "tasks": [{"task_id": "t", "level": "N3_TASK", "title": "x", "owner": "eve"}],
            "failing": [{"check": "c", "endpoint": "https://p.example/x", "result": "fail"},
                        {"check": "local_test_1", "endpoint": "npm test", "result": "fail"}],
            "proof": {"check": "c", "endpoint": "https://p.example/x?y", "result": "pass", "method": "GET"},
            "response_body": body,
        });
        attribute(&mut document);
        let from = |pointer: &str| document.pointer(pointer).and_then(|row| row.get("from")).and_then(Value::as_str);
        for (pointer, source) in [
            ("/memories/0", "memory by ada"),
            ("/memories/1", "memory"),
            ("/events/0", "agent bob"),
            ("/sections/0", "file README.md"),
            ("/tasks/0", "htask by eve"),
            ("/failing/0", "production"),
            ("/failing/1", "command"),
            ("/proof", "production GET /x"),
        ] {
            assert_eq!(from(pointer), Some(source), "{pointer}");
        }
        assert_eq!((&document["response_body"], &document["events"][0]["payload"]), (&body, &body));
    }

    #[test]
    fn both_forms_lose_what_nobody_sees_and_say_how_much() {
        let mut output = json!({"content": "a\u{200b}b\u{e0041}", "next_step": "Go on."});
        let mut text = "> m: a\u{200b}b\u{e0041}\nnext_step: Go on.".to_owned();
        release(&mut output, &mut text, &Redactor::default());
        assert_eq!(output, json!({"content": "ab", "next_step": "Go on.", "dropped_characters": 2}));
        assert_eq!(text, "> m: ab\ndropped: 2 hidden characters\nnext_step: Go on.");
    }

    #[test]
    fn a_secret_that_was_broken_up_does_not_leave_whole() {
        let redactor = Redactor::new([SecretText::new("planted-secret-77")]);
        let broken = "planted-\u{200b}secret-77";
        let (mut output, mut text) = (json!({"content": broken}), format!("> {broken}\nnext_step: x"));
        release(&mut output, &mut text, &redactor);
        assert!(!output.to_string().contains("secret-77") && !text.contains("secret-77"), "{output} {text}");
    }
}
