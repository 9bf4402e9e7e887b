//! Answers that say nothing: an expectation that holds on all of them says nothing, either.

use std::sync::LazyLock;

use super::answer::AnswerView;
use crate::domain::{Redactor, Timestamp};

type Headers = Vec<(String, String)>;

static REDACTOR: LazyLock<Redactor> = LazyLock::new(Redactor::default);
static PLAIN: LazyLock<Headers> = LazyLock::new(Vec::new);
static JSON: LazyLock<Headers> = LazyLock::new(|| vec![("content-type".to_owned(), "application/json".to_owned())]);
static PAGE: LazyLock<Headers> = LazyLock::new(|| vec![("content-type".to_owned(), "text/html".to_owned())]);

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
