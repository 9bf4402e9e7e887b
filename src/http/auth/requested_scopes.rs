//! The scopes that a request needs, read from its body.

use serde::Deserialize;

use crate::domain::Scope;
use crate::mcp::method_scope;
use crate::tools;

#[derive(Deserialize)]
struct RpcMessage {
    method: Option<String>,
    params: Option<Parameters>,
}

#[derive(Deserialize)]
struct Parameters {
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RpcBody {
    Batch(Vec<RpcMessage>),
    One(RpcMessage),
}

/// What a message needs: the scope, and the tool that it calls where it calls one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NeededScope {
    pub(super) scope: Scope,
    /// The tool's name, or `request`.
    pub(super) what: &'static str,
}

/// Returns what a body needs. A batch needs what every message does.
///
/// A body that cannot be read needs none, because it cannot call a tool: the handler says what is wrong with it.
pub(super) fn scopes_needed(body: &[u8]) -> Vec<NeededScope> {
    let messages = match serde_json::from_slice(body) {
        Ok(RpcBody::Batch(messages)) => messages,
        Ok(RpcBody::One(message)) => vec![message],
        Err(_) => Vec::new(),
    };
    let asked = |message: RpcMessage| {
        let named = message.params.and_then(|parameters| parameters.name);
        let method = message.method?;
        let scope = method_scope(&method, named.as_deref())?;
        let tool = named.filter(|_| method == "tools/call").and_then(|name| tools::find(&name));
        Some(NeededScope { scope, what: tool.map_or("request", |tool| tool.name) })
    };
    messages.into_iter().filter_map(asked).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only_scopes(body: &[u8]) -> Vec<Scope> {
        scopes_needed(body).into_iter().map(|asked| asked.scope).collect()
    }

    #[test]
    fn the_body_says_what_is_asked_for_in_a_batch_too() {
        let call = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"arguments":{"name":"recall"},"name":"run_task"}}"#;
        assert_eq!(scopes_needed(call.as_bytes()), [NeededScope { scope: Scope::Validate, what: "run_task" }]);
        let list = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
        assert_eq!(only_scopes(list.as_bytes()), []);
        let batch = format!("[{list},{call}]");
        assert_eq!(only_scopes(batch.as_bytes()), [Scope::Validate]);
        for unreadable in ["", "null", "{", r#"{"method":5}"#, r#"{"jsonrpc":"2.0","id":1,"result":{}}"#] {
            assert_eq!(only_scopes(unreadable.as_bytes()), [], "{unreadable}");
        }
    }
}
