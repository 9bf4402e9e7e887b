//! The output of a finished command.

use super::pattern::OutputPattern;

/// What a command wrote, as text. Each stream is read by itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Printed<'a> {
    /// Standard output.
    pub(crate) stdout: &'a str,
    /// Standard error.
    pub(crate) stderr: &'a str,
    /// Whether a part of one of them was left out. The ends must be here: there runners sum up.
    pub(crate) is_cut: bool,
}

/// Both streams without colours and with plain line ends.
#[derive(Debug)]
pub(super) struct Plain {
    pub(super) stdout: String,
    pub(super) stderr: String,
    pub(super) is_cut: bool,
}

impl Plain {
    pub(super) fn of(printed: &Printed<'_>) -> Self {
        Self { stdout: plain(printed.stdout), stderr: plain(printed.stderr), is_cut: printed.is_cut }
    }

    pub(super) fn streams(&self) -> [&str; 2] {
        [&self.stdout, &self.stderr]
    }
}

/// CSI and OSC sequences (ECMA-48 §5.4, §5.6) and the choice of a character set (ECMA-35).
static ESCAPE: OutputPattern =
    OutputPattern::new(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][A-Z0-9]");

fn plain(text: &str) -> String {
    // A progress line is overwritten by a carriage return: what follows it begins a line of its own.
    ESCAPE.remove_from(text).replace("\r\n", "\n").replace('\r', "\n")
}
