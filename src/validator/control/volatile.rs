//! Words that change by themselves: times, identifiers, nonces.

/// What kind of volatile word it is. Two words of one kind say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Volatile {
    /// A time: ISO 8601, `18:27:28`, seconds or milliseconds since 1970.
    Time,
    /// A UUID.
    Uuid,
    /// Random letters and digits: hexadecimal, base 64 and its like.
    Random,
}

/// Tells which kind of volatile word a word is. Names with a digest in them (`/assets/index-1f2e3d.js`) are none: they
/// tell one page from another.
pub(super) fn volatile(word: &str) -> Option<Volatile> {
    if is_time(word) {
        Some(Volatile::Time)
    } else if is_uuid(word) {
        Some(Volatile::Uuid)
    } else if is_random(word) {
        Some(Volatile::Random)
    } else {
        None
    }
}

/// Tells whether a word changes by itself: a time, an identifier, a nonce.
pub(in crate::validator) fn volatile_word(word: &str) -> bool {
    volatile(word).is_some()
}

fn is_time(word: &str) -> bool {
    let shape: String = word.chars().map(|letter| if letter.is_ascii_digit() { '9' } else { letter }).collect();
    let clock = |shape: &str| shape.starts_with("99:99:99") && shape[8..].chars().all(|l| "9.:Z+-".contains(l));
    let date_time = shape.strip_prefix("9999-99-99").and_then(|rest| rest.strip_prefix(['T', 't', '_']));
    let epoch = shape.split('.').next().unwrap_or_default();
    let is_epoch = matches!(epoch.len(), 10 | 13 | 16 | 19) && word.starts_with(['1', '2']);
    date_time.is_some_and(|time| time.starts_with("99:99"))
        || clock(&shape)
        || (is_epoch && shape.chars().all(|letter| matches!(letter, '9' | '.')))
}

fn is_uuid(word: &str) -> bool {
    let lengths = word.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && word.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

/// At least 16 letters of base 64, digits and letters mixed, without the marks that stand between words of a name.
fn is_random(word: &str) -> bool {
    let core = word.trim_start_matches("nonce-").trim_end_matches('=');
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'_' | b'-');
    let changes =
        core.as_bytes().windows(2).filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit()).count();
    core.len() >= 16
        && core.bytes().all(is_letter)
        && !core.starts_with('/')
        && core.bytes().any(|byte| byte.is_ascii_digit())
        && core.bytes().any(|byte| byte.is_ascii_alphabetic())
        && changes * 6 >= core.len().min(24)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_identifiers_and_nonces_are_volatile() {
        for (word, kind) in [
            ("2026-11-30T18:27:28.123Z", Volatile::Time),
            ("2026-11-30T18:27:28+01:00", Volatile::Time),
            ("18:27:28", Volatile::Time),
            ("1796063248", Volatile::Time),
            ("1796063248123", Volatile::Time),
            ("1796063248.12", Volatile::Time),
            ("6fa459ea-ee8a-3ca4-894e-db77e160355e", Volatile::Uuid),
            ("4bf92f3577b34da6a3ce929d0e0e4736", Volatile::Random),
            ("nonce-r4nd0mB4se64V4lue==", Volatile::Random),
            ("r4nd0mB4se64V4lue+8/2==", Volatile::Random),
        ] {
            assert_eq!(volatile(word), Some(kind), "{word}");
        }
        for word in
            ["", "7", "orders", "/assets/index-1f2e3d4c5b.js", "internationalisation", "2026-11-30", "v1.2.3", "100000"]
        {
            assert_eq!(volatile(word), None, "{word}");
        }
    }
}
