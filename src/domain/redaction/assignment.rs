//! A secret name and what is given to it: `name=value`, `"name": "value"`, `--name value`, `the name is value`.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::finding::{Findings, line_before, window};
use super::name::{self, Strength};
use super::value::{self, Joint};
use super::{cookie, markup};

/// The longest name.
const NAME: usize = 64;
/// The longest value.
const VALUE: usize = 32 * 1024;
/// So many bytes of an unquoted value are judged.
const JUDGED: usize = 512;

/// What joins a name with its value: `=`, `:`, `=>`, `:=`, `==`, `->`, `|`, a type between (`: str =`), a call.
static JOINT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"^["'`]?\]?\)?[?!]?(?:"#,
        r#"(?<call>\(\s*)["']|"#,
        r#"\s?:\s?[&A-Za-z][\w<>\[\]:&' |]{0,40}?\s=\s(?<typed>)|"#,
        r#"(?<before>[ \t]*)(?<sign>=>|:=|===?|=|:|->|\|)(?<after>[ \t]*(?:\r?\n[ \t]+(?:- )?)?)"#,
        r#")"#
    ))
    .ok()
});
/// What stands between a name and its value in prose.
const VERBS: [&str; 9] = ["is", "was", "to", "are", "now", "as", "set to", "of", "for"];
/// The scheme before credentials (RFC 9110 §11.4).
static SCHEME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:bearer|basic|digest|negotiate|ntlm|token|apikey|api-key|oauth|hawk|signature|key|splunk|hmac|aws4-hmac-sha256|genie[a-z]*|[a-z]+-?auth)[ \t]+")
        .ok()
});
/// Where the next pair begins in `a=1&b=2`, `a=1;b=2`, `a:1,b:2`.
static NEXT_PAIR: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"[&;,]["']?[A-Za-z_][A-Za-z0-9_.%\[\] -]{0,40}["']?[=:]|</|&amp;|[&;]$"#).ok());

/// Adds the value of the name that holds a keyword, and returns up to where other names need no look: the end of the
/// name, or of the header that it begins.
pub(super) fn add(text: &str, keyword: Range<usize>, found: &mut Findings) -> usize {
    let name = name_around(text, keyword);
    let end = name.end;
    let Some(strength) = strength(text, &name) else { return end };
    let bytes = text.as_bytes();
    let before = name.start.checked_sub(1).map(|at| bytes[at]);
    let is_flag = text[name.clone()].starts_with('-') || before == Some(b'/') && is_flag_slash(bytes, name.start);
    if text[..name.start].ends_with("::") || before == Some(b'/') && !is_flag && bytes.get(end) != Some(&b'=') {
        return end;
    }
    Assignment { text, name, strength, is_flag }.add(found).max(end)
}

/// How secret a name is; `key` goes with the word before it, as in `API key: …`.
fn strength(text: &str, name: &Range<usize>) -> Option<Strength> {
    let word = &text[name.clone()];
    if !word.eq_ignore_ascii_case("key") {
        return name::strength(word);
    }
    let before = line_before(text, name.start).strip_suffix(' ')?;
    name::strength_of_key(before.rsplit(|byte: char| !byte.is_ascii_alphanumeric()).next()?)
}

/// `/password:x` begins a word, `a/password` goes on with a path.
fn is_flag_slash(bytes: &[u8], name: usize) -> bool {
    name < 2 || bytes[name - 2].is_ascii_whitespace()
}

fn name_around(text: &str, keyword: Range<usize>) -> Range<usize> {
    let bytes = text.as_bytes();
    let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'$');
    let before = bytes[..keyword.start].iter().rev().take(NAME).take_while(is_name).count();
    let after = bytes[keyword.end..].iter().take(NAME).take_while(is_name).count();
    let end = keyword.end + after;
    let trimmed = text[keyword.end..end].trim_end_matches(['.', '-', '$']).len();
    keyword.start - before..keyword.end + trimmed
}

struct Assignment<'a> {
    text: &'a str,
    name: Range<usize>,
    strength: Strength,
    is_flag: bool,
}

impl Assignment<'_> {
    /// Adds the value, and returns the end of a header that was looked at as a whole, or 0.
    fn add(&self, found: &mut Findings) -> usize {
        let (text, end) = (self.text, self.name.end);
        if let Some(value) = markup::value_after(text, self.name.clone()) {
            let plain = &text[value.clone()];
            let is_label = plain.eq_ignore_ascii_case(&text[self.name.clone()]);
            if !is_label && value::is_secret(plain, self.strength.max(Strength::Token), Joint::Tight, true) {
                found.add(value);
                return 0;
            }
        }
        let rest = window(text, end, 512);
        let joint = JOINT.as_ref().filter(|_| may_be_joined(rest));
        let Some(joined) = joint.and_then(|joint| joint.captures(rest)) else {
            self.in_prose(rest, found);
            return 0;
        };
        let whole = joined.get(0).map_or(0, |whole| whole.end());
        if let Some(call) = joined.name("call") {
            let joint = if self.strength == Strength::Password { Joint::Tight } else { Joint::Prose };
            return self.value(end + call.end(), joint, found);
        }
        if joined.name("typed").is_some() {
            return self.value(end + whole, Joint::Loose, found);
        }
        let part = |name: &str| joined.name(name).map_or("", |part| part.as_str());
        self.signed(part("before"), part("sign"), part("after"), end + whole, found)
    }

    /// `--password x`, `the password is x`, `PASSWORD 'x'`.
    fn in_prose(&self, rest: &str, found: &mut Findings) {
        let closed = rest.strip_prefix(['"', '\'', '`']).unwrap_or(rest);
        let mut next = closed.trim_start_matches([' ', '\t']);
        if next.len() == closed.len() || next.is_empty() {
            return;
        }
        let verb = VERBS.iter().find_map(|verb| next.strip_prefix(verb)).filter(|after| after.starts_with([' ', ':']));
        if let Some(after) = verb {
            next = after.trim_start_matches([' ', '\t', ':']);
        }
        let start = self.name.end + rest.len() - next.len();
        let first = next.bytes().next().unwrap_or(b'\n');
        if self.is_flag && verb.is_none() {
            if first != b'-' {
                self.value(start, Joint::Tight, found);
            }
        } else if first != b'\n' && (!matches!(first, b'"' | b'\'' | b'`') || self.strength == Strength::Password) {
            self.value(start, Joint::Prose, found);
        }
    }

    fn signed(&self, before: &str, sign: &str, after: &str, start: usize, found: &mut Findings) -> usize {
        let next = self.text.as_bytes().get(start).copied();
        let new_line = after.contains('\n');
        if sign == ":" && (next == Some(b':') || next == Some(b'/') && after.is_empty()) || new_line && sign != ":" {
            return 0;
        }
        if new_line && line_is_a_pair(self.text, start) {
            return 0;
        }
        let joint = match sign {
            "=" if before.is_empty() && after.is_empty() => Joint::Tight,
            ":" if self.is_flag && after.is_empty() => Joint::Tight,
            "|" | "->" | "==" | "===" => Joint::Prose,
            _ => Joint::Loose,
        };
        let name = &self.text[self.name.clone()];
        if name::is_cookie(name)
            && next != Some(b'[')
            && let Some(end) = self.cookies(start, found)
        {
            return end;
        }
        if name::is_authorization(name) {
            return self.authorization(start, found);
        }
        self.value(start, joint, found)
    }

    /// A header of cookies up to the end of its line or its quotes; returns where it ends.
    fn cookies(&self, start: usize, found: &mut Findings) -> Option<usize> {
        let place = self.rest_of_line(start);
        let values = cookie::values(&self.text[place.clone()]);
        let some = !values.is_empty();
        values.into_iter().for_each(|value| found.add(place.start + value.start..place.start + value.end));
        some.then_some(place.end)
    }

    /// All after the scheme, up to the end of the line or of the quotes.
    fn authorization(&self, start: usize, found: &mut Findings) -> usize {
        let place = self.rest_of_line(start);
        let line = &self.text[place.clone()];
        let scheme = SCHEME.as_ref().and_then(|scheme| scheme.find(line)).map(|scheme| scheme.end());
        let given = &line[scheme.unwrap_or(0)..];
        let first = given.split_whitespace().next().unwrap_or_default();
        if value::is_placeholder(first) || value::is_plain_word(first) {
            return 0;
        }
        let secret = match scheme {
            Some(_) => first.len() >= 4,
            None => given.split_whitespace().count() == 1 || given.split_whitespace().any(value::mixed),
        };
        if secret {
            found.add(place.end - given.len()..place.end);
        }
        place.end
    }

    /// From `start` to the end of the line, or of the quotes that are open there or begin there.
    fn rest_of_line(&self, start: usize) -> Range<usize> {
        let text = self.text;
        let (start, open) = match text.as_bytes().get(start) {
            Some(quote @ (b'"' | b'\'' | b'`')) => (start + 1, Some(*quote)),
            _ => (start, open_quote(text, self.name.start)),
        };
        let rest = window(text, start, VALUE);
        let end = rest.bytes().position(|byte| byte == b'\n' || Some(byte) == open).unwrap_or(rest.len());
        start..start + rest[..end].trim_end().len()
    }

    /// Adds the value at `start`, and returns the end of a list, or 0.
    fn value(&self, start: usize, joint: Joint, found: &mut Findings) -> usize {
        let rest = window(self.text, start, VALUE);
        let first = rest.trim_start_matches(['b', 'r', 'f', 'u', '@', '$', '&', '%']);
        let prefix = rest.len() - first.len();
        match (rest.as_bytes(), first.as_bytes()) {
            ([b'[' | b'(', ..], _) => return self.list(start + 1, found),
            (_, [quote @ (b'"' | b'\'' | b'`'), ..]) if prefix <= 2 => {
                self.quoted(start + prefix, *quote, joint, found)
            }
            ([b'|' | b'>', ..], _) if joint == Joint::Loose => self.block(start, found),
            _ => self.bare(start, joint, found),
        }
        0
    }

    fn quoted(&self, open: usize, quote: u8, joint: Joint, found: &mut Findings) {
        let bytes = self.text.as_bytes();
        let start = open + bytes[open..].iter().take(3).take_while(|byte| **byte == quote).count().max(1);
        let inner = start..quote_end(self.text, start, quote, start - open == 3);
        let start_of_value = inner.start + scheme_of(&self.text[inner.clone()]);
        let value = start_of_value..inner.end;
        let joint = if joint == Joint::Prose { joint } else { Joint::Tight };
        let plain = &self.text[value.clone()];
        let is_name = plain.eq_ignore_ascii_case(&self.text[self.name.clone()]);
        if start - open != 2 && !is_name && value::is_secret(plain, self.strength, joint, true) {
            found.add(value);
        }
    }

    /// The texts of a list, `passwords: ["a", "b"]`; returns where it ends.
    fn list(&self, start: usize, found: &mut Findings) -> usize {
        let rest = window(self.text, start, VALUE);
        let mut at = 0;
        while let Some(open) = rest[at..].find(['"', '\'', ']', ')', '\n']).map(|open| at + open) {
            let quote = rest.as_bytes()[open];
            if !matches!(quote, b'"' | b'\'') {
                break;
            }
            let end = quote_end(rest, open + 1, quote, false);
            let item = &rest[open + 1..end];
            let cookies =
                if name::is_cookie(&self.text[self.name.clone()]) { cookie::values(item) } else { Vec::new() };
            let from = start + open + 1;
            if !cookies.is_empty() {
                cookies.into_iter().for_each(|value| found.add(from + value.start..from + value.end));
            } else if value::is_secret(item, self.strength, Joint::Tight, true) {
                found.add(from..start + end);
            }
            at = (end + 1).min(rest.len());
        }
        start + at
    }

    /// A block of YAML: `password: |` and deeper lines (YAML 1.2, block scalars).
    fn block(&self, start: usize, found: &mut Findings) {
        let rest = window(self.text, start, VALUE);
        let Some((heading, lines)) = rest.split_once('\n') else { return };
        if heading.trim_end().len() > 3 {
            return;
        }
        let line = line_before(self.text, self.name.start);
        let indent = line.len() - line.trim_start().len();
        let mut at = start + heading.len() + 1;
        for line in lines.split_inclusive('\n') {
            let plain = line.trim();
            let depth = line.len() - line.trim_start().len();
            if !plain.is_empty() && depth <= indent {
                break;
            }
            let from = at + depth;
            at += line.len();
            if value::is_secret(plain, self.strength, Joint::Loose, false) {
                found.add(from..from + plain.len());
            }
        }
    }

    fn bare(&self, start: usize, joint: Joint, found: &mut Findings) {
        let text = self.text;
        let start = start + if self.strength >= Strength::Token { scheme_of(window(text, start, 64)) } else { 0 };
        // The beginning of a long word tells what it is.
        let rest = window(text, start, JUDGED);
        let open = open_quote(text, self.name.start);
        let ends = |byte: u8| byte.is_ascii_whitespace() || Some(byte) == open;
        let mut word = rest.bytes().position(ends).map_or(rest, |end| &rest[..end]);
        let is_whole = word.len() < rest.len();
        if let Some(next) = NEXT_PAIR.as_ref().and_then(|next| next.find(word)) {
            word = &word[..next.start()];
        }
        let in_query = matches!(text.as_bytes().get(self.name.start.wrapping_sub(1)), Some(b'?' | b'&'));
        if in_query {
            word = word.split(['&', '#']).next().unwrap_or(word);
        }
        let goes_on = !is_whole && word.len() == rest.len();
        if value::is_placeholder(word) {
            return;
        }
        let word = word.trim_end_matches([',', ';', ')', '}', ']', '"', '\'', '`', '.', '>']);
        if !value::is_secret(word, self.strength, joint, false) {
            return;
        }
        let mut end = start + word.len();
        if goes_on {
            let rest = window(text, start, VALUE);
            end = start + rest.bytes().position(ends).unwrap_or(rest.len());
        }
        if self.strength == Strength::Password && joint != Joint::Prose && !in_query {
            end = self.more_words(start, end);
        }
        found.add(start..end);
    }

    /// A password of several words, where name and value are all that the line holds.
    fn more_words(&self, start: usize, end: usize) -> usize {
        let before = line_before(self.text, self.name.start).trim_start_matches([' ', '\t', '-', '"']);
        let rest = window(self.text, end, 256);
        let rest = rest.split('\n').next().unwrap_or(rest);
        let rest = rest.split(" #").next().unwrap_or(rest).trim_end();
        let plain = rest.starts_with(' ')
            && rest.split_whitespace().count() <= 24
            && !rest.contains(['=', ':', '"', '\'', '(', '{', '<', '|', ';', '&', '-']);
        if (before.is_empty() || before == "export ") && plain && start < end { end + rest.len() } else { end }
    }
}

/// Tells by the next characters whether a sign can join a name with a value: in prose it mostly cannot.
fn may_be_joined(rest: &str) -> bool {
    let next = rest.trim_start_matches(['"', '\'', '`', ']', ')', '?', '!', ' ', '\t']);
    next.starts_with([':', '=', '-', '|', '('])
}

/// The length of the scheme before the value.
fn scheme_of(value: &str) -> usize {
    SCHEME.as_ref().and_then(|scheme| scheme.find(value)).map_or(0, |scheme| scheme.end())
}

/// The quote that is open on the line before a position.
fn open_quote(text: &str, at: usize) -> Option<u8> {
    let mut open = None;
    for byte in line_before(text, at).bytes() {
        match open {
            None if matches!(byte, b'"' | b'\'' | b'`') => open = Some(byte),
            Some(quote) if quote == byte => open = None,
            _ => {}
        }
    }
    open
}

/// Where a quoted text ends: at its quote, or at the end of the line when there is none.
fn quote_end(text: &str, start: usize, quote: u8, over_lines: bool) -> usize {
    let bytes = text.as_bytes();
    let limit = text.floor_char_boundary(start.saturating_add(VALUE));
    let mut at = start;
    while at < limit {
        match bytes[at] {
            b'\\' => at += 1,
            byte if byte == quote => return at,
            b'\n' if !over_lines => return at,
            _ => {}
        }
        at += 1;
    }
    limit
}

/// `- a`, `name: x` and the like in the next line: a list or a map, and no value.
fn line_is_a_pair(text: &str, start: usize) -> bool {
    let line = window(text, start, 256).split('\n').next().unwrap_or_default().trim();
    line.is_empty() || line.starts_with(['-', '#', '/']) || line.ends_with([':', '{', '[']) || line.contains(": ")
}
