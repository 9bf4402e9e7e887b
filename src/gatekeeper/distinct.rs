//! Which observations are one and the same (product.md §2, G3).

use url::Url;

use crate::domain::{Method, Origin};

/// What a request looks at: two requests with equal places can give one proof only.
///
/// Query, fragment, headers, time-out and HEAD against GET make no difference. For methods that send something the
/// body tells operations apart (one GraphQL route serves many). The response digest is not part of the place: a page
/// with a clock in it would count as often as it is asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    origin: String,
    path: String,
    operation: String,
}

impl Place {
    /// Returns what a request looks at; nothing for an address without an origin.
    pub(crate) fn of(url: &Url, method: Method, body: Option<&serde_json::Value>) -> Option<Self> {
        let operation = match method {
            Method::Get | Method::Head => "GET".to_owned(),
            other => format!("{other} {}", body.map(ToString::to_string).unwrap_or_default()),
        };
        Some(Self { origin: Origin::of(url).ok()?.to_string(), path: normalised_path(url.path()), operation })
    }
}

/// Returns the path decoded, in the form that most routers treat alike: no empty or dot segments, no last slash.
pub(crate) fn normalised_path(path: &str) -> String {
    let decoded = percent_decoded(path);
    let mut segments: Vec<&str> = Vec::new();
    for segment in decoded.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            _ => segments.push(segment.split(';').next().unwrap_or(segment)),
        }
    }
    format!("/{}", segments.join("/")).to_lowercase()
}

/// Decodes `%XX` (RFC 3986 §2.1); what is not valid stays as it is.
fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while let Some(byte) = bytes.get(index) {
        let pair = bytes.get(index + 1..index + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(value) if *byte == b'%' => {
                decoded.push(value);
                index += 3;
            }
            _ => {
                decoded.push(*byte);
                index += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(url: &str, method: Method) -> Place {
        Place::of(&Url::parse(url).expect("a URL"), method, None).expect("a place")
    }

    #[test]
    fn query_slashes_encoding_and_head_make_no_difference() {
        let one = place("https://api.example.com/api/users", Method::Get);
        for other in [
            "https://api.example.com/api/users?page=2",
            "https://API.example.com:443/api//users/",
            "https://api.example.com/api/%75sers",
            "https://api.example.com/api/x/../users",
            "https://api.example.com/api/users;v=2",
            "https://api.example.com/API/Users",
        ] {
            assert_eq!(place(other, Method::Head), one, "{other}");
        }
        assert_ne!(place("https://api.example.com/api/orders", Method::Get), one);
        assert_ne!(place("https://api.example.com/api/users", Method::Post), one);
        assert_ne!(place("http://api.example.com/api/users", Method::Get), one);
    }
}
