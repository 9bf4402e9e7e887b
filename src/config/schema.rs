//! The JSON Schema of the configuration file, generated from the types that read it.

use std::sync::LazyLock;

use serde_json::Value;

use super::file::FileSettings;

/// The schema's published address: the raw file of the repository's main branch. `init` writes it as `$schema`.
pub const SCHEMA_ID: &str =
    "https://raw.githubusercontent.com/Snipara/snipara-orchestrator/main/src/config/config.schema.json";

static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    let mut schema = schemars::schema_for!(FileSettings).to_value();
    say_other_forms(&mut schema);
    if let Some(fields) = schema.as_object_mut() {
        fields.insert("$id".to_owned(), Value::from(SCHEMA_ID));
    }
    schema
});

/// Puts the forms that the reader takes beside the listed one into the types, and takes out what is said to models only.
fn say_other_forms(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if let (Some(accepted), Some(types)) = (fields.remove("x-accepts"), fields.get_mut("type")) {
                *types = match types.take() {
                    Value::Array(listed) => listed.into_iter().chain([accepted]).collect(),
                    listed => Value::from(vec![listed, accepted]),
                };
            }
            fields.retain(|name, _| !name.starts_with("x-"));
            fields.values_mut().for_each(say_other_forms);
        }
        Value::Array(items) => items.iter_mut().for_each(say_other_forms),
        _ => {}
    }
}

/// Returns the schema (JSON Schema 2020-12).
pub fn file_schema() -> Value {
    SCHEMA.clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_schema_is_the_generated_one() {
        let published: Value = serde_json::from_str(include_str!("config.schema.json")).expect("JSON");
        let generated = file_schema();
        if published != generated {
            let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/target/config.schema.json");
            let text = serde_json::to_string_pretty(&generated).expect("JSON");
            std::fs::write(beside, format!("{text}\n")).expect("written");
            panic!("the keys have changed: cp {beside} src/config/config.schema.json");
        }
    }
}
