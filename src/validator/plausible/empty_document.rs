//! Nothing at all, under a label that promises a document.

use super::answered::{Family, JudgedAnswer, ReadAnswer};
use super::implausible::Implausible;
use crate::domain::Method;
use crate::expect::AnswerPlace;

pub(super) fn find(answered: &JudgedAnswer<'_>, reading: &ReadAnswer<'_>) -> Option<Implausible> {
    // 202 says that there is nothing yet, 204 and 205 that there is nothing (RFC 9110 §15.3); a 206 may be any part.
    if matches!(answered.status, 202 | 204 | 205 | 206) || !reading.document().is_empty() || !answered.is_whole {
        return None;
    }
    let expected = match reading.family {
        Family::Json => "a JSON document",
        Family::Xml => "an XML document",
        // `head :ok` of Rails, PHP's empty script and an htmx removal answer an empty page to what changes something.
        Family::Html if answered.method == Method::Get && !answered.is_htmx => "a page",
        _ => return None,
    };
    // After a removal nothing is left to show, and API gateways label that, too.
    if answered.method == Method::Delete {
        return None;
    }
    Some(Implausible {
        rule: "empty_document",
        place: AnswerPlace::Body,
        expected,
        observed: "an empty body".to_owned(),
        overruled_by: "expect: body == ''".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_honest, assert_lies};

    #[test]
    fn nothing_under_the_label_of_a_document_fails() {
        let get = || Sample::get("/x");
        assert_lies(
            "empty_document",
            [
                get().typed("application/json", b""),
                get().typed("application/json; charset=utf-8", b"  \r\n"),
                get().typed("application/vnd.api+json", b""),
                get().typed("application/problem+json", b""),
                get().typed("application/json", b"\xef\xbb\xbf"),
                get().typed("application/xml", b""),
                get().typed("application/atom+xml", b"\n"),
                get().typed("text/xml", b""),
                get().typed("text/html", b""),
                get().typed("text/html; charset=UTF-8", b"\n\n\n"),
                get().typed("application/xhtml+xml", b""),
                Sample::post("/x").typed("application/json", b"").status(201),
                get().typed("application/json", b")]}',\n"),
            ],
        );
    }

    #[test]
    fn what_has_nothing_to_say_may_say_nothing() {
        let get = || Sample::get("/x");
        assert_honest([
            get().typed("application/json", b"{}"),
            get().typed("application/json", b"[]"),
            get().typed("application/json", b"null"),
            get().typed("application/json", b"\"\""),
            get().typed("application/json", b"0"),
            get().typed("application/json", b"").status(204),
            get().typed("text/html", b"").status(205),
            Sample::post("/jobs").typed("application/json", b"").status(202),
            get().typed("text/plain", b""),
            get().typed("", b""),
            get().typed("application/octet-stream", b""),
            get().typed("text/csv", b""),
            Sample::post("/webhooks/stripe").typed("text/html; charset=UTF-8", b""),
            Sample::delete("/rows/7").typed("text/html; charset=utf-8", b"").htmx(),
            Sample::get("/rows/7/edit").typed("text/html", b"").htmx(),
            Sample::delete("/api/items/7").typed("application/json", b""),
            Sample::head("/").typed("text/html", b""),
        ]);
    }
}
