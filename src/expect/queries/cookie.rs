//! `cookie "NAME[Attribute]"`: a cookie that the answer sets (RFC 6265 §4.1).

use std::time::UNIX_EPOCH;

use super::Query;
use crate::domain::Timestamp;
use crate::expect::answer::AnswerView;
use crate::expect::datum::Datum;
use crate::expect::found::{Found, ReadResult};
use crate::expect::gate_view::AnswerPlace;
use crate::expect::operands::{Takes, Word};

/// The attributes that can be asked for; `Value` is the cookie's own value.
const ATTRIBUTES: [&str; 8] = ["Value", "Expires", "Max-Age", "Domain", "Path", "Secure", "HttpOnly", "SameSite"];

#[derive(Debug)]
struct Cookie {
    name: String,
    attribute: &'static str,
}

pub(super) static WORDS: [Word<dyn Query>; 1] = [Word {
    name: "cookie",
    takes: &[Takes::Text("the name of a cookie")],
    make: |mut operands| Ok(Box::new(Cookie::read(&operands.text()?)?)),
}];

impl Cookie {
    fn read(text: &str) -> Result<Self, String> {
        let (name, attribute) = match text.strip_suffix(']').and_then(|text| text.split_once('[')) {
            Some((name, attribute)) => (name.trim(), attribute.trim()),
            None => (text, ATTRIBUTES[0]),
        };
        let known = ATTRIBUTES.into_iter().find(|known| known.eq_ignore_ascii_case(attribute));
        let attribute = known
            .ok_or_else(|| format!("a cookie has no attribute `{attribute}`; there are {}", ATTRIBUTES.join(", ")))?;
        Ok(Self { name: name.to_owned(), attribute })
    }

    fn value(&self, field: &str) -> Option<Found> {
        let mut parts = field.split(';').map(str::trim);
        let (name, value) = parts.next()?.split_once('=')?;
        if name.trim() != self.name {
            return None;
        }
        if self.attribute == ATTRIBUTES[0] {
            return Some(Datum::text(value.trim()).into());
        }
        let attribute = parts.find_map(|part| {
            let (name, value) = part.split_once('=').map_or((part, None), |(name, value)| (name, Some(value.trim())));
            name.trim().eq_ignore_ascii_case(self.attribute).then_some(value)
        });
        Some(match attribute {
            None => Found::Nothing("the cookie has no such attribute"),
            Some(None) => Datum::Flag.into(),
            Some(Some(value)) => typed(self.attribute, value).into(),
        })
    }
}

/// Reads a date of HTTP (RFC 9110 §5.6.7).
fn date(text: &str) -> Option<Timestamp> {
    // The form with dashes is of the first cookies, and servers still send it.
    let time = httpdate::parse_http_date(&text.replace('-', " ")).or_else(|_| httpdate::parse_http_date(text)).ok()?;
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    Some(Timestamp::from_micros(i64::try_from(since.as_micros()).ok()?))
}

/// Returns what cannot be read as the attribute's kind as a text.
fn typed(attribute: &str, value: &str) -> Datum {
    let typed = match attribute {
        "Expires" => date(value).map(Datum::Date),
        "Max-Age" => value.parse::<i64>().ok().map(|seconds| Datum::Integer(seconds.into())),
        _ => None,
    };
    typed.unwrap_or_else(|| Datum::text(value))
}

impl Query for Cookie {
    fn read(&self, answer: &AnswerView<'_>) -> ReadResult {
        let found = answer.header("set-cookie").find_map(|field| self.value(field));
        Ok(found.unwrap_or(Found::Nothing("no such cookie")))
    }

    fn place(&self) -> AnswerPlace {
        AnswerPlace::Header("set-cookie".to_owned())
    }
}
