//! Playwright's JSON report, and the verdict on it. Pure.
//!
//! Source of the format: `JSONReport` in `@playwright/test`'s `types/testReporter.d.ts`; recorded outputs of
//! version 1.65.1 in `tests/fixtures/playwright/`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::domain::{Outcome, one_line};

/// The report is not what Playwright writes.
#[derive(Debug, thiserror::Error)]
#[error("Playwright's report cannot be read")]
pub(super) struct ReportError(#[from] serde_json::Error);

/// What a run of Playwright reported.
#[derive(Debug, Deserialize)]
pub(super) struct Report {
    config: ReportConfig,
    suites: Vec<Suite>,
    #[serde(default)]
    errors: Vec<TestError>,
    stats: Stats,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReportConfig {
    root_dir: PathBuf,
    /// The server that the configuration starts, if any.
    #[serde(default)]
    web_server: Option<serde_json::Value>,
}

#[derive(Debug, Deserialize)]
struct Suite {
    file: String,
    #[serde(default)]
    specs: Vec<Spec>,
    #[serde(default)]
    suites: Vec<Suite>,
}

#[derive(Debug, Deserialize)]
struct Spec {
    file: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    tests: Vec<Test>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Test {
    #[serde(default)]
    project_name: String,
    /// `expected`, `unexpected`, `flaky` or `skipped`.
    #[serde(default)]
    status: String,
    /// `failed` where the test says of itself that it fails (`test.fail()`), `skipped` where it does not run.
    #[serde(default)]
    expected_status: String,
    #[serde(default)]
    results: Vec<TestResult>,
}

#[derive(Debug, Deserialize)]
struct TestResult {
    #[serde(default)]
    errors: Vec<TestError>,
}

#[derive(Debug, Deserialize)]
struct TestError {
    #[serde(default)]
    message: String,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Stats {
    expected: u64,
    skipped: u64,
    unexpected: u64,
    flaky: u64,
}

/// Files, with the projects that their tests ran in.
pub(super) type FilesWithProjects = BTreeMap<PathBuf, BTreeSet<String>>;

impl Report {
    /// Reads a report.
    pub(super) fn parse(json: &[u8]) -> Result<Self, ReportError> {
        Ok(serde_json::from_slice(json)?)
    }

    /// Returns every file that a suite or a test is reported from, absolute, with the projects that its tests ran in.
    pub(super) fn files(&self) -> FilesWithProjects {
        let mut files = FilesWithProjects::new();
        for suite in self.all_suites() {
            files.entry(self.config.root_dir.join(&suite.file)).or_default();
            for spec in &suite.specs {
                let projects = files.entry(self.config.root_dir.join(&spec.file)).or_default();
                projects.extend(spec.tests.iter().map(|test| test.project_name.clone()));
            }
        }
        files
    }

    /// Counts the skipped tests that passed in another project: a test may say where it does not apply.
    fn skipped_in_some_projects(&self) -> u64 {
        let of = |spec: &Spec, status: &str| spec.tests.iter().filter(|test| test.status == status).count();
        let specs = self.all_suites().into_iter().flat_map(|suite| &suite.specs);
        let excused = specs.filter(|spec| of(spec, "expected") > 0).map(|spec| of(spec, "skipped"));
        excused.sum::<usize>() as u64
    }

    /// Counts the tests that count as expected because they failed.
    fn passed_by_failing(&self) -> usize {
        let tests = self.all_suites().into_iter().flat_map(|suite| &suite.specs).flat_map(|spec| &spec.tests);
        tests.filter(|test| test.status == "expected" && test.expected_status == "failed").count()
    }

    fn all_suites(&self) -> Vec<&Suite> {
        let (mut found, mut open) = (Vec::new(), self.suites.iter().collect::<Vec<_>>());
        while let Some(suite) = open.pop() {
            found.push(suite);
            open.extend(&suite.suites);
        }
        found
    }

    /// Tells whether the configuration starts a server of its own, which then may have answered in production's place.
    pub(super) fn starts_a_server(&self) -> bool {
        self.config.web_server.is_some()
    }

    /// Returns the first error: of a test, with its title, or of the whole run.
    fn first_error(&self) -> Option<String> {
        for spec in self.all_suites().into_iter().flat_map(|suite| &suite.specs) {
            let mut problems = spec.tests.iter().flat_map(|test| &test.results).flat_map(|result| &result.errors);
            if let Some(problem) = problems.next() {
                return Some(format!("{}: {}", spec.title, without_colours(&problem.message)));
            }
        }
        self.errors.first().map(|problem| without_colours(&problem.message))
    }
}

/// Judges a run: every test of exactly this spec passed at its first try, and Playwright says so by its exit code.
/// Files of other projects ran because the spec's projects depend on them (set-up, teardown), and have to pass, too.
///
/// `files` are the report's files, with symbolic links resolved like `spec`.
pub(super) fn judge(report: &Report, files: &FilesWithProjects, spec: &Path, exit_code: i32) -> Outcome {
    let Stats { expected, skipped, unexpected, flaky } = report.stats;
    let first_error = report.first_error();
    // Playwright has no error code for a browser that was never installed.
    if expected == 0 && first_error.as_deref().is_some_and(|error| error.contains("Executable doesn't exist")) {
        return Outcome::unverified("Playwright's browser is not installed", Some("npx playwright install"));
    }
    let because = first_error.map(|error| format!(" ({})", one_line(&error, 240))).unwrap_or_default();
    let wanted = "every test of the spec to pass";
    let own = files.get(spec).cloned().unwrap_or_default();
    let is_depended_on = |projects: &BTreeSet<String>| !projects.is_empty() && projects.is_disjoint(&own);
    if files.iter().any(|(file, projects)| file != spec && (own.is_empty() || !is_depended_on(projects))) {
        return Outcome::failed("a report about the spec alone", format!("a report about {} files", files.len()));
    }
    if unexpected > 0 || skipped > report.skipped_in_some_projects() || flaky > 0 || !report.errors.is_empty() {
        let observed = format!("{expected} passed, {unexpected} failed, {skipped} skipped, {flaky} flaky{because}");
        return Outcome::failed(wanted, observed);
    }
    let failing = report.passed_by_failing();
    if failing > 0 {
        return Outcome::failed(wanted, format!("{failing} that failed as test.fail() expects it{because}"));
    }
    if expected == 0 || files.is_empty() {
        return Outcome::failed("at least one test in the spec", "none");
    }
    if exit_code != 0 {
        return Outcome::failed("exit code 0", format!("exit code {exit_code}"));
    }
    Outcome::Passed
}

/// Takes out what colours a terminal (ECMA-48 §8.3.117, SGR).
fn without_colours(text: &str) -> String {
    let mut pieces = text.split("\u{1b}[");
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match piece.split_once('m') {
            Some((code, rest)) if code.chars().all(|digit| digit.is_ascii_digit() || digit == ';') => {
                plain.push_str(rest);
            }
            _ => plain.push_str(piece),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const PASSED: &str = include_str!("../../tests/fixtures/playwright/passed.json");
    const FAILED: &str = include_str!("../../tests/fixtures/playwright/failed.json");
    const BROKEN: &str = include_str!("../../tests/fixtures/playwright/broken.json");
    const NOTHING: &str = include_str!("../../tests/fixtures/playwright/nothing.json");
    const SPEC: &str = "/tmp/ob-playwright/e2e/good.spec.js";

    fn judged(json: &str, spec: &str, exit_code: i32) -> Outcome {
        let report = Report::parse(json.as_bytes()).expect("a report");
        judge(&report, &report.files(), Path::new(spec), exit_code)
    }

    fn with_stats(change: impl FnOnce(&mut Value)) -> Outcome {
        let mut report: Value = serde_json::from_str(PASSED).expect("json");
        change(&mut report);
        judged(&report.to_string(), SPEC, 0)
    }

    #[test]
    fn a01_a_real_passing_report_about_exactly_the_spec_passes() {
        assert_eq!(judged(PASSED, SPEC, 0), Outcome::Passed);
    }

    #[test]
    fn a01_real_failures_are_failures_with_their_reason() {
        let Outcome::Failed { observed, .. } = judged(FAILED, "/tmp/ob-playwright/e2e/bad.spec.js", 1) else {
            panic!("failed");
        };
        assert!(observed.starts_with("0 passed, 1 failed, 1 skipped, 0 flaky (fails: Error: expect("), "{observed}");
        assert!(!observed.contains('\u{1b}') && !observed.contains('\u{fffd}'), "{observed}");
        let Outcome::Failed { observed, .. } = judged(BROKEN, "/tmp/ob-playwright/e2e/broken.spec.js", 1) else {
            panic!("failed");
        };
        assert!(observed.contains("SyntaxError"), "{observed}");
        assert!(matches!(judged(NOTHING, SPEC, 1), Outcome::Failed { .. }));
    }

    #[test]
    fn a01_another_file_an_exit_code_or_a_number_that_is_off_is_no_pass() {
        assert!(matches!(judged(PASSED, "/tmp/ob-playwright/e2e/other.spec.js", 0), Outcome::Failed { .. }));
        assert!(matches!(judged(PASSED, SPEC, 1), Outcome::Failed { .. }));
        for number in ["unexpected", "skipped", "flaky"] {
            assert!(
                matches!(with_stats(|report| report["stats"][number] = json!(1)), Outcome::Failed { .. }),
                "{number}"
            );
        }
        assert!(matches!(with_stats(|report| report["stats"]["expected"] = json!(0)), Outcome::Failed { .. }));
        assert!(matches!(with_stats(|report| report["suites"] = json!([])), Outcome::Failed { .. }));
        assert!(matches!(with_stats(|report| report["errors"] = json!([{"message": "x"}])), Outcome::Failed { .. }));
        assert!(matches!(
            with_stats(|report| report["suites"][0]["suites"][0]["file"] = json!("other.spec.js")),
            Outcome::Failed { .. }
        ));
    }

    /// A report as 1.65.1 writes it: for each test its file, its project and its status.
    fn report_of(tests: &[(&str, &[(&str, &str)])]) -> Outcome {
        let count = |wanted: &str| tests.iter().flat_map(|(_, of)| *of).filter(|(_, status)| *status == wanted).count();
        let suites: Vec<Value> = tests
            .iter()
            .map(|(file, of)| {
                let of: Vec<Value> =
                    of.iter().map(|(project, status)| json!({"projectName": project, "status": status})).collect();
                json!({"file": file, "specs": [{"file": file, "title": "t", "tests": of}]})
            })
            .collect();
        let stats = json!({
            "expected": count("expected"), "skipped": count("skipped"), "unexpected": count("unexpected"), "flaky": 0
        });
        let report = json!({"config": {"rootDir": "/tmp/ob-playwright/e2e"}, "suites": suites, "stats": stats});
        judged(&report.to_string(), SPEC, 0)
    }

    #[test]
    fn projects_that_the_specs_project_depends_on_are_allowed_and_have_to_pass() {
        let spec = ("good.spec.js", [("main", "expected")]);
        let with = |other: (&str, [(&str, &str); 1])| report_of(&[(spec.0, &spec.1), (other.0, &other.1)]);
        assert_eq!(with(("auth.setup.js", [("setup", "expected")])), Outcome::Passed);
        assert!(matches!(with(("auth.setup.js", [("setup", "unexpected")])), Outcome::Failed { .. }));
        assert!(matches!(with(("auth.setup.js", [("setup", "skipped")])), Outcome::Failed { .. }));
        assert!(matches!(with(("other.spec.js", [("main", "expected")])), Outcome::Failed { .. }));
        assert!(matches!(report_of(&[("auth.setup.js", &[("setup", "expected")])]), Outcome::Failed { .. }));
    }

    #[test]
    fn a_test_that_passed_in_one_project_may_be_skipped_in_another() {
        let spec = |of: &[(&str, &str)]| report_of(&[("good.spec.js", of)]);
        assert_eq!(spec(&[("chromium", "expected"), ("webkit", "skipped")]), Outcome::Passed);
        assert!(matches!(spec(&[("chromium", "skipped"), ("webkit", "skipped")]), Outcome::Failed { .. }));
        let other_test_skipped: [(&str, &[(&str, &str)]); 2] =
            [("good.spec.js", &[("chromium", "expected")]), ("good.spec.js", &[("chromium", "skipped")])];
        assert!(matches!(report_of(&other_test_skipped), Outcome::Failed { .. }));
    }

    #[test]
    fn a_test_that_is_expected_to_fail_did_not_pass() {
        let outcome = with_stats(|report| {
            report["suites"][0]["specs"] = json!([{"file": "good.spec.js", "title": "t", "tests": [
                {"status": "expected", "expectedStatus": "failed", "results": [{"errors": [{"message": "no button"}]}]}
            ]}]);
        });
        let Outcome::Failed { observed, .. } = outcome else { panic!("{outcome:?}") };
        assert_eq!(observed, "1 that failed as test.fail() expects it (t: no button)");
    }

    #[test]
    fn a_browser_that_was_never_installed_is_unverified() {
        let outcome = with_stats(|report| {
            report["stats"] = json!({"expected": 0, "unexpected": 1, "skipped": 0, "flaky": 0});
            report["suites"][0]["specs"] = json!([{"file": "good.spec.js", "title": "t", "tests": [{"results": [
                {"errors": [{"message": "Error: browserType.launch: Executable doesn't exist at /x/chrome"}]}
            ]}]}]);
        });
        assert!(matches!(outcome, Outcome::Unverified { fix: Some(fix), .. } if fix == "npx playwright install"));
    }

    #[test]
    fn garbage_is_no_report() {
        for garbage in ["", "{}", "null", "[]", r#"{"suites": [], "stats": {"expected": 1}}"#] {
            assert!(Report::parse(garbage.as_bytes()).is_err(), "{garbage}");
        }
    }
}
