//! Playwright's JSON report, and the verdict on it. Pure.
//!
//! Source of the format: `JSONReport` in `@playwright/test`'s `types/testReporter.d.ts`; recorded outputs of
//! version 1.65.1 in `tests/fixtures/playwright/`.

use std::collections::BTreeSet;
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
struct Test {
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

impl Report {
    /// Reads a report.
    pub(super) fn parse(json: &[u8]) -> Result<Self, ReportError> {
        Ok(serde_json::from_slice(json)?)
    }

    /// Returns every file that a suite or a test is reported from, absolute.
    pub(super) fn files(&self) -> BTreeSet<PathBuf> {
        let mut files = BTreeSet::new();
        let mut open: Vec<&Suite> = self.suites.iter().collect();
        while let Some(suite) = open.pop() {
            files.insert(self.config.root_dir.join(&suite.file));
            files.extend(suite.specs.iter().map(|spec| self.config.root_dir.join(&spec.file)));
            open.extend(&suite.suites);
        }
        files
    }

    /// Tells whether the configuration starts a server of its own, which then may have answered in production's place.
    pub(super) fn starts_a_server(&self) -> bool {
        self.config.web_server.is_some()
    }

    /// Returns the first error: of a test, with its title, or of the whole run.
    fn first_error(&self) -> Option<String> {
        let mut open: Vec<&Suite> = self.suites.iter().collect();
        while let Some(suite) = open.pop() {
            for spec in &suite.specs {
                let mut problems = spec.tests.iter().flat_map(|test| &test.results).flat_map(|result| &result.errors);
                if let Some(problem) = problems.next() {
                    return Some(format!("{}: {}", spec.title, without_colours(&problem.message)));
                }
            }
            open.extend(&suite.suites);
        }
        self.errors.first().map(|problem| without_colours(&problem.message))
    }
}

/// Judges a run: every test of exactly this spec passed at its first try, and Playwright says so by its exit code.
///
/// `files` are the report's files, with symbolic links resolved like `spec`.
pub(super) fn judge(report: &Report, files: &BTreeSet<PathBuf>, spec: &Path, exit_code: i32) -> Outcome {
    let Stats { expected, skipped, unexpected, flaky } = report.stats;
    let first_error = report.first_error();
    // Playwright has no error code for a browser that was never installed.
    if expected == 0 && first_error.as_deref().is_some_and(|error| error.contains("Executable doesn't exist")) {
        return Outcome::unverified("Playwright's browser is not installed", Some("npx playwright install"));
    }
    let because = first_error.map(|error| format!(" ({})", one_line(&error, 240))).unwrap_or_default();
    let wanted = "every test of the spec to pass";
    if files.iter().any(|file| file != spec) {
        return Outcome::failed("a report about the spec alone", format!("a report about {} files", files.len()));
    }
    if unexpected > 0 || skipped > 0 || flaky > 0 || !report.errors.is_empty() {
        let observed = format!("{expected} passed, {unexpected} failed, {skipped} skipped, {flaky} flaky{because}");
        return Outcome::failed(wanted, observed);
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
