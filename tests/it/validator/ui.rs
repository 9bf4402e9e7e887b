//! UI tests: with a pretend npx for everything that can go wrong, and with the real Playwright.
#![cfg(unix)]

use std::path::Path;

use snipara_orchestrator::domain::{Actor, ChecklistTarget, Convergence, Outcome};
use snipara_orchestrator::validator::CheckRun;
use tokio_util::sync::CancellationToken;

use super::item;
use crate::support::production::{Answer, Production};
use crate::support::validator::Bench;

const PRODUCTION: &str = "http://127.0.0.1:9";
const INSTALL: &str = "npm install --save-dev @playwright/test";

async fn run(bench: &Bench, spec: &str) -> CheckRun {
    let items = [item("ui_test_1".to_owned(), ChecklistTarget::Ui { spec: spec.to_owned() })];
    bench.validator().run_all(&items, Convergence::default(), &CancellationToken::new(), &|_, _| {}).await.remove(0)
}

/// Returns a report in which one test of `file` passed.
fn report(root: &Path, file: &str) -> String {
    serde_json::json!({
        "config": {"rootDir": root},
        "suites": [{"file": file, "specs": [{"file": file, "title": "t", "tests": []}]}],
        "errors": [],
        "stats": {"expected": 1, "skipped": 0, "unexpected": 0, "flaky": 0}
    })
    .to_string()
}

/// A pretend npx that notes its arguments and hands over a prepared report.
fn handing_over(bench: &mut Bench, json: &str, exit_code: i32) {
    std::fs::write(bench.beside().join("prepared.json"), json).expect("written");
    let beside = bench.beside().display().to_string();
    bench.pretend_npx(&format!(
        "printf '%s\\n' \"$@\" > '{beside}/arguments'\ncp '{beside}/prepared.json' \"$PLAYWRIGHT_JSON_OUTPUT_FILE\"\n\
         printf '%s' \"$PLAYWRIGHT_JSON_OUTPUT_FILE\" > '{beside}/report-path'\nexit {exit_code}"
    ));
}

#[tokio::test]
async fn a01_a_spec_whose_report_says_so_passes_and_the_report_lies_outside_the_repository() {
    let mut bench = Bench::new(Actor::Caller, PRODUCTION);
    bench.write("e2e/login.spec.ts", "test");
    let root = bench.repository();
    handing_over(&mut bench, &report(&root, "e2e/login.spec.ts"), 0);
    let seen = run(&bench, "e2e/login.spec.ts").await;
    assert_eq!((seen.outcome, seen.endpoint.as_str(), seen.method), (Outcome::Passed, "e2e/login.spec.ts", None));
    let path = std::fs::read_to_string(bench.beside().join("report-path")).expect("noted");
    assert!(!Path::new(&path).starts_with(&root) && !Path::new(&path).exists(), "{path}");
}

#[tokio::test]
async fn a01_a_report_about_another_file_or_with_a_bad_exit_code_fails() {
    let mut bench = Bench::new(Actor::Caller, PRODUCTION);
    bench.write("e2e/login.spec.ts", "test");
    bench.write("e2e/other.spec.ts", "test");
    let root = bench.repository();
    handing_over(&mut bench, &report(&root, "e2e/other.spec.ts"), 0);
    assert!(matches!(run(&bench, "e2e/login.spec.ts").await.outcome, Outcome::Failed { .. }));
    handing_over(&mut bench, &report(&root, "e2e/login.spec.ts"), 1);
    assert_eq!(run(&bench, "e2e/login.spec.ts").await.outcome, Outcome::failed("exit code 0", "exit code 1"));
}

#[tokio::test]
async fn b06_a_spec_path_reaches_no_shell_and_is_one_argument() {
    let mut bench = Bench::new(Actor::Caller, PRODUCTION);
    let spec = "e2e/$(touch pwned) ; touch pwned; 'a'.spec.ts";
    bench.write(spec, "test");
    let root = bench.repository();
    handing_over(&mut bench, &report(&root, spec), 0);
    assert_eq!(run(&bench, spec).await.outcome, Outcome::Passed);
    let noted = std::fs::read_to_string(bench.beside().join("arguments")).expect("noted");
    let arguments: Vec<&str> = noted.lines().collect();
    assert_eq!(arguments[..4], ["--no-install", "playwright", "test", "--reporter=json"]);
    let pattern = regex::Regex::new(arguments[4]).expect("a pattern");
    assert!(arguments.len() == 5 && arguments[4].starts_with('^'), "{arguments:?}");
    assert!(pattern.is_match(&root.canonicalize().expect("a path").join(spec).to_string_lossy()));
    assert!(!root.join("pwned").exists() && !bench.beside().join("pwned").exists());
}

#[tokio::test]
async fn b06_what_is_no_file_inside_the_repository_is_not_run() {
    let mut bench = Bench::new(Actor::Caller, PRODUCTION);
    bench.write("--config=evil.ts", "evil");
    std::fs::write(bench.beside().join("outside.spec.ts"), "test").expect("written");
    std::os::unix::fs::symlink(bench.beside().join("outside.spec.ts"), bench.repository().join("link.spec.ts"))
        .expect("linked");
    handing_over(&mut bench, "{}", 0);
    for spec in ["--config=evil.ts", "../outside.spec.ts", "link.spec.ts", "missing.spec.ts", "x; touch pwned", ""] {
        let seen = run(&bench, spec).await;
        assert!(matches!(&seen.outcome, Outcome::Unverified { fix: Some(_), .. }), "{spec}: {seen:?}");
    }
    assert!(!bench.beside().join("arguments").exists());
}

#[tokio::test]
async fn a_missing_runner_is_unverified_with_the_command_that_installs_it() {
    let mut bench = Bench::new(Actor::Caller, PRODUCTION);
    bench.write("a.spec.ts", "test");
    bench.search_path = "/nowhere".into();
    let seen = run(&bench, "a.spec.ts").await;
    assert!(matches!(&seen.outcome, Outcome::Unverified { why, .. } if why == "npx is not installed"), "{seen:?}");
    bench.pretend_npx("exit 1");
    std::fs::remove_dir_all(bench.repository().join("node_modules")).expect("removed");
    let seen = run(&bench, "a.spec.ts").await;
    assert!(matches!(&seen.outcome, Outcome::Unverified { fix: Some(fix), .. } if fix == INSTALL), "{seen:?}");
}

#[tokio::test]
async fn no_report_or_garbage_is_unverified() {
    let mut bench = Bench::new(Actor::Caller, PRODUCTION);
    bench.write("a.spec.ts", "test");
    bench.pretend_npx("echo 'cannot start' >&2; exit 1");
    let seen = run(&bench, "a.spec.ts").await;
    assert!(matches!(&seen.outcome, Outcome::Unverified { why, .. } if why.contains("cannot start")), "{seen:?}");
    for garbage in ["", "not json", "{}", "[1]"] {
        handing_over(&mut bench, garbage, 0);
        assert!(matches!(run(&bench, "a.spec.ts").await.outcome, Outcome::Unverified { .. }), "{garbage}");
    }
}

#[tokio::test]
async fn a_spec_that_does_not_end_is_unverified() {
    let mut bench = Bench::new(Actor::Caller, PRODUCTION);
    bench.write("a.spec.ts", "test");
    bench.ui_timeout_ms = 200;
    bench.pretend_npx("exec sleep 600");
    let seen = run(&bench, "a.spec.ts").await;
    assert!(
        matches!(&seen.outcome, Outcome::Unverified { why, .. } if why.contains("did not end within 200 ms")),
        "{seen:?}"
    );
}

/// `.ci/run` prepares a folder with `@playwright/test` and names it in `SNIPARA_TEST_PLAYWRIGHT`; without it the
/// missing runner is what there is to show.
#[tokio::test]
async fn a01_the_real_playwright_judges_production() {
    let production = Production::start().await;
    production.answer("/", Answer::html(200, "<title>Shop</title><h1>Welcome</h1>"));
    let bench = Bench::new(Actor::Caller, &production.url());
    let root = bench.repository();
    bench.write("package.json", "{}");
    bench.write(
        "playwright.config.js",
        "module.exports = { testDir: 'e2e', use: { browserName: 'chromium', launchOptions: \
         { executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] } } };",
    );
    let spec = |heading: &str| {
        format!(
            "const {{ test, expect }} = require('@playwright/test');\n\
             test('welcomes', async ({{ page }}) => {{ await page.goto('{}'); \
             await expect(page.locator('h1')).toHaveText('{heading}', {{ timeout: 2000 }}); }});",
            production.url()
        )
    };
    // Names that a shell or a careless pattern would trip over.
    let (good, bad) = ("e2e/$(touch pwned) 'a+b'.spec.js", "e2e/bad.spec.js");
    bench.write(good, &spec("Welcome"));
    bench.write(bad, &spec("Goodbye"));
    bench.write("e2e/flaw.spec.js", "this is no JavaScript (");

    let Some(tools) = std::env::var_os("SNIPARA_TEST_PLAYWRIGHT") else {
        let seen = run(&bench, good).await;
        assert!(matches!(&seen.outcome, Outcome::Unverified { fix: Some(_), .. }), "{seen:?}");
        return;
    };
    std::os::unix::fs::symlink(Path::new(&tools).join("node_modules"), root.join("node_modules")).expect("linked");
    let seen = run(&bench, good).await;
    assert_eq!(seen.outcome, Outcome::Passed, "{seen:?}");
    assert!(production.count("/") >= 1 && !root.join("pwned").exists());
    let seen = run(&bench, bad).await;
    assert!(matches!(&seen.outcome, Outcome::Failed { observed, .. } if observed.contains("1 failed")), "{seen:?}");
    let seen = run(&bench, "e2e/flaw.spec.js").await;
    assert!(matches!(&seen.outcome, Outcome::Failed { observed, .. } if observed.contains("SyntaxError")), "{seen:?}");
}
