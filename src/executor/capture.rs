//! Keeps the beginning and the end of what a command writes, and counts and digests all of it.

use std::collections::VecDeque;
use std::sync::LazyLock;

use regex::Regex;
use sha2::{Digest, Sha256};

use crate::domain::{CapturedOutput, Redactor, hex, printable};

/// How many bytes of the beginning are shown, and how many of the end.
const SHOWN: usize = 32 * 1024;
/// So many bytes beyond the shown ones are kept for redaction: the longest unknown secret (a private key) that may cross
/// a cut.
const OVERLAP: usize = 8 * 1024;
/// The longest known secret that is looked for across a cut.
const MAX_OVERLAP: usize = 64 * 1024;

#[expect(clippy::expect_used, reason = "the pattern is a constant that a test compiles")]
static ESCAPE: LazyLock<Regex> = LazyLock::new(|| {
    // CSI and OSC sequences (ECMA-48 §5.4, §5.6): colours and titles, which would cut secrets into pieces.
    Regex::new(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)").expect("a constant pattern")
});

/// One output stream while it is being written.
#[derive(Debug)]
pub(super) struct Capture {
    room: usize,
    overlap: usize,
    head: Vec<u8>,
    tail: VecDeque<u8>,
    bytes: u64,
    hash: Sha256,
}

impl Capture {
    /// Makes an empty capture that can show its output without the secrets that `redactor` knows.
    pub(super) fn new(redactor: &Redactor) -> Self {
        let overlap = redactor.longest_secret().clamp(OVERLAP, MAX_OVERLAP);
        Self { room: SHOWN + overlap, overlap, head: Vec::new(), tail: VecDeque::new(), bytes: 0, hash: Sha256::new() }
    }

    /// Takes the next bytes.
    pub(super) fn push(&mut self, chunk: &[u8]) {
        self.bytes = self.bytes.saturating_add(chunk.len() as u64);
        self.hash.update(chunk);
        let (for_head, rest) = chunk.split_at(chunk.len().min(self.room.saturating_sub(self.head.len())));
        self.head.extend_from_slice(for_head);
        let (_, rest) = rest.split_at(rest.len().saturating_sub(self.room));
        let surplus = (self.tail.len() + rest.len()).saturating_sub(self.room);
        self.tail.drain(..surplus);
        self.tail.extend(rest);
    }

    /// Returns all that was written, when all of it is still here.
    pub(super) fn whole(&self) -> Option<Vec<u8>> {
        let mut whole = self.head.clone();
        whole.extend(&self.tail);
        (whole.len() as u64 == self.bytes).then_some(whole)
    }

    /// Returns what may be kept and shown.
    pub(super) fn finish(self, redactor: &Redactor) -> CapturedOutput {
        let (text, truncated) = match self.whole() {
            Some(whole) => (shown(&whole, redactor), false),
            None => (self.with_gap(redactor), true),
        };
        CapturedOutput { text: printable(&text), bytes: self.bytes, truncated, digest: hex(&self.hash.finalize()) }
    }

    /// A secret that crosses a cut is whole in the longer piece and broken in the shorter one: what both have in
    /// common holds neither of them.
    fn with_gap(&self, redactor: &Redactor) -> String {
        let tail: Vec<u8> = self.tail.iter().copied().collect();
        let (inner_head, _) = self.head.split_at(self.head.len().saturating_sub(self.overlap));
        let (_, inner_tail) = tail.split_at(tail.len().min(self.overlap));
        let head = common_prefix(&shown(inner_head, redactor), &shown(&self.head, redactor));
        let tail = common_suffix(&shown(inner_tail, redactor), &shown(&tail, redactor));
        let kept = (inner_head.len() + inner_tail.len()) as u64;
        let left_out = self.bytes.saturating_sub(kept);
        format!("{head}\n[… {left_out} bytes left out …]\n{tail}")
    }
}

pub(super) fn shown(bytes: &[u8], redactor: &Redactor) -> String {
    let text = String::from_utf8_lossy(bytes);
    let plain = ESCAPE.replace_all(&text, "").replace("\r\n", "\n").replace('\r', "\n");
    redactor.text(&plain)
}

fn common_prefix(left: &str, right: &str) -> String {
    left.chars().zip(right.chars()).take_while(|(one, other)| one == other).map(|(one, _)| one).collect()
}

fn common_suffix(left: &str, right: &str) -> String {
    let reversed: Vec<char> = left
        .chars()
        .rev()
        .zip(right.chars().rev())
        .take_while(|(one, other)| one == other)
        .map(|(one, _)| one)
        .collect();
    reversed.into_iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{SecretText, sha256_hex};

    const SECRET: &str = "0123456789-9876543210";

    fn captured(bytes: &[u8], chunk: usize, redactor: &Redactor) -> CapturedOutput {
        let mut capture = Capture::new(redactor);
        bytes.chunks(chunk).for_each(|piece| capture.push(piece));
        capture.finish(redactor)
    }

    #[test]
    fn a_short_output_is_kept_whole() {
        let output = captured(b"one\ntwo\n", 3, &Redactor::default());
        let expected = CapturedOutput {
            text: "one\ntwo\n".to_owned(),
            bytes: 8,
            truncated: false,
            digest: sha256_hex(b"one\ntwo\n"),
        };
        assert_eq!(output, expected);
    }

    #[test]
    fn b05_a_long_output_keeps_its_head_and_tail_its_size_and_its_digest() {
        let mut bytes = b"the first line\n".to_vec();
        bytes.resize(5_000_000, b'x');
        bytes.extend_from_slice(b"\nthe last line");
        let output = captured(&bytes, 65_536, &Redactor::default());
        assert!(output.text.starts_with("the first line\nxxx"), "{:.40}", output.text);
        assert!(output.text.ends_with("xxx\nthe last line"));
        assert!(output.text.contains("bytes left out"));
        assert!(output.text.len() < 2 * SHOWN + 100, "{}", output.text.len());
        assert_eq!((output.bytes, output.truncated), (bytes.len() as u64, true));
        assert_eq!(output.digest, sha256_hex(&bytes));
    }

    #[test]
    fn b05_what_is_held_does_not_grow_with_the_output() {
        let mut capture = Capture::new(&Redactor::default());
        for _ in 0..500 {
            capture.push(&[b'x'; 100_000]);
        }
        assert!(capture.head.capacity() + capture.tail.capacity() < 1_000_000);
    }

    #[test]
    fn colours_vanish_and_other_controls_are_made_visible() {
        let output = captured(b"\x1b[31mred\x1b[0m \x1b]0;title\x07\x08x\r\ny", 100, &Redactor::default());
        assert_eq!(output.text, "red \u{fffd}x\ny");
    }

    #[test]
    fn a_private_key_that_crosses_a_cut_does_not_leak() {
        let key = format!("-----BEGIN PRIVATE KEY-----\n{}-----END PRIVATE KEY-----\n", "0123456789\n".repeat(150));
        for start in [SHOWN - 800, 3 * SHOWN + 2000] {
            let mut bytes = vec![b'x'; start];
            bytes.push(b'\n');
            bytes.extend_from_slice(key.as_bytes());
            bytes.resize(if start < SHOWN { 6 * SHOWN } else { start + SHOWN + 900 }, b'x');
            let output = captured(&bytes, 4096, &Redactor::default());
            assert!(output.truncated && !output.text.contains("0123456789"), "{start}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn no_part_of_a_known_secret_is_shown_wherever_the_cuts_fall(
            place in prop_oneof![0_usize..200, 32_700..32_800_usize, 40_900..41_000_usize, 118_980..119_080_usize, 127_170..127_270_usize],
            chunk in prop_oneof![Just(1_usize), 7..5000_usize],
            total in prop_oneof![Just(160_000_usize), Just(70_000_usize)],
        ) {
            let redactor = Redactor::new([SecretText::new(SECRET)]);
            let place = place.min(total - SECRET.len());
            let mut bytes = vec![b'x'; total];
            bytes[place..place + SECRET.len()].copy_from_slice(SECRET.as_bytes());
            let output = captured(&bytes, chunk, &redactor);
            let kept = output.text.replace(&left_out_line(&output.text), "");
            prop_assert!(!kept.contains(|character: char| character.is_ascii_digit()), "at {place} of {total}");
            prop_assert_eq!(output.digest, sha256_hex(&bytes));
        }
    }

    fn left_out_line(text: &str) -> String {
        text.lines().find(|line| line.contains("bytes left out")).unwrap_or("\u{0}").to_owned()
    }
}
