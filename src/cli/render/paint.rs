//! Colours and small forms.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};

use crate::domain::{Outcome, ProofResult, one_line, printable};

/// Colours our own words, or leaves them as they are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint {
    colour: bool,
}

impl Paint {
    /// Makes a paint that colours or does not.
    pub(crate) const fn new(colour: bool) -> Self {
        Self { colour }
    }

    /// Tells whether there are colours.
    pub(crate) const fn colours(self) -> bool {
        self.colour
    }

    fn styled(self, style: Style, text: impl Display) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_string() }
    }

    /// Colours a success.
    pub(crate) fn success(self, text: impl Display) -> String {
        self.styled(AnsiColor::Green.on_default().bold(), text)
    }

    /// Colours an error.
    pub(crate) fn error(self, text: impl Display) -> String {
        self.styled(AnsiColor::Red.on_default().bold(), text)
    }

    /// Colours a warning, or an unverified result.
    pub(crate) fn warning(self, text: impl Display) -> String {
        self.styled(AnsiColor::Yellow.on_default().bold(), text)
    }

    /// Dims a text that matters less.
    pub(crate) fn dim(self, text: impl Display) -> String {
        self.styled(Style::new().dimmed(), text)
    }

    /// Shows a heading.
    pub(crate) fn strong(self, text: impl Display) -> String {
        self.styled(Style::new().bold(), text)
    }

    /// Returns the mark of a result: ✓, ✗ or ?.
    pub(crate) fn mark(self, result: ProofResult) -> String {
        match result {
            ProofResult::Pass => self.success("✓"),
            ProofResult::Fail => self.error("✗"),
            ProofResult::Unverified => self.warning("?"),
        }
    }

    /// Returns the mark of an outcome.
    pub(crate) fn outcome(self, outcome: &Outcome) -> String {
        self.mark(ProofResult::from(outcome))
    }
}

/// Returns a duration for people: `812 ms`, `3.2 s`, `2 min 5 s`.
pub(crate) fn duration(milliseconds: u64) -> String {
    match milliseconds {
        0..1000 => format!("{milliseconds} ms"),
        1000..60_000 => format!("{:.1} s", milliseconds as f64 / 1000.0),
        _ => format!("{} min {} s", milliseconds / 60_000, milliseconds % 60_000 / 1000),
    }
}

/// Returns a text from outside on one line, never cut.
pub(super) fn line(text: &str) -> String {
    one_line(text, usize::MAX)
}

/// Adds a text from outside, each of its lines behind `indent`.
pub(super) fn indented(into: &mut String, text: &str, indent: &str) {
    for text_line in printable(text).lines() {
        into.push_str(indent);
        into.push_str(text_line.trim_end());
        into.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colour_there_is_no_escape_sequence() {
        assert_eq!(Paint::new(false).error("x"), "x");
        assert!(Paint::new(true).error("x").starts_with('\u{1b}'));
    }

    #[test]
    fn durations_are_short() {
        assert_eq!(
            [0, 812, 1000, 3240, 59_999, 125_000].map(duration),
            ["0 ms", "812 ms", "1.0 s", "3.2 s", "60.0 s", "2 min 5 s"]
        );
    }
}
