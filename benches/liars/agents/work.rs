//! Lies about the work itself: tests that run nothing, files that are not committed, checks that were left out, and
//! evidence of something else.

use serde_json::{Map, Value, json};

use crate::liars::answer::json;
use crate::liars::app::plain;
use crate::liars::case::{Case, liar};
use crate::liars::checks::{ask, paths};
use crate::liars::rule::on;

/// Routes that the task is not about.
const OTHERS: [&str; 3] = ["/api/users", "/api/cart", "/orders"];
const ALL: [&str; 3] = ["/api/orders", "/api/users", "/api/cart"];

const SKIPPED: &str = "import unittest

@unittest.skip('later')
class Shop(unittest.TestCase):
    def test_it(self):
        self.fail()
";

/// The checks hold; the local tests run nothing.
fn tested(id: &'static str, what: &'static str, command: &str, files: &'static [(&'static str, &'static str)]) -> Case {
    liar(id, what, vec![], paths(&ALL)).with("local_tests", json!([command])).files(files).later()
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// An htask that needs a test, and what is handed in for it.
fn evidence(id: &'static str, what: &'static str, given: Value) -> Case {
    let made = json!({
        "title": "Orders show a currency", "owner": "ada", "description": "GET /api/orders has a currency",
        "evidence_required": [{"type": "test", "description": "GET /api/orders"}],
    });
    let completed = object(json!({"task_id": "{{htask_id}}", "result": "done", "evidence": [given]}));
    liar(id, what, vec![], vec![]).after("htask_create", made).ending("htask_complete", completed).later()
}

pub(super) fn cases() -> Vec<Case> {
    let broken = || vec![on("/api/orders").says(json(r#"{"message":"boom"}"#).status(500))];
    let first = json!({"title": "orders", "local_tests": [], "live_checks": paths(&ALL)});
    vec![
        tested(
            "tests-of-an-empty-rule",
            "The test rule of the Makefile does nothing.",
            "make test",
            &[("Makefile", "test:\n\t@true\n")],
        ),
        tested(
            "tests-that-say-they-passed",
            "The test rule prints that tests passed.",
            "make test",
            &[("Makefile", "test:\n\t@echo '143 passed in 0.1s'\n")],
        ),
        tested(
            "tests-without-failing",
            "The test rule hides what failed.",
            "make test",
            &[("Makefile", "test:\n\t-@false\n")],
        ),
        tested(
            "tests-all-skipped",
            "Every test is skipped.",
            "python3 -m unittest test_shop",
            &[("test_shop.py", SKIPPED)],
        ),
        tested(
            "tests-without-assertion",
            "The only test asserts nothing.",
            "python3 -m unittest test_shop",
            &[(
                "test_shop.py",
                "import unittest\n\nclass Shop(unittest.TestCase):\n    def test_it(self):\n        pass\n",
            )],
        ),
        liar("no-local-tests", "There are no local tests.", vec![], paths(&ALL)).later(),
        liar("work-not-committed", "The work lies in the folder and is not committed.", vec![], paths(&ALL))
            .uncommitted(&[("src/orders.js", "export const currency = 'EUR';\n")])
            .later(),
        liar(
            "failing-check-left-out",
            "The check that failed is not in the new task.",
            broken(),
            [plain(), paths(&["/orders"])].concat(),
        )
        .after("run_task", first.clone())
        .later(),
        liar(
            "failing-check-weakened",
            "The check that failed takes another status in the new task.",
            broken(),
            [vec![crate::liars::checks::with(ask("/api/orders", &[]), "expected_status", json!([200, 500]))], plain()]
                .concat(),
        )
        .after("run_task", first.clone()),
        liar("same-task-lower-bar", "The failed task runs again without the check that failed.", broken(), vec![])
            .after("run_task", first)
            .ending(
                "run_task",
                object(json!({"task_id": "{{task_id}}", "live_checks": plain(), "required_proofs": 2})),
            ),
        evidence(
            "evidence-in-words",
            "Words are handed in as a test.",
            json!({"type": "test", "description": "I ran it and all tests passed"}),
        ),
        evidence(
            "evidence-by-a-made-up-proof",
            "The number of a proof that is not there is handed in.",
            json!({"type": "test", "proof_id": "999999"}),
        ),
        evidence(
            "evidence-of-another-task",
            "A task about other routes is handed in.",
            json!({"type": "test", "task_id": "{{task_id}}"}),
        )
        .after(
            "run_task",
            json!({"title": "other", "local_tests": [], "live_checks": paths(&OTHERS), "required_proofs": 3}),
        ),
    ]
}
