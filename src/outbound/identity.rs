//! The identity of a check: anonymous, or a test user with its credentials.

use bytes::Bytes;
use serde_json::Value;

use super::{RequestSpec, Route};
use crate::domain::{ANONYMOUS, Credential, Origin, ResolvedCheck, SecretText, TestUser, nearest};

/// Why a test user's credentials are not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each message says what it is")]
pub enum IdentityError {
    #[error("no test user `{name}` is configured{}", suggestion.as_ref().map(|name| format!("; did you mean `{name}`?")).unwrap_or_default())]
    Unknown { name: String, suggestion: Option<String> },
    #[error("the variable {variable} that holds the credential of `{name}` is not set")]
    Missing { name: String, variable: String },
    #[error("credentials of `{name}` are not sent to {origin}: only to production")]
    ForeignOrigin { name: String, origin: String },
    #[error("credentials of `{name}` are not sent with {method}: its `methods` does not list it")]
    Method { name: String, method: String },
    #[error("the credential of `{name}` cannot be sent: it holds characters that HTTP headers forbid")]
    Unsendable { name: String },
}

impl IdentityError {
    /// Returns what to do about it.
    pub fn fix(&self) -> String {
        match self {
            Self::Unknown { suggestion: Some(name), .. } => format!("set user to {name}"),
            Self::Unknown { name, .. } => format!("a person adds {name} to test_users in trusted configuration"),
            Self::Missing { variable, .. } => format!("set {variable} where this program is started"),
            Self::ForeignOrigin { .. } => "leave user out, or check an address on production".to_owned(),
            Self::Method { name, method } => format!("a person adds {method} to the methods of {name} in test_users"),
            Self::Unsendable { name } => {
                format!("set the variable of {name} to one line of visible ASCII characters")
            }
        }
    }
}

/// Turns a live check into an anonymous request, whatever user the check names.
pub fn anonymous_request(check: &ResolvedCheck) -> RequestSpec {
    let asked = check.asked();
    RequestSpec {
        method: asked.method,
        url: check.url().clone(),
        headers: check.headers().to_vec(),
        body: asked.body.as_ref().map(body_of),
        timeout_ms: asked.timeout_ms,
        follow_redirects: asked.follow_redirects,
        credential: None,
        route: Route::default(),
    }
}

/// Turns a live check into a request, with its test user's credentials.
/// Returns the request and the name for `user_tested`. Shared by validator and drift.
///
/// # Errors
/// When the check names a user whose credentials cannot be sent.
pub fn request_for(
    check: &ResolvedCheck,
    users: &[TestUser],
    production: Option<&Origin>,
) -> Result<(RequestSpec, String), IdentityError> {
    let request = anonymous_request(check);
    match &check.asked().user {
        None => Ok((request, ANONYMOUS.to_owned())),
        Some(name) => {
            let credential = Some(credential_of(name, check, users, production)?);
            Ok((RequestSpec { credential, ..request }, name.clone()))
        }
    }
}

/// Returns the body and its media type: a JSON string is sent as text, everything else as JSON, even an empty object.
fn body_of(body: &Value) -> (Bytes, &'static str) {
    match body {
        Value::String(text) => (Bytes::copy_from_slice(text.as_bytes()), "text/plain; charset=utf-8"),
        other => (Bytes::from(other.to_string()), "application/json"),
    }
}

fn credential_of(
    name: &str,
    check: &ResolvedCheck,
    users: &[TestUser],
    production: Option<&Origin>,
) -> Result<(String, SecretText), IdentityError> {
    let owned = || name.to_owned();
    let user = users.iter().find(|user| user.name == name).ok_or_else(|| IdentityError::Unknown {
        name: owned(),
        suggestion: nearest(name, users.iter().map(|user| user.name.as_str())).map(str::to_owned),
    })?;
    if production != Some(check.origin()) {
        return Err(IdentityError::ForeignOrigin { name: owned(), origin: check.origin().to_string() });
    }
    if !user.methods.contains(&check.method()) {
        return Err(IdentityError::Method { name: owned(), method: check.method().to_string() });
    }
    let (header, value) = match &user.credential {
        Credential::Bearer(token) => {
            ("authorization".to_owned(), SecretText::new(format!("Bearer {}", token.expose())))
        }
        Credential::Header { name, value } => (name.to_ascii_lowercase(), value.clone()),
        Credential::Missing { variable } => {
            return Err(IdentityError::Missing { name: owned(), variable: variable.clone() });
        }
    };
    let sendable =
        http::HeaderName::from_bytes(header.as_bytes()).is_ok() && http::HeaderValue::from_str(value.expose()).is_ok();
    if sendable { Ok((header, value)) } else { Err(IdentityError::Unsendable { name: owned() }) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use url::Url;

    use super::*;
    use crate::domain::{LiveCheck, Method};

    fn production() -> Origin {
        Origin::of(&Url::parse("https://api.example.test").expect("a URL")).expect("origin")
    }

    fn users() -> Vec<TestUser> {
        let user = |name: &str, credential| TestUser {
            name: name.to_owned(),
            credential,
            methods: vec![Method::Get, Method::Head, Method::Options],
        };
        vec![
            user("ada@example.test", Credential::Bearer(SecretText::new("t0ken"))),
            user(
                "key@example.test",
                Credential::Header { name: "X-Api-Key".to_owned(), value: SecretText::new("k3y") },
            ),
            user("lost@example.test", Credential::Missing { variable: "SNIPARA_TEST_LOST".to_owned() }),
            TestUser {
                methods: vec![Method::Post],
                ..user("poster@example.test", Credential::Bearer(SecretText::new("p")))
            },
        ]
    }

    fn as_user(url: &str, method: Method, user: &str) -> Result<(RequestSpec, String), IdentityError> {
        let check = LiveCheck { user: Some(user.to_owned()), ..LiveCheck::get(url).with_method(method) };
        request_for(&check.resolved(None).expect("resolved"), &users(), Some(&production()))
    }

    #[test]
    fn a21_a_user_is_a_header_on_the_request_and_nobody_is_anonymous() {
        let (request, name) = as_user("https://api.example.test/me", Method::Get, "ada@example.test").expect("sent");
        let (header, value) = request.credential.expect("a credential");
        assert_eq!(
            (header.as_str(), value.expose(), name.as_str()),
            ("authorization", "Bearer t0ken", "ada@example.test")
        );
        let (request, _) = as_user("https://api.example.test/me", Method::Get, "key@example.test").expect("sent");
        let (header, value) = request.credential.expect("a credential");
        assert_eq!((header.as_str(), value.expose()), ("x-api-key", "k3y"));
        let nobody = LiveCheck::get("https://api.example.test/me").resolved(None).expect("resolved");
        let (request, name) = request_for(&nobody, &users(), Some(&production())).expect("sent");
        assert_eq!((request.credential.is_none(), name.as_str()), (true, "anonymous"));
    }

    #[test]
    fn a21_credentials_leave_for_production_only() {
        for url in ["https://evil.test/", "http://api.example.test/", "https://api.example.test:444/"] {
            assert!(matches!(as_user(url, Method::Get, "ada@example.test"), Err(IdentityError::ForeignOrigin { .. })));
        }
        let check =
            LiveCheck { user: Some("ada@example.test".to_owned()), ..LiveCheck::get("https://api.example.test/") };
        let check = check.resolved(None).expect("resolved");
        assert!(matches!(request_for(&check, &users(), None), Err(IdentityError::ForeignOrigin { .. })));
    }

    #[test]
    fn a21_credentials_leave_with_reading_methods_unless_the_user_lists_more() {
        for method in [Method::Post, Method::Put, Method::Patch, Method::Delete] {
            assert!(matches!(
                as_user("https://api.example.test/", method, "ada@example.test"),
                Err(IdentityError::Method { .. })
            ));
        }
        assert!(as_user("https://api.example.test/", Method::Post, "poster@example.test").is_ok());
    }

    #[test]
    fn a21_an_unknown_user_and_a_missing_variable_are_named_with_the_fix() {
        let error = as_user("https://api.example.test/", Method::Get, "ada@example.tset").expect_err("unknown");
        assert_eq!(
            error.to_string(),
            "no test user `ada@example.tset` is configured; did you mean `ada@example.test`?"
        );
        let error = as_user("https://api.example.test/", Method::Get, "lost@example.test").expect_err("missing");
        assert!(error.fix().contains("SNIPARA_TEST_LOST"));
    }

    #[test]
    fn c09_any_json_is_a_body_and_a_string_is_text() {
        let body = |value: Value| {
            let check = LiveCheck::get("https://api.example.test/").with_method(Method::Post).with_body(value);
            anonymous_request(&check.resolved(None).expect("resolved")).body.expect("a body")
        };
        assert_eq!(body(json!({})), (Bytes::from_static(b"{}"), "application/json"));
        assert_eq!(body(json!([1, 2])), (Bytes::from_static(b"[1,2]"), "application/json"));
        assert_eq!(body(json!(null)), (Bytes::from_static(b"null"), "application/json"));
        assert_eq!(body(json!("a=b")), (Bytes::from_static(b"a=b"), "text/plain; charset=utf-8"));
    }
}
