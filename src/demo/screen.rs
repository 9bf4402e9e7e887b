//! Prints the story: with colours on a terminal, and without them in a pipe.

use std::io::Write;

use super::DemoError;

/// The tone of a piece of text, which decides its colour (ECMA-48 SGR codes).
#[derive(Debug, Clone, Copy)]
pub(super) enum Tone {
    /// A heading.
    Strong,
    /// A side note.
    Quiet,
    /// Something that holds.
    Good,
    /// Something that does not.
    Bad,
    /// Something to type or call.
    Code,
}

impl Tone {
    const fn code(self) -> &'static str {
        match self {
            Self::Strong => "1",
            Self::Quiet => "2",
            Self::Good => "1;32",
            Self::Bad => "1;31",
            Self::Code => "36",
        }
    }
}

/// The letters of a note's line: fits a terminal of 100 columns.
const NOTE_WIDTH: usize = 90;

/// Writes lines.
pub(super) struct Screen<'a> {
    out: &'a mut (dyn Write + Send),
    color: bool,
}

impl<'a> Screen<'a> {
    pub(super) fn new(out: &'a mut (dyn Write + Send), color: bool) -> Self {
        Self { out, color }
    }

    /// Returns a piece of text in its tone, without control characters.
    pub(super) fn paint(&self, tone: Tone, text: &str) -> String {
        let text = plain(text);
        if self.color { format!("\u{1b}[{}m{text}\u{1b}[0m", tone.code()) } else { text }
    }

    /// Writes a line and shows it at once.
    pub(super) fn line(&mut self, text: &str) -> Result<(), DemoError> {
        writeln!(self.out, "{}", text.trim_end()).and_then(|()| self.out.flush()).map_err(DemoError::Output)
    }

    /// Writes the heading of an act.
    pub(super) fn act(&mut self, number: u8, title: &str) -> Result<(), DemoError> {
        let heading = self.paint(Tone::Strong, title);
        self.line("")?;
        self.line(&format!("  {number}  {heading}"))
    }

    /// Writes a text that belongs to an act, in one tone, on as many lines as it needs.
    pub(super) fn note(&mut self, tone: Option<Tone>, text: &str) -> Result<(), DemoError> {
        let mut line = String::new();
        for word in plain(text).split_whitespace() {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > NOTE_WIDTH {
                self.note_line(tone, &std::mem::take(&mut line))?;
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        self.note_line(tone, &line)
    }

    fn note_line(&mut self, tone: Option<Tone>, line: &str) -> Result<(), DemoError> {
        let line = tone.map_or_else(|| line.to_owned(), |tone| self.paint(tone, line));
        self.detail(&format!("  {line}"))
    }

    /// Writes a line that belongs to an act.
    pub(super) fn detail(&mut self, text: &str) -> Result<(), DemoError> {
        self.line(&format!("     {text}"))
    }
}

/// Takes control characters out of what a server said.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}
