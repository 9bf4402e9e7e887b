//! The parts of a URL that hold secrets: user information and parameters of the query.

use std::ops::Range;

use super::finding::window;
use super::{name, value};

/// The longest user information that is looked at.
const WINDOW: usize = 2 * 1024;

/// Returns the user information of a URL whose `://` stands at `at` (RFC 3986 §3.2.1).
///
/// A password may hold characters that should have been encoded, an `@` and a `/` among them. A user without a password
/// is a name (`git@`) unless it looks like a token.
pub(super) fn user_information(text: &str, at: usize) -> Option<Range<usize>> {
    let start = at + 3;
    if at == 0 || !text.as_bytes()[at - 1].is_ascii_alphanumeric() {
        return None;
    }
    let rest = window(text, start, WINDOW);
    let end = rest
        .find(|next: char| next.is_whitespace() || matches!(next, '"' | '\'' | '<' | '>' | '`' | '\\'))
        .unwrap_or(rest.len());
    let rest = &rest[..end];
    let host_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let sign = match rest[..host_end].rfind('@') {
        // `postgres://app:a@b/c@db`: the part before the last `@` of what could still be a password.
        Some(sign) => rest[..].rfind('@').filter(|last| password_goes_on(rest, sign, *last)).unwrap_or(sign),
        None => rest.rfind('@').filter(|last| is_password_with_slash(&rest[..*last]))?,
    };
    let given = &rest[..sign];
    let secret = match given.split_once(':') {
        Some((_, password)) => {
            !password.is_empty() && !value::is_placeholder(password) && !value::is_placeholder(given)
        }
        None => given.len() >= 16 || value::mixed(given),
    };
    secret.then(|| start..start + sign)
}

/// After the first `@` comes no host but more of the password: another `@` before the path, as in `:a/b@c@db:5432/x`.
fn password_goes_on(rest: &str, sign: usize, last: usize) -> bool {
    last > sign && !rest[sign..last].contains(['?', '#', '/'])
}

/// `app:ab/cd`, and not `localhost:8080/@scope`.
fn is_password_with_slash(given: &str) -> bool {
    given.split_once(':').is_some_and(|(user, password)| {
        let port = password.bytes().take_while(u8::is_ascii_digit).count();
        let begins_with_port = port > 0 && password.as_bytes().get(port) == Some(&b'/');
        !begins_with_port
            && !user.contains(['/', '.', '?', '#'])
            && !password.ends_with('/')
            && password.bytes().filter(|byte| *byte == b'/').count() <= 3
    })
}

/// Tells whether the value of a query's parameter is secret; the name may be percent-encoded.
pub(super) fn is_secret_parameter(encoded: &str) -> bool {
    let decoded: String = url::form_urlencoded::parse(encoded.as_bytes()).map(|(name, _)| name.into_owned()).collect();
    let last = decoded.rsplit(['-', '_', '.']).next().unwrap_or_default().to_ascii_lowercase();
    name::strength(&decoded).is_some() || matches!(last.as_str(), "key" | "code" | "sig" | "signature")
}
