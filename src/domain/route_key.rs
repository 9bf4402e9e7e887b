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

    /// Returns the same route with one mark for each segment that names one thing of many: a number, a UUID, at least
    /// eight hexadecimal digits. `/users/7` and `/users/8` are one route of a program.
    #[must_use]
    pub fn template(&self) -> Self {
        let segments = self.path.split('/').map(|segment| if is_identifier(segment) { "{}" } else { segment });
        Self { path: segments.collect::<Vec<_>>().join("/"), ..self.clone() }
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

/// Tells whether a segment is a number, a UUID or a digest. Words of hexadecimal letters alone (`facade`) are none.
fn is_identifier(segment: &str) -> bool {
    let is_number = !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_digit());
    let digits: Vec<u8> = segment.bytes().filter(|byte| *byte != b'-').collect();
    let dashes = segment.len() - digits.len();
    let is_hex = digits.iter().all(u8::is_ascii_hexdigit) && digits.iter().any(u8::is_ascii_digit);
    is_number || (is_hex && ((dashes == 0 && digits.len() >= 8) || (dashes == 4 && digits.len() == 32)))
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
    fn numbers_uuids_and_digests_are_one_template() {
        let template = |path: &str| {
            let url = Url::parse(&format!("https://api.example.com{path}")).expect("a URL");
            RouteKey::of(&url).template().path().to_owned()
        };
        for path in [
            "/users/7",
            "/users/1234567",
            "/users/6fa459ea-ee8a-3ca4-894e-db77e160355e",
            "/users/507f1f77bcf86cd799439011",
            "/users/DEADBEEF01",
        ] {
            assert_eq!(template(path), "/users/{}", "{path}");
        }
        for path in
            ["/", "/users", "/users/ada", "/users/facade", "/v1/users", "/users/deadbeefcafe", "/users/2026-11-30"]
        {
            assert_eq!(template(path), path);
        }
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
