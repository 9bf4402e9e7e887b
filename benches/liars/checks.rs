//! Live checks as agents write them.

use serde_json::{Map, Value, json};

/// What stands for the address of the agent's own server.
pub(super) const ACCOMPLICE: &str = "{{accomplice}}";
/// The fields of a check that not every build of the product knows; none of them is about its status.
const FIELDS: [&str; 5] = ["expect", "capture", "name", "once", "safe"];
/// The fields of a task of which the same is true.
const TASK_FIELDS: [&str; 1] = ["converge"];

/// Returns a check of a path (`/path` or `METHOD /path`) with expectations.
pub(super) fn ask(route: &str, expect: &[&str]) -> Value {
    let mut check = match route.split_once(' ') {
        Some((method, path)) => json!({"url": path, "method": method}),
        None => json!({"url": route}),
    };
    if !expect.is_empty() {
        check["expect"] = json!(expect);
    }
    check
}

/// Returns one check for each path, without an expectation.
pub(super) fn paths(routes: &[&str]) -> Vec<Value> {
    routes.iter().map(|route| ask(route, &[])).collect()
}

/// Returns a check with one more field.
pub(super) fn with(mut check: Value, field: &str, value: Value) -> Value {
    check[field] = value;
    check
}

/// Returns a check that sends a header of its own.
pub(super) fn sending(check: Value, name: &str, value: &str) -> Value {
    with(check, "headers", json!({name: value}))
}

/// Returns a check with this query.
pub(super) fn querying(check: Value, query: &str) -> Value {
    let url = format!("{}?{query}", check["url"].as_str().unwrap_or_default());
    with(check, "url", json!(url))
}

/// Returns checks that expect another status.
pub(super) fn expecting(routes: &[&str], status: &Value) -> Vec<Value> {
    paths(routes).into_iter().map(|check| with(check, "expected_status", status.clone())).collect()
}

/// Returns the same expectations for each of these paths.
pub(super) fn each(routes: &[&str], expect: &[&str]) -> Vec<Value> {
    routes.iter().map(|route| ask(route, expect)).collect()
}

/// Leaves out what not every build of the product knows, and the checks that cannot be asked without it; tells whether
/// there was anything.
pub(super) fn leave_out(arguments: &mut Map<String, Value>) -> bool {
    let mut left_out = false;
    for field in TASK_FIELDS {
        left_out |= arguments.remove(field).is_some();
    }
    let Some(checks) = arguments.get_mut("live_checks").and_then(Value::as_array_mut) else { return left_out };
    let needs_capture = |check: &Value| {
        let url = check["url"].as_str().unwrap_or_default();
        url.contains("{{") && !url.contains(ACCOMPLICE)
    };
    left_out |= checks.iter().any(needs_capture);
    checks.retain(|check| !needs_capture(check));
    for check in checks.iter_mut().filter_map(Value::as_object_mut) {
        for field in FIELDS {
            left_out |= check.remove(field).is_some();
        }
    }
    left_out
}
