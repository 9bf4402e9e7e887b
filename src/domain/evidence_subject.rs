//! What evidence has to be about: the paths, addresses and checks that a requirement names (docs/design/gate.md G21). Pure.

use url::Url;

use super::{EvidenceRequirement, Method, Origin, Proof, RouteKey};

/// What encloses a word in a sentence, and is no part of an address there.
const BEFORE: &[char] = &['`', '\'', '"', '(', '[', '<'];
/// What encloses or ends one.
const BEHIND: &[char] = &['`', '\'', '"', ')', ']', '>', ',', '.', ';', ':', '!', '?'];

/// One thing that a requirement names.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Named {
    /// A path, on an origin where the address says one, asked with a method where the text says one.
    Place { method: Option<Method>, origin: Option<Origin>, path: String },
    /// A check of the configuration.
    Check(String),
}

/// What a requirement of evidence names. Nothing named is no demand: then any own proof of a task that is done will do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EvidenceSubject(Vec<Named>);

/// An own proof of a run, with the name that its check was given.
#[derive(Debug, Clone, Copy)]
pub struct NamedProof<'a> {
    /// What was observed.
    pub proof: &'a Proof,
    /// What its check is called.
    pub name: Option<&'a str>,
}

impl EvidenceSubject {
    /// Reads what a requirement names; `checks` are the names of checks that the configuration has.
    pub fn of<'a>(requirement: &EvidenceRequirement, checks: impl IntoIterator<Item = &'a str>) -> Self {
        let text = &requirement.description;
        let mut named = places(text);
        named.extend(requirement.url.iter().flat_map(|url| places(url)));
        named.extend(checks.into_iter().filter(|name| says(text, name)).map(|name| Named::Check(name.to_owned())));
        Self(named)
    }

    /// Tells whether nothing is named.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the first thing that none of these proofs is about, as it is told: `POST /api/orders`.
    pub fn first_missing(&self, proofs: &[NamedProof<'_>]) -> Option<String> {
        self.0.iter().find(|named| !proofs.iter().any(|proof| named.fits(*proof))).map(Named::told)
    }
}

impl Named {
    fn fits(&self, NamedProof { proof, name }: NamedProof<'_>) -> bool {
        match self {
            Self::Check(wanted) => name.is_some_and(|name| name.eq_ignore_ascii_case(wanted)),
            Self::Place { method, origin, path } => {
                let Ok(url) = Url::parse(&proof.endpoint) else { return false };
                let asked = proof.method.as_deref().unwrap_or_default();
                // HEAD counts only where GET holds, too (G10).
                let same_method = method
                    .as_ref()
                    .is_none_or(|method| asked == method.as_str() || (asked == "HEAD" && method.as_str() == "GET"));
                let there = origin.as_ref().is_none_or(|origin| Origin::of(&url).is_ok_and(|of| of == *origin));
                // An address without a path names the whole of production.
                same_method && there && ((path == "/" && origin.is_some()) || same_route(path, &url))
            }
        }
    }

    fn told(&self) -> String {
        match self {
            Self::Check(name) => format!("the check {name}"),
            Self::Place { method, origin, path } => {
                let method = method.as_ref().map(|method| format!("{} ", method.as_str())).unwrap_or_default();
                format!("{method}{}{path}", origin.as_ref().map(ToString::to_string).unwrap_or_default())
            }
        }
    }
}

/// Tells whether an address is of a named path. `:id`, `{id}`, `<id>` and `*` stand for any one segment, as in routers.
fn same_route(path: &str, url: &Url) -> bool {
    let route = |path: &str| {
        let mut url = url.clone();
        url.set_path(path);
        RouteKey::of(&url).template().path().to_owned()
    };
    let (wanted, asked) = (route(path), route(url.path()));
    let (wanted, asked): (Vec<&str>, Vec<&str>) = (wanted.split('/').collect(), asked.split('/').collect());
    let any = |segment: &str| segment == "*" || segment.starts_with([':', '{', '<']);
    wanted.len() == asked.len() && wanted.iter().zip(asked).all(|(wanted, asked)| *wanted == asked || any(wanted))
}

/// The paths and addresses of a text, each with the method before it.
fn places(text: &str) -> Vec<Named> {
    let mut found = Vec::new();
    let mut method = None;
    for word in text.split_whitespace() {
        let word = word.trim_start_matches(BEFORE).trim_end_matches(BEHIND);
        let before = std::mem::replace(&mut method, spelled_method(word));
        if word.starts_with("http://") || word.starts_with("https://") {
            let Ok(url) = Url::parse(word) else { continue };
            let Ok(origin) = Origin::of(&url) else { continue };
            found.push(Named::Place { method: before, origin: Some(origin), path: url.path().to_owned() });
        } else if word.starts_with('/') && word.contains(|letter: char| letter.is_alphanumeric()) {
            let path = word.split(['?', '#']).next().unwrap_or(word).to_owned();
            found.push(Named::Place { method: before, origin: None, path });
        }
    }
    found
}

/// `GET`, as it is written before a path; `get` in a sentence is a word.
fn spelled_method(word: &str) -> Option<Method> {
    let spelled = word.len() >= 3 && word.bytes().all(|byte| byte.is_ascii_uppercase());
    spelled.then(|| word.parse().ok()).flatten()
}

/// Tells whether a text has this name as words of its own.
fn says(text: &str, name: &str) -> bool {
    let (text, name) = (text.to_lowercase(), name.trim().to_lowercase());
    let apart = |letter: Option<char>| letter.is_none_or(|letter| !letter.is_alphanumeric() && letter != '_');
    !name.is_empty()
        && text
            .match_indices(&name)
            .any(|(at, _)| apart(text[..at].chars().next_back()) && apart(text[at + name.len()..].chars().next()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(text: &str) -> EvidenceSubject {
        let requirement = EvidenceRequirement { kind: "test".into(), description: text.into(), url: None };
        EvidenceSubject::of(&requirement, ["orders list"])
    }

    fn proof(method: &str, url: &str) -> Proof {
        let proof = serde_json::json!({
            "endpoint": url, "user_tested": "anonymous", "result": "pass", "timestamp": "2026-01-01T00:00:00.000Z",
            "check": "task_check_1", "method": method, "kind": "live", "required": true, "counts": true,
            "duration_ms": 1,
        });
        serde_json::from_value(proof).expect("a proof")
    }

    fn missing(text: &str, proofs: &[Proof]) -> Option<String> {
        let proofs: Vec<_> = proofs.iter().map(|proof| NamedProof { proof, name: Some("Users") }).collect();
        subject(text).first_missing(&proofs)
    }

    #[test]
    fn a_sentence_without_a_path_names_nothing() {
        for text in ["", "the tests pass", "pass / fail and/or 12/12", "run ./gradlew test", "packages/api", "a:b"] {
            assert!(subject(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn what_is_named_must_be_asked_by_method_origin_and_route() {
        let asked =
            [proof("GET", "https://shop.example/api/orders?page=1"), proof("HEAD", "https://shop.example/users/7")];
        for text in [
            "`/api/orders` answers",
            "GET /api/orders/, as users ask it",
            "(/API/orders).",
            "https://shop.example/api/orders?x=1",
            "/users/:id and /users/8 and GET /users/{id}",
            "the deploy of https://shop.example is seen",
        ] {
            assert_eq!(missing(text, &asked), None, "{text}");
        }
        for (text, told) in [
            ("POST /api/orders makes one", "POST /api/orders"),
            ("/api/orders and /api/users", "/api/users"),
            ("https://other.example/api/orders", "https://other.example/api/orders"),
            ("/users/:id/cart", "/users/:id/cart"),
            ("Orders list is right", "the check orders list"),
        ] {
            assert_eq!(missing(text, &asked).as_deref(), Some(told), "{text}");
        }
    }

    #[test]
    fn a_check_of_the_configuration_is_named_by_its_whole_name() {
        let asked = proof("GET", "https://shop.example/x");
        let named = NamedProof { proof: &asked, name: Some("Orders list") };
        assert_eq!(subject("the orders list is right").first_missing(&[named]), None);
        assert!(subject("reorders listing").is_empty());
    }
}
