//! Which observations are one and the same (gate.md G3).

use percent_encoding::percent_decode_str;
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

/// Which answer came from where: one route that answers every body alike gives one proof.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PlacedAnswer {
    origin: String,
    path: String,
    digest: String,
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

    /// Returns this place with what it answered.
    pub(crate) fn answering(&self, digest: &str) -> PlacedAnswer {
        PlacedAnswer { origin: self.origin.clone(), path: self.path.clone(), digest: digest.to_owned() }
    }

    /// Tells whether two requests went to the same route, whatever they asked of it.
    pub(crate) fn same_route(left: &Url, right: &Url) -> bool {
        Origin::of(left).is_ok_and(|origin| origin.contains(right))
            && normalised_path(left.path()) == normalised_path(right.path())
    }
}

/// Returns the path decoded, in the form that most routers treat alike: no empty or dot segments, no last slash.
pub(crate) fn normalised_path(path: &str) -> String {
    // What is not valid stays as it is, and bytes that are not UTF-8 become U+FFFD: a path always has a form.
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    let mut segments: Vec<&str> = Vec::new();
    for segment in decoded.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            _ => segments.push(without_ornaments(segment)),
        }
    }
    format!("/{}", segments.join("/")).to_lowercase()
}

/// Returns a segment without its parameters, and without the dots, blanks and control characters at its end that some
/// servers leave out.
fn without_ornaments(segment: &str) -> &str {
    let plain = segment.split(';').next().unwrap_or(segment);
    plain.trim_matches(|letter: char| letter.is_whitespace() || letter.is_control()).trim_end_matches('.')
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
            "https://api.example.com./api/users#again",
            "https://api.example.com/api%2Fusers",
            "https://api.example.com/api/%2e/users",
            "https://api.example.com/api/x/%2E%2e/users",
            "https://api.example.com/api\\users",
            "https://api.example.com/api/users.",
            "https://api.example.com/api/users%20",
            "https://api.example.com/api/users%00",
        ] {
            assert_eq!(place(other, Method::Head), one, "{other}");
        }
        assert_ne!(place("https://api.example.com/api/orders", Method::Get), one);
        assert_ne!(place("https://api.example.com/api/users", Method::Post), one);
        assert_ne!(place("http://api.example.com/api/users", Method::Get), one);
    }

    #[test]
    fn what_cannot_be_decoded_still_has_a_form() {
        assert_eq!(normalised_path("/a%zz/%"), "/a%zz/%");
        assert_eq!(normalised_path("/a%ff%fe"), "/a\u{fffd}\u{fffd}");
    }
}
