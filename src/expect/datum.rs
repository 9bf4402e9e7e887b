//! A value that a query reads, a filter changes and a predicate judges.

use std::cmp::Ordering;
use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::pattern::Pattern;
use crate::domain::Timestamp;

/// How much of a value is written before it is redacted and cut; longer than any secret that has a shape.
const MOST_WRITTEN: usize = 8 * 1024;

/// A value, of the kinds that Hurl knows.
#[derive(Debug, Clone)]
pub(crate) enum Datum {
    Null,
    Boolean(bool),
    /// Exact: every number of a document that is written without fraction and exponent, up to 2^64.
    Integer(i128),
    Float(f64),
    Text(Arc<str>),
    Bytes(Arc<[u8]>),
    Date(Timestamp),
    List(Vec<Datum>),
    /// What a path with several results found; a list, but that it does not exist when it is empty.
    Nodes(Vec<Datum>),
    Object(Map<String, Value>),
    Pattern(Pattern),
    /// What is there and has no value: a cookie's `Secure`.
    Flag,
}

impl Datum {
    /// Makes a text.
    pub(crate) fn text(text: impl Into<Arc<str>>) -> Self {
        Self::Text(text.into())
    }

    /// Makes a count.
    pub(crate) fn count(count: usize) -> Self {
        Self::Integer(count as i128)
    }

    /// Makes a copy of a value of a document.
    pub(crate) fn from_json(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Boolean(*value),
            Value::Number(number) => match (number.as_i64(), number.as_u64()) {
                (Some(integer), _) => Self::Integer(integer.into()),
                (_, Some(integer)) => Self::Integer(integer.into()),
                _ => Self::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            Value::String(text) => Self::text(text.as_str()),
            Value::Array(items) => Self::List(items.iter().map(Self::from_json).collect()),
            Value::Object(fields) => Self::Object(fields.clone()),
        }
    }

    /// Returns the items of a list.
    pub(crate) fn items(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) | Self::Nodes(items) => Some(items),
            _ => None,
        }
    }

    /// Returns how many items, fields or bytes it has; a text is counted in bytes, as in Hurl.
    pub(crate) fn len(&self) -> Option<usize> {
        match self {
            Self::List(items) | Self::Nodes(items) => Some(items.len()),
            Self::Object(fields) => Some(fields.len()),
            Self::Text(text) => Some(text.len()),
            Self::Bytes(bytes) => Some(bytes.len()),
            _ => None,
        }
    }

    /// Tells whether two values are equal. Values of different kinds never are, and objects never are, as in Hurl.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Boolean(one), Self::Boolean(other)) => one == other,
            (Self::Bytes(one), Self::Bytes(other)) => one == other,
            (Self::List(one) | Self::Nodes(one), Self::List(other) | Self::Nodes(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.equals(other))
            }
            _ => self.compare(other) == Some(Ordering::Equal),
        }
    }

    /// Compares numbers, texts and dates; nothing when these two cannot be compared.
    pub(crate) fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Integer(one), Self::Integer(other)) => Some(one.cmp(other)),
            (Self::Integer(one), Self::Float(other)) => compare_mixed(*one, *other),
            (Self::Float(one), Self::Integer(other)) => compare_mixed(*other, *one).map(Ordering::reverse),
            // Hurl's own tolerance.
            (Self::Float(one), Self::Float(other)) if (one - other).abs() < f64::EPSILON => Some(Ordering::Equal),
            (Self::Float(one), Self::Float(other)) => one.partial_cmp(other),
            (Self::Text(one), Self::Text(other)) => Some(one.cmp(other)),
            (Self::Date(one), Self::Date(other)) => Some(one.cmp(other)),
            _ => None,
        }
    }

    /// Names the kind.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "boolean",
            Self::Integer(_) | Self::Float(_) => "number",
            Self::Text(_) => "string",
            Self::Bytes(_) => "bytes",
            Self::Date(_) => "date",
            Self::List(_) | Self::Nodes(_) => "list",
            Self::Object(_) => "object",
            Self::Pattern(_) => "pattern",
            Self::Flag => "flag without a value",
        }
    }

    /// Returns its kind and itself, for messages: `number 3`.
    pub(crate) fn told(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Flag => "a flag without a value".to_owned(),
            _ => format!("{} {}", self.kind(), self.shown()),
        }
    }

    /// Writes the value as JSON would have it; a long one is cut.
    pub(crate) fn shown(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Boolean(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Integer(value) => _ = write!(out, "{value}"),
            Self::Float(value) => _ = write!(out, "{value:?}"),
            Self::Text(text) => out.push_str(&quoted(text)),
            Self::Bytes(bytes) => {
                out.push_str("hex,");
                bytes.iter().take(MOST_WRITTEN / 2).for_each(|byte| _ = write!(out, "{byte:02x}"));
                out.push(';');
            }
            Self::Date(date) => _ = write!(out, "{date}"),
            Self::List(items) | Self::Nodes(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if out.len() > MOST_WRITTEN {
                        break;
                    }
                    out.push_str(if index > 0 { ", " } else { "" });
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(fields) => {
                out.push('{');
                for (index, (name, value)) in fields.iter().enumerate() {
                    if out.len() > MOST_WRITTEN {
                        break;
                    }
                    _ = write!(out, "{}{}: ", if index > 0 { ", " } else { "" }, quoted(name));
                    Self::from_json(value).write(out);
                }
                out.push('}');
            }
            Self::Pattern(pattern) => _ = write!(out, "/{pattern}/"),
            Self::Flag => out.push_str("a flag"),
        }
    }
}

/// Compares a whole number with another one exactly.
fn compare_mixed(integer: i128, float: f64) -> Option<Ordering> {
    if !float.is_finite() {
        return 0.0_f64.partial_cmp(&float);
    }
    // A cast saturates; what lies beyond is no integer of a document.
    let whole = float.trunc() as i128;
    Some(integer.cmp(&whole).then_with(|| 0.0_f64.partial_cmp(&float.fract()).unwrap_or(Ordering::Equal)))
}

fn beginning(text: &str) -> &str {
    &text[..text.floor_char_boundary(MOST_WRITTEN)]
}

/// Quotes a text as JSON does, but leaves every character that can be seen.
fn quoted(text: &str) -> String {
    let text = beginning(text).replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", text.replace('\n', "\\n").replace('\t', "\\t").replace('\r', "\\r"))
}
