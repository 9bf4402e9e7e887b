//! What is wrong with one field of a request.

/// A field of a request cannot be used: which, why, and what to give instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct FieldError {
    /// The field, as callers spell it: `content`, `evidence[1].type`.
    pub field: String,
    /// What is wrong, with the value where it is short.
    pub problem: String,
    /// What to give instead.
    pub fix: String,
}

impl FieldError {
    /// Makes the error.
    pub fn new(field: impl Into<String>, problem: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { field: field.into(), problem: problem.into(), fix: fix.into() }
    }

    /// Returns the name of the request's field without the place inside of it: `evidence` of `evidence[1].type`.
    pub fn name(&self) -> &str {
        field_name(&self.field)
    }
}

/// Returns the name of the field that a place begins with: `evidence` of `evidence[1].type`.
pub(crate) fn field_name(place: &str) -> &str {
    place.split(['.', '[']).next().unwrap_or(place)
}

/// The longest text that is kept in one piece: 64 KiB (snipara-wire.md §6.1).
pub const MAX_TEXT_BYTES: usize = 64 * 1024;

/// For fields that are sent only when they are set.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
pub(crate) const fn is_false(value: &bool) -> bool {
    !*value
}

/// For counts that are sent only when they are not nothing.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
pub(crate) const fn is_zero(value: &u32) -> bool {
    *value == 0
}

/// Refuses a text that is empty or longer than `limit` bytes.
pub(crate) fn check_text(field: &str, text: &str, limit: usize) -> Result<(), FieldError> {
    if text.trim().is_empty() {
        return Err(FieldError::new(field, "is empty", "give a text"));
    }
    check_length(field, text, limit)
}

/// Refuses a text that is longer than `limit` bytes.
pub(crate) fn check_length(field: &str, text: &str, limit: usize) -> Result<(), FieldError> {
    if text.len() <= limit {
        return Ok(());
    }
    let problem = format!("is {} bytes long: at most {limit} are allowed", text.len());
    Err(FieldError::new(field, problem, "shorten it"))
}

/// Refuses a number outside of a range; one that was not given is fine.
pub(crate) fn check_range(
    field: &str,
    value: impl Into<Option<i64>>,
    range: std::ops::RangeInclusive<i64>,
) -> Result<(), FieldError> {
    let Some(value) = value.into().filter(|value| !range.contains(value)) else { return Ok(()) };
    let (least, most) = (range.start(), range.end());
    if *most == i64::MAX {
        return Err(FieldError::new(field, format!("is {value}"), format!("give a number of at least {least}")));
    }
    Err(FieldError::new(field, format!("is {value}"), format!("give a number from {least} to {most}")))
}

/// The number of a field that was not given.
pub const fn integer<const NUMBER: i64>() -> i64 {
    NUMBER
}

/// The answer of a field that was not given and is usually wanted.
pub const fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_field_value_and_fix() {
        let error = check_range("limit", 0, 1..=100).expect_err("refused");
        assert_eq!((error.to_string().as_str(), error.fix.as_str()), ("limit: is 0", "give a number from 1 to 100"));
        assert_eq!(check_text("content", " \n", 10).expect_err("refused").to_string(), "content: is empty");
        assert!(check_length("content", "äöü", 5).expect_err("refused").problem.contains("6 bytes"));
    }
}
