//! Which prefix the server's tools have: `snipara_`, or `rlm_` on servers that know only that (snipara-wire.md §S1).

use std::sync::OnceLock;

use serde_json::Value;

use super::envelope::Reply;
use crate::snipara::payload::message_of;

/// What stands before a tool's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prefix {
    /// The published names.
    Snipara,
    /// The old names, the only ones of the public server.
    Rlm,
}

impl Prefix {
    pub(super) fn name(self, tool: &str) -> String {
        match self {
            Self::Snipara => format!("snipara_{tool}"),
            Self::Rlm => format!("rlm_{tool}"),
        }
    }

    pub(super) const fn other(self) -> Self {
        match self {
            Self::Snipara => Self::Rlm,
            Self::Rlm => Self::Snipara,
        }
    }
}

/// The prefix of one server: the published one until the server shows that it has the other.
#[derive(Debug, Default)]
pub(super) struct Names(OnceLock<Prefix>);

impl Names {
    pub(super) fn current(&self) -> Prefix {
        self.0.get().copied().unwrap_or(Prefix::Snipara)
    }

    pub(super) fn is_known(&self) -> bool {
        self.0.get().is_some()
    }

    /// Remembers the prefix; the first one stays.
    pub(super) fn remember(&self, prefix: Prefix) {
        // Two first calls at once may both find out: they find the same.
        let _ = self.0.set(prefix);
    }
}

/// Tells whether a reply may mean that there is no tool of this name: then nothing was carried out.
pub(super) fn may_be_unknown(reply: &Reply) -> bool {
    let says = |message: &str| {
        let message = message.to_lowercase();
        ["unknown tool", "no such tool", "tool not found", "not a known tool"].iter().any(|text| message.contains(text))
    };
    match reply {
        // -32601: no such method; -32602: the public server's answer to unknown tools (snipara-wire.md §S1).
        Reply::RpcError { code, message } => matches!(code, Some(-32_602 | -32_601)) || says(message),
        Reply::Failed(payload) => message_of(payload).is_some_and(|message| says(&message)),
        Reply::Payload(_) | Reply::Unclear(_) => false,
    }
}

/// Returns the prefix that `/capabilities` tells (snipara-wire.md §S1).
pub(super) fn of_capabilities(body: &[u8]) -> Option<Prefix> {
    let capabilities: Value = serde_json::from_slice(body).ok()?;
    let contract = capabilities.get("contract")?.as_str()?;
    contract.starts_with("snipara-server-oss").then_some(Prefix::Rlm)
}

/// Returns the prefix of the tools that `tools/list` names.
pub(super) fn of_tools_list(result: &Value) -> Option<Prefix> {
    let tools = result.get("tools")?.as_array()?;
    let any = |prefix: &str| {
        tools.iter().any(|tool| tool.get("name").and_then(Value::as_str).is_some_and(|name| name.starts_with(prefix)))
    };
    match (any("snipara_"), any("rlm_")) {
        (true, _) => Some(Prefix::Snipara),
        (false, true) => Some(Prefix::Rlm),
        (false, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_public_server_is_known_by_its_contract_or_by_its_tools() {
        assert_eq!(of_capabilities(br#"{"contract":"snipara-server-oss-v2"}"#), Some(Prefix::Rlm));
        assert_eq!(of_capabilities(br#"{"contract":"hosted"}"#), None);
        assert_eq!(of_capabilities(b"<html>"), None);
        assert_eq!(of_tools_list(&json!({"tools": [{"name": "rlm_recall"}]})), Some(Prefix::Rlm));
        assert_eq!(
            of_tools_list(&json!({"tools": [{"name": "rlm_recall"}, {"name": "snipara_recall"}]})),
            Some(Prefix::Snipara)
        );
        assert_eq!(of_tools_list(&json!({"tools": []})), None);
    }

    #[test]
    fn only_replies_that_name_no_tool_ask_for_the_other_prefix() {
        let failed = |text: &str| Reply::Failed(json!({"error": text}).as_object().expect("an object").clone());
        assert!(may_be_unknown(&Reply::RpcError { code: Some(-32_602), message: "x".into() }));
        assert!(may_be_unknown(&failed("Unknown tool: snipara_recall")));
        assert!(!may_be_unknown(&failed("unknown swarm")));
        assert!(!may_be_unknown(&Reply::RpcError { code: Some(-32_000), message: "no such swarm".into() }));
    }
}
