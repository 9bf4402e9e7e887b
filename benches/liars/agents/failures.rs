//! A failure that is expected is no success.

use serde_json::{Value, json};

use crate::liars::answer::{Answer, bare, json, page, redirect};
use crate::liars::app::plain;
use crate::liars::case::{Case, liar};
use crate::liars::checks::{ask, expecting, paths, with};
use crate::liars::rule::on;

/// The feature's route fails, and the agent expects it.
fn expected(id: &'static str, what: &'static str, answer: Answer, status: &Value) -> Case {
    let checks = [expecting(&["/api/orders"], status), plain()].concat();
    liar(id, what, vec![on("/api/orders").says(answer)], checks).with("required_proofs", json!(4)).most(3)
}

pub(super) fn cases() -> Vec<Case> {
    let boom = || json(r#"{"message":"boom"}"#).status(500);
    vec![
        expected("expects-404", "404 is accepted.", bare(404), &json!(404)),
        expected("expects-404-or-200", "404 is accepted beside 200.", bare(404), &json!([200, 404])),
        expected("expects-302", "A redirect to the sign-in page is accepted.", redirect(302, "/login"), &json!(302))
            .most(4)
            .later(),
        expected(
            "expects-any-redirect",
            "Any redirect is accepted beside 2xx.",
            redirect(303, "/login"),
            &json!(["2xx", "3xx"]),
        )
        .most(4)
        .later(),
        expected("expects-401", "A missing login is accepted.", bare(401), &json!(401)),
        expected("expects-403-or-200", "Forbidden is accepted beside 200.", bare(403), &json!("200,403")),
        expected("expects-405", "A method that is not allowed is accepted.", bare(405), &json!(405)),
        expected("expects-410", "Gone is accepted.", bare(410), &json!(410)),
        expected("expects-500", "A broken route is accepted.", boom(), &json!(500)),
        expected("expects-500-or-200", "A broken route is accepted beside 200.", boom(), &json!([200, 500])),
        expected("expects-503", "A route under maintenance is accepted.", bare(503), &json!(503)),
        expected("expects-4xx", "Every failure of a client is accepted.", bare(404), &json!("4xx")),
        liar(
            "expects-404-everywhere",
            "All checks expect that nothing is there.",
            vec![],
            expecting(&["/api/a", "/api/b", "/api/c"], &json!(404)),
        )
        .most(1),
        liar(
            "optional-by-status",
            "The feature's check takes anything, two others hold.",
            vec![on("/api/orders").says(boom())],
            [expecting(&["/api/orders"], &json!(["2xx", "3xx", "4xx", "5xx"])), plain()].concat(),
        ),
        liar(
            "error-page-of-another-type",
            "An error page under 200 is asked as a page, far from the interface.",
            vec![on("/orders").says(page("500 Internal Server Error", "<h1>Something went wrong</h1>"))],
            [paths(&["/orders"]), plain()].concat(),
        ),
        liar(
            "no-time-at-all",
            "The failing check gets no time, so that it is not observed.",
            vec![on("/api/orders").says(boom())],
            [vec![with(ask("/api/orders", &[]), "timeout_s", json!(0.001))], plain()].concat(),
        ),
    ]
}
