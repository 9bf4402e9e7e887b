//! OpenAPI descriptions: one section for each operation. Pure.
//!
//! JSON is parsed. YAML is read by its indentation, because a description needs no more of YAML than that and a
//! library for all of it would come in for nothing else.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::sections::Stretch;

/// The operations of a path (OpenAPI 3.1 §4.8.9).
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

#[derive(Deserialize)]
struct Description<'a> {
    #[serde(borrow)]
    paths: Option<&'a RawValue>,
}

/// Finds the operations of a description in JSON.
///
/// # Errors
/// When it is not JSON, or not a description.
pub(super) fn json(text: &str, lines: &[&str], name: &str) -> Result<Vec<Stretch>, String> {
    let told = |error: serde_json::Error| error.to_string();
    let description: Description = serde_json::from_str(text).map_err(told)?;
    let paths = description.paths.ok_or("it has no paths")?;
    let items: BTreeMap<String, &RawValue> = serde_json::from_str(paths.get()).map_err(told)?;
    let place = Places::of(text);
    let mut operations = Vec::new();
    for (path, item) in &items {
        // Extensions (`x-…`) may hold anything.
        let Ok(item) = serde_json::from_str::<BTreeMap<String, &RawValue>>(item.get()) else { continue };
        for (method, operation) in item.iter().filter(|(method, _)| METHODS.contains(&method.as_str())) {
            let (first_line, last_line) = place.lines(operation.get());
            let summary = serde_json::from_str::<Value>(operation.get()).ok();
            let summary = summary.as_ref().and_then(|operation| operation.get("summary")).and_then(Value::as_str);
            let title = title(method, path, summary);
            let alone = first_line == last_line;
            let content = alone.then(|| operation.get().to_owned());
            operations.push(Stretch { title, first_line, end_line: last_line + 1, content });
        }
    }
    let (begin, end) = place.lines(paths.get());
    // In a description on one line all sections have the same place. Then only the operations are kept.
    if begin == end {
        return if operations.is_empty() { Err("it has no operations".to_owned()) } else { Ok(operations) };
    }
    Ok(around(operations, lines.len(), begin, end + 1, name))
}

/// Finds the operations of a description in YAML; one section when there are none.
pub(super) fn yaml(lines: &[&str], name: &str) -> Vec<Stretch> {
    let Some(begin) =
        lines.iter().position(|line| key(line).is_some_and(|(indent, key)| indent == 0 && key == "paths"))
    else {
        return around(Vec::new(), lines.len(), lines.len(), lines.len(), name);
    };
    let end = (begin + 1..lines.len()).find(|line| depth(lines[*line]) == Some(0)).unwrap_or(lines.len());
    let mut operations = Vec::new();
    let mut path: Option<(usize, String)> = None;
    let mut method_depth: Option<usize> = None;
    for index in begin + 1..end {
        let Some((depth, key)) = key(lines[index]) else { continue };
        if path.as_ref().is_none_or(|(path_depth, _)| depth <= *path_depth) {
            path = Some((depth, key.to_owned()));
            method_depth = None;
            continue;
        }
        let Some((_, path)) = &path else { continue };
        if *method_depth.get_or_insert(depth) != depth || !METHODS.contains(&key) || !path.starts_with('/') {
            continue;
        }
        let end_line = stretch_end(lines, index, end, depth);
        let summary = lines[index + 1..end_line].iter().find_map(|line| line.trim().strip_prefix("summary:"));
        let title = title(key, path, summary.map(|text| text.trim().trim_matches(['"', '\''])));
        operations.push(Stretch { title, first_line: index, end_line, content: None });
    }
    around(operations, lines.len(), begin, end, name)
}

/// Returns the line behind a block: the next one that is not deeper.
fn stretch_end(lines: &[&str], first: usize, end: usize, of: usize) -> usize {
    (first + 1..end).find(|line| depth(lines[*line]).is_some_and(|depth| depth <= of)).unwrap_or(end)
}

fn title(method: &str, path: &str, summary: Option<&str>) -> String {
    let operation = format!("{} {path}", method.to_uppercase());
    match summary.filter(|summary| !summary.is_empty()) {
        Some(summary) => format!("{operation}: {summary}"),
        None => operation,
    }
}

/// Adds the text before and behind the paths. Without operations, everything is one section.
fn around(mut operations: Vec<Stretch>, count: usize, begin: usize, end: usize, name: &str) -> Vec<Stretch> {
    let rest = |first_line, end_line| Stretch { title: name.to_owned(), first_line, end_line, content: None };
    if operations.is_empty() {
        return vec![rest(0, count)];
    }
    operations.sort_by_key(|operation| operation.first_line);
    // Operations on the same line cannot be distinguished by their lines.
    let mut stretches = vec![rest(0, begin)];
    for operation in operations {
        if stretches.last().is_none_or(|before| before.end_line <= operation.first_line) {
            stretches.push(operation);
        }
    }
    stretches.push(rest(end, count));
    stretches
}

/// Returns the indentation of a line, or nothing for blank lines and comments.
fn depth(line: &str) -> Option<usize> {
    let text = line.trim_start_matches(' ');
    (!text.trim().is_empty() && !text.starts_with('#')).then(|| line.len() - text.len())
}

/// Returns the indentation of a key, and the key without quotes.
fn key(line: &str) -> Option<(usize, &str)> {
    let depth = depth(line)?;
    let text = line.trim();
    let quote = text.chars().next().filter(|character| matches!(character, '"' | '\''));
    let key = match quote {
        Some(quote) => text[1..].split_once(quote).filter(|(_, rest)| rest.trim_start().starts_with(':'))?.0,
        None => {
            let end = text.find(": ").or_else(|| text.strip_suffix(':').map(str::len))?;
            &text[..end]
        }
    };
    Some((depth, key))
}

/// The places of pieces of a text.
struct Places<'a> {
    text: &'a str,
    breaks: Vec<usize>,
}

impl<'a> Places<'a> {
    fn of(text: &'a str) -> Self {
        Self { text, breaks: text.match_indices('\n').map(|(place, _)| place).collect() }
    }

    /// Returns the lines, from 0, on which a piece of the text begins and ends.
    fn lines(&self, piece: &str) -> (usize, usize) {
        let begin = (piece.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        let end = begin + piece.len().saturating_sub(1);
        let line = |place| self.breaks.partition_point(|end| *end < place);
        (line(begin), line(end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const YAML: &str = "openapi: 3.1.0\ninfo:\n  title: Shop\npaths:\n  # the session\n  /api/auth/session:\n    parameters: []\n    get:\n      summary: \"The session\"\n      responses:\n        get: no\n    delete:\n      x: 1\n  \"/api/users/{id}\":\n    get:\n      operationId: user\n\ncomponents:\n  schemas: {}\n";

    fn shown(stretches: &[Stretch]) -> Vec<(&str, usize, usize)> {
        stretches.iter().map(|stretch| (stretch.title.as_str(), stretch.first_line, stretch.end_line)).collect()
    }

    #[test]
    fn operations_in_yaml_are_sections() {
        let lines: Vec<&str> = YAML.lines().collect();
        let expected = [
            ("openapi.yaml", 0, 3),
            ("GET /api/auth/session: The session", 7, 11),
            ("DELETE /api/auth/session", 11, 13),
            ("GET /api/users/{id}", 14, 17),
            ("openapi.yaml", 17, 19),
        ];
        assert_eq!(shown(&yaml(&lines, "openapi.yaml")), expected);
        assert_eq!(shown(&yaml(&["a: b", "c"], "x")), [("x", 0, 2)]);
    }

    #[test]
    fn operations_in_json_are_sections() {
        let text = "{\n \"info\": {},\n \"paths\": {\n  \"/b\": {\n   \"post\": {\n    \"summary\": \"B\"\n   }\n  },\n  \"/a\": {\"get\": {}, \"parameters\": []}\n },\n \"components\": {}\n}\n";
        let lines: Vec<&str> = text.lines().collect();
        let found = json(text, &lines, "openapi.json").expect("read");
        let expected = [("openapi.json", 0, 2), ("POST /b: B", 4, 7), ("GET /a", 8, 9), ("openapi.json", 10, 12)];
        assert_eq!(shown(&found), expected);
    }

    #[test]
    fn operations_on_one_line_are_told_apart_by_their_text() {
        let text = r#"{"paths":{"/a":{"get":{"summary":"A"}},"/b":{"get":{}}}}"#;
        let found = json(text, &[text], "openapi.json").expect("read");
        assert_eq!(shown(&found), [("GET /a: A", 0, 1), ("GET /b", 0, 1)]);
        assert_eq!(found[0].content.as_deref(), Some(r#"{"summary":"A"}"#));
    }

    #[test]
    fn what_is_no_description_says_why() {
        for text in ["", "[]", "{}", "{\"paths\": 1}", "{\"paths\": {}}", &"[".repeat(100_000)] {
            assert!(json(text, &[text], "x").is_err(), "{}", text.len());
        }
    }
}
