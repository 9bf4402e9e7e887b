//! What evidence has to be about: the paths, addresses and checks that a requirement names (docs/design/gate.md G21). Pure.

use url::Url;

use super::{EvidenceRequirement, Method, Origin, Proof, RouteKey};

/// What encloses a word in a sentence, and is no part of an address there.
const BEFORE: &[char] = &['`', '\'', '"', '(', '[', '<', '*', '_'];
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
        named.extend(requirement.url.iter().flat_map(|url| address(url)));
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

/// The paths and addresses of a text, each with the methods beside it: `POST /a`, `POST:/a`, `/a (POST)`, `POST/PUT /a`.
fn places(text: &str) -> Vec<Named> {
    let mut found = Vec::new();
    let mut methods = Vec::new();
    // Where the places begin that the word before gave, when they have no method yet.
    let mut bare = None;
    for spelled in text.split_whitespace() {
        let word = without_emphasis(spelled.trim_start_matches(BEFORE)).trim_end_matches(BEHIND);
        let (glued, word) = match word.split_once(":/") {
            Some((method, _)) if !spelled_methods(method).is_empty() => {
                (spelled_methods(method), &word[method.len() + 1..])
            }
            _ => (Vec::new(), word),
        };
        let here = spelled_methods(word);
        if let Some(from) = bare.take().filter(|_| spelled.starts_with('(') && !here.is_empty()) {
            let places: Vec<Named> = found.drain(from..).collect();
            found.extend(places.into_iter().flat_map(|place| with_methods(place, &here)));
            continue;
        }
        let before = if glued.is_empty() { std::mem::replace(&mut methods, here) } else { glued };
        if let Some(place) = place(word, !before.is_empty()) {
            bare = before.is_empty().then_some(found.len());
            found.extend(with_methods(place, &before));
        }
    }
    found
}

/// A path or an address; the root path alone is one only behind a method.
fn place(word: &str, has_method: bool) -> Option<Named> {
    if word.starts_with("http://") || word.starts_with("https://") {
        let url = Url::parse(word).ok()?;
        let origin = Some(Origin::of(&url).ok()?);
        return Some(Named::Place { method: None, origin, path: url.path().to_owned() });
    }
    let path = match word.split_once('/') {
        Some(("", _)) => word,
        Some((host, _)) if is_host(host) => &word[host.len()..],
        _ => return None,
    };
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let is_route = path.contains(|letter: char| letter.is_alphanumeric()) || (has_method && path == "/");
    is_route.then(|| Named::Place { method: None, origin: None, path: path.to_owned() })
}

/// What a field for an address says: without scheme and host it is a path, however it begins.
fn address(text: &str) -> Vec<Named> {
    let text = text.trim();
    let found = places(text);
    if !found.is_empty() || text.is_empty() || text.contains(char::is_whitespace) {
        return found;
    }
    let host = text.split('/').next().filter(|host| host.contains(['.', ':']));
    let path = host.map_or(text, |host| &text[host.len()..]);
    let path = format!("/{}", path.trim_start_matches('/'));
    vec![Named::Place { method: None, origin: None, path }]
}

/// `api.example.com`, `localhost:8080`; a word with one dot is as often a file.
fn is_host(word: &str) -> bool {
    let (name, port) = word.split_once(':').map_or((word, None), |(name, port)| (name, Some(port)));
    let is_name = name
        .split('.')
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
    let has_port = port.is_some_and(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()));
    is_name && (has_port || (port.is_none() && name.matches('.').count() >= 2))
}

/// Takes the marks off with which Markdown emphasises a word; a last segment `*` stands for any.
fn without_emphasis(word: &str) -> &str {
    let word = word.trim_end_matches("**").trim_end_matches("__");
    let is_mark = |word: &str| word.ends_with(['*', '_']) && !word.ends_with("/*");
    if is_mark(word) { &word[..word.len() - 1] } else { word }
}

fn with_methods(place: Named, methods: &[Method]) -> Vec<Named> {
    match place {
        Named::Place { origin, path, .. } if !methods.is_empty() => methods
            .iter()
            .map(|method| Named::Place { method: Some(*method), origin: origin.clone(), path: path.clone() })
            .collect(),
        place => vec![place],
    }
}

/// `GET`, `POST/PUT`, as methods are written beside a path; `get` in a sentence is a word.
fn spelled_methods(word: &str) -> Vec<Method> {
    let spelled = |word: &str| {
        let is_spelled = word.len() >= 3 && word.bytes().all(|byte| byte.is_ascii_uppercase());
        is_spelled.then(|| word.parse().ok()).flatten()
    };
    word.split(['/', '|', ',']).map(spelled).collect::<Option<_>>().unwrap_or_default()
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
            ("POST:/api/orders answers 201", "POST /api/orders"),
            ("/api/orders (POST) answers 201", "POST /api/orders"),
            ("GET|PUT /api/orders answer", "PUT /api/orders"),
            ("**POST /api/orders** answers", "POST /api/orders"),
            ("**/api/refunds** answers 201", "/api/refunds"),
            ("api.example.com/api/refunds answers", "/api/refunds"),
            ("GET / shows the banner", "GET /"),
        ] {
            assert_eq!(missing(text, &asked).as_deref(), Some(told), "{text}");
        }
    }

    #[test]
    fn an_address_is_read_with_and_without_its_scheme() {
        let told = |url: &str| {
            let description = "refunds work".to_owned();
            let requirement = EvidenceRequirement { kind: "proof".into(), description, url: Some(url.to_owned()) };
            EvidenceSubject::of(&requirement, []).first_missing(&[])
        };
        for url in ["/api/refunds", "api/refunds", "127.0.0.1:18302/api/refunds", "example.com/api/refunds"] {
            assert_eq!(told(url).as_deref(), Some("/api/refunds"), "{url}");
        }
        assert_eq!(told("https://a.example/x").as_deref(), Some("https://a.example/x"));
    }

    #[test]
    fn a_check_of_the_configuration_is_named_by_its_whole_name() {
        let asked = proof("GET", "https://shop.example/x");
        let named = NamedProof { proof: &asked, name: Some("Orders list") };
        assert_eq!(subject("the orders list is right").first_missing(&[named]), None);
        assert!(subject("reorders listing").is_empty());
    }
}
