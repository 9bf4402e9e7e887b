//! JSON Schema (2020-12, or the draft that a schema names), without network, files and backtracking.

use std::fmt;
use std::sync::Arc;

use jsonschema::{PatternOptions, Validator};
use serde_json::Value;

use super::bounded;
use super::found::Stop;
use super::json_document::JsonDocument;
use crate::domain::one_line;

/// The longest schema, in bytes.
const MOST_BYTES: usize = 256 * 1024;
/// How many schemas one schema may hold, references followed.
const MOST_SCHEMAS: usize = 1_500;
/// How deep they may lie in each other before they are no longer counted.
const DEEPEST: usize = 64;
/// The memory of one compiled pattern, in bytes.
const MOST_COMPILED: usize = 256 * 1024;
/// Keywords that name another schema.
const REFERENCES: [&str; 3] = ["$ref", "$dynamicRef", "$recursiveRef"];
/// Keywords whose value is data and no schema.
const DATA: [&str; 4] = ["const", "enum", "default", "examples"];
/// Keywords whose value holds schemas by names that are no keywords.
const NAMED: [&str; 5] = ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"];

/// A schema that is within its bounds.
#[derive(Clone)]
pub(crate) struct JsonSchema(Arc<Validator>);

impl fmt::Debug for JsonSchema {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JsonSchema")
    }
}

impl JsonSchema {
    /// Compiles a schema.
    ///
    /// # Errors
    /// One line, when it is no schema, past a bound, or refers to something outside of it.
    pub(crate) fn new(text: &str) -> Result<Self, String> {
        if text.len() > MOST_BYTES {
            return Err(format!("the schema has {} bytes, more than {MOST_BYTES}", text.len()));
        }
        let schema = JsonDocument::read(text).map_err(|problem| format!("the schema is no JSON: {problem}"))?.value;
        if !(schema.is_object() || schema.is_boolean()) {
            return Err("a schema is a JSON object, or true or false".to_owned());
        }
        if let Some((keyword, target)) = outside_reference(&schema) {
            let target = one_line(target, 80);
            return Err(format!(
                "`{keyword}` of the schema is `{target}`: only references within the schema (`#…`) are followed; \
                 copy it into `$defs`"
            ));
        }
        if schemas_in(&schema, &schema, 0) > MOST_SCHEMAS {
            return Err(format!(
                "the schema holds more than {MOST_SCHEMAS} schemas when its references are followed: take alternatives out"
            ));
        }
        let built = bounded::run("the schema", move || {
            let patterns = PatternOptions::regex().size_limit(MOST_COMPILED).dfa_size_limit(4 * MOST_COMPILED);
            let built = jsonschema::options().offline().with_pattern_options(patterns).build(&schema);
            built.map_err(|error| {
                let place = error.instance_path().to_string();
                let place = if place.is_empty() { String::new() } else { format!(" at {place}") };
                format!("the schema is wrong{place}: {}", one_line(&error.to_string(), 120))
            })
        });
        match built {
            Ok(validator) => validator.map(|validator| Self(Arc::new(validator))),
            Err(Stop::Failed(why) | Stop::Unverified { why, .. }) => Err(why),
        }
    }

    /// Judges a document: the first violation is told with its place (RFC 6901).
    pub(crate) fn check(&self, document: &Arc<JsonDocument>) -> Result<(), Stop> {
        let (validator, document) = (Arc::clone(&self.0), Arc::clone(document));
        bounded::run("the schema", move || {
            validator.validate(&document.value).map_err(|error| {
                let place = error.instance_path().to_string();
                let place = if place.is_empty() { "the document" } else { &place };
                Stop::Failed(format!("{place}: {error}"))
            })
        })?
    }
}

/// Counts the schemas that judging goes through at most, references followed; stops a little above the bound. A schema that
/// refers to itself goes as deep as the document.
fn schemas_in(root: &Value, schema: &Value, depth: usize) -> usize {
    if depth > DEEPEST {
        return 1;
    }
    let mut count = 1_usize;
    let children: Vec<&Value> = match schema {
        Value::Array(items) => items.iter().collect(),
        Value::Object(fields) => fields
            .iter()
            .filter(|(name, _)| !DATA.contains(&name.as_str()) && !matches!(name.as_str(), "$defs" | "definitions"))
            .map(|(name, value)| match value {
                Value::String(target) if REFERENCES.contains(&name.as_str()) => root
                    .pointer(target.trim_start_matches('#'))
                    .filter(|target| *target != root)
                    .unwrap_or(&Value::Null),
                value => value,
            })
            .collect(),
        _ => return 0,
    };
    for child in children {
        count = count.saturating_add(schemas_in(root, child, depth + 1));
        if count > MOST_SCHEMAS {
            return count;
        }
    }
    count
}

/// Returns the first reference that leads out of the schema.
fn outside_reference(schema: &Value) -> Option<(&str, &str)> {
    match schema {
        Value::Array(items) => items.iter().find_map(outside_reference),
        Value::Object(fields) => fields.iter().find_map(|(name, value)| match (name.as_str(), value) {
            (keyword, Value::String(target)) if REFERENCES.contains(&keyword) && !target.starts_with('#') => {
                Some((keyword, target.as_str()))
            }
            (keyword, _) if DATA.contains(&keyword) => None,
            (keyword, Value::Object(schemas)) if NAMED.contains(&keyword) => {
                schemas.values().find_map(outside_reference)
            }
            _ => outside_reference(value),
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(schema: &str, document: &str) -> String {
        let document = Arc::new(JsonDocument::read(document).expect("JSON"));
        match JsonSchema::new(schema).map(|schema| schema.check(&document)) {
            Ok(Ok(())) => "holds".to_owned(),
            Ok(Err(Stop::Failed(observed))) => observed,
            Ok(Err(Stop::Unverified { why, .. })) => format!("unverified: {why}"),
            Err(problem) => format!("bad: {problem}"),
        }
    }

    #[test]
    fn the_first_violation_is_told_with_its_place() {
        let schema = r##"{"$defs": {"age": {"type": "integer"}}, "properties": {"user": {"properties": {"age": {"$ref": "#/$defs/age"}}}}}"##;
        assert_eq!(checked(schema, r#"{"user": {"age": 7}}"#), "holds");
        assert_eq!(checked(schema, r#"{"user": {"age": "x"}}"#), "/user/age: \"x\" is not of type \"integer\"");
    }

    #[test]
    fn a_schema_reaches_nothing_outside_and_holds_no_backtracking() {
        for schema in [r#"{"$ref": "https://a.test/b"}"#, r#"{"items": [{"$dynamicRef": "other.json#a"}]}"#] {
            assert!(checked(schema, "{}").contains("only references within the schema"), "{schema}");
        }
        let data = r#"{"properties": {"$ref": {"const": {"$ref": "x"}}}}"#;
        assert_eq!(checked(data, "{}"), "holds");
        for schema in
            [r#"{"pattern": "(?=a)b"}"#, r#"{"pattern": "(\\w{1,200}){100}"}"#, r#"{"type": "strin"}"#, "[]", "{"]
        {
            assert!(checked(schema, "{}").starts_with("bad: "), "{schema}");
        }
        assert!(checked(&format!("{{\"title\": \"{}\"}}", "x".repeat(MOST_BYTES)), "{}").contains("more than 262144"));
    }

    #[test]
    fn a_schema_that_would_take_for_ever_is_refused() {
        let level = |index: u32| {
            let next = format!(r##"{{"$ref": "#/$defs/a{}"}}"##, index + 1);
            format!(r#""a{index}": {{"allOf": [{next}, {next}]}}"#)
        };
        let levels: Vec<String> = (0..40).map(level).collect();
        let schema =
            format!(r##"{{"$ref": "#/$defs/a0", "$defs": {{{}, "a40": {{"type": "object"}}}}}}"##, levels.join(","));
        let told = checked(&schema, "{}");
        assert!(told.contains("when its references are followed"), "{told}");
        let alternatives: Vec<String> = (0..1_600).map(|index| format!(r#"{{"required": ["{index}"]}}"#)).collect();
        let told = checked(&format!(r#"{{"anyOf": [{}]}}"#, alternatives.join(",")), "{}");
        assert!(told.contains("take alternatives out"), "{told}");
        // One that refers to itself goes as deep as the document.
        let tree = r##"{"type": "object", "properties": {"next": {"$ref": "#"}}}"##;
        assert_eq!(checked(tree, r#"{"next": {"next": {}}}"#), "holds");
    }
}
