//! A page that says error, stack trace or maintenance: by its title or first heading, and only where there is little
//! else to see. A page with neither, and plain text, are judged by their first line.

use std::sync::LazyLock;

use regex::Regex;

use super::answered::{Family, JudgedAnswer, ReadAnswer};
use super::failure_words::words;
use super::implausible::{Implausible, quoted};
use super::json_failure::is_bare_phrase;
use crate::expect::AnswerPlace;

/// A page that shows more than this has content, whatever its title says.
pub(super) const MAX_VISIBLE_BYTES: usize = 2 * 1024;

/// Whole phrases of error pages, beside those of HTTP; in lower case, without punctuation.
const ERRORS: [&str; 37] = [
    "error",
    "errors",
    "error page",
    "whitelabel error page",
    "application error",
    "runtime error",
    "unexpected error",
    "fatal error",
    "system error",
    "unhandled exception",
    "symfony exception",
    "oops",
    "whoops",
    "oops an error occurred",
    "something went wrong",
    "we re sorry but something went wrong",
    "the page you were looking for doesn t exist",
    "this page could not be found",
    "this page can t be found",
    "this page doesn t exist",
    "page does not exist",
    "page cannot be found",
    "site not found",
    "there isn t a github pages site here",
    "no such app",
    "no such deployment",
    "deployment not found",
    "an error occurred",
    "an error has occurred",
    "web server is down",
    "origin is unreachable",
    "connection timed out",
    "database error",
    "error establishing a database connection",
    "application failed to start",
    "application is not available",
    "internal error",
];

/// Whole phrases of pages of maintenance and of walls before the site.
const CLOSED: [&str; 12] = [
    "maintenance",
    "maintenance mode",
    "be right back",
    "we ll be right back",
    "we ll be back soon",
    "be back soon",
    "temporarily unavailable",
    "site offline",
    "site temporarily unavailable",
    "just a moment",
    "attention required cloudflare",
    "briefly unavailable for scheduled maintenance check back in a minute",
];

/// What maintenance is said in, one sentence as a whole.
static MAINTENANCE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let who = r"(?:(?:the |our |this )?(?:site|website|service|server|system|app|application|page)|we|sorry we)";
    let what = r"(?:scheduled |planned |routine |site |system |server )?maintenance(?: mode)?";
    Regex::new(&format!(
        r"^(?:{who} (?:(?:is|are|re) )?)?(?:currently |temporarily )?(?:(?:down|closed|offline|unavailable) for|under|in|undergoing|performing) {what}(?: in progress)?$|^(?:scheduled|planned|site|system|server|website) maintenance$"
    ))
    .ok()
});

/// A status, with or without its phrase: `404`, `404 Not Found`, `HTTP Status 500 – Internal Server Error`.
static STATUS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"^(?:http )?(?:error |status |error code |error status |code )*[45]\d\d(?: \d)?(?: error)?(?: (?P<rest>.*))?$",
    )
    .ok()
});

/// A debug page of a framework, known by its whole title whatever its length.
static DEBUG_PAGE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        ^[A-Z]\w*(?:Error|Exception|DoesNotExist|Http404)\ at\ /\S*$ |
        ^Page\ not\ found\ at\ /\S*$ |
        ^Action\ Controller:\ Exception\ caught$ |
        ^Server\ Error\ in\ '.{1,80}'\ Application\.?$ |
        ^[\w.:\\]+(?:Error|Exception):\ .+//\ Werkzeug\ Debugger$ |
        ^Traceback\ \(most\ recent\ call\ last\):? |
        ^Whoops!\ There\ was\ an\ error\.?$ |
        ^Unhandled\ Runtime\ Error$ |
        ^Application\ error:\ a\ (?:client|server)-side\ exception\ has\ occurred
        ",
    )
    .ok()
});

/// The first line of a text that a program printed when it broke.
static PRINTED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        ^Traceback\ \(most\ recent\ call\ last\): |
        ^(?:PHP\ )?(?:Fatal|Parse)\ error:\ \S |
        ^Uncaught\ [\w\\]*(?:Error|Exception) |
        ^Exception\ in\ thread\ \S |
        ^panic:\ \S | ^goroutine\ \d+\ \[ |
        ^thread\ '.{1,80}'\ (?:\(\d+\)\ )?panicked\ at |
        ^(?:[\w$]+\.)+\w*(?:Exception|Error)(?::\ |$) |
        ^(?:Type|Reference|Syntax|Range|Key|Value|Attribute|Name|Import)Error:\ \S |
        ^Cannot\ (?:GET|POST|PUT|DELETE)\ /\S*$ |
        ^upstream\ (?:connect|request)\ \S |
        ^no\ healthy\ upstream$ |
        ^default\ backend\ -\ 404$ |
        ^404\ page\ not\ found$ |
        ^error\ code:\ [145]\d\d
        ",
    )
    .ok()
});

pub(super) fn find(answered: &JudgedAnswer<'_>, reading: &ReadAnswer<'_>) -> Option<Implausible> {
    let said = if reading.is_page() {
        said_by_page(answered, reading)?
    } else if matches!(reading.family, Family::Html | Family::Text | Family::Unsaid) {
        said_by_text(answered, reading.document())?
    } else {
        return None;
    };
    Some(Implausible {
        rule: "error_page",
        place: AnswerPlace::Body,
        expected: "an answer that does not say error or maintenance",
        observed: format!("{} that says {}", if reading.is_page() { "a page" } else { "text" }, quoted(&said)),
        overruled_by: "expect: body startsWith and how the body begins".to_owned(),
    })
}

fn said_by_page(answered: &JudgedAnswer<'_>, reading: &ReadAnswer<'_>) -> Option<String> {
    let page = reading.page()?;
    let heads = [page.title.as_deref(), page.heading.as_deref()];
    let debug = heads.into_iter().flatten().find(|head| matches(&DEBUG_PAGE, head));
    if let Some(debug) = debug {
        return Some(debug.to_owned());
    }
    if page.text.len() >= MAX_VISIBLE_BYTES || !answered.is_whole {
        return None;
    }
    let parts = heads.into_iter().flatten().flat_map(|head| std::iter::once(head).chain(parts(head)));
    let said = parts.filter(|part| says_error(part)).find(|part| !is_asked_for(answered, part));
    if said.is_some() || page.heading.is_some() {
        return said.map(str::to_owned);
    }
    said_by_text(answered, &page.text)
}

fn said_by_text(answered: &JudgedAnswer<'_>, text: &str) -> Option<String> {
    let text = text.trim();
    let first = text.lines().next().unwrap_or_default().trim();
    let is_bare = text.len() < 200 && is_bare_phrase(text);
    let is_closed = text.len() < MAX_VISIBLE_BYTES && says_error(first) && text.lines().count() < 12;
    // A script or a style that throws is text like any other: only how it begins is judged.
    let is_printed = matches(&PRINTED, first);
    ((is_bare || is_closed || is_printed) && !is_asked_for(answered, first)).then(|| first.to_owned())
}

/// Returns the parts of a title between its separators: `Page not found · Acme`.
fn parts(title: &str) -> impl Iterator<Item = &str> {
    [" | ", " - ", " – ", " — ", " · ", " :: ", " • ", " » ", ": ", " / "]
        .into_iter()
        .flat_map(|separator| title.split(separator).filter(|part| part.len() < title.len()))
        .map(str::trim)
}

fn says_error(part: &str) -> bool {
    let words = words(part);
    if words.is_empty() || part.len() > 120 {
        return false;
    }
    let is_phrase = |words: &str| {
        super::failure_words::is_failure_phrase(words) || ERRORS.contains(&words) || CLOSED.contains(&words)
    };
    is_phrase(&words)
        || matches(&MAINTENANCE, &words)
        || STATUS.as_ref().and_then(|status| status.captures(&words)).is_some_and(|found| {
            // `404 ways to cook` is a title; a bare number is the title of a page that has nothing else to say.
            found.name("rest").is_none_or(|rest| is_phrase(rest.as_str().trim_end_matches(" 1")))
        })
        || words.strip_suffix(" 500").or_else(|| words.strip_suffix(" 404")).is_some_and(is_phrase)
}

/// Tells whether the path names what the page says: `/maintenance`, `/films/forbidden`, `/docs/errors/not-found`.
fn is_asked_for(answered: &JudgedAnswer<'_>, part: &str) -> bool {
    let said = words(part);
    let segments = answered.segments();
    segments.iter().map(|segment| words(segment.rsplit_once('.').map_or(segment.as_str(), |(name, _)| name))).any(
        |asked| {
            let about = ["error", "errors", "maintenance"].contains(&asked.as_str());
            asked == said || (about && said.contains(asked.trim_end_matches('s')))
        },
    ) || answered.url.host_str().is_some_and(|host| host.starts_with("status."))
}

fn matches(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_honest, assert_lies};
    use super::*;

    fn page(title: &str, heading: &str, text: &str) -> Sample {
        Sample::get("/orders").page(&format!(
            "<!doctype html><html><head><title>{title}</title></head><body><h1>{heading}</h1><p>{text}</p></body></html>"
        ))
    }

    #[test]
    fn every_pattern_is_one() {
        for pattern in [&MAINTENANCE, &STATUS, &DEBUG_PAGE, &PRINTED] {
            assert!(pattern.is_some());
        }
    }

    #[test]
    fn pages_that_say_error_or_maintenance_fail() {
        assert_lies(
            "error_page",
            [
                page("404 Not Found", "404 Not Found", "nginx/1.27.0"),
                page("500 Internal Server Error", "Internal Server Error", ""),
                page("HTTP Status 500 – Internal Server Error", "HTTP Status 500 – Internal Server Error", ""),
                page("Error 404 (Not Found)!!1", "", "That’s an error."),
                page("We're sorry, but something went wrong (500)", "We're sorry, but something went wrong.", ""),
                page(
                    "The page you were looking for doesn't exist (404)",
                    "The page you were looking for doesn't exist.",
                    "",
                ),
                page("Application Error", "Application error", "An error occurred in the application."),
                page("Acme", "404: This page could not be found.", ""),
                page("Page not found · Acme", "Oops!", "Nothing here."),
                page("", "Whitelabel Error Page", "This application has no explicit mapping for /error"),
                page("502 Bad Gateway", "", "cloudflare"),
                page("Service Unavailable", "Service Unavailable", ""),
                page("Under Maintenance", "We are under maintenance", "Come back later."),
                page("Acme | Scheduled maintenance", "", ""),
                page("Site is currently down for maintenance", "", ""),
                page("Acme", "We'll be right back", ""),
                page("Just a moment...", "", "Checking your browser"),
                page("Site Not Found", "Site Not Found", "Looks like you followed a broken link"),
                page("TypeError at /orders", "TypeError at /orders", &"frame ".repeat(2_000)),
                page(
                    "Action Controller: Exception caught",
                    "NoMethodError in OrdersController#index",
                    &"x ".repeat(3_000),
                ),
                page(
                    "ZeroDivisionError: division by zero // Werkzeug Debugger",
                    "ZeroDivisionError",
                    &"x ".repeat(3_000),
                ),
                page("Error", "", "Cannot GET /orders"),
                Sample::get("/orders")
                    .page("<b>Fatal error</b>:  Uncaught Error: Call to undefined function x() in /srv/a.php:3"),
                Sample::get("/orders").page("<pre>Traceback (most recent call last):\n  File x</pre>"),
                Sample::get("/orders").typed("text/plain", b"Traceback (most recent call last):\n  File \"app.py\""),
                Sample::get("/orders").typed("text/plain", b"Internal Server Error"),
                Sample::get("/orders").typed("text/plain; charset=utf-8", b"404 page not found\n"),
                Sample::get("/orders").typed("text/html", b"Not Found"),
                Sample::get("/orders").typed("", b"no healthy upstream"),
                Sample::get("/orders").typed("text/plain", b"java.lang.NullPointerException: null\n\tat a.b"),
                Sample::get("/orders").typed("text/plain", b"thread 'main' panicked at src/main.rs:3:5:"),
            ],
        );
    }

    #[test]
    fn pages_with_content_pass() {
        let long = "Every program fails one day. ".repeat(100);
        let at = |path: &str, title: &str| {
            Sample::get(path).page(&format!("<!doctype html><title>{title}</title><h1>{title}</h1><p>short</p>"))
        };
        assert_honest([
            page("Error handling - The Rust Programming Language", "Error handling", "short"),
            page("404 ways to cook rice", "404 ways to cook rice", "short"),
            page("Not Found", "Not Found", &long),
            page("Internal Server Error explained", "What is a 500?", "short"),
            page("How to write a maintenance page", "Maintenance pages", "short"),
            page("Car maintenance - Acme Garage", "Car maintenance", "short"),
            page("Acme", "Welcome back", "We had some errors yesterday. Not Found was one."),
            page("My app", "", ""),
            page("Room 404", "Room 404", "Double bed"),
            page("Unavailable items", "Out of stock", "short"),
            page("Area 51", "Forbidden zones", "short"),
            page("Incident report: 503 errors on Monday", "Incident report", "short"),
            at("/films/forbidden", "Forbidden"),
            at("/maintenance", "Maintenance"),
            at("/docs/errors/not-found", "Not Found"),
            at("/errors", "Errors"),
            at("https://status.example.com/", "Scheduled maintenance"),
            Sample::get("/up").page(r#"<!DOCTYPE html><html><body style="background-color: green"></body></html>"#),
            Sample::get("/ping").typed("text/plain", b"OK"),
            Sample::get("/robots.txt").typed("text/plain", b"User-agent: *\nDisallow: /error\n"),
            Sample::get("/app.js").typed("text/javascript", b"throw new Error('Not Found')"),
            Sample::get("/log.txt").typed("text/plain", b"10:00 started\n10:01 panic: none\n"),
            Sample::get("/x").page("<!doctype html><title>404 Not Found</title>").status(404),
            Sample::get("/rows").page("<tr><td>Failed</td><td>Error</td></tr>").htmx(),
            Sample::get("/metrics")
                .typed("text/plain; version=0.0.4", b"# HELP errors_total Errors.\nerrors_total 3\n"),
        ]);
    }
}
