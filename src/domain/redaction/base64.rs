//! Base64 (RFC 4648 §4 and §5): what a wrapped text says, and how a known secret looks inside one.

use std::ops::Range;

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The shortest run that is decoded: shorter ones hold no name with a value.
const SHORTEST_RUN: usize = 20;
/// So many characters must decode to text before all are decoded: nearly all identifiers and paths fail here.
const TASTE: usize = 16;
/// A line that goes on in the next one is at least so long (RFC 2045 §6.8 and RFC 7468 §2 have 76 and 64).
const WRAPPED_LINE: usize = 60;

fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

/// Returns the text that a base64 text stands for; `None` when that is no text.
pub(super) fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut bits, mut count) = (0_u32, 0);
    for sextet in text.bytes().filter_map(sextet) {
        bits = bits << 6 | u32::from(sextet);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        // A text that was cut may end within a character.
        Err(error) if error.utf8_error().error_len().is_none() => {
            let whole = error.utf8_error().valid_up_to();
            let mut bytes = error.into_bytes();
            bytes.truncate(whole);
            String::from_utf8(bytes).ok()?
        }
        Err(_) => return None,
    };
    let odd = |next: char| next.is_control() && !matches!(next, '\n' | '\r' | '\t');
    (!text.is_empty() && !text.contains(odd)).then_some(text)
}

/// Returns the runs of a text that may be base64 of a text, with what they stand for.
pub(super) fn wrapped(text: &str) -> impl Iterator<Item = (Range<usize>, String)> + '_ {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            let start = at;
            at = run_end(bytes, start);
            if at - start < SHORTEST_RUN {
                at = at.max(start + 1);
                continue;
            }
            let run = &text[start..at];
            let taste = run.get(..TASTE).and_then(decoded).is_some();
            if taste && let Some(plain) = decoded(run) {
                return Some((start..at, plain));
            }
        }
        None
    })
}

/// Returns where a run of base64 ends that begins at `start`; it may go over lines that are wrapped.
fn run_end(bytes: &[u8], start: usize) -> usize {
    let mut end = start;
    loop {
        let line = end;
        while bytes.get(end).is_some_and(|byte| sextet(*byte).is_some()) {
            end += 1;
        }
        let length = end - line;
        let next = match bytes.get(end..) {
            Some([b'\r', b'\n', next, ..]) if sextet(*next).is_some() => end + 2,
            Some([b'\n', next, ..]) if sextet(*next).is_some() => end + 1,
            _ => end,
        };
        if next == end || length < WRAPPED_LINE || !length.is_multiple_of(4) {
            break;
        }
        end = next;
    }
    while end > start && bytes.get(end) == Some(&b'=') {
        end += 1;
    }
    end
}

/// A secret inside a longer text that is then encoded stands at one of three offsets: the part of its base64 form
/// that does not depend on its neighbours is the same for each (RFC 4648 §4).
pub(super) fn cores(secret: &[u8]) -> Vec<String> {
    let mut cores = Vec::new();
    for lead in 0..3_usize {
        let mut bits: Vec<u8> = vec![0; lead];
        bits.extend_from_slice(secret);
        let first = (lead * 8).div_ceil(6);
        let whole = bits.len() * 8 / 6;
        let core: String = (first..whole)
            .map(|index| {
                let start = index * 6;
                let (byte, shift) = (start / 8, start % 8);
                let pair = u16::from(bits[byte]) << 8 | u16::from(bits.get(byte + 1).copied().unwrap_or(0));
                char::from(STANDARD[usize::from((pair >> (10 - shift)) & 63)])
            })
            .collect();
        if core.len() >= 8 {
            let safe = core.replace('+', "-").replace('/', "_");
            cores.push(core);
            cores.push(safe);
        }
    }
    cores
}
