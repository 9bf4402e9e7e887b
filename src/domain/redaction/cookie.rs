//! `Cookie` and `Set-Cookie`: the value of every pair, whatever its name (RFC 6265 §4).

use std::ops::Range;

use super::value;

const ATTRIBUTES: [&str; 9] =
    ["path", "domain", "expires", "max-age", "samesite", "secure", "httponly", "version", "priority"];

/// Returns the values of the pairs in a text of cookies.
pub(super) fn values(text: &str) -> Vec<Range<usize>> {
    let mut places = Vec::new();
    let mut at = 0;
    for part in text.split_inclusive([';', '&']) {
        let (start, end) = (at, at + part.trim_end_matches([';', '&']).len());
        at += part.len();
        pair(text, start..end, &mut places);
    }
    places
}

fn pair(text: &str, place: Range<usize>, places: &mut Vec<Range<usize>>) {
    let part = &text[place.clone()];
    let Some((name, given)) = part.split_once('=') else { return };
    let start = place.end - given.len();
    if is_attribute(name.trim()) {
        // Several `Set-Cookie` in one line are joined by commas, which dates have, too.
        if let Some((before, rest)) = given.split_once(", ").or_else(|| given.split_once(','))
            && rest.contains('=')
        {
            let from = start + given.len() - rest.len();
            debug_assert!(before.len() < given.len());
            pair(text, from..place.end, places);
        }
        return;
    }
    let inner = given.trim().trim_matches('"');
    if inner.is_empty() || value::is_placeholder(inner) {
        return;
    }
    let from = start + given.find(inner).unwrap_or_default();
    places.push(from..from + inner.len());
}

fn is_attribute(name: &str) -> bool {
    ATTRIBUTES.iter().any(|attribute| attribute.eq_ignore_ascii_case(name))
}
