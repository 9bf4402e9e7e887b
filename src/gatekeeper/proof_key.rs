//! Tells which observations are one and the same (gate.md G3).

use crate::domain::{Method, ResolvedCheck, RouteKey};

/// The place that a request looks at. Two requests with equal keys can give one proof only.
///
/// Query, fragment, headers, time-out and HEAD against GET make no difference, nor do numbers, UUIDs and digests in the
/// path: `/users/7` and `/users/8` are one route. For methods that send something the
/// body tells operations apart (one GraphQL route serves many). The response digest is not part of the key: a page
/// with a clock in it would count as often as it is asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ProofKey {
    route: RouteKey,
    operation: String,
}

/// An answer with the route that gave it. One route that answers every body alike gives one proof.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct AnswerKey {
    route: Option<RouteKey>,
    digest: String,
}

impl ProofKey {
    /// Returns what a check looks at.
    pub(crate) fn of(check: &ResolvedCheck) -> Self {
        let operation = match check.method() {
            Method::Get | Method::Head => "GET".to_owned(),
            other => format!("{other} {}", check.asked().body.as_ref().map(ToString::to_string).unwrap_or_default()),
        };
        Self { route: check.route().template(), operation }
    }

    /// Returns this key's route with what it answered.
    pub(crate) fn answering(&self, digest: &str) -> AnswerKey {
        AnswerKey { route: Some(self.route.clone()), digest: digest.to_owned() }
    }

    /// Returns what was answered wherever it was asked: no control ask shows which paths a POST cannot reach.
    pub(crate) fn answered_anywhere(digest: &str) -> AnswerKey {
        AnswerKey { route: None, digest: digest.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::LiveCheck;

    fn key(url: &str, method: Method) -> ProofKey {
        ProofKey::of(&LiveCheck::get(url).with_method(method).resolved(None).expect("an absolute URL"))
    }

    #[test]
    fn things_of_one_kind_are_one_place() {
        let one = key("https://api.example.com/api/users/7", Method::Get);
        for other in
            ["/api/users/8", "/api/users/6fa459ea-ee8a-3ca4-894e-db77e160355e", "/api/users/507f1f77bcf86cd799439011"]
        {
            assert_eq!(key(&format!("https://api.example.com{other}"), Method::Get), one, "{other}");
        }
        for other in ["/api/users", "/api/users/me", "/api/users/7/orders", "/api/orders/7"] {
            assert_ne!(key(&format!("https://api.example.com{other}"), Method::Get), one, "{other}");
        }
    }

    #[test]
    fn query_slashes_encoding_and_head_make_no_difference() {
        let one = key("https://api.example.com/api/users", Method::Get);
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
            assert_eq!(key(other, Method::Head), one, "{other}");
        }
        assert_ne!(key("https://api.example.com/api/orders", Method::Get), one);
        assert_ne!(key("https://api.example.com/api/users", Method::Post), one);
        assert_ne!(key("http://api.example.com/api/users", Method::Get), one);
    }
}
