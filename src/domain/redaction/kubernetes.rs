//! A kubernetes Secret: every value under `data` and `stringData`, whatever its name (Kubernetes API, Secret v1).

use std::sync::LazyLock;

use regex::Regex;

use super::finding::Findings;
use super::value;

/// Where a Secret is looked for; any case.
pub(super) const KEYWORDS: [&str; 6] = [
    "kind: secret",
    "kind: \"secret\"",
    "kind: 'secret'",
    "\"kind\":\"secret\"",
    "\"kind\": \"secret\"",
    "kind:secret",
];

static SECTION: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?m)^([ \t-]*)["']?(?:data|stringData)["']?:[ \t]*(?:#.*)?$"#).ok());
static OBJECT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#""?(?:data|stringData)"?\s*:\s*\{([^}]*)\}"#).ok());
static FIELD: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#":\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"',{}]+))"#).ok());

/// Adds the values of the Secret whose kind stands at `at`, and returns where its document ends.
pub(super) fn add(text: &str, at: usize, found: &mut Findings) -> usize {
    let start = text[..at].rfind("\n---").map_or(0, |before| before + 1);
    let end = text[at..].find("\n---").map_or(text.len(), |after| at + after);
    let document = &text[start..end];
    if let Some(section) = &*SECTION {
        for heading in section.captures_iter(document) {
            let (Some(whole), Some(indent)) = (heading.get(0), heading.get(1)) else { continue };
            block(document, start, whole.end(), indent.as_str().len(), found);
        }
    }
    let (Some(object), Some(field)) = (&*OBJECT, &*FIELD) else { return end };
    for inner in object.captures_iter(document).filter_map(|found| found.get(1)) {
        for value in field.captures_iter(inner.as_str()).filter_map(|found| found.get(1).or_else(|| found.get(2))) {
            if !value::is_placeholder(value.as_str()) {
                let from = start + inner.start();
                found.add(from + value.start()..from + value.end());
            }
        }
    }
    end
}

/// Adds the values of the lines that are deeper than the heading which ends at `after`.
fn block(document: &str, offset: usize, after: usize, indent: usize, found: &mut Findings) {
    let mut at = after;
    for line in document[after..].split_inclusive('\n') {
        let start = at;
        at += line.len();
        let plain = line.trim();
        if plain.is_empty() {
            continue;
        }
        let depth = line.len() - line.trim_start().len();
        if depth <= indent {
            break;
        }
        let value =
            plain.split_once(": ").map_or_else(|| if plain.ends_with(':') { "" } else { plain }, |(_, value)| value);
        let value = value.trim().trim_matches(['"', '\'']);
        if value.len() > 2 {
            let from = start + line.rfind(value).unwrap_or_default();
            if !value::is_placeholder(value) {
                found.add(offset + from..offset + from + value.len());
            }
        }
    }
}
