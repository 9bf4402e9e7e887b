//! Answers that say nothing: an expectation that holds on all of them says nothing, either.

use std::sync::LazyLock;

use super::answer::AnswerView;
use crate::domain::{Redactor, Timestamp};

type Headers = Vec<(String, String)>;

static REDACTOR: LazyLock<Redactor> = LazyLock::new(Redactor::default);
static PLAIN: LazyLock<Headers> = LazyLock::new(|| headers(None));
static JSON: LazyLock<Headers> = LazyLock::new(|| headers(Some("application/json")));
static PAGE: LazyLock<Headers> = LazyLock::new(|| headers(Some("text/html")));

/// What every server sends, whatever it answers.
fn headers(media_type: Option<&str>) -> Headers {
    let usual = [
        ("date", "Mon, 30 Nov 2026 12:00:00 GMT"),
        ("server", "nginx"),
        ("connection", "keep-alive"),
        ("content-length", "2"),
    ];
    let named = usual.into_iter().chain(media_type.map(|media_type| ("content-type", media_type)));
    named.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

const ERROR_PAGE: &str = "<!DOCTYPE html><html><head><title>Error</title></head>\
                          <body><h1>Error</h1><p>Something went wrong.</p></body></html>";

/// Returns the three: an empty 200, `{}`, and a bare error page with 200. `now` is for filters that need the time.
pub fn bare_answers(now: Timestamp) -> [AnswerView<'static>; 3] {
    [
        AnswerView::new(200, &PLAIN, b"", now, &REDACTOR),
        AnswerView::new(200, &JSON, b"{}", now, &REDACTOR),
        AnswerView::new(200, &PAGE, ERROR_PAGE.as_bytes(), now, &REDACTOR),
    ]
}
