//! Colours and small forms.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};

use crate::domain::{Outcome, ProofResult, Timestamp, one_line, printable};

/// The terminal that a person reads at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TerminalScreen {
    /// The moment at which they read: times are told from here.
    pub(crate) now: Timestamp,
    /// Its width, where it tells one.
    pub(crate) columns: Option<usize>,
}

/// Colours our own words, or leaves them as they are; at a terminal times are relative and ids short.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint {
    colour: bool,
    screen: Option<TerminalScreen>,
}

/// How many digits of an id of ours tell it apart: those of a task's are the millisecond it was made in.
const ID_DIGITS: usize = 12;
/// How many digits of a digest are shown.
const DIGEST_DIGITS: usize = 8;

impl Paint {
    /// Makes a paint that colours or does not, for a pipe.
    pub(crate) const fn new(colour: bool) -> Self {
        Self { colour, screen: None }
    }

    /// Makes a paint for a terminal, where there is one.
    pub(crate) const fn on(colour: bool, screen: Option<TerminalScreen>) -> Self {
        Self { colour, screen }
    }

    /// Tells whether a person reads it at a terminal.
    pub(super) const fn is_screen(self) -> bool {
        self.screen.is_some()
    }

    /// Returns how many columns there are to write in, at a terminal.
    pub(super) fn columns(self) -> Option<usize> {
        self.screen?.columns
    }

    /// Tells a time: how long ago it was at a terminal, else as RFC 3339 has it.
    pub(super) fn when(self, at: Timestamp) -> String {
        let ago = self.screen.and_then(|screen| u64::try_from(screen.now.ms_since(at)).ok());
        ago.map_or_else(|| at.to_string(), |ms| time_ago(ms / 1000, at))
    }

    /// Shows an id of ours: at a terminal as much of it as tells it apart, which stands for it wherever one is asked for.
    pub(super) fn id(self, id: impl Display) -> String {
        let id = id.to_string();
        let digits = id.rfind('_').map_or(0, |place| place + 1);
        let is_ours = id.len() - digits == 32 && id.bytes().skip(digits).all(|digit| digit.is_ascii_hexdigit());
        match self.screen {
            Some(_) if is_ours => id.chars().take(digits + ID_DIGITS).collect(),
            _ => line(&id),
        }
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

/// Says how long ago something was; what is a month old by its day.
fn time_ago(seconds: u64, at: Timestamp) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    match seconds {
        0..5 => "just now".to_owned(),
        5..MINUTE => format!("{seconds} s ago"),
        MINUTE..HOUR => format!("{} min ago", seconds / MINUTE),
        HOUR..DAY => format!("{} h ago", seconds / HOUR),
        _ if seconds < 30 * DAY => format!("{} d ago", seconds / DAY),
        _ => at.to_string().chars().take("2026-12-01".len()).collect(),
    }
}

/// Returns the beginning of a digest, `sha256:` and eight digits.
pub(super) fn short_digest(digest: &str) -> String {
    let digits = digest.find(':').map_or(0, |place| place + 1);
    line(&digest.chars().take(digits + DIGEST_DIGITS).collect::<String>())
}

/// Returns an address as a path of production, where it is there.
pub(super) fn relative(endpoint: &str, production: Option<&str>) -> String {
    let path = production.and_then(|origin| endpoint.strip_prefix(origin.trim_end_matches('/')));
    line(path.filter(|path| path.starts_with('/')).unwrap_or(endpoint))
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

    fn at_terminal(now_s: i64) -> Paint {
        let now = Timestamp::from_micros(now_s * 1_000_000);
        Paint::on(false, Some(TerminalScreen { now, columns: Some(80) }))
    }

    #[test]
    fn a_time_is_told_from_now_at_a_terminal_and_whole_in_a_pipe() {
        let made = Timestamp::from_micros(1_700_000_000_000_000);
        let told = [0, 59, 3_599, 86_399, 86_400 * 29].map(|later| at_terminal(1_700_000_000 + later).when(made));
        assert_eq!(told, ["just now", "59 s ago", "59 min ago", "23 h ago", "29 d ago"]);
        assert_eq!(at_terminal(1_700_000_000 + 86_400 * 40).when(made), "2023-11-14");
        // A clock that was set back tells no time that has not come yet.
        assert_eq!(at_terminal(1_600_000_000).when(made), "2023-11-14T22:13:20.000Z");
        assert_eq!(Paint::new(false).when(made), "2023-11-14T22:13:20.000Z");
    }

    #[test]
    fn ids_of_ours_and_digests_are_short_and_others_stay() {
        let id = "task_0193aaaabbbbccccddddeeeeffff0001";
        assert_eq!(at_terminal(0).id(id), "task_0193aaaabbbb");
        assert_eq!(Paint::new(false).id(id), id);
        assert_eq!(at_terminal(0).id("clx9f2"), "clx9f2");
        assert_eq!(short_digest("sha256:0123456789abcdef0123"), "sha256:01234567");
    }

    #[test]
    fn an_address_of_production_is_its_path() {
        let production = Some("https://api.example.com");
        assert_eq!(relative("https://api.example.com/a?b=1", production), "/a?b=1");
        assert_eq!(relative("https://api.example.com.evil.test/a", production), "https://api.example.com.evil.test/a");
        assert_eq!(relative("https://other.example/a", production), "https://other.example/a");
    }

    #[test]
    fn durations_are_short() {
        assert_eq!(
            [0, 812, 1000, 3240, 59_999, 125_000].map(duration),
            ["0 ms", "812 ms", "1.0 s", "3.2 s", "60.0 s", "2 min 5 s"]
        );
    }
}
