//! The identity of a check: anonymous, or a test user with its credentials.

use bytes::Bytes;
use serde_json::Value;

use super::{RequestSpec, Route, UserSession, secret_header};
use crate::domain::{BasicCredential, Credential, Origin, ResolvedCheck, SecretText, TestUser, nearest};

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

/// Returns the test user as whom a check may be asked; nothing when it names none.
///
/// # Errors
/// When the check names a user whose credentials cannot be sent.
pub fn may_ask<'a>(
    check: &ResolvedCheck,
    users: &'a [TestUser],
    production: Option<&Origin>,
) -> Result<Option<&'a TestUser>, IdentityError> {
    let Some(name) = check.asked().user.as_deref() else { return Ok(None) };
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
    match &user.credential {
        Credential::Missing { variable } => Err(IdentityError::Missing { name: owned(), variable: variable.clone() }),
        _ => session_of(user).map(|_| Some(user)),
    }
}

/// Returns what a test user sends without a login; of one that logs in, what it sends anyway.
///
/// # Errors
/// When HTTP headers cannot carry it.
pub fn session_of(user: &TestUser) -> Result<UserSession, IdentityError> {
    let (name, value) = match &user.credential {
        Credential::Bearer(token) => ("authorization", format!("Bearer {}", token.expose())),
        Credential::Header { name, value } => (name.as_str(), value.expose().to_owned()),
        Credential::Basic(basic) => ("authorization", basic_value(basic)),
        Credential::Login(login) => match &login.basic {
            Some(basic) => ("authorization", basic_value(basic)),
            None => return Ok(UserSession::default()),
        },
        Credential::Missing { .. } => return Ok(UserSession::default()),
    };
    let value = SecretText::new(value);
    match secret_header(name, &value) {
        Some(_) => Ok(UserSession { headers: vec![(name.to_owned(), value)], cookies: None }),
        None => Err(IdentityError::Unsendable { name: user.name.clone() }),
    }
}

/// Returns the value of `Authorization` (RFC 7617 §2).
fn basic_value(basic: &BasicCredential) -> String {
    format!("Basic {}", basic.encoded())
}

/// Returns the body and its media type: a JSON string is sent as text, everything else as JSON, even an empty object.
fn body_of(body: &Value) -> (Bytes, &'static str) {
    match body {
        Value::String(text) => (Bytes::copy_from_slice(text.as_bytes()), "text/plain; charset=utf-8"),
        other => (Bytes::from(other.to_string()), "application/json"),
    }
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
        let user = |name: &str, credential| TestUser::new(name, credential);
        vec![
            user("ada@example.test", Credential::Bearer(SecretText::new("t0ken"))),
            user(
                "key@example.test",
                Credential::Header { name: "X-Api-Key".to_owned(), value: SecretText::new("k3y") },
            ),
            user("lost@example.test", Credential::Missing { variable: "SNIPARA_TEST_LOST".to_owned() }),
            user(
                "aladdin@example.test",
                Credential::Basic(BasicCredential {
                    user: SecretText::new("Aladdin"),
                    password: SecretText::new("open sesame"),
                }),
            ),
            TestUser {
                methods: vec![Method::Post],
                ..user("poster@example.test", Credential::Bearer(SecretText::new("p")))
            },
        ]
    }

    fn as_user(url: &str, method: Method, user: &str) -> Result<Vec<(String, String)>, IdentityError> {
        let check = LiveCheck { user: Some(user.to_owned()), ..LiveCheck::get(url).with_method(method) };
        let (check, users) = (check.resolved(None).expect("resolved"), users());
        let user = may_ask(&check, &users, Some(&production()))?.expect("a user");
        let sent = session_of(user)?.headers;
        let headers = sent.iter().map(|(name, value)| secret_header(name, value).expect("a header"));
        let shown = |(name, value): (http::HeaderName, http::HeaderValue)| {
            assert!(value.is_sensitive());
            (name.to_string(), value.to_str().expect("text").to_owned())
        };
        Ok(headers.map(shown).collect())
    }

    #[test]
    fn a21_a_user_is_a_header_on_the_request_and_nobody_is_anonymous() {
        let sent = |user| as_user("https://api.example.test/me", Method::Get, user).expect("sent");
        let header = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
        assert_eq!(sent("ada@example.test"), header("authorization", "Bearer t0ken"));
        assert_eq!(sent("key@example.test"), header("x-api-key", "k3y"));
        // The example of RFC 7617 §2.
        assert_eq!(sent("aladdin@example.test"), header("authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
        let nobody = LiveCheck::get("https://api.example.test/me").resolved(None).expect("resolved");
        assert_eq!(may_ask(&nobody, &users(), Some(&production())), Ok(None));
    }

    #[test]
    fn a21_credentials_leave_for_production_only() {
        for url in ["https://evil.test/", "http://api.example.test/", "https://api.example.test:444/"] {
            assert!(matches!(as_user(url, Method::Get, "ada@example.test"), Err(IdentityError::ForeignOrigin { .. })));
        }
        let check =
            LiveCheck { user: Some("ada@example.test".to_owned()), ..LiveCheck::get("https://api.example.test/") };
        let check = check.resolved(None).expect("resolved");
        assert!(matches!(may_ask(&check, &users(), None), Err(IdentityError::ForeignOrigin { .. })));
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
