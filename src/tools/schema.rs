//! JSON Schemas as models read them: nothing in them that does not help.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use super::spec::JsonObject;

/// Returns the schema of what a tool takes, with everything that its reader accepts.
pub(super) fn input_schema<T: JsonSchema>() -> JsonObject {
    let mut schema = generate::<T>(settings(), true);
    // What a request says of itself holds for its fields.
    if let Some(told) = schema.shift_remove("x-model")
        && let Some(Value::Object(properties)) = schema.get_mut("properties")
    {
        for property in properties.values_mut().filter_map(Value::as_object_mut) {
            property.entry("x-model").or_insert_with(|| told.clone());
        }
    }
    schema
}

/// Returns a schema as models are shown it: their own texts, no other spellings, no field that is seldom needed.
pub(super) fn listed(schema: &JsonObject) -> JsonObject {
    let mut schema = schema.clone();
    leave_out_unlisted(&mut schema);
    published(schema)
}

/// Returns the schema of a published tool: all that it reads, in the words for models.
pub(super) fn published(mut schema: JsonObject) -> JsonObject {
    keep_listed(&mut schema);
    schema
}

fn leave_out_unlisted(schema: &mut JsonObject) {
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.retain(|_, property| property.get("x-unlisted").is_none());
    }
    for_each_part(schema, ["items"], leave_out_unlisted);
}

/// Goes into the schemas of properties, and into those of other keywords.
fn for_each_part<const N: usize>(
    schema: &mut JsonObject,
    keywords: [&str; N],
    mut change: impl FnMut(&mut JsonObject),
) {
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.values_mut().filter_map(Value::as_object_mut).for_each(&mut change);
    }
    for keyword in keywords {
        if let Some(Value::Object(inner)) = schema.get_mut(keyword) {
            change(inner);
        }
    }
}

/// Puts the bounds of a number where 0.1.0 listed them: clients compare lists by their bytes.
fn as_it_was_listed(schema: &mut Map<String, Value>) {
    let place = |keyword: &str| schema.keys().position(|known| known == keyword);
    let behind_the_type = |keyword: &&str| place(keyword) > place("type");
    let keywords: Vec<&str> = ["description", "minimum", "maximum"].into_iter().filter(behind_the_type).collect();
    let mut rest: Vec<(String, Value)> =
        keywords.into_iter().filter_map(|keyword| Some((keyword.to_owned(), schema.shift_remove(keyword)?))).collect();
    if rest.last().is_some_and(|(keyword, _)| keyword != "description") {
        rest.rotate_right(1);
    }
    schema.extend(rest);
}

/// Returns one schema of two whose arguments stand side by side.
pub(super) fn united(mut one: JsonObject, other: JsonObject) -> JsonObject {
    for keyword in ["properties", "required"] {
        match (one.get_mut(keyword), other.get(keyword)) {
            (Some(Value::Object(one)), Some(Value::Object(other))) => {
                for (name, schema) in other {
                    one.entry(name).or_insert_with(|| schema.clone());
                }
            }
            (Some(Value::Array(one)), Some(Value::Array(other))) => one.extend(other.iter().cloned()),
            (None, Some(other)) => {
                one.insert(keyword.to_owned(), other.clone());
            }
            _ => {}
        }
    }
    one
}

fn keep_listed(object: &mut JsonObject) {
    let unlisted = object.shift_remove("x-unlisted").is_some();
    match object.shift_remove("x-model") {
        Some(Value::Bool(true)) => {}
        Some(text) => drop(object.insert("description".to_owned(), text)),
        None if unlisted => {}
        None => drop(object.shift_remove("description")),
    }
    object.shift_remove("x-alias");
    object.shift_remove("x-accepts");
    object.shift_remove("default");
    as_it_was_listed(object);
    for_each_part(object, ["items", "additionalProperties"], keep_listed);
    for keyword in ["items", "additionalProperties"] {
        // The field says what its items are.
        object.get_mut(keyword).and_then(Value::as_object_mut).and_then(|inner| inner.shift_remove("description"));
    }
}

/// Returns the lean schema of what a tool answers; names and types only.
pub(super) fn output_schema<T: JsonSchema>() -> JsonObject {
    generate::<T>(settings().for_serialize(), false)
}

fn settings() -> SchemaSettings {
    SchemaSettings::draft2020_12().with(|settings| {
        settings.meta_schema = None;
        settings.inline_subschemas = true;
    })
}

fn generate<T: JsonSchema>(settings: SchemaSettings, described: bool) -> JsonObject {
    let mut schema = std::mem::take(settings.into_generator().into_root_schema_for::<T>().ensure_object());
    lean(&mut schema, described);
    schema.remove("description");
    if !described {
        forget_inner_required(&mut schema);
    }
    schema
}

/// In an answer, what a reader can count on is said for the root only.
fn forget_inner_required(object: &mut JsonObject) {
    let Some(Value::Object(properties)) = object.get_mut("properties") else { return };
    for inner in properties.values_mut().filter_map(Value::as_object_mut) {
        inner.remove("required");
        if let Some(Value::Object(items)) = inner.get_mut("items") {
            items.remove("required");
        }
    }
}

/// Takes out what costs tokens and says nothing; a property may be called like a keyword, so names stay untouched.
fn lean(object: &mut JsonObject, described: bool) {
    drop_null(object);
    merge_constants(object);
    let unsigned = object.get("format").and_then(Value::as_str).is_some_and(|format| format.starts_with("uint"));
    for keyword in ["$schema", "title", "format", "writeOnly"] {
        object.remove(keyword);
    }
    // The bounds of our own types do not bind the numbers of an answer.
    if !described {
        object.remove("default");
    }
    if !described || unsigned {
        object.remove("minimum");
        object.remove("maximum");
    }
    if object.get("additionalProperties") == Some(&Value::Bool(true)) {
        object.remove("additionalProperties");
    }
    if described {
        if let Some(Value::String(text)) = object.get_mut("description") {
            *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            if text.is_empty() {
                object.shift_remove("description");
            }
        }
    } else {
        object.remove("description");
        in_their_order(object, ["minItems", "maxItems"]);
    }
    for_each_part(object, ["items", "additionalProperties"], |inner| lean(inner, described));
    for keyword in ["anyOf", "oneOf", "allOf"] {
        if let Some(Value::Array(variants)) = object.get_mut(keyword) {
            variants.iter_mut().filter_map(Value::as_object_mut).for_each(|variant| lean(variant, described));
        }
    }
}

/// Puts keywords at the end, in this order: goldens are compared by their bytes.
fn in_their_order<const N: usize>(object: &mut Map<String, Value>, keywords: [&str; N]) {
    for keyword in keywords {
        if let Some(value) = object.shift_remove(keyword) {
            object.insert(keyword.to_owned(), value);
        }
    }
}

/// An optional field may be left out; that it may also be null helps nobody who writes one.
fn drop_null(object: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(values)) = object.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    if let Some(Value::Array(variants)) = object.get_mut("anyOf") {
        variants.retain(|variant| variant.get("type").is_none_or(|kind| kind != "null"));
        if let [Value::Object(only)] = variants.as_slice() {
            let only = only.clone();
            object.remove("anyOf");
            for (key, value) in only {
                object.entry(key).or_insert(value);
            }
        }
    }
}

/// `oneOf` over named constants, each with its description, becomes one `enum`.
fn merge_constants(object: &mut Map<String, Value>) {
    let Some(Value::Array(variants)) = object.get("oneOf") else { return };
    let mut names = Vec::new();
    for variant in variants {
        match (variant.get("const"), variant.get("enum")) {
            (Some(name), _) => names.push(name.clone()),
            (None, Some(Value::Array(more))) => names.extend(more.iter().cloned()),
            _ => return,
        }
    }
    object.remove("oneOf");
    object.insert("type".to_owned(), "string".into());
    object.insert("enum".to_owned(), Value::Array(names));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(schemars::JsonSchema)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    struct Example {
        /// A title
        /// over two lines.
        title: Option<String>,
        status: crate::domain::TaskStatus,
        wanted: Option<crate::domain::TaskStatus>,
        wait: Option<u32>,
    }

    #[test]
    fn a_schema_holds_no_keyword_that_only_costs_tokens() {
        let schema = Value::Object(input_schema::<Example>());
        let text = schema.to_string();
        for noise in ["$schema", "format", "null", "minimum", "$defs", "oneOf"] {
            assert!(!text.contains(noise), "{noise} in {text}");
        }
        assert_eq!(schema["properties"]["title"], json!({"description": "A title over two lines.", "type": "string"}));
        assert_eq!(schema["properties"]["status"]["enum"][8], "done");
        assert_eq!(schema["properties"]["wanted"]["enum"], schema["properties"]["status"]["enum"]);
        assert!(!Value::Object(output_schema::<Example>()).to_string().contains("description"));
    }
}
