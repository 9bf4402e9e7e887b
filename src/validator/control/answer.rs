//! The control answer, and what is alike to it.

use url::Url;

use super::template::{OwnPath, Template, Words};
use crate::outbound::Exchange;

/// An answer with the address that was asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SeenAnswer<'a> {
    /// The address as it was asked for, before redirects.
    pub(crate) url: &'a Url,
    /// The status.
    pub(crate) status: u16,
    /// `Content-Type`; none where there is none.
    pub(crate) media_type: Option<&'a str>,
    /// `Location`; none where there is none.
    pub(crate) location: Option<&'a str>,
    /// The body without its content codings; its first 64 KiB are compared.
    pub(crate) body: &'a [u8],
}

impl<'a> SeenAnswer<'a> {
    /// Takes what is compared of an answer to `url`.
    pub(crate) fn of(url: &'a Url, exchange: &'a Exchange) -> Self {
        Self {
            url,
            status: exchange.status,
            media_type: exchange.header("content-type"),
            location: exchange.header("location"),
            body: &exchange.body_start,
        }
    }
}

/// What production answers for paths that cannot exist.
#[derive(Debug, Clone)]
pub(crate) struct ControlAnswer {
    shapes: Vec<Shape>,
    unknown: Option<String>,
}

/// One way in which it answers.
#[derive(Debug, Clone)]
struct Shape {
    status: u16,
    media_type: String,
    location: Template,
    body: Template,
}

impl ControlAnswer {
    /// Makes the control answer of what two invented paths answered.
    ///
    /// An answer of a rate limit or an outage says nothing. Where the two differ in status or media type, each stands for
    /// itself.
    pub(crate) fn of(answers: [SeenAnswer<'_>; 2]) -> Self {
        let told: Vec<&SeenAnswer<'_>> = answers.iter().filter(|answer| !says_nothing(answer.status)).collect();
        let shapes = match told.as_slice() {
            [one, other] if one.status == other.status && essence(one) == essence(other) => {
                let (one_words, other_words) = (Read::control(one), Read::control(other));
                vec![Shape {
                    status: one.status,
                    media_type: essence(one),
                    location: Template::of(&one_words.location, &other_words.location),
                    body: Template::of(&one_words.body, &other_words.body),
                }]
            }
            each => each.iter().map(|answer| Shape::alone(answer)).collect(),
        };
        let unknown = shapes.is_empty().then(|| {
            let [one, other] = answers.map(|answer| answer.status);
            format!("what invented paths answer is not known: they answered {one} and {other}")
        });
        Self { shapes, unknown }
    }

    /// Tells whether an answer is what any path would answer: status, media type, `Location` and body are equal but for
    /// what is variable and for its own path.
    pub(crate) fn is_alike(&self, answer: &SeenAnswer<'_>) -> bool {
        // Most answers differ in status or media type; the body is read only for those that do not.
        let mut shapes =
            self.shapes.iter().filter(|shape| (shape.status, &shape.media_type) == (answer.status, &essence(answer)));
        let Some(first) = shapes.next() else { return false };
        let own = own_path(answer.url, false);
        let read = Read::of(answer, &own);
        std::iter::once(first)
            .chain(shapes)
            .any(|shape| shape.location.fits(&read.location, &own) && shape.body.fits(&read.body, &own))
    }

    /// Returns why nothing is known of invented paths; it is told, and no answer is then alike.
    pub(crate) fn unknown(&self) -> Option<&str> {
        self.unknown.as_deref()
    }
}

impl Shape {
    fn alone(answer: &SeenAnswer<'_>) -> Self {
        let read = Read::control(answer);
        Self {
            status: answer.status,
            media_type: essence(answer),
            location: Template::alone(&read.location),
            body: Template::alone(&read.body),
        }
    }
}

struct Read {
    location: Words,
    body: Words,
}

impl Read {
    fn of(answer: &SeenAnswer<'_>, own: &OwnPath) -> Self {
        let location = answer.location.unwrap_or_default();
        Self { location: Words::of(location.as_bytes(), own), body: Words::of(answer.body, own) }
    }

    fn control(answer: &SeenAnswer<'_>) -> Self {
        Self::of(answer, &own_path(answer.url, true))
    }
}

fn own_path(url: &Url, is_invented: bool) -> OwnPath {
    let path = url.path();
    OwnPath::of(&url.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}")), is_invented)
}

const fn says_nothing(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 502 | 503 | 504)
}

fn essence(answer: &SeenAnswer<'_>) -> String {
    let media_type = answer.media_type.unwrap_or_default();
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::super::paths::control_paths;
    use super::*;

    fn url(path: &str) -> Url {
        Url::parse("https://shop.example.com").and_then(|base| base.join(path)).expect("a URL")
    }

    /// A production: what it answers for a path, and how often it was asked.
    type Production = fn(&Url, u64) -> (u16, &'static str, String, String);

    /// Asks two invented paths and then the checks; tells which are alike.
    fn alike(production: Production, checks: &[&str]) -> Vec<bool> {
        let controls = control_paths(&url(checks[0]), 7);
        let answers: Vec<_> = controls.iter().zip(0..).map(|(url, count)| (url, production(url, count))).collect();
        let seen = |index: usize| {
            let (url, (status, media_type, location, body)) = &answers[index];
            seen(url, *status, media_type, location, body)
        };
        let control = ControlAnswer::of([seen(0), seen(1)]);
        checks
            .iter()
            .zip(1_000..)
            .map(|(path, count)| {
                let url = url(path);
                let (status, media_type, location, body) = production(&url, count);
                control.is_alike(&self::seen(&url, status, media_type, &location, &body))
            })
            .collect()
    }

    fn seen<'a>(url: &'a Url, status: u16, media_type: &'a str, location: &'a str, body: &'a str) -> SeenAnswer<'a> {
        let some = |text: &'a str| (!text.is_empty()).then_some(text);
        SeenAnswer { url, status, media_type: some(media_type), location: some(location), body: body.as_bytes() }
    }

    fn nonce(count: u64) -> String {
        format!("{:016x}", count.wrapping_add(11).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    const INVENTED: [&str; 3] = ["/orders", "/users/7", "/a%20b"];

    #[test]
    fn a_single_page_app_is_alike_with_whatever_is_in_its_page() {
        let plain: Production = |_, _| (200, "text/html", String::new(), "<html><div id=root></div></html>".into());
        let with_nonce: Production = |_, count| {
            let token = nonce(count);
            let body = format!(
                "<html><script nonce=\"{token}\"></script><meta name=csrf content='{token}=='><div></div></html>"
            );
            (200, "text/html; charset=utf-8", String::new(), body)
        };
        let with_echo: Production = |url, count| {
            let path = url.path();
            let encoded = path.replace('/', "%2F");
            let body = format!(
                "<html><link rel=canonical href=\"https://shop.example.com{path}\"><a href='/login?next={encoded}'>x</a><a href=\"/orders\">Orders</a><p>{count} visits</p></html>"
            );
            (200, "text/html", String::new(), body)
        };
        let with_rows: Production = |url, count| {
            let rows: String = (0..count % 7).map(|row| format!("<li>{}</li>", nonce(row * count))).collect();
            (200, "text/html", String::new(), format!("<html><h1>Shop</h1><ul>{rows}</ul><p>{}</p></html>", url.path()))
        };
        for production in [plain, with_nonce, with_echo, with_rows] {
            assert_eq!(alike(production, &INVENTED), [true; 3]);
        }
    }

    #[test]
    fn json_that_answers_everywhere_is_alike() {
        let json: Production = |url, count| {
            let path = url.path().replace('/', "\\/");
            let body = format!(
                r#"{{"ok":true,"path":"{path}","requestId":"{}","time":"2026-11-30T18:27:{:02}Z","uptime":{count}}}"#,
                nonce(count),
                count % 60
            );
            (200, "application/json", String::new(), body)
        };
        assert_eq!(alike(json, &INVENTED), [true; 3]);
        let soft_404: Production =
            |url, _| (200, "text/html", String::new(), format!("<title>Not found</title>{} is not here", url.path()));
        assert_eq!(alike(soft_404, &INVENTED), [true; 3]);
    }

    #[test]
    fn a_time_that_was_equal_in_both_control_answers_may_pass_on() {
        let slow_clock: Production = |_, count| {
            let body = format!(r#"{{"service":"shop","time":"2026-11-30T18:2{}:00Z"}}"#, count / 1_000);
            (200, "application/json", String::new(), body)
        };
        assert_eq!(alike(slow_clock, &INVENTED), [true; 3]);
    }

    #[test]
    fn walls_before_everything_are_alike_and_what_lies_behind_is_not() {
        let redirect: Production = |url, _| {
            let next = url.path().replace('/', "%2F");
            (302, "text/html", format!("https://shop.example.com/login?next={next}"), String::new())
        };
        assert_eq!(alike(redirect, &INVENTED), [true; 3]);
        let wall: Production = |url, _| match url.path() {
            "/orders" => (200, "application/json", String::new(), "[]".into()),
            _ => (401, "application/json", String::new(), r#"{"error":"sign in"}"#.into()),
        };
        assert_eq!(alike(wall, &["/orders", "/users"]), [false, true]);
        let elsewhere: Production = |url, _| match url.path() {
            "/old" => (301, "text/html", "/new".into(), String::new()),
            path => (301, "text/html", format!("{path}/"), String::new()),
        };
        assert_eq!(alike(elsewhere, &["/old", "/orders"]), [false, true]);
    }

    #[test]
    fn routes_of_honest_productions_are_not_alike() {
        let fresh: Production = |url, _| match url.path() {
            "/api/orders" | "/api/users" => (200, "application/json", String::new(), "[]".into()),
            "/health" | "/ready" => (200, "application/json", String::new(), r#"{"status":"ok"}"#.into()),
            path => (404, "application/json", String::new(), format!(r#"{{"error":"no route {path}"}}"#)),
        };
        assert_eq!(
            alike(fresh, &["/api/orders", "/api/users", "/health", "/ready", "/api/x"]),
            [false, false, false, false, true]
        );
        let app: Production = |url, count| match url.path() {
            "/api/orders" => {
                (200, "application/json", String::new(), format!(r#"{{"items":[],"id":"{}"}}"#, nonce(count)))
            }
            "/about" => (200, "text/html", String::new(), "<html><h1>About us</h1></html>".into()),
            _ => (200, "text/html", String::new(), "<html><div id=root></div></html>".into()),
        };
        assert_eq!(alike(app, &["/api/orders", "/about", "/", "/invented"]), [false, false, true, true]);
        let pages: Production = |url, _| match url.path() {
            "/a" => {
                (200, "text/html", String::new(), "<html><script src=/assets/a-1f2e3d4c.js></script></html>".into())
            }
            _ => (200, "text/html", String::new(), "<html><script src=/assets/app-9a8b7c6d.js></script></html>".into()),
        };
        assert_eq!(alike(pages, &["/a", "/b"]), [false, true]);
    }

    #[test]
    fn a_rate_limit_says_nothing_and_is_told() {
        let [one, other] = control_paths(&url("/"), 1);
        let limited = seen(&one, 429, "text/plain", "", "slow down");
        let control = ControlAnswer::of([limited, SeenAnswer { url: &other, ..limited }]);
        assert_eq!(control.unknown(), Some("what invented paths answer is not known: they answered 429 and 429"));
        assert!(!control.is_alike(&SeenAnswer { url: &url("/orders"), ..limited }));
        let found = seen(&other, 200, "text/html", "", "<html>app</html>");
        let half = ControlAnswer::of([limited, found]);
        assert_eq!(half.unknown(), None);
        assert!(half.is_alike(&SeenAnswer { url: &url("/orders"), ..found }));
    }

    #[test]
    fn a_long_body_costs_no_more_than_its_bound() {
        let [one, other] = control_paths(&url("/"), 1);
        let long = "<p>x</p>".repeat(500_000);
        let answer = seen(&one, 200, "text/html", "", &long);
        let control = ControlAnswer::of([answer, SeenAnswer { url: &other, ..answer }]);
        assert!(control.is_alike(&SeenAnswer { url: &url("/orders"), ..answer }));
    }
}
