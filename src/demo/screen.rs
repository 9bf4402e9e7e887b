//! How the story looks on a terminal, and without colours in a pipe.

use std::io::Write;

use super::DemoError;

/// What a piece of text is, and so how it looks (ECMA-48 SGR codes).
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

    /// Writes a line that belongs to an act.
    pub(super) fn detail(&mut self, text: &str) -> Result<(), DemoError> {
        self.line(&format!("     {text}"))
    }
}

/// Takes control characters out of what a server said.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}
