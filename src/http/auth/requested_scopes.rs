//! The scopes that a request needs, read from its body.

use serde::Deserialize;

use crate::domain::Scope;
use crate::mcp::method_scope;

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

/// Returns the scopes that a body needs. A batch needs those of every message.
///
/// A body that cannot be read needs none, because it cannot call a tool: the handler says what is wrong with it.
pub(super) fn scopes_asked_for(body: &[u8]) -> Vec<Scope> {
    let messages = match serde_json::from_slice(body) {
        Ok(RpcBody::Batch(messages)) => messages,
        Ok(RpcBody::One(message)) => vec![message],
        Err(_) => Vec::new(),
    };
    let scope = |message: RpcMessage| {
        let tool = message.params.and_then(|parameters| parameters.name);
        method_scope(message.method?.as_str(), tool.as_deref())
    };
    messages.into_iter().filter_map(scope).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_says_what_is_asked_for_in_a_batch_too() {
        let call = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"arguments":{"name":"recall"},"name":"run_task"}}"#;
        assert_eq!(scopes_asked_for(call.as_bytes()), [Scope::Validate]);
        let list = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
        assert_eq!(scopes_asked_for(list.as_bytes()), []);
        let batch = format!("[{list},{call}]");
        assert_eq!(scopes_asked_for(batch.as_bytes()), [Scope::Validate]);
        for unreadable in ["", "null", "{", r#"{"method":5}"#, r#"{"jsonrpc":"2.0","id":1,"result":{}}"#] {
            assert_eq!(scopes_asked_for(unreadable.as_bytes()), [], "{unreadable}");
        }
    }
}
