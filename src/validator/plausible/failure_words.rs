//! The words with which answers say that something failed: phrases of HTTP, of gRPC, of frameworks.

/// The reason phrases of 4xx and 5xx (IANA HTTP status codes), and what proxies and frameworks make of them; in lower
/// case, without punctuation.
const PHRASES: [&str; 41] = [
    "bad request",
    "unauthorized",
    "unauthenticated",
    "payment required",
    "forbidden",
    "access denied",
    "permission denied",
    "not found",
    "page not found",
    "resource not found",
    "route not found",
    "method not allowed",
    "not acceptable",
    "proxy authentication required",
    "request timeout",
    "request timed out",
    "conflict",
    "gone",
    "length required",
    "precondition failed",
    "payload too large",
    "content too large",
    "uri too long",
    "unsupported media type",
    "range not satisfiable",
    "expectation failed",
    "unprocessable entity",
    "unprocessable content",
    "too early",
    "upgrade required",
    "precondition required",
    "too many requests",
    "rate limit exceeded",
    "internal server error",
    "internal error",
    "server error",
    "not implemented",
    "bad gateway",
    "service unavailable",
    "service temporarily unavailable",
    "gateway timeout",
];

/// Further ones that `phrase` does not take alone, because they are words of data, too.
const OUTCOMES: [&str; 9] =
    ["error", "err", "fail", "failed", "failure", "exception", "fatal", "unavailable", "gateway time out"];

/// Returns a text in lower case with single blanks between its words: `NOT_FOUND`, `Not-Found.` and `NotFound` are one.
pub(super) fn words(text: &str) -> String {
    let mut words = String::new();
    let mut before = ' ';
    for character in text.chars().take(200) {
        let splits = character.is_uppercase() && before.is_lowercase();
        if (splits || !character.is_alphanumeric()) && !words.is_empty() && !words.ends_with(' ') {
            words.push(' ');
        }
        if character.is_alphanumeric() {
            words.extend(character.to_lowercase());
        }
        before = character;
    }
    words.trim_end().to_owned()
}

/// Tells whether a text is, as a whole, the phrase of a failure.
pub(super) fn is_failure_phrase(text: &str) -> bool {
    text.len() < 100 && PHRASES.contains(&words(text).as_str())
}

/// Tells whether the value of a status is a word of failure: a phrase, or an outcome (`error`, `FAILED`).
pub(super) fn is_failure_word(text: &str) -> bool {
    let words = words(text);
    text.len() < 100
        && (PHRASES.contains(&words.as_str())
            || OUTCOMES.contains(&words.as_str())
            || words.starts_with("err ")
            || words.ends_with(" error"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_phrase_in_many_spellings_is_one() {
        for spelling in ["Not Found", "NOT_FOUND", "not-found", "NotFound", "Not found.", "  not found!"] {
            assert!(is_failure_phrase(spelling), "{spelling}");
        }
        for data in ["found", "Nothing was not found here", "gone fishing", "", "Error handling"] {
            assert!(!is_failure_phrase(data), "{data}");
        }
        assert!(is_failure_word("ERR_CONNECTION_REFUSED") && is_failure_word("FAILED") && !is_failure_word("failover"));
    }
}
