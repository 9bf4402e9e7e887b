//! What the body of a health route's answer is. The text is decoded already: without its charset, byte order mark and
//! guard against inclusion as a script.

use serde_json::Value;

use crate::domain::read_strictly;

/// What the body of a health route's answer is.
#[derive(Debug, Clone, PartialEq)]
pub enum HealthBody<'a> {
    /// Nothing.
    Empty,
    /// A document.
    Json(Value),
    /// Words.
    Text(&'a str),
    /// A page.
    Page,
    /// Neither; says what came.
    Unreadable(&'static str),
}

impl<'a> HealthBody<'a> {
    /// Reads a decoded body by what it is; its label decides only where the body leaves it open.
    ///
    /// A body without a tag is text whatever its label, as frameworks send `ok` as HTML and as JSON. A document that says a
    /// key twice, holds `NaN` or ends early is unreadable: readers differ in what they make of it.
    pub fn of(document: &'a str, media_type: Option<&str>, is_whole: bool) -> Self {
        let label = media_type.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let says_json = label.contains("json");
        if document.trim().is_empty() {
            return if says_json { Self::Unreadable("an empty document") } else { Self::Empty };
        }
        if document.starts_with('<') || (label.contains("html") && has_tag(document)) {
            return match label.as_str() {
                "text/html" | "application/xhtml+xml" => Self::Page,
                "" if is_page(document) => Self::Page,
                _ if is_page(document) => Self::Unreadable("an HTML page under another label"),
                _ => Self::Unreadable("XML"),
            };
        }
        let is_verbose = document.starts_with("[+]") || document.starts_with("[-]");
        let is_scalar = ["true", "false", "null"].contains(&document);
        if is_scalar || (document.starts_with(['{', '[', '"']) && !is_verbose) {
            return match (read_strictly(document), is_whole) {
                (_, false) => Self::Unreadable("an answer too long to read"),
                (Some(value), true) => Self::Json(value),
                (None, true) => Self::Unreadable("JSON that cannot be read"),
            };
        }
        // The part that was not kept may say that production is unhealthy.
        if is_whole { Self::Text(document) } else { Self::Unreadable("an answer too long to read") }
    }
}

fn is_page(document: &str) -> bool {
    let begins = document.trim_start().chars().take(15).collect::<String>().to_ascii_lowercase();
    begins.starts_with("<!doctype html") || begins.starts_with("<html")
}

fn has_tag(text: &str) -> bool {
    text.split('<')
        .skip(1)
        .any(|after| after.starts_with(|next: char| next.is_ascii_alphabetic() || "!/".contains(next)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_decides_and_the_label_only_where_that_leaves_it_open() {
        let of = |label, body| HealthBody::of(body, Some(label), true);
        assert_eq!(of("application/json", "OK"), HealthBody::Text("OK"));
        assert_eq!(of("text/html; charset=utf-8", "ok"), HealthBody::Text("ok"));
        assert_eq!(of("text/html", r#"{"status":"UP"}"#), HealthBody::Json(serde_json::json!({"status": "UP"})));
        assert_eq!(of("text/html", "<h1>Up</h1>"), HealthBody::Page);
        assert_eq!(HealthBody::of("<!DOCTYPE html><p>", None, true), HealthBody::Page);
        assert!(matches!(of("application/json", "<!doctype html><p>"), HealthBody::Unreadable(_)));
        assert_eq!(of("application/xml", "<health/>"), HealthBody::Unreadable("XML"));
        assert_eq!(of("text/plain", "[+]ping ok"), HealthBody::Text("[+]ping ok"));
        assert_eq!(of("text/plain", ""), HealthBody::Empty);
        assert_eq!(of("application/json", " "), HealthBody::Unreadable("an empty document"));
    }

    #[test]
    fn a_document_that_readers_read_differently_is_unreadable() {
        for body in [
            r#"{"status":"DOWN","load":NaN}"#,
            r#"{"status":"DOWN","status":"UP"}"#,
            r#"{"status":"UP","checks":{"db":{"status":"UP","status":"DOWN"}}}"#,
            r#"{"status":"UP""#,
            "{'status': 'UP'}",
        ] {
            assert_eq!(HealthBody::of(body, None, true), HealthBody::Unreadable("JSON that cannot be read"), "{body}");
        }
        assert!(matches!(HealthBody::of(r#"{"status":"UP"}"#, None, false), HealthBody::Unreadable(_)));
    }
}
