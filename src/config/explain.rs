//! Says in words why a document does not follow a schema, without showing any value.
//!
//! Knows the keywords that our own schemas use, no more: it explains what serde already refused.

use serde_json::Value;

use crate::domain::nearest;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SchemaProblem {
    /// A key that the schema does not know.
    UnknownKey { path: Vec<String>, suggestion: Option<String> },
    /// A value of another type or out of range; also a key that is missing.
    WrongType { path: Vec<String>, expected: String, found: String },
}

impl SchemaProblem {
    /// Makes the problem of a value that has another type.
    pub(crate) fn type_of(path: Vec<String>, value: &Value, expected: &str) -> Self {
        Self::WrongType { path, expected: expected.to_owned(), found: kind(value).to_owned() }
    }
}

/// Finds the problems of a document, depth first; none when the schema allows it.
pub(crate) fn explain(schema: &Value, document: &Value) -> Vec<SchemaProblem> {
    let mut problems = Vec::new();
    walk(schema, schema, document, &mut Vec::new(), &mut problems);
    problems
}

fn walk(root: &Value, schema: &Value, value: &Value, path: &mut Vec<String>, problems: &mut Vec<SchemaProblem>) {
    let Some(schema) = followed(root, schema) else { return };
    if value.is_null() && allows(schema, "null") {
        return;
    }
    if let Some(alternatives) = schema.get("anyOf").and_then(Value::as_array) {
        if value.is_null() && alternatives.iter().any(|one| allows(one, "null")) {
            return;
        }
        let mut meant = alternatives.iter().filter(|one| !allows(one, "null"));
        let of_this_type = meant.clone().find(|one| followed(root, one).is_some_and(|one| fits(one, value)));
        if let Some(meant) = of_this_type.or_else(|| meant.next()) {
            walk(root, meant, value, path, problems);
        }
        return;
    }
    if let (Some(words), Some(text)) = (words_of(schema), value.as_str())
        && !words.contains(&text)
    {
        let meant = nearest(text, words.iter().copied());
        let meant = meant.map(|word| format!(" (did you mean `{word}`?)")).unwrap_or_default();
        let expected = format!("one of {}{meant}", words.join(", "));
        problems.push(SchemaProblem::WrongType { path: path.clone(), expected, found: "another word".to_owned() });
        return;
    }
    if !fits(schema, value) {
        problems.push(SchemaProblem::type_of(path.clone(), value, &expected(schema)));
        return;
    }
    match value {
        Value::Object(fields) => walk_object(root, schema, fields, path, problems),
        Value::Array(items) => {
            let Some(item_schema) = schema.get("items") else { return };
            for (index, item) in items.iter().enumerate() {
                within(path, &index.to_string(), |path| walk(root, item_schema, item, path, problems));
            }
        }
        _ => {}
    }
}

fn walk_object(
    root: &Value,
    schema: &Value,
    fields: &serde_json::Map<String, Value>,
    path: &mut Vec<String>,
    problems: &mut Vec<SchemaProblem>,
) {
    let known = schema.get("properties").and_then(Value::as_object);
    for (name, field) in fields {
        within(path, name, |path| {
            if let Some(field_schema) = known.and_then(|known| known.get(name)) {
                return walk(root, field_schema, field, path, problems);
            }
            match schema.get("additionalProperties") {
                Some(Value::Bool(false)) => {
                    let names = known.into_iter().flat_map(serde_json::Map::keys).map(String::as_str);
                    let suggestion = nearest(name, names).map(str::to_owned);
                    problems.push(SchemaProblem::UnknownKey { path: path.clone(), suggestion });
                }
                Some(each @ Value::Object(_)) => walk(root, each, field, path, problems),
                _ => {}
            }
        });
    }
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    for name in required.filter(|name| !fields.contains_key(*name)) {
        let expected = known.and_then(|known| known.get(name)).map_or_else(String::new, expected);
        within(path, name, |path| {
            problems.push(SchemaProblem::WrongType { path: path.clone(), expected, found: "missing".to_owned() });
        });
    }
}

fn within<T>(path: &mut Vec<String>, name: &str, inner: impl FnOnce(&mut Vec<String>) -> T) -> T {
    path.push(name.to_owned());
    let answer = inner(path);
    path.pop();
    answer
}

pub(super) fn followed<'a>(root: &'a Value, schema: &'a Value) -> Option<&'a Value> {
    match schema.get("$ref").and_then(Value::as_str) {
        Some(reference) => root.pointer(reference.strip_prefix('#')?),
        None => Some(schema),
    }
}

pub(super) fn types(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn allows(schema: &Value, name: &str) -> bool {
    types(schema).contains(&name)
}

fn bounds(schema: &Value) -> (Option<u64>, Option<u64>) {
    let bound = |name: &str| schema.get(name).and_then(Value::as_u64);
    let limit = match schema.get("format").and_then(Value::as_str) {
        Some("uint32") => Some(u64::from(u32::MAX)),
        _ => None,
    };
    (bound("minimum"), bound("maximum").or(limit))
}

/// The words that a schema knows: `enum`, or a list of constants.
fn words_of(schema: &Value) -> Option<Vec<&str>> {
    let constants = schema.get("oneOf").and_then(Value::as_array);
    let words: Vec<&str> = match schema.get("enum").and_then(Value::as_array) {
        Some(words) => words.iter().filter_map(Value::as_str).collect(),
        None => constants?.iter().filter_map(|one| one.get("const").and_then(Value::as_str)).collect(),
    };
    (!words.is_empty()).then_some(words)
}

fn fits(schema: &Value, value: &Value) -> bool {
    let types = types(schema);
    types.is_empty()
        || types.iter().any(|name| match *name {
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "array" => value.is_array(),
            "object" => value.is_object(),
            "null" => value.is_null(),
            "integer" => {
                let (least, most) = bounds(schema);
                value.as_u64().is_some_and(|number| {
                    least.is_none_or(|least| number >= least) && most.is_none_or(|most| number <= most)
                })
            }
            _ => value.is_number(),
        })
}

fn expected(schema: &Value) -> String {
    let words: Vec<_> = types(schema).into_iter().filter(|name| *name != "null").collect();
    let words = if words.is_empty() { vec!["object"] } else { words };
    words.into_iter().map(|word| expected_of(word, schema)).collect::<Vec<_>>().join(" or ")
}

fn expected_of(word: &str, schema: &Value) -> String {
    match word {
        "string" => "text".to_owned(),
        "boolean" => "true or false".to_owned(),
        "array" => "a list".to_owned(),
        "integer" => match bounds(schema) {
            (Some(least), Some(most)) if most < u64::from(u32::MAX) => {
                format!("a whole number from {least} to {most}")
            }
            (Some(least), _) => format!("a whole number of at least {least}"),
            _ => "a whole number".to_owned(),
        },
        "number" => "a number".to_owned(),
        _ => "an object".to_owned(),
    }
}

/// Names a value's kind.
const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
