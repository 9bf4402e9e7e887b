//! The answers to callers that are not allowed what they ask for.

use std::time::Duration;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::json;

use crate::domain::Scope;

/// Why a request is not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// No token was sent.
    NoToken,
    /// The token is unknown, revoked or expired.
    BadToken,
    /// The token is valid, but lacks this scope.
    InsufficientScope(Scope),
    /// The principal asks for too much at a time.
    TooMany {
        /// How long to wait.
        wait: Duration,
    },
    /// Too many wrong tokens came from the client's address.
    WrongTokens {
        /// How long to wait.
        wait: Duration,
    },
    /// The body is larger than any request of the protocol.
    TooLarge,
    /// The body did not arrive whole.
    BrokenBody,
    /// The token cannot be checked now, because the issuer cannot be reached.
    IssuerUnreachable,
}

impl Refusal {
    /// Returns one clear line for people.
    pub fn message(&self) -> String {
        match self {
            Self::NoToken => "a token is needed: send the header Authorization: Bearer TOKEN".to_owned(),
            Self::BadToken => "the token is not valid here: ask for another one".to_owned(),
            Self::InsufficientScope(scope) => {
                format!("insufficient_scope: this needs a token with the scope {}", scope.name())
            }
            Self::TooMany { wait } => format!("too many requests of this principal: wait {} s", seconds(*wait)),
            Self::WrongTokens { wait } => {
                format!("too many wrong tokens from this address: wait {} s, then send the right one", seconds(*wait))
            }
            Self::TooLarge => "the body is too large: send less than 4 MiB".to_owned(),
            Self::BrokenBody => "the body broke off, or did not come in time".to_owned(),
            Self::IssuerUnreachable => "the issuer's keys cannot be read now: try again in 10 s".to_owned(),
        }
    }

    /// Returns the status of the HTTP answer.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::NoToken | Self::BadToken => StatusCode::UNAUTHORIZED,
            Self::InsufficientScope(_) => StatusCode::FORBIDDEN,
            Self::TooMany { .. } | Self::WrongTokens { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BrokenBody => StatusCode::BAD_REQUEST,
            Self::IssuerUnreachable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Returns the error's name, as RFC 6750 has it where it has one.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NoToken => "unauthorized",
            Self::BadToken => "invalid_token",
            Self::InsufficientScope(_) => "insufficient_scope",
            Self::TooMany { .. } => "too_many_requests",
            Self::WrongTokens { .. } => "too_many_wrong_tokens",
            Self::TooLarge => "too_large",
            Self::BrokenBody => "broken_body",
            Self::IssuerUnreachable => "issuer_unreachable",
        }
    }

    /// Returns the HTTP answer; `metadata` is the address at which clients learn where tokens come from.
    pub fn response(&self, metadata: Option<&str>) -> Response {
        let body = json!({ "error": self.name(), "error_description": self.message() });
        let mut response = (self.status(), Json(body)).into_response();
        if let Some(challenge) = self.challenge(metadata) {
            set(&mut response, header::WWW_AUTHENTICATE, &challenge);
        }
        match self {
            Self::TooMany { wait } | Self::WrongTokens { wait } => {
                set(&mut response, header::RETRY_AFTER, &seconds(*wait).to_string())
            }
            Self::IssuerUnreachable => set(&mut response, header::RETRY_AFTER, "10"),
            _ => {}
        }
        response
    }

    fn challenge(&self, metadata: Option<&str>) -> Option<String> {
        let mut parts = match self {
            Self::NoToken => Vec::new(),
            Self::BadToken => vec![format!("error=\"{}\"", self.name())],
            Self::InsufficientScope(scope) => {
                vec![format!("error=\"{}\"", self.name()), format!("scope=\"{}\"", scope.name())]
            }
            _ => return None,
        };
        parts.extend(metadata.map(|address| format!("resource_metadata=\"{address}\"")));
        let parts = parts.join(", ");
        Some(if parts.is_empty() { "Bearer".to_owned() } else { format!("Bearer {parts}") })
    }
}

/// Returns whole seconds, at least one: a client that waits 0 s asks again at once.
fn seconds(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1)
}

fn set(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(response: &Response, name: HeaderName) -> Option<&str> {
        response.headers().get(name).and_then(|value| value.to_str().ok())
    }

    #[test]
    fn each_refusal_has_the_status_and_the_challenge_that_clients_look_for() {
        let metadata = Some("https://x.example/.well-known/oauth-protected-resource/mcp");
        let address = "resource_metadata=\"https://x.example/.well-known/oauth-protected-resource/mcp\"";
        for (refusal, status, challenge) in [
            (Refusal::NoToken, 401, format!("Bearer {address}")),
            (Refusal::BadToken, 401, format!("Bearer error=\"invalid_token\", {address}")),
            (
                Refusal::InsufficientScope(Scope::Validate),
                403,
                format!("Bearer error=\"insufficient_scope\", scope=\"validate\", {address}"),
            ),
        ] {
            let response = refusal.response(metadata);
            assert_eq!(response.status().as_u16(), status);
            assert_eq!(header(&response, header::WWW_AUTHENTICATE), Some(challenge.as_str()));
        }
        assert_eq!(header(&Refusal::NoToken.response(None), header::WWW_AUTHENTICATE), Some("Bearer"));
    }

    #[test]
    fn who_asks_too_much_is_told_to_wait_at_least_a_second() {
        for (milliseconds, told) in [(0, "1"), (900, "1"), (1_000, "1"), (1_001, "2")] {
            let response = Refusal::TooMany { wait: Duration::from_millis(milliseconds) }.response(None);
            assert_eq!((response.status().as_u16(), header(&response, header::RETRY_AFTER)), (429, Some(told)));
            assert_eq!(header(&response, header::WWW_AUTHENTICATE), None);
        }
    }
}
