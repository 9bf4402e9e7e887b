//! A page where something else was asked for: an API, JSON by `Accept`, a script, a style, a picture, a font, data.

use url::Url;

use super::answered::{JudgedAnswer, ReadAnswer};
use super::implausible::{Implausible, quoted};
use crate::domain::Method;
use crate::expect::AnswerPlace;

/// First segments of paths below which APIs live; `v1` and its like beside.
const API_ROOTS: [&str; 6] = ["api", "graphql", "rest", "rpc", "trpc", "wp-json"];

/// Segments below which pages about an API, a file or a sign-in live.
const PAGES: [&str; 52] = [
    "docs",
    "doc",
    "documentation",
    "swagger",
    "swagger-ui",
    "redoc",
    "rapidoc",
    "scalar",
    "openapi",
    "explorer",
    "playground",
    "graphiql",
    "sandbox",
    "ui",
    "console",
    "browser",
    "reference",
    "guide",
    "guides",
    "tutorial",
    "tutorials",
    "learn",
    "examples",
    "cookbook",
    "blog",
    "help",
    "auth",
    "oauth",
    "oauth2",
    "login",
    "signin",
    "sign-in",
    "logout",
    "signout",
    "callback",
    "authorize",
    "wiki",
    "blob",
    "tree",
    "browse",
    "package",
    "packages",
    "library",
    "libraries",
    "tag",
    "tags",
    "topics",
    "search",
    "article",
    "articles",
    "questions",
    "w",
];

/// Endings of files that are no page.
const FILES: [&str; 34] = [
    "js", "mjs", "css", "map", "wasm", "json", "xml", "csv", "tsv", "txt", "pdf", "zip", "gz", "png", "jpg", "jpeg",
    "gif", "svg", "webp", "avif", "ico", "bmp", "woff", "woff2", "ttf", "otf", "eot", "mp4", "webm", "mp3", "rss",
    "atom", "yaml", "yml",
];

pub(super) fn find(answered: &JudgedAnswer<'_>, reading: &ReadAnswer<'_>) -> Option<Implausible> {
    if answered.asks_for_page() || !reading.is_page() {
        return None;
    }
    let segments = answered.segments();
    let expected = if answered.asks_for_json() {
        "JSON, as the check's Accept asks for"
    } else if segments.iter().any(|segment| PAGES.contains(&segment.as_str())) {
        return None;
    } else if is_file(answered.url) {
        "the file that the path names"
    } else if is_api(answered, &segments) {
        "an answer of an API"
    } else {
        return None;
    };
    let title = reading.page().and_then(|page| page.title.as_deref());
    let observed = title.map_or_else(|| "a page".to_owned(), |title| format!("a page titled {}", quoted(title)));
    Some(Implausible {
        rule: "page_for_data",
        place: AnswerPlace::MediaType,
        expected,
        observed,
        overruled_by: "expect: header Content-Type startsWith 'text/html'".to_owned(),
    })
}

fn is_api(answered: &JudgedAnswer<'_>, segments: &[String]) -> bool {
    let Some(first) = segments.first() else { return false };
    // A GET without a query is how editors for GraphQL are opened.
    if first == "graphql" && answered.method == Method::Get && answered.url.query().is_none() {
        return false;
    }
    let host = answered.url.host_str().unwrap_or_default();
    let is_page = segments.last().is_some_and(|last| last.ends_with(".html") || last.ends_with(".htm"));
    !is_page && (API_ROOTS.contains(&first.as_str()) || is_version(first) || host.starts_with("api."))
}

/// `v1`, `v2.1`.
fn is_version(segment: &str) -> bool {
    let number = segment.strip_prefix('v').unwrap_or_default();
    number.starts_with(|first: char| first.is_ascii_digit())
        && number.chars().all(|letter| letter.is_ascii_digit() || letter == '.')
}

fn is_file(url: &Url) -> bool {
    let last = url.path().rsplit('/').next().unwrap_or_default();
    // `Node.js` and `Vue.js` are names of things, and `File:Logo.png` is a page about a file.
    let is_name = last.starts_with(|first: char| first.is_ascii_uppercase()) || last.contains(':');
    let ending = last.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    !is_name && FILES.contains(&ending.as_str())
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_honest, assert_lies};

    const APP: &str = r#"<!doctype html><html><head><title>My shop</title><script type="module" src="/assets/index-1f2e.js"></script></head><body><div id="root"></div></body></html>"#;

    #[test]
    fn a_page_for_what_is_none_fails() {
        let page = |path: &str| Sample::get(path).page(APP);
        assert_lies(
            "page_for_data",
            [
                page("/api/orders"),
                page("/api"),
                page("/v1/users"),
                page("/v2.1/users"),
                page("/rest/items"),
                page("/trpc/user.list"),
                page("/wp-json/wp/v2/posts"),
                page("/graphql?query={me{id}}"),
                Sample::post("/graphql").page(APP),
                page("https://api.example.com/users"),
                page("/assets/index-8c1d.js"),
                page("/static/css/main.css"),
                page("/logo.png"),
                page("/fonts/inter.woff2"),
                page("/data/cities.json"),
                page("/orders").accept("application/json"),
                page("/orders").accept("application/json, text/plain, */*"),
                Sample::get("/api/orders").typed("", APP.as_bytes()),
            ],
        );
    }

    #[test]
    fn pages_where_pages_are_asked_for_pass() {
        let page = |path: &str| Sample::get(path).page(APP);
        assert_honest([
            page("/"),
            page("/orders"),
            page("/api/docs"),
            page("/api/swagger-ui/index.html"),
            page("/api/v1/redoc"),
            page("/api/auth/signin"),
            page("/graphql"),
            page("/v2/guide/introduction"),
            page("/api/reference.html"),
            page("https://api.example.com/"),
            page("/api/orders").accept("text/html,application/xhtml+xml"),
            page("/wiki/Node.js"),
            page("/Vue.js"),
            page("/acme/shop/blob/main/src/app.js"),
            page("/package/socket.io.js"),
            page("/wiki/File:Logo.png"),
            page("/apiary"),
            page("/version-history"),
            Sample::get("/api/rows").page("<tr><td>1</td></tr>").htmx(),
            Sample::get("/api/ping").typed("text/html; charset=utf-8", b"pong"),
            Sample::get("/api/orders.php").typed("text/html; charset=UTF-8", br#"{"orders":[]}"#),
            Sample::get("/api/orders").json("[]").accept("application/json"),
            Sample::get("/api/export").typed("text/csv", b"a,b\n"),
            Sample::get("/logo.svg").typed("image/svg+xml", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
        ]);
    }
}
