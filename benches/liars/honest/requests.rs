//! What a service needs from who asks.

use serde_json::{Value, json};

use crate::liars::answer::{Answer, Delivery, bare, json as says, text};
use crate::liars::case::{Case, honest};
use crate::liars::checks::{ask, sending, with};
use crate::liars::rule::{When, on};

const ROWS: &str = r#"{"rows":[{"id":1}]}"#;
const SEEN: &str = "jsonpath $.rows[0].id == 1";

/// Who sends what holds gets the rows; everyone else is refused with this.
fn needs(id: &'static str, what: &'static str, when: When, refusal: Answer, check: Value) -> Case {
    honest(id, what, vec![on("/api/rows").and(when).says(says(ROWS)), on("/api/rows").says(refusal)], vec![check])
}

fn rows() -> Value {
    ask("/api/rows", &[SEEN])
}

pub(super) fn cases() -> Vec<Case> {
    let refused = |status: u16| says(r#"{"error":"refused"}"#).status(status);
    vec![
        needs(
            "needs-api-key",
            "A key is needed; without it 401.",
            When::Header("x-api-key", "k"),
            refused(401),
            sending(rows(), "X-API-Key", "k"),
        ),
        needs(
            "needs-bearer",
            "A token is needed; without it 403.",
            When::Header("authorization", "Bearer"),
            refused(403),
            sending(rows(), "Authorization", "Bearer t"),
        ),
        needs(
            "needs-version-header",
            "The version must be named; without it 400.",
            When::Header("x-api-version", "2"),
            refused(400),
            sending(rows(), "X-API-Version", "2"),
        ),
        needs(
            "needs-media-type",
            "The media type must be named; without it 406.",
            When::Header("accept", "vnd.shop"),
            refused(406),
            sending(rows(), "Accept", "application/vnd.shop+json"),
        ),
        needs(
            "needs-precondition",
            "A precondition must be named; without it 428.",
            When::Header("x-if-state", "a"),
            refused(428),
            sending(rows(), "X-If-State", "a"),
        ),
        needs(
            "needs-query",
            "A query is needed; without it 422.",
            When::Query("q="),
            refused(422),
            ask("/api/rows?q=ada", &[SEEN]),
        ),
        needs(
            "needs-query-400",
            "A query is needed; without it 400.",
            When::Query("from="),
            refused(400),
            ask("/api/rows?from=2026-01-01&to=2026-02-01", &[SEEN]),
        ),
        needs(
            "takes-a-query",
            "A query narrows what the plain path answers, too.",
            When::Query("page=1"),
            says(ROWS),
            ask("/api/rows?page=1", &[SEEN]),
        ),
        needs(
            "takes-a-language",
            "The language changes words, not facts.",
            When::Header("accept-language", "de"),
            says(ROWS),
            sending(rows(), "Accept-Language", "de"),
        ),
        needs(
            "needs-user-agent",
            "A firewall refuses who has no User-Agent.",
            When::Header("user-agent", ""),
            text("blocked").status(403),
            rows(),
        ),
        honest(
            "rate-limited",
            "The third ask within a second is 429, with the time to wait.",
            vec![
                on("/api/rows")
                    .and(When::Every(3))
                    .says(says(r#"{"error":"slow down"}"#).status(429).header("retry-after", "1")),
                on("/api/rows").says(says(ROWS)),
            ],
            vec![rows()],
        )
        .with("settle_seconds", json!(4)),
        honest(
            "rate-limited-control",
            "What is asked past the usual paths is limited.",
            vec![
                on("/api/rows").says(says(ROWS)),
                on("/version").says(bare(429).header("retry-after", "60")),
                on("/ready").says(bare(429)),
            ],
            vec![rows()],
        ),
        honest(
            "slow-answers",
            "Every answer takes 400 ms.",
            vec![on("/api/rows").says(says(ROWS).delivered(Delivery::Late(std::time::Duration::from_millis(400))))],
            vec![rows()],
        ),
        honest(
            "warms-up",
            "The first two answers after the deploy are 503, then it is there.",
            vec![
                on("/api/warm").and(When::AfterAsks(2)).says(says(ROWS)),
                on("/api/warm").says(bare(503).header("retry-after", "1")),
            ],
            vec![ask("/api/warm", &[SEEN])],
        )
        .with("settle_seconds", json!(8)),
        honest(
            "not-repeatable",
            "A message is sent once, and the second time refused.",
            vec![
                on("/api/send").and(When::AfterAsks(1)).says(bare(409)),
                on("/api/send").says(says(r#"{"sent":true}"#).status(202)),
            ],
            vec![with(
                with(ask("POST /api/send", &["jsonpath $.sent == true"]), "body", json!({"to": "ada"})),
                "expected_status",
                json!(202),
            )],
        ),
        honest(
            "cdn-hit",
            "The edge has the new answer and says its age.",
            vec![on("/api/rows").says(says(ROWS).header("age", "31").header("x-cache", "HIT"))],
            vec![rows()],
        ),
        honest(
            "cdn-refuses-unknown-queries",
            "The edge has the new answer and refuses queries that it does not know.",
            vec![
                on("/api/rows").and(When::Query("")).says(bare(403)),
                on("/api/rows").says(says(ROWS).header("age", "31").header("cf-cache-status", "HIT")),
            ],
            vec![rows()],
        ),
        honest(
            "one-connection-each",
            "The server closes each connection after its answer.",
            vec![
                on("/api/rows").says(says(ROWS).delivered(Delivery::UntilClosed)),
                on("/api/users").says(says(r#"{"users":[1]}"#).delivered(Delivery::UntilClosed)),
            ],
            vec![rows()],
        ),
        honest(
            "random-order",
            "Two replicas list the same rows in another order.",
            vec![
                on("/api/rows").and(When::Every(2)).says(says(r#"{"rows":[{"id":2},{"id":1}]}"#)),
                on("/api/rows").says(says(r#"{"rows":[{"id":1},{"id":2}]}"#)),
            ],
            vec![ask("/api/rows", &["jsonpath $.rows count == 2"])],
        ),
    ]
}
