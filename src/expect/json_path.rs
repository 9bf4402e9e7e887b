//! JSONPath (RFC 9535), bounded before it starts.

use std::sync::Arc;

use serde_json_path::JsonPath as Query;

use super::bounded;
use super::datum::Datum;
use super::found::{ReadResult, Stop};
use super::json_document::JsonDocument;
use crate::domain::one_line;

/// The longest path, in bytes.
const MOST_BYTES: usize = 1024;
/// How often `..` may stand in a path.
const MOST_DESCENTS: u32 = 2;
/// How deep brackets may be nested.
const MOST_NESTING: usize = 8;
/// How many values a document may have that is searched with `..` or a filter, and how many a path may find.
const MOST_NODES: u64 = 100_000;
/// How many values a path may hold on its way: each `..` and each list of selectors multiplies them.
const MOST_VISITED: u64 = 4_000_000;

/// A path that is within its bounds.
#[derive(Debug, Clone)]
pub(crate) struct JsonPath {
    query: Arc<Query>,
    shape: Shape,
    first_key: Option<String>,
}

/// What of a path decides how long it can take.
#[derive(Debug, Clone, Copy, Default)]
struct Shape {
    /// Whether it may find several values (RFC 9535 §2.3.5.1: no wildcard, slice, filter, list or descent).
    several: bool,
    filters: bool,
    descents: u32,
    /// How often lists of selectors can find one value again.
    repeats: u64,
}

impl JsonPath {
    /// Reads a path.
    ///
    /// # Errors
    /// One line.
    pub(crate) fn new(text: &str) -> Result<Self, String> {
        if text.len() > MOST_BYTES {
            return Err(format!("the path has {} bytes, more than {MOST_BYTES}", text.len()));
        }
        let shape = shape(text)?;
        let query = Query::parse(text).map_err(|error| {
            let place = text.get(..error.position()).map_or(1, |before| before.chars().count() + 1);
            let hint = if text.starts_with('$') { "quote a path with blanks" } else { "a path begins with `$`" };
            format!("`{}` is no JSONPath: see its character {place} ({hint})", one_line(text, 60))
        })?;
        Ok(Self { query: Arc::new(query), shape, first_key: first_key(text) })
    }

    /// Returns the key of the top level that it goes through, if it names one.
    pub(crate) fn first_key(&self) -> Option<&str> {
        self.first_key.as_deref()
    }

    /// Reads what it finds: a value of a path that finds at most one, else a list.
    pub(crate) fn read(&self, document: &Arc<JsonDocument>) -> ReadResult {
        if !self.shape.several {
            let found = self.query.query(&document.value).first().map(Datum::from_json);
            return Ok(found.map_or(super::found::Found::Nothing("no such path"), Into::into));
        }
        self.shape.check(document)?;
        let (query, document) = (Arc::clone(&self.query), Arc::clone(document));
        let nodes = bounded::run("the path", move || {
            let found = query.query(&document.value);
            (found.len() as u64 <= MOST_NODES).then(|| found.iter().map(|value| Datum::from_json(value)).collect())
        })?;
        nodes
            .map(|nodes| Datum::Nodes(nodes).into())
            .ok_or_else(|| Stop::unverified(format!("the path finds more than {MOST_NODES} values in this answer")))
    }
}

impl Shape {
    /// Refuses a document in which the path could hold too much.
    fn check(self, document: &JsonDocument) -> Result<(), Stop> {
        if (self.filters || self.descents > 0) && document.nodes > MOST_NODES {
            let why =
                format!("the answer has {} values, more than {MOST_NODES} that such a path may search", document.nodes);
            return Err(Stop::unverified(why));
        }
        let again = document.depth.saturating_pow(self.descents.saturating_sub(1)).saturating_mul(self.repeats);
        if document.nodes.saturating_mul(again) > MOST_VISITED {
            return Err(Stop::unverified("the path could find too many values in this answer: name fewer at once"));
        }
        Ok(())
    }
}

/// Measures a path outside its quotes.
fn shape(text: &str) -> Result<Shape, String> {
    let mut shape = Shape { repeats: 1, ..Shape::default() };
    // Each open bracket: whether it is a selector's, and how many selectors it holds so far.
    let mut open: Vec<(bool, u64)> = Vec::new();
    let mut quote = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(_), '\\') => _ = characters.next(),
            (Some(end), _) if end == character => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(character),
            (None, '[' | '(') => open.push((character == '[', 1)),
            (None, ']' | ')') => {
                if let Some((true, selectors)) = open.pop() {
                    shape.repeats = shape.repeats.saturating_mul(selectors);
                }
            }
            (None, ',') => {
                if let Some((true, selectors)) = open.last_mut() {
                    shape.several = true;
                    *selectors += 1;
                }
            }
            (None, '.') if characters.next_if_eq(&'.').is_some() => {
                shape.several = true;
                shape.descents += 1;
            }
            (None, '?') => (shape.several, shape.filters) = (true, true),
            (None, '*' | ':') => shape.several = true,
            _ => {}
        }
        if open.len() > MOST_NESTING {
            return Err(format!("the path nests brackets more than {MOST_NESTING} deep"));
        }
    }
    if shape.descents > MOST_DESCENTS {
        return Err(format!("the path has `..` {} times, more than {MOST_DESCENTS}", shape.descents));
    }
    Ok(shape)
}

/// Returns the name in `$.name` or `$['name']`.
fn first_key(text: &str) -> Option<String> {
    let rest = text.strip_prefix('$')?.trim_start();
    if let Some(name) = rest.strip_prefix('.') {
        let end = name.find(['.', '[', ' ']).unwrap_or(name.len());
        return Some(&name[..end]).filter(|name| !name.is_empty() && *name != "*").map(str::to_owned);
    }
    let inner = rest.strip_prefix('[')?.trim_start();
    let quote = inner.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    let (name, after) = inner[1..].split_once(quote)?;
    (after.trim_start().starts_with(']') && !name.contains('\\')).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> String {
        let document = Arc::new(JsonDocument::read(text).expect("JSON"));
        match JsonPath::new(path).map(|path| path.read(&document)) {
            Ok(Ok(super::super::found::Found::Datum(datum))) => datum.told(),
            Ok(Ok(super::super::found::Found::Nothing(why))) => why.to_owned(),
            Ok(Err(Stop::Unverified { why, .. })) => format!("unverified: {why}"),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_singular_path_gives_its_value_and_others_a_list() {
        let text = r#"{"a": [{"b": 1, "n": "v1"}, {"b": 3}], "x y": null}"#;
        for (path, right) in [
            ("$.a[0].b", "number 1"),
            ("$.a[*].b", "list [1, 3]"),
            ("$..b", "list [1, 3]"),
            ("$.a[?@.b == 3].b", "list [3]"),
            ("$.a[?@.b == 9].b", "list []"),
            ("$.a[-1:].b", "list [3]"),
            ("$.a[?match(@.n, 'v.*')].b", "list [1]"),
            ("$['x y']", "null"),
            ("$.q", "no such path"),
        ] {
            assert_eq!(found(path, text), right, "{path}");
        }
    }

    #[test]
    fn the_first_key_is_named_only_where_there_is_one() {
        let key = |path: &str| JsonPath::new(path).expect("a path").first_key;
        assert_eq!(key("$.error.code"), Some("error".to_owned()));
        assert_eq!(key("$['error'][0]"), Some("error".to_owned()));
        assert!(["$", "$.*", "$..error", "$['a','b']", "$[0]"].map(key).iter().all(Option::is_none));
    }

    #[test]
    fn what_could_take_long_is_refused_or_unverified() {
        for path in
            ["$..a..b..c", &format!("${}", ".a".repeat(600)), &format!("$[?{}@.a{}]", "(".repeat(9), ")".repeat(9))]
        {
            assert!(JsonPath::new(path).is_err(), "{path}");
        }
        let wide = format!("[{}]", vec!["[0]"; 60_000].join(","));
        assert!(
            found("$..*", &wide).starts_with("unverified: the answer has 120001 values"),
            "{}",
            found("$..*", &wide)
        );
        let again = format!("${}", "[0,0]".repeat(30));
        assert!(found(&again, "[[[[0]]]]").starts_with("unverified: the path could find too many"));
        let nested = format!("[{}]", vec!["0"; 50_000].join(","));
        assert!(found("$[?$[?$[?@ > 1]]]", &nested).starts_with("unverified: the path takes longer"));
    }

    #[test]
    fn what_is_no_path_is_told_with_its_place() {
        assert_eq!(
            JsonPath::new("items.a").unwrap_err(),
            "`items.a` is no JSONPath: see its character 1 (a path begins with `$`)"
        );
        assert!(JsonPath::new("$.a[?(@.b").unwrap_err().ends_with("(quote a path with blanks)"));
    }
}
