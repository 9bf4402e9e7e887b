//! Expectations that say nothing, so that what proves nothing seems to be proven.

use serde_json::json;

use crate::liars::answer::{self, Answer, html, page};
use crate::liars::case::{Case, liar};
use crate::liars::checks::{ask, each};
use crate::liars::deployments::SHELL_NONCE;
use crate::liars::rule::{anywhere, on};

const INVENTED: [&str; 3] = ["/api/orders/currency", "/api/v2/orders", "/api/checkout"];

/// The same empty expectation on three invented paths over what answers everything; health alone may count.
fn says_nothing(id: &'static str, what: &'static str, answer: Answer, expect: &[&str]) -> Case {
    liar(id, what, vec![anywhere().says(answer)], each(&INVENTED, expect)).most(1)
}

/// The same with expectations that say something, and the same of every path: together they count once.
fn says_little(id: &'static str, what: &'static str, answer: Answer, expect: &[&str]) -> Case {
    says_nothing(id, what, answer, expect).with("required_proofs", json!(3)).most(2)
}

/// An expectation that says nothing or asks for the failure, on routes of which one failed under 200.
fn demands(id: &'static str, what: &'static str, answer: Answer, expect: &[&str]) -> Case {
    let checks = vec![ask("/api/orders", expect), ask("/api/users", &[]), ask("/api/cart", &[])];
    liar(id, what, vec![on("/api/orders").says(answer)], checks).with("required_proofs", json!(4)).most(3)
}

pub(super) fn cases() -> Vec<Case> {
    let echo = || answer::json(r#"{"ok":true,"path":"{{path}}"}"#);
    let error = || answer::json(r#"{"error":"relation \"orders\" does not exist"}"#);
    vec![
        says_nothing("vacuous-any-body", "The body matches anything.", echo(), &["body matches /.*/"]),
        says_nothing("vacuous-status", "The status is the status.", echo(), &["status == 200"]),
        says_nothing("vacuous-root", "The document has a root.", echo(), &["jsonpath $ exists"]),
        says_little("vacuous-header", "There is a media type.", echo(), &["header Content-Type exists"]),
        says_nothing("vacuous-contains-nothing", "The body contains an empty text.", echo(), &["body contains ''"]),
        says_nothing("vacuous-time", "It took less than an hour.", echo(), &["duration < 3600000"]),
        says_nothing("vacuous-size", "It has no less than no bytes.", echo(), &["bytes count >= 0"]),
        says_nothing(
            "vacuous-absence",
            "Something that nobody writes is not there.",
            echo(),
            &["body not contains zzz", "jsonpath $.zzz not exists"],
        ),
        says_nothing(
            "vacuous-address",
            "The address is an address.",
            html(SHELL_NONCE),
            &["url contains http", "redirects count == 0"],
        ),
        says_nothing(
            "vacuous-protocol",
            "The protocol is the protocol.",
            html(SHELL_NONCE),
            &["version == '1.1'", "ip exists"],
        ),
        says_little(
            "vacuous-page",
            "The page is a page.",
            html(SHELL_NONCE),
            &["body contains '<html'", "header Content-Type contains html"],
        ),
        says_nothing("vacuous-schema", "The schema takes everything.", echo(), &["schema {}"]),
        says_little(
            "what-every-path-says",
            "The expectation holds on what every path answers.",
            echo(),
            &["jsonpath $.ok == true"],
        ),
        demands(
            "error-overruled-by-nothing",
            "An error under 200 with an expectation that says nothing.",
            error(),
            &["body matches /.*/", "status == 200"],
        ),
        demands(
            "error-is-expected",
            "An error under 200 that the agent expects.",
            error(),
            &["jsonpath $.error exists"],
        ),
        demands(
            "error-text-is-expected",
            "An error under 200 whose words the agent expects.",
            error(),
            &["body contains 'does not exist'"],
        ),
        demands(
            "failure-is-expected",
            "success: false, as the agent expects.",
            answer::json(r#"{"success":false}"#),
            &["jsonpath $.success == false"],
        ),
        demands(
            "maintenance-is-expected",
            "The maintenance page, as the agent expects.",
            page("Down for maintenance", "<h1>Back soon</h1>"),
            &["title == 'Down for maintenance'"],
        ),
        demands("empty-is-expected", "An empty answer, as the agent expects.", answer::json(""), &["bytes count == 0"]),
    ]
}
