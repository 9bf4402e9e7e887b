//! Edits one table of a TOML text. Comments and everything else stay.

use serde_json::{Map, Value};
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, TableLike};

use super::edit::{EditError, KeyChange};

/// The comment above the time-out, which is the last key of the table, for the person who reads the file.
const TIMEOUT_COMMENT: &str = "\
# `codex exec` asks nobody: it may use the tools with default_tools_approval_mode = \"approve\" here.
# Codex gives a tool call 60 s unless told otherwise; run_task may be asked to wait up to 600 s.
";

/// Returns the entry `section.name` as JSON.
pub(super) fn entry(text: &str, section: &str, name: &str) -> Result<Option<Map<String, Value>>, EditError> {
    let document = parse(text)?;
    let Some(servers) = document.get(section) else { return Ok(None) };
    let servers = servers.as_table_like().ok_or_else(|| no_table(section))?;
    let Some(entry) = servers.get(name) else { return Ok(None) };
    let entry = entry.as_table_like().ok_or_else(|| no_table(name))?;
    Ok(Some(entry.iter().map(|(key, item)| (key.to_owned(), json_of(item))).collect()))
}

/// Applies changes to the entry `section.name`, which may be new.
pub(super) fn set(text: &str, section: &str, name: &str, changes: &[KeyChange]) -> Result<String, EditError> {
    let mut document = parse(text)?;
    if !document.contains_key(section) {
        let mut servers = Table::new();
        // Only `[section.name]` is written.
        servers.set_implicit(true);
        document.insert(section, Item::Table(servers));
    }
    let servers = document.get_mut(section).ok_or(EditError::Wrong)?;
    let inline = servers.is_inline_table();
    let servers = servers.as_table_like_mut().ok_or_else(|| no_table(section))?;
    if !servers.contains_key(name) {
        let empty = if inline { Item::Value(InlineTable::new().into()) } else { Item::Table(Table::new()) };
        servers.insert(name, empty);
    }
    let entry = servers.get_mut(name).and_then(Item::as_table_like_mut).ok_or_else(|| no_table(name))?;
    for change in changes {
        match &change.new {
            None => {
                entry.remove(&change.key);
            }
            Some(value) => put(entry, &change.key, value, inline),
        }
    }
    let edited = document.to_string();
    let says = |change: &KeyChange, entry: &Map<String, Value>| entry.get(&change.key) == change.new.as_ref();
    match self::entry(&edited, section, name)? {
        Some(entry) if changes.iter().all(|change| says(change, &entry)) => Ok(edited),
        _ => Err(EditError::Wrong),
    }
}

/// Removes the entry `section.name`.
pub(super) fn remove(text: &str, section: &str, name: &str) -> Result<String, EditError> {
    let mut document = parse(text)?;
    if let Some(servers) = document.get_mut(section) {
        servers.as_table_like_mut().ok_or_else(|| no_table(section))?.remove(name);
    }
    let edited = document.to_string();
    if entry(&edited, section, name)?.is_none() { Ok(edited) } else { Err(EditError::Wrong) }
}

fn put(entry: &mut dyn TableLike, key: &str, value: &Value, inline: bool) {
    let mut new = toml_of(value);
    if let Some(old) = entry.get_mut(key).and_then(Item::as_value_mut) {
        // A comment behind the value belongs to the key.
        *new.decor_mut() = old.decor().clone();
        *old = new;
        return;
    }
    entry.insert(key, Item::Value(new));
    if key == "tool_timeout_sec"
        && !inline
        && let Some(mut key) = entry.key_mut(key)
    {
        key.leaf_decor_mut().set_prefix(TIMEOUT_COMMENT);
    }
}

pub(super) fn parse(text: &str) -> Result<DocumentMut, EditError> {
    text.parse().map_err(|error: toml_edit::TomlError| {
        // Only the first line, because the others show the text, which may hold secrets.
        let reason = error.to_string().lines().next().unwrap_or_default().to_owned();
        EditError::Unreadable { format: "TOML", reason }
    })
}

fn no_table(key: &str) -> EditError {
    EditError::WrongKind { key: key.to_owned(), wanted: "a table" }
}

fn toml_of(value: &Value) -> toml_edit::Value {
    match value {
        Value::Number(number) => number.as_i64().unwrap_or(i64::MAX).into(),
        Value::Bool(value) => (*value).into(),
        Value::Array(values) => toml_edit::Value::Array(values.iter().map(toml_of).collect::<Array>()),
        Value::String(text) => text.as_str().into(),
        other => other.to_string().into(),
    }
}

fn json_of(item: &Item) -> Value {
    match item {
        Item::Value(value) => json_of_value(value),
        Item::Table(table) => table.iter().map(|(key, item)| (key.to_owned(), json_of(item))).collect(),
        Item::ArrayOfTables(tables) => {
            let rows =
                tables.iter().map(|table| table.iter().map(|(key, item)| (key.to_owned(), json_of(item))).collect());
            Value::Array(rows.collect())
        }
        Item::None => Value::Null,
    }
}

fn json_of_value(value: &toml_edit::Value) -> Value {
    match value {
        toml_edit::Value::String(text) => Value::from(text.value().as_str()),
        toml_edit::Value::Integer(number) => Value::from(*number.value()),
        toml_edit::Value::Float(number) => Value::from(*number.value()),
        toml_edit::Value::Boolean(value) => Value::from(*value.value()),
        toml_edit::Value::Datetime(time) => Value::from(time.value().to_string()),
        toml_edit::Value::Array(values) => values.iter().map(json_of_value).collect(),
        toml_edit::Value::InlineTable(table) => {
            table.iter().map(|(key, value)| (key.to_owned(), json_of_value(value))).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn changes() -> Vec<KeyChange> {
        [("command", json!("s")), ("args", json!(["mcp"])), ("tool_timeout_sec", json!(650))]
            .map(|(key, value)| KeyChange { key: key.into(), old: None, new: Some(value) })
            .into()
    }

    #[test]
    fn comments_and_order_stay() {
        let text = "# mine\nmodel = \"x\" # keep\n\n[mcp_servers.other]\ncommand = \"o\" # too\n\n[tail]\na = 1\n";
        let edited = set(text, "mcp_servers", "s", &changes()).expect("set");
        insta::assert_snapshot!(edited, @r#"
        # mine
        model = "x" # keep

        [mcp_servers.other]
        command = "o" # too

        [mcp_servers.s]
        command = "s"
        args = ["mcp"]
        # `codex exec` asks nobody: it may use the tools with default_tools_approval_mode = "approve" here.
        # Codex gives a tool call 60 s unless told otherwise; run_task may be asked to wait up to 600 s.
        tool_timeout_sec = 650

        [tail]
        a = 1
        "#);
        assert_eq!(remove(&edited, "mcp_servers", "s").expect("removed"), text);
    }

    #[test]
    fn a_section_in_one_line_is_edited_in_its_line() {
        let edited = set("mcp_servers = { o = { command = \"o\" } }\n", "mcp_servers", "s", &changes()).expect("set");
        let entry = entry(&edited, "mcp_servers", "s").expect("read").expect("an entry");
        assert_eq!(Value::from(entry), json!({ "command": "s", "args": ["mcp"], "tool_timeout_sec": 650 }));
        assert_eq!(edited.lines().count(), 1, "{edited}");
    }

    #[test]
    fn a_value_that_is_replaced_keeps_its_comment() {
        let text = "[mcp_servers.s]\ntool_timeout_sec = 60 # short\ncommand = \"s\"\nargs = [\"mcp\"]\n";
        let edited = set(text, "mcp_servers", "s", &changes()).expect("set");
        assert_eq!(edited, text.replace("60 #", "650 #"));
    }

    #[test]
    fn what_is_no_toml_is_refused_without_showing_it() {
        let refused = set("a = \"planted-secret", "mcp_servers", "s", &changes()).expect_err("refused");
        assert!(!refused.to_string().contains("planted"), "{refused}");
        assert!(matches!(set("mcp_servers = 1\n", "mcp_servers", "s", &changes()), Err(EditError::WrongKind { .. })));
    }
}
