//! Where results and notes go.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use super::error::CliError;
use super::exit_code::Exit;
use super::render::{Paint, TerminalScreen};
use crate::domain::{Clock, Redactor, SystemClock, clean_value, one_line, printable, strip_os_error};

/// Standard output and standard error, with what the flags say about them.
pub(crate) struct Output {
    /// Whether `--json` was given.
    pub(crate) json: bool,
    /// Whether `--quiet` was given.
    pub(crate) quiet: bool,
    /// Whether `--verbose` was given.
    pub(crate) verbose: bool,
    /// Whether standard error is a terminal that takes colours and moving lines.
    pub(crate) live: bool,
    /// Colours of standard output.
    pub(crate) paint: Paint,
    /// Colours of standard error.
    pub(crate) note_paint: Paint,
    results: Mutex<Box<dyn Write + Send>>,
    notes: Mutex<Box<dyn Write + Send>>,
}

/// What the environment and the flags say about colours.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Colours {
    /// `--no-color`, `NO_COLOR` (no-color.org) or `TERM=dumb`.
    pub(crate) forbidden: bool,
}

impl Output {
    /// Takes the process's own streams.
    pub(crate) fn of_process(json: bool, quiet: bool, colours: Colours) -> Self {
        let results_colour = !colours.forbidden && io::stdout().is_terminal();
        let notes_colour = !colours.forbidden && io::stderr().is_terminal();
        let choice = |colour| if colour { anstream::ColorChoice::Always } else { anstream::ColorChoice::Never };
        // What a terminal cuts and counts is of no use to who reads a pipe.
        let screen = (io::stdout().is_terminal() && !json).then(|| TerminalScreen {
            now: SystemClock.now(),
            columns: terminal_size::terminal_size().map(|(columns, _)| usize::from(columns.0)),
        });
        Self {
            json,
            quiet,
            verbose: false,
            live: io::stderr().is_terminal() && !json && !colours.forbidden,
            paint: Paint::on(results_colour && !json, screen),
            note_paint: Paint::new(notes_colour),
            results: Mutex::new(if json {
                Box::new(io::stdout())
            } else {
                Box::new(anstream::AutoStream::new(io::stdout(), choice(results_colour)))
            }),
            notes: Mutex::new(Box::new(anstream::AutoStream::new(io::stderr(), choice(notes_colour)))),
        }
    }

    /// Shows each item of a run, too.
    #[must_use]
    pub(crate) fn with_items(self, verbose: bool) -> Self {
        Self { verbose, ..self }
    }

    /// Writes to the given streams, without colours.
    #[cfg(test)]
    pub(crate) fn captured(
        json: bool,
        quiet: bool,
        results: Box<dyn Write + Send>,
        notes: Box<dyn Write + Send>,
    ) -> Self {
        Self {
            json,
            quiet,
            verbose: false,
            live: false,
            paint: Paint::new(false),
            note_paint: Paint::new(false),
            results: Mutex::new(results),
            notes: Mutex::new(notes),
        }
    }

    /// Prints the result of a command that succeeded.
    ///
    /// # Errors
    /// As [`Output::result`].
    pub(crate) fn answer<T: Serialize + ?Sized>(
        &self,
        document: &T,
        human: impl FnOnce(&Paint) -> String,
    ) -> Result<Exit, CliError> {
        self.result(document, human).map(|()| Exit::Success)
    }

    /// Prints a result: the document with `--json`, else its human form.
    ///
    /// # Errors
    /// When standard output cannot be written; a closed pipe is no error.
    pub(crate) fn result<T: Serialize + ?Sized>(
        &self,
        document: &T,
        human: impl FnOnce(&Paint) -> String,
    ) -> Result<(), CliError> {
        if self.json {
            let bug = |_| CliError::bug("a document is no JSON");
            let mut document = serde_json::to_value(document).map_err(bug)?;
            clean_value(&mut document, &Redactor::default());
            let mut text = serde_json::to_string_pretty(&document).map_err(bug)?;
            text.push('\n');
            self.raw(text.as_bytes()).map(|_| ())
        } else {
            let mut text = human(&self.paint);
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
            self.raw(text.as_bytes()).map(|_| ())
        }
    }

    /// Writes bytes to standard output and tells whether somebody still reads.
    ///
    /// # Errors
    /// When standard output cannot be written; a closed pipe is no error.
    pub(crate) fn raw(&self, bytes: &[u8]) -> Result<bool, CliError> {
        let mut results = self.results.lock().unwrap_or_else(PoisonError::into_inner);
        match results.write_all(bytes).and_then(|()| results.flush()) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Tells something besides the result, one line on standard error; nothing with `--quiet`.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            self.note_raw(&format!("{}\n", one_line(text, usize::MAX)));
        }
    }

    /// Writes a line on standard error whose parts from outside are already text; nothing with `--quiet`.
    pub(crate) fn note_styled(&self, line: &str) {
        if !self.quiet {
            self.note_raw(&format!("{line}\n"));
        }
    }

    /// Shows a text of ours on standard error as it is, for prompts and what belongs to them.
    pub(crate) fn ask(&self, text: &str) {
        self.note_raw(text);
    }

    /// Tells an error: one line on standard error, its hint below, and the document with `--json`.
    pub(crate) fn error(&self, error: &CliError) {
        let mut text = format!("{} {}\n", self.note_paint.error("error:"), strip_os_error(&printable(&error.message)));
        if !error.hint.is_empty() {
            text.push_str(&format!("{} {}\n", self.note_paint.dim("hint:"), printable(&error.hint)));
        }
        self.note_raw(&text);
        if self.json {
            let _ = self.raw(format!("{:#}\n", error.document()).as_bytes());
        }
    }

    /// A note that cannot be written has no other place to go.
    fn note_raw(&self, text: &str) {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = notes.write_all(text.as_bytes()).and_then(|()| notes.flush());
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Arc;

    use serde_json::{Value, json};

    use super::*;

    /// A stream that tests read back.
    #[derive(Debug, Clone, Default)]
    pub(crate) struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl Buffer {
        pub(crate) fn text(&self) -> String {
            String::from_utf8(self.0.lock().expect("unpoisoned").clone()).expect("UTF-8")
        }
    }

    impl Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("unpoisoned").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    struct Failing(ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn with_json_an_error_is_a_document_on_stdout_and_a_line_on_stderr() {
        let (results, notes) = (Buffer::default(), Buffer::default());
        let output = Output::captured(true, false, Box::new(results.clone()), Box::new(notes.clone()));
        output.error(&CliError::usage("title is empty\u{1b}[31m", "give one"));
        let document: Value = serde_json::from_str(&results.text()).expect("one JSON document");
        assert_eq!(document["error"]["code"], json!("invalid_input"));
        assert_eq!(notes.text(), "error: title is empty\u{fffd}[31m\nhint: give one\n");
    }

    #[test]
    fn quiet_keeps_notes_back_but_never_errors() {
        let (results, notes) = (Buffer::default(), Buffer::default());
        let output = Output::captured(false, true, Box::new(results), Box::new(notes.clone()));
        output.note("something");
        output.error(&CliError::usage("wrong", ""));
        assert_eq!(notes.text(), "error: wrong\n");
    }

    #[test]
    fn a_closed_pipe_is_success_and_a_full_disk_is_not() {
        let closed = Output::captured(
            false,
            false,
            Box::new(Failing(ErrorKind::BrokenPipe)),
            Box::new(Failing(ErrorKind::BrokenPipe)),
        );
        assert_eq!(closed.raw(b"x"), Ok(false));
        closed.note("nobody hears this");
        let full =
            Output::captured(false, false, Box::new(Failing(ErrorKind::StorageFull)), Box::new(Buffer::default()));
        assert_eq!(full.raw(b"x").expect_err("told").exit.number(), 3);
    }
}
