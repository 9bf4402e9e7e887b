//! Canonical JSON and SHA-256.

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Integers up to here are exact as IEEE doubles (RFC 7493 §2.2).
const EXACT: u64 = 9_007_199_254_740_992;

/// A value cannot be written as canonical JSON.
#[derive(Debug, thiserror::Error)]
#[error("cannot be written as canonical JSON")]
pub struct CanonicalError(#[from] serde_json::Error);

/// Writes a value as canonical JSON: RFC 8785, the JSON Canonicalization Scheme.
///
/// Numbers are IEEE doubles there: integers past 2^53 belong into strings.
///
/// # Errors
/// When the value has no JSON form (a map with keys that are not text, a NaN).
pub fn canonical_json<T: Serialize>(value: &T) -> Result<String, CanonicalError> {
    Ok(serde_json_canonicalizer::to_string(value)?)
}

/// Writes what is JSON already as [`canonical_json`] does, several times as fast: most of an append was spent there.
///
/// # Errors
/// None that is known: every JSON value has a canonical form.
pub(crate) fn canonical_value(value: &Value) -> Result<String, CanonicalError> {
    let mut text = String::with_capacity(1_024);
    if write_canonical(value, &mut text)? { Ok(text) } else { canonical_json(value) }
}

/// Writes a value whose numbers are all exact integers; `false` for other numbers: writing doubles is the library's.
fn write_canonical(value: &Value, text: &mut String) -> Result<bool, CanonicalError> {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Number(number) => match number.as_i64() {
            Some(integer) if integer.unsigned_abs() <= EXACT => text.push_str(&integer.to_string()),
            _ => return Ok(false),
        },
        Value::String(string) => write_string(string, text)?,
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                if !write_canonical(item, text)? {
                    return Ok(false);
                }
            }
            text.push(']');
        }
        Value::Object(fields) => {
            let mut sorted: Vec<(&String, &Value)> = fields.iter().collect();
            // By UTF-16 code units (RFC 8785 §3.2.3), not by bytes.
            sorted.sort_unstable_by(|(left, _), (right, _)| left.encode_utf16().cmp(right.encode_utf16()));
            text.push('{');
            for (index, (name, field)) in sorted.into_iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_string(name, text)?;
                text.push(':');
                if !write_canonical(field, text)? {
                    return Ok(false);
                }
            }
            text.push('}');
        }
    }
    Ok(true)
}

/// Writes a string as RFC 8785 §3.2.2.2 says, which is how serde_json writes it.
fn write_string(string: &str, text: &mut String) -> Result<(), CanonicalError> {
    if string.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
        text.extend(["\"", string, "\""]);
    } else {
        text.push_str(&serde_json::to_string(string)?);
    }
    Ok(())
}

/// Returns the SHA-256 of some bytes as 64 lower-case hexadecimal digits (FIPS 180-4).
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Returns the HMAC-SHA-256 (RFC 2104) of some bytes under a key of at most 64 bytes, as hexadecimal digits.
///
/// A longer key is cut: ours are 32 bytes long.
pub fn hmac_sha256_hex(key: &[u8], bytes: &[u8]) -> String {
    let padded = |pad: u8| {
        let mut block = [pad; 64];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        block
    };
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(bytes).finalize();
    hex(&Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize())
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
    use proptest::prelude::*;
    use serde_json::{Number, json};

    use super::*;

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            (-1_000_i64..1_000).prop_map(Value::from),
            any::<f64>().prop_map(|number| Number::from_f64(number).map_or(Value::Null, Value::Number)),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 64, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
                prop::collection::vec((any::<String>(), inner), 0..8)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn our_writer_and_the_library_write_the_same(value in any_json()) {
            let library = serde_json_canonicalizer::to_string(&value).expect("canonical");
            prop_assert_eq!(canonical_value(&value).expect("canonical"), library);
        }
    }

    #[test]
    fn keys_are_sorted_by_utf16_and_only_what_must_be_is_escaped() {
        // U+10000 is a surrogate pair that begins with D800, which sorts before U+E000; by bytes it is the other way.
        let value =
            json!({ "\u{e000}": 1, "\u{10000}": 2, "\"": "\u{1}\u{7f}\n/\\ß", "big": 9_007_199_254_740_992_u64 });
        let expected = "{\"\\\"\":\"\\u0001\u{7f}\\n/\\\\ß\",\"big\":9007199254740992,\"\u{10000}\":2,\"\u{e000}\":1}";
        assert_eq!(canonical_value(&value).expect("canonical"), expected);
    }

    #[test]
    fn the_empty_digest_is_the_published_one() {
        assert_eq!(sha256_hex(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    #[test]
    fn the_keyed_digest_is_the_one_of_rfc_4231() {
        // Test case 2.
        assert_eq!(
            hmac_sha256_hex(b"Jefe", b"what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn keys_are_sorted_whatever_their_order() {
        let value: serde_json::Value = serde_json::from_str(r#"{"b":1,"a":{"d":2.0,"c":[]}}"#).expect("json");
        assert_eq!(canonical_json(&value).expect("canonical"), r#"{"a":{"c":[],"d":2},"b":1}"#);
    }
}
