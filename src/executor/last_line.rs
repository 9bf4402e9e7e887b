//! The last line that a command wrote, for who watches it live.

use std::time::{Duration, Instant};

use super::capture::shown;
use crate::domain::{LiveWatch, ProgressEvent, Redactor, one_line};

/// How often a line is told: nobody reads faster.
const PACE: Duration = Duration::from_millis(100);
/// The longest line that is told, in bytes; a longer one is no line for people.
const LONGEST: usize = 2048;
/// How many characters of it are told.
const TOLD: usize = 200;

/// Looks for the last line of one stream.
pub(super) struct LastLine<'a> {
    watch: &'a LiveWatch,
    redactor: &'a Redactor,
    told_at: Option<Instant>,
    /// Whether what comes next begins a line.
    begins: bool,
}

impl<'a> LastLine<'a> {
    /// Begins with an empty stream.
    pub(super) const fn new(watch: &'a LiveWatch, redactor: &'a Redactor) -> Self {
        Self { watch, redactor, told_at: None, begins: true }
    }

    /// Tells the last line that lies whole in what was just written: a piece of one could hold a piece of a secret.
    pub(super) fn look_at(&mut self, written: &[u8]) {
        let begins = std::mem::replace(&mut self.begins, written.last().is_some_and(|byte| is_end(*byte)));
        if !self.watch.is_on() || self.told_at.is_some_and(|told_at| told_at.elapsed() < PACE) {
            return;
        }
        let mut lines = written.split(|byte| is_end(*byte)).collect::<Vec<_>>();
        lines.pop();
        let whole = lines.get(usize::from(!begins)..).unwrap_or_default();
        let is_told = |line: &&&[u8]| !line.trim_ascii().is_empty() && line.len() <= LONGEST;
        let Some(line) = whole.iter().rev().find(is_told) else { return };
        let line = one_line(shown(line, self.redactor).trim(), TOLD);
        self.told_at = Some(Instant::now());
        self.watch.tell(|| ProgressEvent::Output { line });
    }
}

/// A bar that moves ends its line with a carriage return.
const fn is_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::domain::SecretText;

    /// What is told of a stream that is written in pieces, each slower than the pace.
    fn told(pieces: &[&str]) -> Vec<String> {
        let lines: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = lines.clone();
        let watch = LiveWatch::new(Arc::new(move |event| {
            if let ProgressEvent::Output { line } = event {
                kept.lock().expect("unpoisoned").push(line);
            }
        }));
        let redactor = Redactor::new([SecretText::new("planted-secret")]);
        let mut last_line = LastLine::new(&watch, &redactor);
        for piece in pieces {
            last_line.told_at = None;
            last_line.look_at(piece.as_bytes());
        }
        lines.lock().expect("unpoisoned").clone()
    }

    #[test]
    fn the_last_whole_line_is_told_and_no_piece_of_one() {
        assert_eq!(told(&["one\ntwo\nthr"]), ["two"]);
        assert_eq!(told(&["half", " and half\n"]), Vec::<String>::new());
        assert_eq!(told(&["half", "\nnext\n"]), ["next"]);
        assert_eq!(told(&["10 %\r20 %\r"]), ["20 %"]);
        assert_eq!(told(&["\n\n  \n"]), Vec::<String>::new());
    }

    #[test]
    fn a_line_is_told_without_secrets_and_colours() {
        let lines = told(&["\u{1b}[31mtoken planted-secret\u{1b}[0m\n"]);
        assert!(lines[0].starts_with("token ") && !lines[0].contains("planted"), "{lines:?}");
        assert!(!lines[0].contains('\u{1b}'), "{lines:?}");
    }
}
