//! Arguments, looked at before they are read: strict about names and types, and helpful about both.

use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value};

use crate::domain::{FieldError, nearest, one_line};
use crate::orchestrator::OrchestratorError;

use super::spec::JsonObject;

/// Reads the arguments of a tool.
///
/// # Errors
/// Unknown fields (with the nearest known one), missing fields and wrong types, each named with its place.
pub(super) fn read<P: DeserializeOwned>(
    tool: &str,
    schema: &JsonObject,
    arguments: JsonObject,
) -> Result<P, OrchestratorError> {
    let mut arguments = Value::Object(arguments);
    check_object(&Place::tool(tool), schema, &mut arguments)?;
    serde_path_to_error::deserialize(arguments).map_err(|error| {
        let place = error.path().to_string();
        let reason = one_line(&error.into_inner().to_string(), 300);
        OrchestratorError::invalid(format!("{place} in {tool}: {reason}"), "Correct this field and call again.")
    })
}

/// Reads the arguments of a published tool: unknown ones are ignored, in objects within them, too, and nulls are absent
/// (snipara-wire.md §1.8).
///
/// # Errors
/// Missing fields and values that cannot be read, by name.
pub(super) fn read_leniently<P: DeserializeOwned>(schema: &JsonObject, given: JsonObject) -> Result<P, FieldError> {
    let mut given = Value::Object(given);
    keep_known(schema, &mut given);
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    if let Some(name) = required.into_iter().find(|name| given.get(name).is_none()) {
        return Err(FieldError::new(name, "is missing", format!("give {name}")));
    }
    serde_path_to_error::deserialize(given).map_err(|error| {
        let place = error.path().to_string();
        FieldError::new(place, one_line(&error.into_inner().to_string(), 300), "correct it and call again")
    })
}

fn keep_known(schema: &Map<String, Value>, value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let Some(known) = schema.get("properties").and_then(Value::as_object) else { return };
            use_own_spelling(known, fields);
            let closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
            fields.retain(|name, value| match known.contains_key(name) {
                true => !value.is_null(),
                false => !closed,
            });
            for (name, value) in fields.iter_mut() {
                if let Some(Value::Object(schema)) = known.get(name) {
                    keep_known(schema, value);
                }
            }
        }
        Value::Array(items) => {
            let Some(Value::Object(schema)) = schema.get("items") else { return };
            items.iter_mut().for_each(|item| keep_known(schema, item));
        }
        _ => {}
    }
}

/// Where in the arguments something stands.
struct Place<'a> {
    tool: &'a str,
    path: String,
}

impl<'a> Place<'a> {
    const fn tool(tool: &'a str) -> Self {
        Self { tool, path: String::new() }
    }

    fn field(&self, name: &str) -> Self {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        Self { tool: self.tool, path }
    }

    fn item(&self, index: usize) -> Self {
        Self { tool: self.tool, path: format!("{}[{index}]", self.path) }
    }

    /// `run_task`, or `run_task live_checks[0]`.
    fn holder(&self) -> String {
        if self.path.is_empty() { self.tool.to_owned() } else { format!("{} {}", self.tool, self.path) }
    }
}

fn check(place: &Place<'_>, schema: &Map<String, Value>, value: &mut Value) -> Result<(), OrchestratorError> {
    let kinds = kinds(schema);
    // Another form that the reader of this field takes, which is not listed.
    let accepted = schema.get("x-accepts").and_then(Value::as_str);
    if accepted.is_some_and(|kind| is_of(kind, value)) {
        return Ok(());
    }
    if !kinds.is_empty() && !kinds.iter().any(|kind| is_of(kind, value)) {
        return Err(OrchestratorError::invalid(
            format!("{} in {} must be {}, not {}", place.path, place.tool, expected(&kinds), found(value)),
            example(place, &kinds, value),
        ));
    }
    if kinds.contains(&"integer") && !kinds.contains(&"number") {
        make_whole(value);
    }
    match value {
        Value::Object(_) => check_object(place, schema, value),
        Value::Array(items) => {
            let Some(Value::Object(inner)) = schema.get("items") else { return Ok(()) };
            for (index, item) in items.iter_mut().enumerate() {
                check(&place.item(index), inner, item)?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn check_object(place: &Place<'_>, schema: &Map<String, Value>, value: &mut Value) -> Result<(), OrchestratorError> {
    let Value::Object(fields) = value else { return Ok(()) };
    let nothing = Map::new();
    let known = schema.get("properties").and_then(Value::as_object).unwrap_or(&nothing);
    let closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    if let Some(name) = fields.keys().find(|name| closed && !known.contains_key(*name)) {
        let shown = one_line(name, 60);
        let message = match nearest(name, known.keys().map(String::as_str)) {
            Some(meant) => format!("unknown field `{shown}` in {}: did you mean `{meant}`?", place.holder()),
            None => format!("unknown field `{shown}` in {}", place.holder()),
        };
        let names = known.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        let hint = if names.is_empty() { "It takes no fields.".to_owned() } else { format!("Known fields: {names}.") };
        return Err(OrchestratorError::invalid(message, hint));
    }
    for name in required {
        if fields.get(name).is_none_or(Value::is_null) {
            return Err(OrchestratorError::invalid(
                format!("missing field `{name}` in {}", place.holder()),
                format!("Give `{name}` and call again."),
            ));
        }
    }
    // Clients that fill every field write null for "not given".
    fields.retain(|name, value| !(value.is_null() && known.contains_key(name)));
    let others = schema.get("additionalProperties").and_then(Value::as_object);
    for (name, value) in fields.iter_mut() {
        let schema = known.get(name).and_then(Value::as_object).or(others);
        if let (Some(schema), false) = (schema, value.is_null()) {
            check(&place.field(name), schema, value)?;
        }
    }
    Ok(())
}

/// Gives each field that is written in another of its spellings (`x-alias`) its own name, unless that is there, too.
fn use_own_spelling(known: &Map<String, Value>, fields: &mut Map<String, Value>) {
    for (name, schema) in known {
        let spellings = schema.get("x-alias").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        for spelling in spellings {
            if fields.get(name).is_none_or(Value::is_null)
                && let Some(value) = fields.shift_remove(spelling)
            {
                fields.insert(name.clone(), value);
            }
        }
    }
}

/// Returns the types that a schema names; none when it takes anything.
fn kinds(schema: &Map<String, Value>) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Below this every whole number has its own `f64` (2^53).
const LARGEST: f64 = 9_007_199_254_740_992.0;

fn is_of(kind: &str, value: &Value) -> bool {
    match kind {
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "number" => value.is_number(),
        "integer" => {
            value.is_i64() || value.as_f64().is_some_and(|number| number.fract() == 0.0 && number.abs() < LARGEST)
        }
        _ => true,
    }
}

/// `45.0` is an integer to JSON Schema, and is not one to serde.
fn make_whole(value: &mut Value) {
    let whole = match value {
        Value::Number(number) if number.is_f64() => number.as_f64().filter(|number| number.fract() == 0.0),
        _ => None,
    };
    if let Some(whole) = whole.and_then(|whole| format!("{whole:.0}").parse::<i64>().ok()) {
        *value = Value::Number(Number::from(whole));
    }
}

fn expected(kinds: &[&str]) -> String {
    kinds.iter().map(|kind| named(kind)).collect::<Vec<_>>().join(" or ")
}

fn named(kind: &str) -> &'static str {
    match kind {
        "string" => "text",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "an object",
        "number" => "a number",
        "integer" => "a whole number",
        _ => "null",
    }
}

fn found(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("the text \"{}\"", one_line(text, 40)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

/// Says how the field is written, with what was given where that shows the way.
fn example(place: &Place<'_>, kinds: &[&str], value: &Value) -> String {
    if place.path.ends_with(']')
        && kinds.contains(&"object")
        && let Some((what, example)) = object_of(&place.path)
    {
        return format!("{what} is an object, such as {example}.");
    }
    if let Some(meant) = unquoted(kinds, value) {
        return format!("Write {} without quotes: {meant}.", place.path);
    }
    if kinds == ["array"] {
        let item = object_of(&place.path).map_or("\"…\"", |(_, example)| example);
        return format!("Write {} as a JSON list, such as [] or [{item}].", place.path);
    }
    "Correct this field and call again.".to_owned()
}

/// Returns what the items of a list of objects are called, and an example of one.
fn object_of(path: &str) -> Option<(&'static str, &'static str)> {
    // The innermost field: `live_checks[0].expect` is a list of lines.
    match path.rsplit('.').next()?.split('[').next()? {
        "live_checks" => Some(("A live check", "{\"url\": \"/health\"}")),
        "evidence" => Some(("Evidence", "{\"type\": \"test\", \"task_id\": \"task_…\"}")),
        "evidence_required" => Some(("A requirement", "{\"type\": \"test\", \"description\": \"…\"}")),
        "acceptance_criteria" => Some(("A criterion", "{\"text\": \"…\"}")),
        _ => None,
    }
}

/// Returns what stands in a text when it is of the asked kind: agents quote numbers, and whole lists.
fn unquoted(kinds: &[&str], value: &Value) -> Option<String> {
    let meant: Value = serde_json::from_str(value.as_str()?).ok()?;
    kinds.iter().any(|kind| is_of(kind, &meant)).then(|| one_line(&meant.to_string(), 80))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;
    use crate::tools::schema::input_schema;

    #[derive(Debug, Deserialize, schemars::JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Example {
        live_checks: Option<Vec<Inner>>,
        wait: Option<i64>,
    }

    #[derive(Debug, Deserialize, schemars::JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        url: String,
        timeout_s: Option<f64>,
    }

    fn given(arguments: Value) -> Result<Example, String> {
        let Value::Object(arguments) = arguments else { panic!("an object") };
        read("tool", &input_schema::<Example>(), arguments).map_err(|error| error.to_string())
    }

    #[test]
    fn unknown_fields_are_refused_with_the_nearest_name_at_any_depth() {
        assert_eq!(
            given(json!({"live_check": []})).expect_err("refused"),
            "unknown field `live_check` in tool: did you mean `live_checks`?"
        );
        assert_eq!(
            given(json!({"live_checks": [{"url": "/"}, {"url": "/", "timeout": 1}]})).expect_err("refused"),
            "unknown field `timeout` in tool live_checks[1]: did you mean `timeout_s`?"
        );
        assert_eq!(given(json!({"zzz": 1})).expect_err("refused"), "unknown field `zzz` in tool");
    }

    #[test]
    fn a_wrong_type_is_named_with_its_place() {
        for (arguments, message) in [
            (json!({"live_checks": "x"}), "live_checks in tool must be a list, not the text \"x\""),
            (json!({"live_checks": ["/health"]}), "live_checks[0] in tool must be an object, not the text \"/health\""),
            (json!({"live_checks": [{}]}), "missing field `url` in tool live_checks[0]"),
            (json!({"wait": 1.5}), "wait in tool must be a whole number, not 1.5"),
            (
                json!({"live_checks": [{"url": "/", "timeout_s": "3"}]}),
                "live_checks[0].timeout_s in tool must be a number, not the text \"3\"",
            ),
        ] {
            assert_eq!(given(arguments).expect_err("refused"), message);
        }
    }

    fn hint(arguments: Value) -> String {
        let Value::Object(arguments) = arguments else { panic!("an object") };
        read::<Example>("tool", &input_schema::<Example>(), arguments).expect_err("refused").hint().into_owned()
    }

    #[test]
    fn a_hint_shows_how_the_field_is_written() {
        assert_eq!(hint(json!({"wait": "30"})), "Write wait without quotes: 30.");
        assert_eq!(
            hint(json!({"live_checks": "[{\"url\":\"/\"}]"})),
            "Write live_checks without quotes: [{\"url\":\"/\"}]."
        );
        assert_eq!(
            hint(json!({"live_checks": "/health"})),
            "Write live_checks as a JSON list, such as [] or [{\"url\": \"/health\"}]."
        );
        assert_eq!(hint(json!({"wait": "soon"})), "Correct this field and call again.");
    }

    #[test]
    fn a_number_that_nobody_means_is_named_as_it_was_given() {
        for number in [json!(1e30), json!(u64::MAX)] {
            let message = given(json!({ "wait": number })).expect_err("refused");
            assert!(message.starts_with("wait in tool must be a whole number, not 1"), "{message}");
        }
    }

    #[test]
    fn null_is_not_given_and_a_whole_float_is_whole() {
        let example = given(json!({"live_checks": null, "wait": 45.0})).expect("read");
        assert!(example.live_checks.is_none());
        assert_eq!(example.wait, Some(45));
        let example = given(json!({"live_checks": [{"url": "/", "timeout_s": 0.5}]})).expect("read");
        let item = &example.live_checks.expect("items")[0];
        assert_eq!((item.url.as_str(), item.timeout_s), ("/", Some(0.5)));
    }
}
