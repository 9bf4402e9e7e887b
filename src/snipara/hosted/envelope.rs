//! What an answer holds, whatever it is wrapped in. Pure.
//!
//! Order (snipara-wire.md §1.8): JSON-RPC `error`, `isError`, object `structuredContent`, text blocks, bare object.

use serde_json::{Map, Value, json};

use crate::domain::one_line;
use crate::snipara::payload::{Payload, is_failure, message_of};

/// What an answer holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Reply {
    /// A tool's answer.
    Payload(Payload),
    /// A tool's failure, as an object or in words.
    Failed(Payload),
    /// A JSON-RPC error.
    RpcError {
        /// Its code (JSON-RPC 2.0 §5.1).
        code: Option<i64>,
        /// What it says, one line.
        message: String,
    },
    /// No answer; why, as a fragment.
    Unclear(String),
}

/// Opens an answer of `tools/call`.
pub(super) fn open(body: &[u8]) -> Reply {
    match result(body) {
        Ok(result) => tool_reply(result),
        Err(reply) => reply,
    }
}

/// Returns the `result` of a JSON-RPC answer.
pub(super) fn result(body: &[u8]) -> Result<Value, Reply> {
    let unclear = |why: &str| Err(Reply::Unclear(why.to_owned()));
    let value: Value = match serde_json::from_slice(body) {
        Ok(value) => value,
        Err(_) if body.trim_ascii().is_empty() => return unclear("it is empty"),
        Err(_) if body.trim_ascii_start().starts_with(b"<") => return unclear("it is HTML, not JSON"),
        Err(error) => return Err(Reply::Unclear(format!("it is not JSON ({})", one_line(&error.to_string(), 120)))),
    };
    let Value::Object(mut answer) = value else { return unclear("it is not a JSON object") };
    match answer.get("error") {
        // Absent, `null` and an empty text say nothing: then the result counts.
        None | Some(Value::Null | Value::Bool(false)) => {}
        Some(Value::String(text)) if text.trim().is_empty() => {}
        Some(error) => return Err(rpc_error(error)),
    }
    if answer.get("success") == Some(&Value::Bool(false)) {
        return Err(Reply::Failed(answer));
    }
    match answer.remove("result") {
        Some(Value::Null) | None => unclear("it holds neither a result nor an error"),
        Some(result) => Ok(result),
    }
}

fn rpc_error(error: &Value) -> Reply {
    let message = match error {
        Value::String(text) => text.clone(),
        Value::Object(fields) => match fields.get("message").and_then(Value::as_str) {
            Some(message) if !message.trim().is_empty() => message.to_owned(),
            _ => "an error without a message".to_owned(),
        },
        other => other.to_string(),
    };
    Reply::RpcError { code: error.get("code").and_then(Value::as_i64), message: one_line(&message, 500) }
}

fn tool_reply(result: Value) -> Reply {
    let mut fields = match result {
        Value::Object(fields) => fields,
        other => return judged(of_value(other)),
    };
    let text = texts(&fields);
    if fields.get("isError") == Some(&Value::Bool(true)) {
        return Reply::Failed(failure_of(&fields, text));
    }
    match (fields.remove("structuredContent"), text) {
        (Some(Value::Object(structured)), None) => judged(structured),
        (Some(Value::Object(structured)), Some(_)) if !structured.is_empty() => judged(structured),
        (_, Some(blocks)) => judged(of_texts(&blocks)),
        (_, None) => {
            if fields.get("content").is_some_and(Value::is_array) {
                fields.remove("content");
            }
            fields.remove("isError");
            fields.remove("_meta");
            judged(fields)
        }
    }
}

fn judged(payload: Payload) -> Reply {
    if is_failure(&payload) { Reply::Failed(payload) } else { Reply::Payload(payload) }
}

/// Returns the texts of the content blocks; nothing when there is no text block, so that the object itself counts.
fn texts(fields: &Map<String, Value>) -> Option<Vec<String>> {
    let blocks = fields.get("content")?.as_array()?;
    let text = |block: &Value| Some(block.get("text")?.as_str()?.to_owned());
    let texts: Vec<String> = blocks.iter().filter_map(text).collect();
    (!texts.is_empty()).then_some(texts)
}

/// Several blocks are one JSON text, cut between lines or anywhere; failing that, the first block that is an object.
fn of_texts(blocks: &[String]) -> Payload {
    let whole = blocks.join("\n");
    let parsed = serde_json::from_str::<Value>(&whole)
        .or_else(|_| serde_json::from_str(&blocks.concat()))
        .ok()
        .or_else(|| blocks.iter().find_map(|block| serde_json::from_str(block).ok().filter(Value::is_object)));
    parsed.map_or_else(|| of_value(Value::String(whole)), of_value)
}

/// The public server answers some tools with a JSON string literal (snipara-wire.md §S1).
fn of_value(value: Value) -> Payload {
    let named = |name: &str, value: Value| Payload::from_iter([(name.to_owned(), value)]);
    match value {
        Value::Object(payload) => payload,
        Value::String(text) => match serde_json::from_str(&text) {
            Ok(Value::Object(payload)) => payload,
            _ => named("text", json!(text)),
        },
        other => named("result", other),
    }
}

fn failure_of(fields: &Payload, text: Option<Vec<String>>) -> Payload {
    if let Some(Value::Object(structured)) = fields.get("structuredContent")
        && message_of(structured).is_some()
    {
        return structured.clone();
    }
    match text {
        Some(blocks) => of_texts(&blocks),
        None => {
            let mut rest = fields.clone();
            rest.retain(|name, _| !["content", "structuredContent", "isError", "_meta"].contains(&name.as_str()));
            rest
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(result: Value) -> Reply {
        open(json!({"jsonrpc": "2.0", "id": 1, "result": result}).to_string().as_bytes())
    }

    fn payload(value: Value) -> Reply {
        Reply::Payload(value.as_object().expect("an object").clone())
    }

    #[test]
    fn e16_every_envelope_gives_the_same_payload() {
        let wanted = json!({"memories": [{"content": "x\ny"}], "total_searched": 1});
        let text = wanted.to_string();
        let (left, right) = text.split_at(text.find("\\n").expect("an escape") + 1);
        let pretty = serde_json::to_string_pretty(&wanted).expect("JSON");
        let lines: Vec<Value> = pretty.lines().map(|line| json!({"type": "text", "text": line})).collect();
        let block = |text: &str| json!({"type": "text", "text": text});
        let mut merged = wanted.clone();
        merged["content"] = json!([block(&text)]);
        merged["structuredContent"] = wanted.clone();
        merged["isError"] = json!(false);
        for result in [
            wanted.clone(),
            json!({"content": [block(&text)]}),
            json!({"content": [block(&pretty)], "isError": false}),
            json!({"content": lines}),
            json!({"content": [block(left), block(right)]}),
            json!({"content": [{"type": "image", "data": ""}, block(&text)]}),
            json!({"content": [block("Found:"), block(&text)]}),
            json!({"content": [block("ok")], "structuredContent": wanted}),
            json!({"structuredContent": wanted}),
            json!({"content": [block(&text)], "structuredContent": {}}),
            json!({"content": [block(&text)], "structuredContent": null}),
            json!({"content": [block(&json!(text).to_string())]}),
            json!(text),
            merged,
        ] {
            assert_eq!(opened(result.clone()), payload(wanted.clone()), "{result}");
        }
    }

    #[test]
    fn what_is_no_object_is_given_a_name_and_an_empty_object_beside_text_loses() {
        let text = |text: &str| json!({"content": [{"type": "text", "text": text}]});
        assert_eq!(opened(text("\"context set\"")), payload(json!({"text": "context set"})));
        assert_eq!(opened(text("plain words")), payload(json!({"text": "plain words"})));
        assert_eq!(opened(text("[1]")), payload(json!({"result": [1]})));
        assert_eq!(opened(json!([1])), payload(json!({"result": [1]})));
        assert_eq!(opened(json!({"content": "a string"})), payload(json!({"content": "a string"})));
        assert_eq!(opened(json!({})), payload(json!({})));
    }

    #[test]
    fn e17_a_tools_failure_is_no_success_in_any_form() {
        let failed = |result: Value| match opened(result.clone()) {
            Reply::Failed(payload) => message_of(&payload).expect("a message"),
            other => panic!("{result}: {other:?}"),
        };
        let text = |text: &str| json!([{"type": "text", "text": text}]);
        assert_eq!(failed(json!({"isError": true, "content": text("no such type")})), "no such type");
        assert_eq!(failed(json!({"isError": true, "content": text("{\"error\": \"bad\"}")})), "bad");
        assert_eq!(failed(json!({"isError": true, "structuredContent": {"message": "bad"}})), "bad");
        assert_eq!(failed(json!({"content": text("{\"success\": false, \"error\": \"bad\"}")})), "bad");
        assert_eq!(failed(json!({"error": "bad"})), "bad");
        assert!(matches!(opened(json!({"isError": true})), Reply::Failed(_)));
        assert!(matches!(opened(json!({"error": null, "ok": 1})), Reply::Payload(_)));
    }

    #[test]
    fn e18_json_rpc_errors_in_every_shape_are_told_from_none() {
        let open = |answer: Value| open(answer.to_string().as_bytes());
        let error = |code, message: &str| Reply::RpcError { code, message: message.into() };
        assert_eq!(
            open(json!({"error": {"code": -32602, "message": "Unknown\ntool"}})),
            error(Some(-32602), "Unknown tool")
        );
        assert_eq!(open(json!({"error": "broken", "result": {}})), error(None, "broken"));
        assert_eq!(open(json!({"error": {}})), error(None, "an error without a message"));
        assert_eq!(open(json!({"error": 7})), error(None, "7"));
        assert_eq!(open(json!({"error": null, "result": {"a": 1}})), payload(json!({"a": 1})));
        assert!(matches!(open(json!({"success": false, "error": "x"})), Reply::RpcError { .. }));
    }

    #[test]
    fn e18_what_is_no_answer_says_why() {
        for (body, why) in [
            (&b""[..], "it is empty"),
            (b"<!doctype html><h1>x</h1>", "it is HTML, not JSON"),
            (b"[]", "it is not a JSON object"),
            (b"{\"id\":1}", "it holds neither a result nor an error"),
            (b"{\"result\":null}", "it holds neither a result nor an error"),
        ] {
            assert_eq!(open(body), Reply::Unclear(why.into()));
        }
        assert!(matches!(open(b"{\"result\": {\"a\""), Reply::Unclear(why) if why.starts_with("it is not JSON (")));
    }
}
