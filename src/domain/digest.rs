//! Canonical JSON and SHA-256.

use serde::Serialize;
use sha2::{Digest, Sha256};

/// A value cannot be written as canonical JSON.
#[derive(Debug, thiserror::Error)]
#[error("cannot be written as canonical JSON")]
pub struct CanonicalError(#[source] serde_json::Error);

/// Writes a value as canonical JSON: RFC 8785, the JSON Canonicalization Scheme.
///
/// Numbers are IEEE doubles there: integers past 2^53 belong into strings.
///
/// # Errors
/// When the value has no JSON form (a map with keys that are not text, a NaN).
pub fn canonical_json<T: Serialize>(value: &T) -> Result<String, CanonicalError> {
    serde_json_canonicalizer::to_string(value).map_err(CanonicalError)
}

/// Returns the SHA-256 of some bytes as 64 lower-case hexadecimal digits (FIPS 180-4).
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Returns some bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_digest_is_the_published_one() {
        assert_eq!(sha256_hex(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    #[test]
    fn keys_are_sorted_whatever_their_order() {
        let value: serde_json::Value = serde_json::from_str(r#"{"b":1,"a":{"d":2.0,"c":[]}}"#).expect("json");
        assert_eq!(canonical_json(&value).expect("canonical"), r#"{"a":{"c":[],"d":2},"b":1}"#);
    }
}
