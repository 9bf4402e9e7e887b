//! Health as the field writes it.

use crate::liars::answer::{Answer, bare, json, text, typed};
use crate::liars::case::{Case, honest};
use crate::liars::checks::paths;
use crate::liars::rule::on;

/// Health answers this; the task's three checks hold.
fn health(id: &'static str, what: &'static str, answer: Answer) -> Case {
    honest(id, what, vec![on("/health").says(answer)], paths(&["/api/orders"]))
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        health(
            "health-as-health-json",
            "The draft for health documents: pass.",
            typed(
                "application/health+json",
                r#"{"status":"pass","version":"1","checks":{"db:time":[{"status":"pass"}]}}"#,
            ),
        ),
        health(
            "health-degraded",
            "Health says degraded: told, no refusal.",
            json(r#"{"status":"degraded","checks":{"cache":{"status":"warn"}}}"#),
        ),
        health(
            "health-with-unknown-detail",
            "A detail says a word that nobody knows.",
            json(r#"{"status":"ok","checks":{"legacy":{"status":"disabled"}}}"#),
        ),
        health(
            "health-with-null-error",
            "Health with a null error.",
            json(r#"{"status":"ok","error":null,"uptime":12.3}"#),
        ),
        health(
            "health-with-empty-errors",
            "Health with no errors in its list.",
            json(r#"{"healthy":true,"errors":[]}"#),
        ),
        health("health-with-error-count", "Health counts errors: none.", json(r#"{"status":"ok","errors":0}"#)),
        health(
            "health-in-upper-case",
            "MicroProfile health: UP with checks.",
            json(r#"{"status":"UP","checks":[{"name":"db","status":"UP"}]}"#),
        ),
        health(
            "health-verbose-text",
            "The verbose form of Kubernetes.",
            text("[+]ping ok\n[+]etcd ok\nlivez check passed\n"),
        ),
        health("health-one-word", "One word as text.", text("OK")),
        health("health-no-content", "Health is 204.", bare(204)),
        health("health-empty-text", "Health is 200 with nothing.", text("")),
        health("health-with-byte-order-mark", "Health after a byte order mark.", json("\u{feff}{\"status\":\"UP\"}")),
        health(
            "health-of-the-past",
            "Health tells of an incident that is over.",
            json(r#"{"status":"ok","last_error":{"status":"down","at":"2026-01-01T00:00:00Z"}}"#),
        ),
        health("health-needs-a-login", "The health route asks for a login; others can be seen.", bare(401)),
        honest(
            "health-and-ready-alike",
            "Two health routes with one answer.",
            vec![on("/ready").says(json(r#"{"status":"ok"}"#))],
            vec![],
        ),
        honest(
            "no-health-route",
            "There is no health route.",
            vec![on("/health").says(bare(404))],
            paths(&["/api/orders"]),
        ),
        honest(
            "status-page-of-orders",
            "A route of that name has another meaning, and no field that speaks of health.",
            vec![on("/status").says(json(r#"{"order":7,"steps":["paid","failed","paid again"]}"#))],
            paths(&["/status"]),
        ),
    ]
}
