//! What a store holds, with what differs at each writing masked: new ids, times, hashes, processes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::{Captures, Regex};
use rusqlite::types::ValueRef;
use serde_json::Value;

use super::project::Project;

/// By table: its rows, each by column, a JSON object in a column by its fields (`criteria/required_proofs`).
pub(super) type Stored = BTreeMap<String, Vec<BTreeMap<String, String>>>;

/// Differ at each writing, whoever writes.
const VOLATILE: [&str; 10] = [
    "process_id",
    "start_ticks",
    "boot_id",
    "cookie",
    "duration_ms",
    "looked_ms",
    "row_number",
    "token",
    "seq",
    "rowid",
];
/// An index and its own tables hold the memories in another form.
const INDEX: &str = "memories_index";
/// The endings of an index's own tables.
const SHADOWS: [&str; 5] = ["_data", "_idx", "_content", "_docsize", "_config"];

static SPANS: LazyLock<Regex> = LazyLock::new(|| {
    let time = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z";
    Regex::new(&format!(r"(?<time>{time})|(?<id>\b[a-z]+_[0-9a-f]{{32}}\b)|(?<hash>\b[0-9a-f]{{64}}\b)|(?<uuid>\b[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}\b)"))
        .expect("a pattern")
});

/// Returns all ids and moments that a store holds, wherever they stand.
pub(super) fn known(project: &Project<'_>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    each_cell(project, |_, column, text| {
        if column.ends_with("_at") {
            found.insert(text.clone());
        }
        found.extend(SPANS.captures_iter(&text).filter_map(|span| Some(span.name("id")?.as_str().to_owned())));
    });
    found
}

/// Reads a store whole; `known` is what [`known`] told before: only what is new is masked.
pub(super) fn stored(project: &Project<'_>, known: &BTreeSet<String>, now_us: i64) -> Stored {
    let mut tables = Stored::new();
    each_cell(project, |(table, row), column, text| {
        let rows = tables.entry(table.to_owned()).or_default();
        rows.resize_with(row + 1, BTreeMap::new);
        spread(column, &text, known, now_us, &mut rows[row]);
    });
    for rows in tables.values_mut() {
        rows.sort();
    }
    tables
}

fn each_cell(project: &Project<'_>, mut take: impl FnMut((&str, usize), &str, String)) {
    let store = project.store();
    let sql =
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_sqlx%' ESCAPE '\\' ORDER BY name";
    let mut names = store.prepare(sql).expect("tables");
    let names = names.query_map([], |row| row.get::<_, String>(0)).expect("tables").map(|name| name.expect("a name"));
    for table in names.filter(|name| name != INDEX && !SHADOWS.iter().any(|shadow| name.ends_with(shadow))) {
        let mut statement = store.prepare(&format!("SELECT * FROM {table}")).expect("a table");
        let columns: Vec<String> = statement.column_names().iter().map(|name| (*name).to_owned()).collect();
        let mut rows = statement.query([]).expect("rows");
        let mut number = 0;
        while let Some(row) = rows.next().expect("a row") {
            for (index, column) in columns.iter().enumerate() {
                let text = match row.get_ref(index).expect("a cell") {
                    ValueRef::Null => "NULL".to_owned(),
                    ValueRef::Integer(number) => number.to_string(),
                    ValueRef::Real(number) => number.to_string(),
                    ValueRef::Text(text) | ValueRef::Blob(text) => String::from_utf8_lossy(text).into_owned(),
                };
                take((&table, number), column, text);
            }
            number += 1;
        }
    }
}

/// Puts a cell into its row: an object field by field, everything else as a text.
fn spread(path: &str, text: &str, known: &BTreeSet<String>, now_us: i64, row: &mut BTreeMap<String, String>) {
    let name = path.rsplit('/').next().unwrap_or(path);
    if VOLATILE.contains(&name) {
        return;
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => {
            for (name, value) in &fields {
                spread(&format!("{path}/{name}"), &as_text(value), known, now_us, row);
            }
        }
        Ok(Value::Array(items)) if items.iter().all(Value::is_object) => {
            let spread_item = |item: &Value| {
                let mut fields = BTreeMap::new();
                spread("", &item.to_string(), known, now_us, &mut fields);
                format!("{fields:?}")
            };
            let mut items: Vec<String> = items.iter().map(spread_item).collect();
            items.sort();
            row.insert(path.to_owned(), format!("{items:?}"));
        }
        _ if name.ends_with("_at") && text.parse::<i64>().is_ok() && !known.contains(text) => {
            row.insert(path.to_owned(), from_now(text.parse().unwrap_or_default(), now_us));
        }
        _ => {
            row.insert(path.to_owned(), masked(text, known));
        }
    }
}

fn as_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A time by its distance from now, in minutes, so that a time-out is compared and the moment is not.
fn from_now(time_us: i64, now_us: i64) -> String {
    let minutes = (time_us - now_us + 30_000_000).div_euclid(60_000_000);
    format!("<{minutes} minutes from now>")
}

fn masked(text: &str, known: &BTreeSet<String>) -> String {
    let replaced = SPANS.replace_all(text, |span: &Captures<'_>| {
        if let Some(id) = span.name("id") {
            let kind = id.as_str().split('_').next().unwrap_or_default();
            return if known.contains(id.as_str()) { id.as_str().to_owned() } else { format!("<new {kind}>") };
        }
        let kind = ["time", "hash", "uuid"].into_iter().find(|kind| span.name(kind).is_some());
        format!("<{}>", kind.unwrap_or_default())
    });
    replaced.into_owned()
}
