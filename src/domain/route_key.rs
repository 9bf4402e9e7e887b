//! The route that an address leads to.

use std::fmt;

use percent_encoding::percent_decode_str;
use url::Url;

/// What tells one route from another: scheme, host, port and path, in the form that most servers treat alike. Query and
/// fragment make no difference.
///
/// Its `Debug` shows nothing: a path may hold a secret.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RouteKey {
    scheme: String,
    host: String,
    port: Option<u16>,
    path: String,
}

impl RouteKey {
    /// Returns the route of an address.
    pub fn of(url: &Url) -> Self {
        Self {
            scheme: url.scheme().to_owned(),
            host: url.host_str().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase(),
            port: url.port_or_known_default(),
            path: normalised_path(url.path()),
        }
    }

    /// Returns the normalised path; `/` is the root.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Debug for RouteKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RouteKey")
    }
}

/// Returns the path decoded, in the form that most routers treat alike: no empty or dot segments, no last slash.
fn normalised_path(path: &str) -> String {
    // What is not valid stays as it is, and bytes that are not UTF-8 become U+FFFD: a path always has a form.
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    let mut segments: Vec<&str> = Vec::new();
    for segment in decoded.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            _ => segments.push(strip_path_suffixes(segment)),
        }
    }
    format!("/{}", segments.join("/")).to_lowercase()
}

/// Returns a segment without its parameters, and without the dots, blanks and control characters at its end that some
/// servers leave out.
fn strip_path_suffixes(segment: &str) -> &str {
    let plain = segment.split(';').next().unwrap_or(segment);
    plain.trim_matches(|letter: char| letter.is_whitespace() || letter.is_control()).trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_is_shown_when_a_route_is_printed() {
        let url = Url::parse("https://api.example.com/reset/hunter2").expect("a URL");
        assert_eq!(format!("{:?}", RouteKey::of(&url)), "RouteKey");
    }

    #[test]
    fn a_path_has_no_empty_segments_and_no_last_slash() {
        for (path, key) in
            [("/", "/"), ("/./", "/"), ("//a///b/", "/a/b"), ("/a/%2e%2e/B", "/b"), ("/a%zz/%", "/a%zz/%")]
        {
            let url = Url::parse(&format!("https://api.example.com{path}")).expect("a URL");
            assert_eq!(RouteKey::of(&url).path(), key, "{path}");
        }
    }
}
