//! The request of a call. Pure.

use bytes::Bytes;
use http::HeaderValue;
use http::header::ACCEPT;
use serde_json::{Map, Value, json};
use url::Url;

use crate::domain::{Method, SecretText};
use crate::outbound::{RequestSpec, Route, Session};

/// The header that carries the key (snipara-wire.md §1.3).
const KEY_HEADER: &str = "X-API-Key";

/// Where the service is and who calls.
#[derive(Debug, Clone)]
pub(super) struct Endpoint {
    rpc: Option<Url>,
    capabilities: Option<Url>,
    key: SecretText,
}

impl Endpoint {
    pub(super) fn new(api_url: &Url, project: &str, key: SecretText) -> Self {
        Self { rpc: below(api_url, &["mcp", project]), capabilities: below(api_url, &["capabilities"]), key }
    }

    /// Returns a JSON-RPC request; nothing when the address cannot have a path.
    pub(super) fn rpc(&self, id: u64, method: &str, params: &Value, timeout_ms: u64) -> Option<RequestSpec> {
        let body = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        Some(RequestSpec {
            method: Method::Post,
            url: self.rpc.clone()?,
            headers: vec![(ACCEPT, HeaderValue::from_static("application/json"))],
            body: Some((Bytes::from(body.to_string()), "application/json")),
            timeout_ms,
            follow_redirects: false,
            credential: Some(Session::with_header(KEY_HEADER, self.key.clone())),
            route: Route::default(),
        })
    }

    /// Returns the question of what the server is; it needs no key.
    pub(super) fn capabilities(&self, timeout_ms: u64) -> Option<RequestSpec> {
        Some(RequestSpec {
            method: Method::Get,
            url: self.capabilities.clone()?,
            headers: Vec::new(),
            body: None,
            timeout_ms,
            follow_redirects: false,
            credential: None,
            route: Route::default(),
        })
    }
}

/// Appends path segments, each escaped, whether or not the base ends in a slash (snipara-wire.md §1.2).
fn below(base: &Url, segments: &[&str]) -> Option<Url> {
    let mut url = base.clone();
    url.set_query(None);
    url.set_fragment(None);
    url.path_segments_mut().ok()?.pop_if_empty().extend(segments);
    Some(url)
}

/// The parameters of `tools/call`; nulls are left out (snipara-wire.md §1.8), deeper ones belong to their values.
pub(super) fn tool_call(name: &str, arguments: &Map<String, Value>) -> Value {
    let given = arguments.iter().filter(|(_, value)| !value.is_null());
    let arguments: Map<String, Value> = given.map(|(key, value)| (key.clone(), value.clone())).collect();
    json!({ "name": name, "arguments": arguments })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(base: &str, project: &str) -> RequestSpec {
        let endpoint = Endpoint::new(&Url::parse(base).expect("a URL"), project, SecretText::new("snp-key"));
        endpoint.rpc(7, "tools/call", &tool_call("snipara_recall", &Map::new()), 1_000).expect("a request")
    }

    #[test]
    fn the_address_has_one_slash_and_escaped_segments() {
        for (base, project, address) in [
            ("https://api.snipara.com", "shop", "https://api.snipara.com/mcp/shop"),
            ("https://api.snipara.com/", "shop", "https://api.snipara.com/mcp/shop"),
            ("https://h.test/base/?x=1#y", "a/../b c?d#e", "https://h.test/base/mcp/a%2F..%2Fb%20c%3Fd%23e"),
            ("https://h.test/base", "..", "https://h.test/base/mcp/.."),
        ] {
            let url = request(base, project).url;
            if project == ".." {
                assert!(!url.as_str().contains("/mcp/.."), "{url}");
                continue;
            }
            assert_eq!(url.as_str(), address);
        }
    }

    #[test]
    fn the_key_goes_as_a_credential_and_the_body_is_a_tools_call_without_nulls() {
        let sent = request("https://h.test", "p");
        assert!(!sent.follow_redirects && !sent.url.as_str().contains("snp-key"));
        assert!(sent.headers.iter().all(|(_, value)| value != "snp-key"));
        let Some(Session::User(session)) = &sent.credential else { panic!("a credential") };
        let [(name, key)] = session.headers.as_slice() else { panic!("one header") };
        assert_eq!((name.as_str(), key.expose()), ("X-API-Key", "snp-key"));
        let body: Value = serde_json::from_slice(&sent.body.expect("a body").0).expect("JSON");
        assert_eq!(
            body,
            json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call",
                "params": {"name": "snipara_recall", "arguments": {}}})
        );
        let arguments = json!({"a": null, "value": {"kept": null}});
        let call = tool_call("x", arguments.as_object().expect("an object"));
        assert_eq!(call["arguments"], json!({"value": {"kept": null}}));
    }
}
