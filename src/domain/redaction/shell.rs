//! Passwords on command lines: the table of `programs.rs` applied to a line.

use std::ops::Range;

use super::finding::{Findings, window};
use super::programs::{FlagForm, Programs};
use super::value;

/// The longest command line that is looked at.
const WINDOW: usize = 4 * 1024;

/// Adds the passwords of the command line whose program stands at `place`, and returns where the line ends.
pub(super) fn add(text: &str, place: Range<usize>, programs: &Programs, found: &mut Findings) -> usize {
    let bytes = text.as_bytes();
    let begins = place.start == 0
        || matches!(
            bytes[place.start - 1],
            b' ' | b'\n'
                | b'\t'
                | b'/'
                | b'`'
                | b'"'
                | b'\''
                | b'('
                | b'|'
                | b';'
                | b'&'
                | b'$'
                | b'='
                | b'@'
                | b':'
                | b'>'
        );
    let ends = bytes.get(place.end).is_some_and(|next| matches!(next, b' ' | b'\t' | b'"' | b','));
    if !begins || !ends {
        return place.start;
    }
    let after = place.end + usize::from(bytes.get(place.end) == Some(&b'"'));
    let words = words(text, after, usize::MAX);
    let end = words.last().map_or(place.end, |last| last.end);
    if !programs.with.is_empty() && !words.iter().any(|word| &text[word.clone()] == programs.with) {
        return end;
    }
    for (at, word) in words.iter().enumerate() {
        let next = words.get(at + 1);
        for (flag, form) in programs.flags {
            if let Some(secret) = given(text, word, next, flag, *form)
                && is_password(&text[secret.clone()], *form)
            {
                found.add(secret);
            }
            if *form == FlagForm::Cookies
                && &text[word.clone()] == *flag
                && let Some(next) = next
            {
                let values = super::cookie::values(&text[next.clone()]);
                values.into_iter().for_each(|value| found.add(next.start + value.start..next.start + value.end));
            }
        }
    }
    end
}

/// Adds the password of any program's flag that begins at `at`, with the space before it; it must look random.
pub(super) fn add_any(text: &str, at: usize, flag: &str, form: FlagForm, found: &mut Findings) {
    let words = words(text, at, 2);
    let Some(word) = words.first() else { return };
    if let Some(secret) = given(text, word, words.get(1), flag.trim_start(), form) {
        let value = &text[secret.clone()];
        if value.len() >= 8 && value::mixed(value) && !value.contains(['/', ':', '=', '.', ',']) {
            found.add(secret);
        }
    }
}

fn is_password(value: &str, form: FlagForm) -> bool {
    !value.is_empty()
        && !value::is_placeholder(value)
        && match form {
            FlagForm::Random => value::mixed(value),
            FlagForm::After(_) => !value.bytes().all(|byte| byte.is_ascii_digit()) && !value.starts_with("//"),
            FlagForm::Next => {
                (!value.starts_with('-') || value::mixed(value)) && !value.contains(':') && !value::is_plain_word(value)
            }
            FlagForm::Attached => !value.contains(['=', ' ']),
            FlagForm::Cookies => false,
        }
}

/// Returns where a word, or the one after it, gives a password by a flag.
fn given(
    text: &str,
    word: &Range<usize>,
    next: Option<&Range<usize>>,
    flag: &str,
    form: FlagForm,
) -> Option<Range<usize>> {
    let rest = text[word.clone()].strip_prefix(flag)?;
    match form {
        FlagForm::Attached => (!rest.is_empty()).then(|| unquoted(text, word.end - rest.len()..word.end)),
        FlagForm::Next | FlagForm::Random => rest.is_empty().then(|| next.cloned())?,
        FlagForm::Cookies => None,
        FlagForm::After(between) => {
            let pair = match rest.strip_prefix('=') {
                _ if rest.is_empty() => next.cloned()?,
                Some(pair) => unquoted(text, word.end - pair.len()..word.end),
                None if flag.starts_with("--") => return None,
                None => unquoted(text, word.end - rest.len()..word.end),
            };
            let (user, password) = text[pair.clone()].split_once(between)?;
            // `sqlplus user/password@database`, which has no flag
            let password = if flag.is_empty() { password.split('@').next().unwrap_or(password) } else { password };
            let start = pair.start + user.len() + between.len_utf8();
            (!user.contains('/')).then(|| start..start + password.len())
        }
    }
}

/// The words after a position, up to the end of the command and at most so many; quotes around a whole word are not of
/// it.
fn words(text: &str, from: usize, most: usize) -> Vec<Range<usize>> {
    let line = window(text, from, WINDOW);
    let bytes = line.as_bytes();
    let mut words = Vec::new();
    let mut at = 0;
    while at < bytes.len() && words.len() < most {
        match bytes[at] {
            b'\\' if bytes.get(at + 1) == Some(&b'\n') => at += 2,
            b'\n' | b'|' | b';' => break,
            // An array of arguments: "curl", "-u", "user:password"
            byte if byte.is_ascii_whitespace() || byte == b',' => at += 1,
            _ => {
                let start = at;
                at = word_end(bytes, at);
                words.push(unquoted(text, from + start..from + at));
            }
        }
    }
    words
}

fn word_end(bytes: &[u8], start: usize) -> usize {
    let mut quote = None;
    let mut at = start;
    while let Some(byte) = bytes.get(at).copied() {
        match (byte, quote) {
            (b'\n', None) => break,
            (b'\\', _) if at + 1 < bytes.len() => at += 1,
            (b'"' | b'\'', None) => quote = Some(byte),
            (byte, Some(open)) if byte == open => quote = None,
            (byte, None) if byte.is_ascii_whitespace() => break,
            _ => {}
        }
        at += 1;
    }
    at.min(bytes.len())
}

fn unquoted(text: &str, word: Range<usize>) -> Range<usize> {
    let plain = text[word.clone()].trim_end_matches(',');
    let end = word.start + plain.len();
    match plain.as_bytes() {
        [open @ (b'"' | b'\''), .., close] if open == close => word.start + 1..end - 1,
        [b'"' | b'\'', _, ..] => word.start + 1..end,
        [.., b'"' | b'\'' | b'`'] => word.start..end - 1,
        _ => word.start..end,
    }
}
