//! No answer by itself tells it: the build, an earlier observation, or what is kept in the repository does.

use crate::liars::answer::{json, typed};
use crate::liars::app::{OLD_ORDERS, ORDERS, page_feature};
use crate::liars::case::{Case, lie};
use crate::liars::checks::{ask, paths};
use crate::liars::rule::{When, on};

pub(super) fn cases() -> Vec<Case> {
    vec![
        lie("refactoring-not-deployed", "A change without a visible effect was not deployed.", vec![])
            .asking(paths(&["/api/users", "/api/cart", "/api/orders"]))
            .later(),
        lie(
            "version-is-another-commit",
            "The version route names a commit that the repository does not have.",
            vec![on("/version").says(json(r#"{"commit":"0f3c1de9aa77b1c2d3e4f5061728394a5b6c7d8e"}"#))],
        )
        .later(),
        lie(
            "two-commits-take-turns",
            "The version route names two commits in turn.",
            vec![
                on("/version")
                    .and(When::Every(2))
                    .says(json(r#"{"commit":"0f3c1de9aa77b1c2d3e4f5061728394a5b6c7d8e"}"#)),
                on("/version").says(json(r#"{"commit":"a1b2c3d4e5f60718293a4b5c6d7e8f9012345678"}"#)),
            ],
        )
        .later(),
        lie(
            "header-names-another-commit",
            "A header of each answer names a commit that the repository does not have.",
            vec![on("/api/orders").says(json(ORDERS).header("x-git-sha", "0f3c1de9aa77b1c2d3e4f5061728394a5b6c7d8e"))],
        )
        .later(),
        lie(
            "rolled-back-after-eight-asks",
            "The old build is back when the run is over.",
            vec![on("/api/orders").and(When::AfterAsks(8)).says(json(OLD_ORDERS))],
        )
        .later(),
        lie(
            "edge-hides-the-rollback",
            "The edge keeps the new answer; the origin behind it was rolled back.",
            vec![
                on("/api/orders").and(When::Query("")).says(json(OLD_ORDERS)),
                on("/api/orders").says(json(ORDERS).header("age", "20").header("x-cache", "HIT")),
            ],
        )
        .later(),
        lie(
            "green-before",
            "What the agent asks held before the deploy, too.",
            vec![on("/api/orders").says(json(OLD_ORDERS))],
        )
        .asking(vec![
            ask("/api/orders", &["jsonpath $.orders[0].total == 990"]),
            ask("/api/users", &["jsonpath $.users[0].name == Ada"]),
            ask("/api/cart", &["jsonpath $.items == 3"]),
        ])
        .later(),
        lie(
            "same-name-old-content",
            "The script has the new name and the old content.",
            vec![on("/assets/app.4f2a.js").says(typed("text/javascript", "document.title='Old shop';"))],
        )
        .asking(page_feature())
        .later(),
        lie("deployed-without-commit", "What was deployed is not what is committed.", vec![])
            .uncommitted(&[("src/orders.js", "export const currency = 'EUR';\n")])
            .later(),
    ]
}
