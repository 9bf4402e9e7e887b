//! A secret name and its value in elements, attributes and pairs of `name` and `value`.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::finding::window;

const WINDOW: usize = 2 * 1024;

/// Patterns that begin where a name ends; one of the groups is the value.
const AFTER_NAME: [&str; 7] = [
    // <password type="x">VALUE</password>, with CDATA
    r"^(?:\s[^<>]*)?>\s*<!\[CDATA\[((?s:.*?))\]\]>",
    r"^(?:\s[^<>]*)?>\s*([^<>]+?)\s*</",
    // <entry key="password">VALUE</entry>
    r#"^["'][^<>]*>\s*([^<>]+?)\s*</"#,
    // <key>password</key><string>VALUE</string>, <name>password</name><value>VALUE</value>
    r"^\s*</[A-Za-z:]+>\s*<[A-Za-z:]+>\s*([^<>]+?)\s*</",
    // "name": "DB_PASSWORD", "value": "VALUE"; name="password" value="VALUE"
    r#"^["']\s*[,;]?\s*["']?(?i:[a-z]*value|content|default)["']?\s*[:=]\s*(?:"([^"]*)"|'([^']*)'|([^\s"',;{}<>]+))"#,
    // name: DB_PASSWORD, and in the next line value: VALUE
    r#"^[ \t]*\r?\n[ \t]*(?i:value):[ \t]+(?:"([^"]*)"|'([^']*)'|([^\s"',;{}<>]+))"#,
    // "value": "…" may stand a few fields later: "name": "password", "type": "hidden", "value": "VALUE"
    r#"^["'](?:\s*,\s*"[A-Za-z_]+"\s*:\s*(?:"[^"]*"|[a-z0-9]+)|\s+[A-Za-z-]+="[^"]*"){1,4}\s*,?\s*"?value"?\s*[:=]\s*"([^"]*)""#,
];

static PATTERNS: LazyLock<Vec<Regex>> =
    LazyLock::new(|| AFTER_NAME.iter().filter_map(|pattern| Regex::new(pattern).ok()).collect());

/// Returns the value that follows a name which ends at `end`.
pub(super) fn value_after(text: &str, name: Range<usize>) -> Option<Range<usize>> {
    let rest = window(text, name.end, WINDOW);
    // What can follow is told by the first character; nearly all names are followed by another one.
    let next = rest.trim_start().bytes().next()?;
    let is_open = |byte: u8| matches!(byte, b'>' | b'<' | b'"' | b'\'' | b',' | b';');
    if !is_open(next)
        && !rest.trim_start().get(..5).is_some_and(|word| word.eq_ignore_ascii_case("value"))
        && !is_tag(text, name.start)
    {
        return None;
    }
    let skip = if is_tag(text, name.start) { 0 } else { 2 };
    PATTERNS.iter().skip(skip).find_map(|pattern| {
        let found = pattern.captures(rest)?;
        let value = found.iter().skip(1).flatten().next()?;
        Some(name.end + value.start()..name.end + value.end())
    })
}

/// Tells whether a name is that of an element: `<password`, `<ns:password`.
fn is_tag(text: &str, start: usize) -> bool {
    let before = text.as_bytes().get(..start).unwrap_or_default();
    let prefix = before.iter().rev().take(32).take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b':').count();
    before.len() > prefix && before[before.len() - prefix - 1] == b'<'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        assert_eq!(PATTERNS.len(), AFTER_NAME.len());
    }
}
