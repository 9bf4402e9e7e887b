//! Which calls of the Snipara service need a person, as our own tools do.

use serde_json::{Map, Value};

/// Tells whether a call of a tool of the Snipara service does what needs a person's word at our own tools: a waiver, and
/// forgetting by filter. Returns our tool, which asks for it.
pub fn needs_a_person(name: &str, arguments: &Map<String, Value>) -> Option<&'static str> {
    let given = |name: &str| arguments.get(name).is_some_and(|value| !value.is_null());
    let name = name.trim().to_ascii_lowercase();
    match name.strip_prefix("snipara_").or_else(|| name.strip_prefix("rlm_")).unwrap_or(&name) {
        "htask_close" if given("waiver_reason") || given("waiver_approved_by") => Some("htask_close"),
        "forget" if !given("memory_id") => Some("forget"),
        _ => None,
    }
}
