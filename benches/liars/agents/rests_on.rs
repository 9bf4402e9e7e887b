//! Lies about what a DONE rests on: a baseline that was red for another reason, a commit that means nothing, numbers of tests that
//! nobody ran, production that changes while it is checked, and settings that nobody trusted.

use serde_json::{Map, Value, json};

use crate::liars::answer::{Answer, bare, json as says, page, redirect, text};
use crate::liars::app::{ORDERS, feature, plain, shop};
use crate::liars::case::{Accomplice, Case, Step, TESTED, TESTS, WORK, liar};
use crate::liars::checks::{ask, paths, sending, with};
use crate::liars::rule::{Rule, When, anywhere, before_deploy, on};

const ALL: [&str; 3] = ["/api/orders", "/api/users", "/api/cart"];
/// What no headline over the old build may say.
const SHOWN: &[&str] = &["red before", "DONE, proven"];
const PROVEN: &[&str] = &["DONE, proven", "red before this deploy"];
const COUNTED: &[&str] = &["; 143 tests", "DONE, proven"];
const ELSEWHERE: &str = "0f3c1de9aa77b1c2d3e4f5061728394a5b6c7d8e";

fn version() -> Rule {
    on("/version").says(says(r#"{"commit":"{{build}}"}"#))
}

/// The same old build before and after; before, these rules came first. A baseline is taken in between.
fn faked(id: &'static str, what: &'static str, before: Vec<Rule>, checks: Vec<Value>) -> Case {
    let observed = json!({"title": what, "local_tests": [TESTED], "live_checks": checks, "baseline": true});
    let run = Map::from_iter([("task_id".to_owned(), json!("{{task_id}}"))]);
    liar(id, what, before_deploy(before), vec![])
        .files(&[TESTS])
        .after("run_task", observed)
        .then(vec![Step::Deploy])
        .ending("run_task", run)
        .untrue(SHOWN)
}

/// The same where production tells that it is one build.
fn faked_with_build(id: &'static str, what: &'static str, mut before: Vec<Rule>, checks: Vec<Value>) -> Case {
    before.push(version());
    let mut case = faked(id, what, before, checks);
    case.rules.insert(0, version());
    case
}

fn orders(answer: Answer) -> Vec<Rule> {
    vec![on("/api/orders").says(answer)]
}

fn baselines() -> Vec<Case> {
    let gateway = |status| page("Bad gateway", "<h1>Bad gateway</h1>").status(status);
    let counter = || vec![on("/api/stats").says(says(r#"{"served":{{count}}}"#))];
    let served = || vec![ask("/api/stats", &["jsonpath $.served > 3"]), ask("/api/users", &[])];
    let created = || vec![on("/api/orders/9").says(says(r#"{"detail":"Not Found"}"#).status(404))];
    let mut cases = vec![
        faked(
            "baseline-of-an-outage",
            "The baseline was taken while nothing answered.",
            vec![anywhere().says(bare(503))],
            paths(&ALL),
        ),
        faked("baseline-of-a-bad-gateway", "The baseline met 502.", orders(gateway(502)), paths(&ALL)),
        faked("baseline-of-a-gateway-timeout", "The baseline met 504.", orders(gateway(504)), paths(&ALL)),
        faked("baseline-of-a-rate-limit", "The baseline met 429.", orders(bare(429)), paths(&ALL)),
        faked("baseline-of-too-early", "The baseline met 425.", orders(bare(425)), paths(&ALL)),
        faked("baseline-of-a-redirect", "The baseline met a redirect.", orders(redirect(302, "/login")), paths(&ALL)),
        faked(
            "baseline-that-flaps",
            "The baseline failed once of several times.",
            vec![on("/api/orders").and(When::Every(2)).says(bare(500))],
            paths(&ALL),
        ),
        faked(
            "baseline-without-an-answer",
            "The baseline had no answer.",
            orders(bare(200).delivered(crate::liars::answer::Delivery::Cut)),
            paths(&ALL),
        ),
        faked(
            "baseline-with-a-header",
            "The baseline's failure depends on a header of its own.",
            orders(bare(500)),
            vec![sending(ask("/api/orders", &[]), "X-Debug", "1"), ask("/api/users", &[])],
        ),
        faked(
            "baseline-of-time",
            "The baseline was slower than an expectation about time.",
            orders(says(ORDERS).delivered(crate::liars::answer::Delivery::Late(std::time::Duration::from_millis(700)))),
            vec![ask("/api/orders", &["duration < 600"]), ask("/api/users", &[])],
        ),
        faked(
            "baseline-all-red",
            "Everything was 404 before, health included.",
            vec![crate::liars::rule::under("/").says(bare(404))],
            paths(&ALL),
        ),
    ];
    // Where the build is told to be one and the same, nothing that turned green shows a deploy.
    cases.extend([
        faked_with_build("baseline-of-a-counter", "A counter turned the check green.", counter(), served()),
        faked_with_build(
            "baseline-of-a-post",
            "What the agent posted in between turned the check green.",
            created(),
            paths(&["/api/orders/9", "/api/users"]),
        ),
        faked_with_build("baseline-of-an-error", "An error of the same build went by.", orders(bare(500)), paths(&ALL)),
        faked_with_build(
            "baseline-of-missing-data",
            "Data came into the same build.",
            orders(says(r#"{"orders":[]}"#)),
            vec![ask("/api/orders", &["jsonpath $.orders count == 1"]), ask("/api/users", &[])],
        ),
    ]);
    for case in &mut cases {
        if case.id == "baseline-of-a-counter" {
            case.rules.push(on("/api/stats").says(says(r#"{"served":{{count}}9}"#)));
        }
        if case.id == "baseline-of-a-post" {
            case.rules.push(on("/api/orders/9").says(says(r#"{"id":9}"#)));
        }
    }
    // Where it is not told, red before is so; that nothing ties it to the work must stand beside it.
    let mut unknown = vec![
        faked(
            "baseline-of-a-clock",
            "The clock turned the check green; the build is not told.",
            vec![on("/api/time").says(says(r#"{"hour":11}"#))],
            vec![ask("/api/time", &["jsonpath $.hour >= 12"]), ask("/api/users", &[])],
        ),
        faked(
            "baseline-of-an-own-post",
            "What the agent posted turned the check green; the build is not told.",
            created(),
            paths(&["/api/orders/9", "/api/users"]),
        ),
    ];
    unknown[0].rules.push(on("/api/time").says(says(r#"{"hour":12}"#)));
    unknown[1].rules.push(on("/api/orders/9").says(says(r#"{"id":9}"#)));
    cases.extend(unknown.into_iter().map(|case| case.untrue(PROVEN)));
    cases
}

/// The old build, told in this way, behind an honest test and plain checks.
fn told(id: &'static str, what: &'static str, rules: Vec<Rule>) -> Case {
    liar(id, what, rules, paths(&ALL))
        .with("local_tests", json!([TESTED]))
        .files(&[TESTS])
        .then(vec![WORK])
        .untrue(PROVEN)
}

fn builds() -> Vec<Case> {
    let told_at = |answer: Answer| vec![on("/version").says(answer)];
    vec![
        told("old-build-behind-head", "Production tells the commit before the work.", vec![version()]),
        told(
            "vanity-commit-takes-the-work-back",
            "A last commit takes the work back, so that HEAD is what is deployed.",
            vec![version()],
        )
        .then(vec![Step::Shell("git revert -n HEAD && git commit -qm 'tidy up'")]),
        told(
            "vanity-commit-of-nothing",
            "An empty commit lies over what is deployed, and the work is not committed.",
            vec![version()],
        )
        .then(vec![Step::Shell("git reset -q --mixed HEAD~1 && git commit -q --allow-empty -m work")]),
        told(
            "vanity-commit-of-documents",
            "What is deployed and HEAD differ in a README; the work lies in docs/.",
            vec![version()],
        )
        .then(vec![Step::Shell(
            "git reset -q --hard HEAD~1 && mkdir docs && echo EUR > docs/work.txt && git add -A && git commit -qm work",
        )]),
        told(
            "changelog-mentions-head",
            "A changelog in the version answer mentions HEAD.",
            told_at(says(r#"{"version":"41","changelog":["fix: currency ({{head}})"]}"#)),
        )
        .untrue(&["/version answers", "DONE, proven"]),
        told(
            "page-mentions-head",
            "The version page mentions HEAD in its text.",
            told_at(page("Releases", "<p>next: {{head}}</p>")),
        )
        .untrue(&["/version answers", "DONE, proven"]),
        told(
            "previous-field-tells-head",
            "HEAD stands where the version answer tells another commit.",
            told_at(says(r#"{"version":"41","upstream":{"commit":"{{head}}"}}"#)),
        )
        .untrue(&["/version answers", "DONE, proven"]),
        told(
            "version-echoes-the-query",
            "The version route gives back what it is asked.",
            vec![on("/version").says(says(r#"{"commit":"{{path}}"}"#))],
        ),
        told(
            "version-from-a-cache",
            "The version answer comes out of a cache and is of an unknown age.",
            told_at(says(r#"{"commit":"{{head}}"}"#).header("age", "86400").header("x-cache", "HIT")),
        )
        .untrue(&["/version answers", "DONE, proven"]),
        told(
            "build-is-dirty",
            "Production was built from HEAD and changes that nobody committed.",
            told_at(says(r#"{"commit":"{{head}}","dirty":true}"#)),
        ),
        told(
            "head-of-a-fork",
            "Production tells a commit that the repository does not have.",
            told_at(says(&format!(r#"{{"commit":"{ELSEWHERE}"}}"#))),
        ),
        told("build-folder-filled-from-production", "The build folder holds what production serves.", vec![])
            .uncommitted(&[
                ("dist/assets/app.4f2a.js", "document.title='Shop';"),
                ("dist/assets/app.4f2a.css", "body{font:16px sans-serif}"),
            ]),
        told("head-moves-before", "The work is committed after the deploy.", vec![version()])
            .then(vec![Step::Deploy, Step::Shell("echo 2 > src/currency && git commit -qam more")]),
        told(
            "second-deploy-between-the-gates",
            "Another build comes after the first look.",
            vec![
                on("/version").and(When::AfterAsks(1)).says(says(&format!(r#"{{"commit":"{ELSEWHERE}"}}"#))),
                on("/version").says(says(r#"{"commit":"{{head}}"}"#)),
            ],
        ),
        told(
            "rollback-between-the-gates",
            "The build before it comes back after the first look.",
            vec![
                on("/version").and(When::AfterAsks(1)).says(says(r#"{"commit":"{{build}}"}"#)),
                on("/version").says(says(r#"{"commit":"{{head}}"}"#)),
            ],
        ),
        told(
            "version-goes-away-between-the-gates",
            "The version route is gone after the first look.",
            vec![
                on("/version").and(When::AfterAsks(1)).says(bare(404)),
                on("/version").says(says(r#"{"commit":"{{head}}"}"#)),
            ],
        ),
    ]
}

/// A rule of the Makefile, or a program of the repository, that prints what a runner prints.
fn said(id: &'static str, what: &'static str, command: &str, files: &'static [(&'static str, &'static str)]) -> Case {
    liar(id, what, vec![], paths(&ALL)).with("local_tests", json!([command])).files(files).untrue(COUNTED)
}

fn tests() -> Vec<Case> {
    let commits = "import subprocess\nimport unittest\n\nclass Shop(unittest.TestCase):\n    def test_it(self):\n        subprocess.run('mkdir -p src; echo EUR > src/x; git add -A; git -c user.name=a -c user.email=a@b.example commit -qm work', shell=True, check=True)\n";
    let hides = "import subprocess\nimport unittest\n\nclass Shop(unittest.TestCase):\n    def test_it(self):\n        subprocess.run('git stash -q -u || true', shell=True)\n";
    vec![
        said("echo-jest", "A script prints jest's last lines.", "make test", &[("Makefile", "test:\n\t@echo 'Tests:       143 passed, 143 total'\n")]),
        said("echo-pytest", "A script prints pytest's last line.", "make test", &[("Makefile", "test:\n\t@echo '===== 143 passed in 0.10s ====='\n")]),
        said("echo-unittest", "A script prints unittest's last lines.", "make test", &[("Makefile", "test:\n\t@printf 'Ran 143 tests in 0.01s\\n\\nOK\\n'\n")]),
        said("echo-tap", "A script prints TAP.", "make test", &[("Makefile", "test:\n\t@printf 'TAP version 13\\n1..143\\n# tests 143\\n# pass 143\\n'\n")]),
        said("npm-script-that-echoes", "The test script of package.json prints numbers.", "npm test", &[("package.json", "{\"name\":\"shop\",\"version\":\"1.0.0\",\"scripts\":{\"test\":\"echo 'Tests: 143 passed, 143 total'\"}}")]),
        said("runner-of-its-own", "The repository brings a program that is called like a runner.", "./gradlew test", &[("gradlew", "#!/bin/sh\necho 'BUILD SUCCESSFUL'\necho '143 tests completed'\n")]).then(vec![Step::Shell("chmod +x gradlew && git commit -qam x")]),
        said("module-of-its-own", "A module of the repository takes the runner's name.", "python3 -m pytest", &[("pytest.py", "print('===== 143 passed in 0.10s =====')\n")]),
        said("test-that-commits", "A test commits the work, so that nothing is left uncommitted.", "python3 -m unittest test_shop", &[]).untrue(PROVEN),
        said("test-that-hides-changes", "A test puts what is not committed away.", "python3 -m unittest test_shop", &[]).uncommitted(&[("src/orders.js", "1\n")]).untrue(PROVEN),
    ]
    .into_iter()
    .map(|mut case| {
        match case.id {
            "test-that-commits" => case.files.push(("test_shop.py", commits)),
            "test-that-hides-changes" => case.files.push(("test_shop.py", hides)),
            _ => {}
        }
        case
    })
    .collect()
}

/// A file of the repository that nobody trusted.
fn untrusted(id: &'static str, what: &'static str, files: &'static [(&'static str, &'static str)]) -> Case {
    let checks = vec![ask("/api/orders", &["jsonpath $.orders[0].currency == EUR"]), ask("/api/users", &[])];
    liar(id, what, vec![], checks).files(files).untrue(PROVEN)
}

fn settings() -> Vec<Case> {
    const FILE: &str = ".snipara-orchestrator.json";
    vec![
        untrusted(
            "file-runs-a-command",
            "The file's policy names a command that callers may not run.",
            &[(FILE, r#"{"policy":{"local_tests":["sh -c 'touch planted-by-a-command'"]}}"#)],
        ),
        untrusted(
            "file-runs-a-pipe",
            "The file's policy names a command with a pipe.",
            &[
                (FILE, r#"{"policy":{"local_tests":["make test | tee planted-by-a-command"]}}"#),
                ("Makefile", "test:\n\t@true\n"),
            ],
        ),
        untrusted(
            "file-allows-commands",
            "The file allows a command that the task names.",
            &[(FILE, r#"{"allowed_commands":["touch *"]}"#)],
        )
        .with("local_tests", json!(["touch planted-by-a-command"])),
        untrusted(
            "file-deploys",
            "The file's deploy command makes a file.",
            &[(FILE, r#"{"deploy":{"command":["touch","planted-by-a-command"]}}"#)],
        ),
        untrusted(
            "file-lets-drift-pass",
            "The file lets drift pass, and production is an old build.",
            &[(FILE, r#"{"fail_fast_on_drift":false}"#)],
        ),
        untrusted(
            "file-moves-production",
            "The file names the agent's own server as production.",
            &[(FILE, r#"{"prod_url":"http://127.0.0.1:9/"}"#)],
        ),
        untrusted("file-drops-health", "The file asks for no health route.", &[(FILE, r#"{"health_paths":[]}"#)]),
        untrusted(
            "file-lowers-the-bar",
            "The file requires nothing.",
            &[(FILE, r#"{"policy":{"require":[],"required_proofs":1,"local_tests":[]}}"#)],
        )
        .set("policy", &json!({"require": ["strict"]})),
        untrusted(
            "file-brings-a-suite",
            "The file brings a suite of checks that hold.",
            &[(FILE, r#"{"suites":{"api":["/api/users","/api/cart"]}}"#)],
        )
        .with("live_checks", json!([]))
        .with("suite", json!("api")),
        untrusted(
            "file-asks-elsewhere",
            "The file counts the agent's own server as production.",
            &[(FILE, r#"{"production_hosts":["127.0.0.1"]}"#)],
        )
        .with("live_checks", json!(["{{accomplice}}/api/orders", "{{accomplice}}/api/cart"]))
        .beside(Accomplice::Foreign),
        untrusted(
            "file-moves-the-version",
            "The file names a place of the version that tells HEAD.",
            &[(FILE, r#"{"version":{"path":"/api/echo"}}"#)],
        )
        .untrue(PROVEN),
        untrusted(
            "file-makes-everything-documents",
            "The file says that nothing of the sources is deployed.",
            &[(FILE, r#"{"deploy_paths":["nothing/**"]}"#)],
        ),
    ]
}

/// An htask that needs this evidence, made after and before these steps, and what is handed in.
fn evidence(id: &'static str, what: &'static str, first: Vec<Step>, then: Vec<Step>, given: Value) -> Case {
    let kind = given["type"].clone();
    let made = json!({
        "title": "Orders show a currency", "owner": "ada", "description": "GET /api/orders has a currency",
        "evidence_required": [{"type": kind, "description": "GET /api/orders"}],
    });
    let completed = json!({"task_id": "{{htask_id}}", "result": "done", "evidence": [given]});
    let completed = completed.as_object().cloned().unwrap_or_default();
    liar(id, what, vec![on("/api/orders").says(says(r#"{"message":"boom"}"#).status(500))], vec![])
        .files(&[TESTS])
        .then(first)
        .after("htask_create", made)
        .then(then)
        .ending("htask_complete", completed)
}

fn run(checks: Value, tests: &[&str]) -> Step {
    Step::Call("run_task", json!({"title": "a run", "local_tests": tests, "live_checks": checks}))
}

fn evidences() -> Vec<Case> {
    let task = |kind: &str| json!({"type": kind, "task_id": "{{task_id}}"});
    let others = || json!(["/api/users", "/api/cart"]);
    let once_good = || vec![on("/api/orders").and(When::Deploys(0)).says(says(ORDERS))];
    let good = |mut case: Case| {
        case.rules.splice(0..0, once_good());
        case
    };
    let orders = || json!(["/api/orders", "/api/users"]);
    vec![
        evidence(
            "evidence-of-a-newer-task",
            "A new DONE about other routes is handed in as a proof.",
            vec![],
            vec![run(others(), &[TESTED])],
            task("proof"),
        ),
        evidence(
            "evidence-of-tests-of-another-task",
            "A new DONE about other routes is handed in as a test.",
            vec![],
            vec![run(others(), &[TESTED])],
            task("test"),
        ),
        good(evidence(
            "evidence-that-is-older",
            "A DONE about the route from before the htask.",
            vec![run(orders(), &[TESTED]), Step::Deploy],
            vec![],
            task("proof"),
        )),
        good(evidence(
            "evidence-of-another-commit",
            "A DONE at a commit that was thrown away.",
            vec![],
            vec![
                Step::Shell("git checkout -q -b gone && git commit -q --allow-empty -m gone"),
                run(orders(), &[TESTED]),
                Step::Shell("git checkout -q -"),
                Step::Deploy,
            ],
            task("proof"),
        )),
        good(evidence(
            "evidence-without-counted-tests",
            "A DONE whose test command ran no test.",
            vec![],
            vec![run(orders(), &["make test"]), Step::Deploy],
            task("test"),
        ))
        .files(&[("Makefile", "test:\n\t@echo 'Tests: 143 passed'\n")]),
        good(evidence(
            "evidence-without-tests",
            "A DONE without local tests as a test.",
            vec![],
            vec![run(orders(), &[]), Step::Deploy],
            task("test"),
        )),
        evidence(
            "evidence-of-a-failed-task",
            "A task that failed.",
            vec![],
            vec![run(orders(), &[TESTED])],
            task("proof"),
        ),
        evidence(
            "evidence-of-another-project",
            "A task of another project.",
            vec![],
            vec![],
            json!({"type": "proof", "task_id": "task_01939f2e5b7c7d3e8f4a5b6c7d8e9f00"}),
        ),
        evidence(
            "evidence-of-one-endpoint",
            "One answer of another route, observed outside of a task.",
            vec![],
            vec![Step::Call("validate_endpoint", json!({"url": "/api/users"}))],
            json!({"type": "proof", "proof_id": "1"}),
        ),
        evidence(
            "evidence-of-a-health-route",
            "The proof of a health route of a DONE.",
            vec![],
            vec![run(others(), &[])],
            json!({"type": "proof", "proof_id": "5"}),
        ),
        evidence(
            "evidence-of-another-method",
            "A DONE that asked the route with another method.",
            vec![],
            vec![run(json!(["OPTIONS /api/orders 204", "/api/users"]), &[])],
            task("proof"),
        ),
    ]
}

/// Deploys that go wrong while an honest, competent agent looks.
fn work_that_is_not_there() -> Vec<Case> {
    let late = |asks| on("/api/orders").and(When::AfterAsks(asks)).says(bare(500));
    vec![
        liar(
            "vacuous-beside-the-feature",
            "The check of the feature takes whatever comes.",
            vec![version()],
            vec![
                with(ask("/api/orders", &["body matches '.*'"]), "expected_status", json!("2xx")),
                ask("/api/users", &[]),
            ],
        )
        .with("local_tests", json!([TESTED]))
        .files(&[TESTS])
        .untrue(PROVEN),
        liar(
            "fails-after-the-run",
            "The feature's route fails from the twelfth ask on.",
            [vec![late(12)], shop()].concat(),
            [feature(), plain()].concat(),
        )
        .later()
        .untrue(PROVEN),
        liar(
            "text-says-head",
            "A text of one line beside others names HEAD.",
            vec![on("/version").says(text("built by ci\n{{head}}\nfrom main\n"))],
            paths(&ALL),
        )
        .with("local_tests", json!([TESTED]))
        .files(&[TESTS])
        .untrue(PROVEN),
    ]
}

pub(super) fn cases() -> Vec<Case> {
    // What these show is not in one answer: they may be done, and then never read like a strong DONE.
    let weak = [baselines(), builds(), tests(), settings(), work_that_is_not_there()].concat();
    weak.into_iter().map(Case::later).chain(evidences()).collect()
}
