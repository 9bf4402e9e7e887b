//! Honest agents and deployments whose first call is refused: the refusal names the way out, and the step after it brings them to
//! DONE.

use serde_json::{Map, Value, json};

use crate::liars::answer::{bare, json as says, page};
use crate::liars::app::{OLD_ORDERS, SEEN, feature, old_shop, shop};
use crate::liars::case::{Case, Step, TESTED, TESTS, WORK, alone};
use crate::liars::checks::{ask, paths};
use crate::liars::rule::{When, before_deploy, on};

/// The agent's next call: the same task again.
fn again() -> Step {
    Step::Call("run_task", json!({"task_id": "{{task_id}}"}))
}

/// The agent's next call: these arguments.
fn with(title: &str, checks: &[Value]) -> Step {
    Step::Call("run_task", json!({"title": title, "local_tests": [], "live_checks": checks}))
}

fn on_shop(id: &'static str, what: &'static str) -> Case {
    alone(id, what, shop(), feature())
}

/// The new build comes with the deploy.
fn deployed_later(id: &'static str, what: &'static str) -> Case {
    let mut rules = before_deploy(old_shop());
    rules.push(on("/version").says(says(r#"{"commit":"{{build}}"}"#)));
    rules.extend(shop());
    alone(id, what, rules, feature())
}

fn ending(case: Case, arguments: Value) -> Case {
    let arguments = match arguments {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    case.ending("run_task", arguments)
}

pub(super) fn cases() -> Vec<Case> {
    let fixed = || with("fixed", &feature());
    let tests = |command: &str| json!({"title": "t", "local_tests": [command], "live_checks": feature()});
    vec![
        deployed_later("way-deploy-first", "The agent asks before the deploy; production tells the old commit.")
            .then(vec![WORK])
            .way_out("deploy", vec![Step::Deploy, again()]),
        deployed_later("way-deploy-unknown-build", "The agent asks before the deploy.")
            .way_out("currency", vec![Step::Deploy, again()]),
        ending(on_shop("way-no-local-tests", "local_tests is not given."), json!({"title": "t", "live_checks": feature()}))
            .way_out("local_tests", vec![fixed()]),
        ending(on_shop("way-unknown-field", "A field is mistyped."), json!({"title": "t", "local_tests": [], "live_check": feature()}))
            .way_out("live_checks", vec![fixed()]),
        ending(on_shop("way-no-check", "No check is given."), json!({"title": "t", "local_tests": [], "live_checks": []}))
            .way_out("live", vec![fixed()]),
        ending(on_shop("way-expectation-mistyped", "An expectation is mistyped."), json!({"title": "t", "local_tests": [], "live_checks": [ask("/api/orders", &["jsonpat $.orders exists"])]}))
            .way_out("jsonpath", vec![fixed()]),
        ending(on_shop("way-no-tests-ran", "The runner finds no test."), tests("python3 -m unittest test_nothing"))
            .files(&[("test_nothing.py", "import unittest\n")])
            .way_out("0 tests", vec![fixed()]),
        ending(on_shop("way-test-fails", "A test fails, and is mended."), tests(TESTED))
            .files(&[("test_shop.py", "import unittest\n\nclass Shop(unittest.TestCase):\n    def test_it(self):\n        self.fail('broken')\n")])
            .way_out("local", vec![Step::Shell("printf 'import unittest\\n\\nclass Shop(unittest.TestCase):\\n    def test_it(self):\\n        pass\\n' > test_shop.py"), again()]),
        ending(on_shop("way-command-not-allowed", "A command that callers may not run."), tests("bash -c 'true'"))
            .way_out("bash", vec![fixed()]),
        ending(on_shop("way-wrong-path", "A path is mistyped."), json!({"title": "t", "local_tests": [], "live_checks": paths(&["/api/order", "/api/users"])}))
            .way_out("/api/order", vec![fixed()]),
        ending(on_shop("way-too-many-proofs", "More proofs are asked for than checks can give."), json!({"title": "t", "local_tests": [], "live_checks": paths(&["/api/orders"]), "required_proofs": 9}))
            .way_out("9", vec![fixed()]),
        ending(on_shop("way-foreign-host", "A check asks a host that may not be asked."), json!({"title": "t", "local_tests": [], "live_checks": paths(&["https://192.0.2.1/api/orders"])}))
            .way_out("on production", vec![fixed()]),
        ending(on_shop("way-unknown-user", "A test user is named whom nobody configured."), json!({"title": "t", "local_tests": [], "live_checks": [{"url": "/api/orders", "user": "bob"}]}))
            .way_out("bob", vec![fixed()]),
        ending(on_shop("way-unknown-suite", "A suite is named that is not configured."), json!({"title": "t", "local_tests": [], "suite": "api"}))
            .way_out("api", vec![fixed()]),
        alone(
            "way-health-down",
            "The health route says that the database is down, until it is mended.",
            [before_deploy(vec![on("/health").says(says(r#"{"status":"DOWN"}"#).status(503))]), shop()].concat(),
            feature(),
        )
        .way_out("/health", vec![Step::Deploy, again()]),
        alone(
            "way-rate-limit",
            "Production limits the rate for an hour.",
            [before_deploy(vec![on("/api/orders").says(bare(429).header("retry-after", "3600"))]), shop()].concat(),
            feature(),
        )
        .way_out("429", vec![Step::Deploy, again()]),
        alone(
            "way-outage",
            "The gateway has no server for a while.",
            [before_deploy(vec![on("/api/orders").says(page("502 Bad Gateway", "<h1>502 Bad Gateway</h1>").status(502))]), shop()].concat(),
            feature(),
        )
        .way_out("502", vec![Step::Deploy, again()]),
        alone(
            "way-flaky-during-rollout",
            "One of two nodes still has the old build.",
            [
                before_deploy(vec![on("/api/orders").and(When::Every(2)).says(says(OLD_ORDERS))]),
                shop(),
            ]
            .concat(),
            vec![ask("/api/orders", &[SEEN])],
        )
        .way_out("same answer each time", vec![Step::Deploy, again()]),
        alone(
            "way-login-needed",
            "The route needs a login that the check does not have.",
            [vec![on("/api/me").says(says(r#"{"error":"unauthorized"}"#).status(401))], shop()].concat(),
            paths(&["/api/me", "/api/orders"]),
        )
        .way_out("user", vec![fixed()]),
        alone("way-strict-dirty", "The project requires a clean tree.", shop(), feature())
            .set("policy", &json!({"require": ["clean_tree"]}))
            .uncommitted(&[("src/orders.js", "1\n")])
            .way_out("commit", vec![Step::Shell("git add -A && git commit -qm work"), again()]),
        alone("way-strict-tests", "The project requires tests that ran.", shop(), feature())
            .set("policy", &json!({"require": ["tests_ran"]}))
            .files(&[TESTS])
            .way_out(
                "local_tests",
                vec![Step::Call("run_task", json!({"title": "t", "local_tests": [TESTED], "live_checks": feature()}))],
            ),
    ]
}
