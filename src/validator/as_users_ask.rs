//! Whether a route answers as its users ask it: without what only the check sends (gate.md G10). Pure.
//!
//! A deployment that nobody reaches can answer one header, cookie or query of the agent. So beside such a check its
//! plain request is asked ([`AsUsersAsk::of`]), and its answer says whether the check counts ([`AsUsersAsk::judge`]).

use url::Url;

use crate::domain::{Method, one_line};

/// Statuses that say that something was missing that the check itself sent.
const REFUSED_FOR_WANT: [u16; 8] = [400, 401, 403, 406, 412, 415, 422, 428];

/// What of a check only the check sends, and what is asked beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AsUsersAsk {
    /// What is its own, in words: `header X-Canary`, `cookies`, `query`, `HEAD`.
    own: Vec<String>,
    /// The header that makes the answer another than the route's.
    altering: Option<String>,
    plain: Option<PlainAsk>,
}

/// The request as anybody would send it: a GET of the path, with the check's kept headers. Of one that stands for a HEAD
/// no more than what an exchange keeps needs to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlainAsk {
    /// The address without query.
    pub(crate) url: Url,
    /// The names, in lower case, of those of the check's headers that are sent again.
    pub(crate) kept_headers: Vec<String>,
    /// Whether the check asks for a part (`Range`), so that 200 is what its 206 is.
    pub(crate) whole_for_part: bool,
}

/// What the plain request showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PlainAnswer {
    /// Its status; none when no answer was observed.
    pub(crate) status: Option<u16>,
    /// Whether it meets the check's status and all its expectations.
    pub(crate) meets: bool,
}

/// Whether a check counts as a proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Counting {
    /// It counts.
    Counts,
    /// It counts, and the verdict names what was its own.
    CountsToldByName(String),
    /// It stays in the verdict with this reason and gives no proof.
    DoesNotCount(String),
}

/// Tells whether a header (in lower case) makes an answer another than the route's, so that its check never counts: another
/// path, host or method (IIS, Symfony, Rails, proxies), or an answer under conditions (RFC 9110 §13).
pub(crate) fn alters_routing(name: &str) -> bool {
    matches!(
        name,
        "forwarded"
            | "x-original-url"
            | "x-original-uri"
            | "x-rewrite-url"
            | "x-original-host"
            | "x-original-method"
            | "x-host"
            | "x-real-ip"
            | "x-client-ip"
            | "true-client-ip"
            | "x-envoy-original-path"
            | "x-method-override"
    ) || ["if-", "x-forwarded-", "x-http-method"].iter().any(|start| name.starts_with(start))
}

/// Tells whether a header (in lower case) is one that every client sends in its own way.
fn is_everybodys(name: &str) -> bool {
    matches!(
        name,
        "user-agent" | "content-type" | "host" | "accept" | "accept-language" | "accept-encoding" | "accept-charset"
    )
}

impl AsUsersAsk {
    /// Looks at a check. `headers` are the names, in lower case, of what the check itself sends; what its test user adds is
    /// not among them, and a credential that the check spells out is its own. `has_body` tells whether it sends one.
    pub(crate) fn of(method: Method, url: &Url, has_body: bool, headers: &[&str]) -> Self {
        let altering = headers.iter().find(|name| alters_routing(name)).map(|name| one_line(name, 60));
        let is_own = |name: &&&str| !is_everybodys(name) && !alters_routing(name);
        let mut own: Vec<String> = headers.iter().filter(is_own).map(|name| named(name)).collect();
        if url.query().is_some_and(|query| !query.is_empty()) {
            own.push("query".to_owned());
        }
        if has_body && method.is_safe() {
            own.push("body".to_owned());
        }
        if method == Method::Head {
            own.push("HEAD".to_owned());
        }
        let asks = matches!(method, Method::Get | Method::Head) && !own.is_empty() && altering.is_none();
        let plain = asks.then(|| {
            let mut plain = url.clone();
            plain.set_query(None);
            plain.set_fragment(None);
            let kept = headers.iter().filter(|name| is_everybodys(name));
            PlainAsk {
                url: plain,
                kept_headers: kept.map(|name| (*name).to_owned()).collect(),
                whole_for_part: headers.contains(&"range"),
            }
        });
        Self { own, altering, plain }
    }

    /// Returns what must be asked beside the check; nothing where the check is what users ask, or cannot be asked twice.
    pub(crate) const fn plain(&self) -> Option<&PlainAsk> {
        self.plain.as_ref()
    }

    /// Judges a check that passed. `answer` is the plain request's, where one had to be asked.
    pub(crate) fn judge(&self, answer: Option<PlainAnswer>) -> Counting {
        if let Some(name) = &self.altering {
            return Counting::DoesNotCount(format!("it sends {name}, which makes the answer another than the route's"));
        }
        let own = self.own.join(", ");
        match (&self.plain, answer) {
            _ if self.own.is_empty() => Counting::Counts,
            // What changes something is not sent a second time in another form.
            (None, _) => Counting::CountsToldByName(format!("it was asked with its own {own}")),
            (Some(_), Some(PlainAnswer { meets: true, .. })) => Counting::Counts,
            (Some(_), Some(PlainAnswer { status: Some(status), .. })) if REFUSED_FOR_WANT.contains(&status) => {
                Counting::CountsToldByName(format!("without its own {own} production answers {status}"))
            }
            (Some(_), Some(PlainAnswer { status: Some(status), .. })) => {
                let what = if (200..300).contains(&status) { " and does not meet the check" } else { "" };
                Counting::DoesNotCount(format!("without its own {own} production answers {status}{what}"))
            }
            (Some(_), Some(PlainAnswer { status: None, .. }) | None) => {
                Counting::DoesNotCount(format!("what production answers without its own {own} was not observed"))
            }
        }
    }
}

fn named(header: &str) -> String {
    match header {
        "cookie" => "cookies".to_owned(),
        "range" => "Range".to_owned(),
        name => format!("header {}", one_line(name, 60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(path: &str) -> Url {
        Url::parse("https://shop.example.com").and_then(|base| base.join(path)).expect("a URL")
    }

    fn get(path: &str, headers: &[&str]) -> AsUsersAsk {
        AsUsersAsk::of(Method::Get, &url(path), false, headers)
    }

    const fn answer(status: u16, meets: bool) -> Option<PlainAnswer> {
        Some(PlainAnswer { status: Some(status), meets })
    }

    #[test]
    fn what_every_client_sends_is_nobodys_own() {
        let plain = ["user-agent", "accept", "accept-language", "accept-encoding", "content-type"];
        let asked = get("/orders", &plain);
        assert_eq!((asked.plain(), asked.judge(None)), (None, Counting::Counts));
        let spelled_out = get("/orders", &["authorization"]);
        assert!(spelled_out.plain().is_some_and(|plain| plain.kept_headers.is_empty()), "{spelled_out:?}");
    }

    #[test]
    fn the_plain_request_lacks_what_is_its_own_and_nothing_else() {
        let headers = ["accept", "x-canary", "cookie", "authorization"];
        let asked = AsUsersAsk::of(Method::Get, &url("/orders?mock=1#top"), false, &headers);
        let plain = asked.plain().expect("a plain request");
        assert_eq!(plain.url, url("/orders"));
        assert_eq!(plain.kept_headers, ["accept"]);
        assert!(get("/video", &["range"]).plain().is_some_and(|plain| plain.whole_for_part));
    }

    #[test]
    fn a_route_that_answers_only_the_check_does_not_count() {
        for asked in [get("/orders?mock=1", &[]), get("/orders", &["x-canary"]), get("/orders", &["cookie"])] {
            assert!(matches!(asked.judge(answer(200, false)), Counting::DoesNotCount(_)));
            assert!(matches!(asked.judge(answer(404, false)), Counting::DoesNotCount(_)));
            assert!(matches!(asked.judge(answer(302, false)), Counting::DoesNotCount(_)));
            assert!(matches!(asked.judge(answer(500, false)), Counting::DoesNotCount(_)));
            assert!(matches!(asked.judge(Some(PlainAnswer { status: None, meets: false })), Counting::DoesNotCount(_)));
            assert_eq!(asked.judge(answer(200, true)), Counting::Counts);
        }
        let told = get("/orders?mock=1", &["x-canary"]).judge(answer(200, false));
        let why = "without its own header x-canary, query production answers 200 and does not meet the check";
        assert_eq!(told, Counting::DoesNotCount(why.to_owned()));
    }

    #[test]
    fn a_route_that_needs_what_was_sent_counts_and_is_told() {
        for status in REFUSED_FOR_WANT {
            let judged = get("/orders", &["x-api-key"]).judge(answer(status, false));
            let told = format!("without its own header x-api-key production answers {status}");
            assert_eq!(judged, Counting::CountsToldByName(told));
        }
    }

    #[test]
    fn a_head_must_hold_as_a_get() {
        let head = AsUsersAsk::of(Method::Head, &url("/orders"), false, &[]);
        assert!(head.plain().is_some());
        assert_eq!(head.judge(answer(200, true)), Counting::Counts);
        assert_eq!(
            head.judge(answer(500, false)),
            Counting::DoesNotCount("without its own HEAD production answers 500".to_owned())
        );
    }

    #[test]
    fn what_changes_something_is_asked_once_and_told() {
        let post = AsUsersAsk::of(Method::Post, &url("/orders?dry=1"), false, &["content-type", "x-signature"]);
        assert_eq!(post.plain(), None);
        let told = |own: &str| Counting::CountsToldByName(format!("it was asked with its own {own}"));
        assert_eq!(post.judge(None), told("header x-signature, query"));
        let query = AsUsersAsk::of(Method::Post, &url("/orders?dry=1"), true, &["content-type"]);
        assert_eq!(query.judge(None), told("query"));
        let plain = AsUsersAsk::of(Method::Post, &url("/orders"), true, &["content-type"]);
        assert_eq!(plain.judge(None), Counting::Counts);
        // A GET with a body can reach what no user reaches.
        assert!(AsUsersAsk::of(Method::Get, &url("/orders"), true, &[]).plain().is_some());
    }

    #[test]
    fn a_header_that_alters_the_route_never_counts() {
        for name in [
            "x-forwarded-host",
            "x-original-url",
            "x-rewrite-url",
            "x-http-method-override",
            "forwarded",
            "if-none-match",
        ] {
            let asked = get("/orders", &[name]);
            assert_eq!(asked.plain(), None, "{name}");
            assert!(matches!(asked.judge(answer(200, true)), Counting::DoesNotCount(_)), "{name}");
        }
    }
}
