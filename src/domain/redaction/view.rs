//! A text with one layer of escapes taken away, and where each of its bytes stood before.

use std::ops::Range;

/// The view.
pub(super) struct View {
    pub(super) text: String,
    /// For each byte of the text where it begins in the text before, and where the last one ends.
    origins: Vec<usize>,
}

impl View {
    /// Returns the place in the text before.
    pub(super) fn origin(&self, place: &Range<usize>) -> Range<usize> {
        let at = |index: usize| self.origins.get(index).or(self.origins.last()).copied().unwrap_or_default();
        at(place.start)..at(place.end)
    }
}

/// Takes away one layer of all escapes at once: of JSON and shells (`\"`, `\n`, `\u0022`), of URLs (`%22`, and `+`
/// between two words), of HTML (`&quot;`). `None` when there are none.
pub(super) fn peeled(text: &str) -> Option<View> {
    let bytes = text.as_bytes();
    if !bytes.iter().any(|byte| matches!(byte, b'\\' | b'%' | b'&' | b'+')) {
        return None;
    }
    let mut view: Vec<u8> = Vec::with_capacity(bytes.len());
    let mut origins = Vec::with_capacity(bytes.len() + 1);
    let mut changed = false;
    let mut at = 0;
    while at < bytes.len() {
        let (length, plain) = match bytes[at] {
            b'\\' => escape(&bytes[at..]),
            b'%' => percent(&bytes[at..]),
            b'&' => entity(&text[at..]),
            b'+' => plus(bytes, at),
            _ => None,
        }
        .map_or((1, None), |(length, plain)| (length, Some(plain)));
        match plain {
            Some(plain) => {
                changed = true;
                let mut buffer = [0; 4];
                let encoded = plain.encode_utf8(&mut buffer).as_bytes();
                view.extend_from_slice(encoded);
                origins.extend(encoded.iter().map(|_| at));
            }
            None => {
                view.push(bytes[at]);
                origins.push(at);
            }
        }
        at += length;
    }
    if !changed {
        return None;
    }
    origins.push(bytes.len());
    String::from_utf8(view).ok().map(|text| View { text, origins })
}

fn escape(rest: &[u8]) -> Option<(usize, char)> {
    match rest.get(1)? {
        b'n' => Some((2, '\n')),
        b'r' => Some((2, '\r')),
        b't' => Some((2, '\t')),
        b'u' => {
            let code = std::str::from_utf8(rest.get(2..6)?).ok()?;
            Some((6, char::from_u32(u32::from_str_radix(code, 16).ok()?)?))
        }
        b'x' => Some((4, hex(rest.get(2..4)?)?)),
        next if next.is_ascii_punctuation() => Some((2, char::from(*next))),
        _ => None,
    }
}

/// A byte outside of ASCII stays encoded: no name and no value that is looked for holds one.
fn percent(rest: &[u8]) -> Option<(usize, char)> {
    Some((3, hex(rest.get(1..3)?)?))
}

fn hex(digits: &[u8]) -> Option<char> {
    let code = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    code.is_ascii().then(|| char::from(code))
}

fn entity(rest: &str) -> Option<(usize, char)> {
    const ENTITIES: [(&str, char); 8] = [
        ("&quot;", '"'),
        ("&#34;", '"'),
        ("&apos;", '\''),
        ("&#39;", '\''),
        ("&#x27;", '\''),
        ("&lt;", '<'),
        ("&gt;", '>'),
        ("&amp;", '&'),
    ];
    ENTITIES.iter().find(|(entity, _)| rest.starts_with(entity)).map(|(entity, plain)| (entity.len(), *plain))
}

/// `password+%3D+x`: a space of a form (WHATWG URL, application/x-www-form-urlencoded), where it stands between two words.
fn plus(bytes: &[u8], at: usize) -> Option<(usize, char)> {
    let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| !byte.is_ascii_whitespace());
    (at > 0 && is_word(bytes.get(at - 1)) && is_word(bytes.get(at + 1))).then_some((1, ' '))
}
