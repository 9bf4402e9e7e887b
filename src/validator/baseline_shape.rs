//! Whether an answer differs from the one of a baseline, outside of what differed between the baseline's own asks
//! (docs/design/gate.md G18). Pure.

use super::control::volatile_word;
use crate::domain::{AnswerShape, sha256_hex};
use crate::outbound::Exchange;

/// The longest body that is compared, in bytes.
const MAX_BYTES: u64 = 512 * 1024;
/// The most words that may differ between the asks.
const MAX_MASKED: usize = 256;

/// Returns what several answers to one check have in common; nothing where they say nothing about a build: fewer than two,
/// different statuses, an outage or a limit, a body that is too long, and bodies that have nothing in common.
pub(super) fn shape_of(exchanges: &[Exchange]) -> Option<AnswerShape> {
    let status = exchanges.first()?.status;
    if exchanges.len() < 2 || exchanges.iter().any(|exchange| exchange.status != status) || is_of_the_moment(status) {
        return None;
    }
    let texts = exchanges.iter().map(text_of).collect::<Option<Vec<String>>>()?;
    let asks: Vec<Vec<&str>> = texts.iter().map(|text| words(text)).collect();
    let (first, others) = asks.split_first()?;
    let shape = |words, masked, ends, digest| Some(AnswerShape { status, words, masked, ends, digest });
    if others.iter().all(|other| other.len() == first.len()) {
        let differs = |place: &usize| others.iter().any(|other| other.get(*place) != first.get(*place));
        let masked: Vec<usize> = (0..first.len()).filter(differs).collect();
        // An answer of random words, and one of which nothing stays.
        if masked.len() > MAX_MASKED || (!first.is_empty() && masked.len() == first.len()) {
            return None;
        }
        let masked: Vec<u32> = masked.into_iter().filter_map(|place| u32::try_from(place).ok()).collect();
        let digest = digest_without(first, &masked);
        return shape(u32::try_from(first.len()).ok(), masked, None, digest);
    }
    let shortest = asks.iter().map(Vec::len).min()?;
    let same = |place_of: &dyn Fn(&[&str], usize) -> usize, most: usize| {
        (0..most)
            .take_while(|place| {
                others.iter().all(|other| other.get(place_of(other, *place)) == first.get(place_of(first, *place)))
            })
            .count()
    };
    let head = same(&|_, place| place, shortest);
    let tail = same(&|words, place| words.len() - 1 - place, shortest - head);
    if head + tail == 0 {
        return None;
    }
    let ends = [u32::try_from(head).ok()?, u32::try_from(tail).ok()?];
    shape(None, Vec::new(), Some(ends), digest_of_ends(first, head, tail)?)
}

/// Tells whether an answer differs from a baseline's; nothing where that cannot be told.
pub(super) fn differs_from(shape: &AnswerShape, exchange: &Exchange) -> Option<bool> {
    if is_of_the_moment(exchange.status) {
        return None;
    }
    if exchange.status != shape.status {
        return Some(true);
    }
    let text = text_of(exchange)?;
    let words = words(&text);
    if let Some([head, tail]) = shape.ends {
        let digest = digest_of_ends(&words, head as usize, tail as usize);
        return Some(digest.is_none_or(|digest| digest != shape.digest));
    }
    let is_as_long = shape.words.is_some_and(|count| count as usize == words.len());
    Some(!is_as_long || digest_without(&words, &shape.masked) != shape.digest)
}

/// Outages, limits and time-outs speak of the moment.
const fn is_of_the_moment(status: u16) -> bool {
    status >= 500 || matches!(status, 408 | 425 | 429)
}

fn text_of(exchange: &Exchange) -> Option<String> {
    let body = exchange.whole_body().filter(|_| exchange.body_bytes <= MAX_BYTES)?;
    Some(String::from_utf8_lossy(body).into_owned())
}

fn words(text: &str) -> Vec<&str> {
    let is_between = |letter: char| {
        letter.is_whitespace()
            || matches!(letter, '<' | '>' | '"' | '\'' | ',' | '{' | '}' | '[' | ']' | '(' | ')' | '=' | ';' | '&')
    };
    text.split(is_between).filter(|word| !word.is_empty()).collect()
}

/// Times and identifiers change by themselves, also where two asks of one moment had the same.
fn plain(word: &str) -> &str {
    let shape: String = word.chars().map(|letter| if letter.is_ascii_digit() { '9' } else { letter }).collect();
    let is_of_a_clock = matches!(shape.as_str(), "99:99" | "9999-99-99" | "99.99.9999" | "99/99/9999");
    if is_of_a_clock || volatile_word(word) { "~" } else { word }
}

fn digest(words: impl Iterator<Item = impl AsRef<str>>) -> String {
    let mut text = String::new();
    for word in words {
        text.push_str(plain(word.as_ref()));
        text.push('\n');
    }
    sha256_hex(text.as_bytes())
}

fn digest_without(words: &[&str], masked: &[u32]) -> String {
    let is_kept = |place: usize| u32::try_from(place).is_ok_and(|place| masked.binary_search(&place).is_err());
    digest(words.iter().enumerate().filter(|(place, _)| is_kept(*place)).map(|(_, word)| word))
}

fn digest_of_ends(words: &[&str], head: usize, tail: usize) -> Option<String> {
    let end = words.len().checked_sub(tail).filter(|end| *end >= head)?;
    Some(digest(words.get(..head)?.iter().chain(words.get(end..)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Exchange {
        Exchange::answered("http://a.test/api/orders", status, &[], body.as_bytes())
    }

    fn shape(bodies: &[&str]) -> Option<AnswerShape> {
        shape_of(&bodies.iter().map(|body| answer(200, body)).collect::<Vec<_>>())
    }

    #[test]
    fn what_differed_between_the_baselines_own_asks_is_no_difference() {
        let before = shape(&[r#"{"hits":7,"total":1}"#, r#"{"hits":8,"total":1}"#]).expect("a shape");
        assert_eq!(differs_from(&before, &answer(200, r#"{"hits":99,"total":1}"#)), Some(false));
        assert_eq!(differs_from(&before, &answer(200, r#"{"hits":99,"total":2}"#)), Some(true));
        assert_eq!(differs_from(&before, &answer(200, r#"{"hits":99,"total":1,"tax":0}"#)), Some(true));
        assert_eq!(differs_from(&before, &answer(404, "")), Some(true));
    }

    #[test]
    fn asks_of_different_lengths_are_compared_at_their_ends() {
        let before = shape(&["<h1>Shop</h1> ad one <p>end", "<h1>Shop</h1> ad <p>end"]).expect("a shape");
        assert_eq!(differs_from(&before, &answer(200, "<h1>Shop</h1> ad three four five <p>end")), Some(false));
        assert_eq!(differs_from(&before, &answer(200, "<h1>Store</h1> ad three <p>end")), Some(true));
        assert_eq!(differs_from(&before, &answer(200, "<h1>Shop")), Some(true));
    }

    #[test]
    fn a_clock_is_no_difference_also_where_two_asks_had_the_same() {
        let before = shape(&[r#"{"at":"14:02","day":"2026-11-30","n":1}"#; 2]).expect("a shape");
        assert_eq!(differs_from(&before, &answer(200, r#"{"at":"15:40","day":"2026-12-01","n":1}"#)), Some(false));
        let request = shape(&[r#"{"id":"6fa459ea-ee8a-3ca4-894e-db77e160355e"}"#; 2]).expect("a shape");
        let other = answer(200, r#"{"id":"11111111-ee8a-3ca4-894e-db77e160355e"}"#);
        assert_eq!(differs_from(&request, &other), Some(false));
    }

    #[test]
    fn an_outage_one_ask_and_bodies_with_nothing_in_common_are_no_baseline() {
        assert_eq!(shape_of(&[answer(503, "down"), answer(503, "down")]), None);
        assert_eq!(shape_of(&[answer(429, ""), answer(429, "")]), None);
        assert_eq!(shape_of(&[answer(200, "a"), answer(404, "a")]), None);
        assert_eq!(shape(&["one"]), None);
        assert_eq!(shape(&["a b", "c d"]), None);
        let before = shape(&["same"; 2]).expect("a shape");
        assert_eq!(differs_from(&before, &answer(503, "down")), None);
    }

    #[test]
    fn nothing_of_the_content_is_kept() {
        let before = shape(&["token geheim one", "token geheim two"]).expect("a shape");
        assert!(!format!("{before:?}").contains("geheim") && before.masked == [2]);
    }
}
