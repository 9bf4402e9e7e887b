//! Why a run did not pass: each cause once, with all that it kept from passing. Pure.

use super::paint::{Paint, indented, line, relative};
use crate::domain::{FailingCheck, ProofResult, TaskReport, one_line, pluralize};

/// How many places of one cause are named.
const NAMED: usize = 4;
/// From which length on a text is looked for in others: a shorter one says too little to be the same cause.
const TELLING: usize = 12;

/// One cause, and what it kept from passing.
pub(super) struct FailureCause<'a> {
    result: ProofResult,
    /// The cause on one line.
    text: String,
    /// What stands below it: the end of a command's output.
    below: &'a str,
    rows: Vec<&'a FailingCheck>,
    /// Comparisons of the drift check that say the same.
    comparisons: usize,
    /// Warnings that say the same.
    warnings: usize,
}

impl<'a> FailureCause<'a> {
    fn of(row: &'a FailingCheck) -> Self {
        let message = row.error_message.as_deref().unwrap_or_default();
        let (first, below) = message.split_once('\n').unwrap_or((message, ""));
        let text = match (row.response_code, row.result) {
            _ if !first.is_empty() => line(first),
            (Some(code), _) => format!("got {code}"),
            _ => "no answer was observed".to_owned(),
        };
        Self { result: row.result, text, below, rows: vec![row], comparisons: 0, warnings: 0 }
    }

    /// Tells whether a line says this cause, too.
    fn is_said_by(&self, other: &str) -> bool {
        self.text.len() >= TELLING && line(other).contains(&self.text)
    }

    /// Shows it: a single check on one line, several below their cause with their number.
    pub(super) fn show(&self, into: &mut String, paint: Paint, production: Option<&str>) {
        let mark = paint.mark(self.result);
        let others = [
            pluralize(self.rows.len(), "check", "checks"),
            pluralize(self.comparisons, "comparison", "comparisons"),
            pluralize(self.warnings, "warning", "warnings"),
        ];
        let others = others.into_iter().zip([self.rows.len(), self.comparisons, self.warnings]);
        let counts: Vec<String> = others.filter(|(_, count)| *count > 0).map(|(said, _)| said).collect();
        let place = |row: &FailingCheck| relative(&row.endpoint, production);
        match self.rows.as_slice() {
            [row] => {
                let more = if counts.len() > 1 { format!(" ({})", counts.join(", ")) } else { String::new() };
                into.push_str(&format!("  {mark} {} {}: {}{more}\n", line(&row.check), place(row), self.text));
            }
            rows => {
                into.push_str(&format!("  {mark} {}: {}\n", self.text, counts.join(", ")));
                let mut places: Vec<String> = rows.iter().take(NAMED).map(|row| place(row)).collect();
                if rows.len() > NAMED {
                    places.push(format!("and {} more", rows.len() - NAMED));
                }
                into.push_str(&format!("      {}\n", paint.dim(places.join(", "))));
            }
        }
        indented(into, self.below, "      ");
    }
}

/// What is left to tell of a report beside its causes.
pub(super) struct Causes<'a> {
    /// The causes, in the order of the report.
    pub(super) causes: Vec<FailureCause<'a>>,
    /// What differs between the repository and production.
    pub(super) issues: Vec<String>,
    /// The gate's other reasons.
    pub(super) reasons: Vec<String>,
    /// What else could not be compared.
    pub(super) unverified: Vec<String>,
    /// The other warnings.
    pub(super) warnings: Vec<String>,
}

impl<'a> Causes<'a> {
    /// Finds each cause of a report once.
    pub(super) fn of(report: &'a TaskReport) -> Self {
        let mut causes: Vec<FailureCause<'a>> = Vec::new();
        let drift = report.drift.as_ref();
        let issues = drift.map(|drift| drift.issues.as_slice()).unwrap_or_default();
        // What differs says of these routes what is wrong with them.
        let differs = |row: &&FailingCheck| {
            let path = url::Url::parse(&row.endpoint).map(|url| url.path().to_owned()).unwrap_or_default();
            issues.iter().any(|issue| route_of(issue).is_some_and(|(route, _)| route == path))
        };
        for row in report.failing.iter().filter(|row| !differs(row)) {
            let cause = FailureCause::of(row);
            let same = causes.iter_mut().find(|other| {
                (other.result, other.below.is_empty()) == (cause.result, true)
                    && cause.below.is_empty()
                    && other.text == cause.text
            });
            match same {
                Some(same) => same.rows.push(row),
                None => causes.push(cause),
            }
        }
        let unverified = drift.map(|drift| drift.unverified.as_slice()).unwrap_or_default();
        let unverified = untold(unverified, &mut causes, |cause| cause.comparisons += 1);
        let warnings = untold(&report.warnings, &mut causes, |cause| cause.warnings += 1);
        let refused = report.gate.as_ref().filter(|gate| !gate.passed);
        let reasons = refused.map(|gate| gate.reasons.as_slice()).unwrap_or_default().iter();
        let is_told = |reason: &String| {
            issues.contains(reason)
                || causes.iter().any(|cause| {
                    let names = |row: &&FailingCheck| reason.starts_with(&format!("{} ", row.check));
                    cause.is_said_by(reason) || (cause.rows.iter().any(names) && reason.ends_with(&cause.text))
                })
        };
        let differing = |reason: &String| {
            report.failing.iter().filter(differs).any(|row| reason.starts_with(&format!("{} ", row.check)))
        };
        let reasons = reasons.filter(|reason| !is_told(reason) && !differing(reason)).cloned().collect();
        Self { causes, issues: counted(issues), reasons, unverified, warnings }
    }

    /// Takes the causes out of a sentence that quotes them in brackets: they stand above.
    pub(super) fn taken_out_of(&self, sentence: &str) -> String {
        const QUOTE: usize = 160;
        let quotes = self.causes.iter().map(|cause| format!(" ({})", one_line(&cause.text, QUOTE)));
        quotes.fold(sentence.to_owned(), |sentence, quote| sentence.replace(&quote, ""))
    }
}

/// Returns the route of a finding, and what is wrong with it: `route /api/users answers 404`.
fn route_of(issue: &str) -> Option<(&str, &str)> {
    issue.strip_prefix("route ")?.split_once(' ')
}

/// Tells what is wrong with several routes once.
fn counted(issues: &[String]) -> Vec<String> {
    let wrong = |issue: &str| route_of(issue).map(|(_, wrong)| wrong.to_owned());
    let mut told: Vec<String> = Vec::new();
    for (index, issue) in issues.iter().enumerate() {
        let Some(what) = wrong(issue) else {
            told.push(issue.clone());
            continue;
        };
        let is_same = |other: &&String| wrong(other).as_ref() == Some(&what);
        if issues.iter().take(index).any(|before| is_same(&before)) {
            continue;
        }
        let routes: Vec<&str> = issues.iter().filter(is_same).filter_map(|same| Some(route_of(same)?.0)).collect();
        match routes.as_slice() {
            [_] => told.push(issue.clone()),
            several => {
                let named = several.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
                let more = several.len().saturating_sub(NAMED);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                told.push(format!("routes {named}{more}: each {what}"));
            }
        }
    }
    told
}

/// Returns the lines that say no cause, and counts the others.
fn untold(lines: &[String], causes: &mut [FailureCause<'_>], count: impl Fn(&mut FailureCause<'_>)) -> Vec<String> {
    let mut left = Vec::new();
    for said in lines {
        match causes.iter_mut().find(|cause| cause.is_said_by(said)) {
            Some(cause) => count(cause),
            None => left.push(said.clone()),
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::render::samples;
    use crate::domain::{DriftSummary, GateName, GateSummary, TaskStatus};

    fn row(check: u32, message: &str) -> FailingCheck {
        FailingCheck {
            check: format!("task_check_{check}"),
            endpoint: format!("https://api.example.com/{check}"),
            result: ProofResult::Unverified,
            response_code: None,
            exit_code: None,
            error_message: Some(message.into()),
        }
    }

    fn shown(report: &TaskReport) -> String {
        let causes = Causes::of(report);
        let mut text = String::new();
        for cause in &causes.causes {
            cause.show(&mut text, Paint::new(false), Some("https://api.example.com"));
        }
        for left in [&causes.reasons, &causes.unverified, &causes.warnings].into_iter().flatten() {
            text.push_str(&format!("- {left}\n"));
        }
        text
    }

    #[test]
    fn a_repeated_cause_is_told_once_with_all_that_it_kept_from_passing() {
        const DOWN: &str = "connection refused by api.example.com:443";
        let mut failing: Vec<FailingCheck> = (1..=9).map(|check| row(check, DOWN)).collect();
        failing.push(row(10, "expected 2xx, got 404"));
        let report = TaskReport {
            gate: Some(GateSummary {
                name: GateName::ValidationToProd,
                passed: false,
                reasons: vec![format!("task_check_1 GET /1: {DOWN}"), "0 distinct proofs, 3 required".into()],
            }),
            drift: Some(DriftSummary {
                has_drift: false,
                issues: Vec::new(),
                unverified: vec![format!("health: {DOWN} (start it)"), "schema: DATABASE_URL is not set".into()],
            }),
            failing,
            warnings: vec![format!("root_path (optional): {DOWN}"), "no local tests".into()],
            ..samples::report(TaskStatus::ProdFail, None)
        };
        insta::assert_snapshot!(shown(&report), @"
          ? connection refused by api.example.com:443: 9 checks, 1 comparison, 1 warning
              /1, /2, /3, /4, and 5 more
          ? task_check_10 /10: expected 2xx, got 404
        - 0 distinct proofs, 3 required
        - schema: DATABASE_URL is not set
        - no local tests
        ");
        let step = format!("Make task_check_1 observable ({DOWN}), then run it again.");
        assert_eq!(Causes::of(&report).taken_out_of(&step), "Make task_check_1 observable, then run it again.");
    }

    #[test]
    fn what_differs_says_once_what_is_wrong_with_its_routes() {
        let issue = |path: &str| format!("route {path} is broken in production: 500 (server error)");
        let report = TaskReport {
            failing: vec![row(1, "expected 2xx, got 500"), row(2, "expected 2xx, got 500")],
            drift: Some(DriftSummary {
                has_drift: true,
                issues: vec![issue("/1"), "version: behind by 2".into(), issue("/2")],
                unverified: Vec::new(),
            }),
            ..samples::report(TaskStatus::EnvDrift, None)
        };
        let causes = Causes::of(&report);
        assert!(causes.causes.is_empty(), "told as drift");
        let told = ["routes /1, /2: each is broken in production: 500 (server error)", "version: behind by 2"];
        assert_eq!(causes.issues, told);
    }

    #[test]
    fn two_commands_that_end_alike_are_two_causes_with_their_outputs() {
        let failed =
            |check: u32, output: &str| row(check, &format!("expected exit code 0, got exit code 1\nstdout: {output}"));
        let report = TaskReport {
            failing: vec![failed(1, "one"), failed(2, "two")],
            ..samples::report(TaskStatus::LocalFail, None)
        };
        let text = shown(&report);
        assert!(text.contains("      stdout: one\n") && text.contains("      stdout: two\n"), "{text}");
    }
}
