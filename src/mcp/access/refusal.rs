//! The answers to callers that may not do what they ask for.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::json;

use super::scope::Scope;

/// Why a request is not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// No token was sent.
    NoToken,
    /// The token is not one of ours, or not good any more.
    BadToken,
    /// The token is good, but not for this.
    TooLittle(Scope),
}

impl Refusal {
    /// Returns one clear line for people.
    pub fn message(&self) -> String {
        match self {
            Self::NoToken => "a token is needed: send the header Authorization: Bearer TOKEN".to_owned(),
            Self::BadToken => "the token is not valid here: ask for another one".to_owned(),
            Self::TooLittle(scope) => {
                format!("the token may not do this: it needs the scope {0} (insufficient_scope: {0})", scope.name())
            }
        }
    }

    /// Returns the HTTP answer; `metadata` is the address at which clients learn where tokens come from.
    pub fn response(&self, metadata: Option<&str>) -> Response {
        let (status, error) = match self {
            Self::NoToken => (StatusCode::UNAUTHORIZED, None),
            Self::BadToken => (StatusCode::UNAUTHORIZED, Some("invalid_token")),
            Self::TooLittle(_) => (StatusCode::FORBIDDEN, Some("insufficient_scope")),
        };
        let mut parts = Vec::new();
        parts.extend(error.map(|error| format!("error=\"{error}\"")));
        if let Self::TooLittle(scope) = self {
            parts.push(format!("scope=\"{}\"", scope.name()));
        }
        parts.extend(metadata.map(|address| format!("resource_metadata=\"{address}\"")));
        let challenge = format!("Bearer {}", parts.join(", "));
        let body = json!({ "error": error.unwrap_or("unauthorized"), "error_description": self.message() });
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = status;
        set(&mut response, header::CONTENT_TYPE, "application/json");
        set(&mut response, header::WWW_AUTHENTICATE, challenge.trim_end());
        response
    }
}

fn set(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}
