//! Text from outside, made safe to show.

use std::error::Error;
use std::path::Path;

use super::outside::is_hidden;

/// Returns the text with control, direction-changing and invisible characters replaced by `�`; new lines and tabs stay.
///
/// What a server, a test or an agent wrote is shown as text, never as terminal control. Joiners stay: people read scripts
/// and emoji that are made of them.
pub fn printable(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\n' | '\t' => character,
            _ if is_hidden(character) => '\u{fffd}',
            _ => character,
        })
        .collect()
}

/// Returns the text on one line of at most `limit` characters, with `…` where it was cut.
pub fn one_line(text: &str, limit: usize) -> String {
    let flat = printable(text).split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.chars().count() <= limit {
        return flat;
    }
    let mut short: String = flat.chars().take(limit.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// Returns the text as it may be shown, cut behind `limit` characters, with `…` where it was cut.
pub fn bounded(text: &str, limit: usize) -> String {
    let clean = printable(text);
    match clean.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", &clean[..end]),
        None => clean,
    }
}

/// Makes one line of a path, for messages.
pub fn shown_path(path: &Path) -> String {
    one_line(&path.display().to_string(), 400)
}

/// Returns an error's message with those of its causes on one line, but for causes that it already tells.
pub fn error_chain(error: &(dyn Error + 'static)) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if !line.contains(&text) {
            line.push_str(": ");
            line.push_str(&text);
        }
        source = cause.source();
    }
    strip_os_error(&line)
}

/// Takes the system's numbers of errors (` (os error 2)`) out of a message: the words beside them say it.
pub fn strip_os_error(message: &str) -> String {
    const MARK: &str = " (os error ";
    let mut parts = message.split(MARK);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(')') {
            Some((number, rest)) if number.parse::<i32>().is_ok() => text.push_str(rest),
            _ => text.extend([MARK, part]),
        }
    }
    text
}

/// Returns a count with its noun, in the singular for one.
pub fn pluralize(count: impl TryInto<u64>, one: &str, many: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

/// Returns what JSON says is wrong with a text, without the reader's own words.
pub fn json_problem(error: &serde_json::Error) -> String {
    let place = format!("line {}, column {}", error.line(), error.column());
    match error.classify() {
        serde_json::error::Category::Data => {
            let text = error.to_string();
            text.split(" at line ").next().unwrap_or(&text).to_owned()
        }
        serde_json::error::Category::Eof => "it is not JSON: it ends too early".to_owned(),
        _ => format!("it is not JSON: see {place}"),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_systems_numbers_go_and_nothing_else_does() {
        let told = |text: &str| super::strip_os_error(text);
        assert_eq!(told("cannot read /a: No such file (os error 2); mend it"), "cannot read /a: No such file; mend it");
        assert_eq!(told("a (os error x) b (os error "), "a (os error x) b (os error ");
    }

    #[test]
    fn one_is_one() {
        let told = [0_u64, 1, 2].map(|count| super::pluralize(count, "memory", "memories"));
        assert_eq!(told, ["0 memories", "1 memory", "2 memories"]);
    }

    use super::*;

    #[test]
    fn escape_sequences_and_direction_marks_lose_their_power() {
        assert_eq!(printable("a\u{1b}[31mb\u{202e}c\r\n"), "a\u{fffd}[31mb\u{fffd}c\u{fffd}\n");
        assert_eq!(printable("a\u{200b}\u{2028}\u{e0041}\u{feff}b"), "a\u{fffd}\u{fffd}\u{fffd}\u{fffd}b");
        assert_eq!(printable("👩\u{200d}🚀"), "👩\u{200d}🚀");
    }

    #[test]
    fn an_error_is_told_with_its_causes_and_none_twice() {
        #[derive(Debug, thiserror::Error)]
        #[error("{text}")]
        struct Told {
            text: &'static str,
            source: Option<Box<Told>>,
        }
        let told = |text, source: Option<Told>| Told { text, source: source.map(Box::new) };
        let error = told("no store: disk full", Some(told("disk full", Some(told("quota of ada", None)))));
        assert_eq!(error_chain(&error), "no store: disk full: quota of ada");
    }

    #[test]
    fn a_long_line_is_cut_at_characters() {
        assert_eq!(one_line("ää  ää\nää", 5), "ää ä…");
        assert_eq!(one_line("short", 5), "short");
    }
}
