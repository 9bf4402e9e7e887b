//! Drift reports for people.

use super::paint::{Paint, line};
use super::report::bullets;
use crate::domain::DriftReport;

/// Shows the verdict on one line.
pub(crate) fn drift_verdict(report: &DriftReport, paint: Paint) -> String {
    let (issues, unverified) = (report.issues(), report.unverified());
    if let Some(first) = issues.first() {
        let more = if issues.len() > 1 { format!(" (and {} more)", issues.len() - 1) } else { String::new() };
        return format!("{} {}{more}\n", paint.error("✗ drift:"), line(first));
    }
    if !report.checked_anything() {
        return format!("{}\n", paint.warning("? nothing was checked"));
    }
    let checked = report.checked().len();
    let rest = if unverified.is_empty() { String::new() } else { format!(", {} unverified", unverified.len()) };
    format!("{} ({checked} checked{rest})\n", paint.success("✓ no drift"))
}

/// Shows a whole drift report: the findings with their fixes, the comparisons that were not possible, and those that do
/// not apply here.
pub(crate) fn drift(report: &DriftReport, paint: Paint) -> String {
    let mut text = drift_verdict(report, paint);
    if !report.checked_anything() && report.unverified().is_empty() {
        text.push_str("  name a route with --route, or leave out --no-health and --no-schema\n");
    }
    for (title, lines) in [
        ("Found", report.issues()),
        ("To do", report.recommendations()),
        ("Not verified", report.unverified()),
        ("Not applicable", report.not_applicable()),
        ("Checked", report.checked()),
    ] {
        bullets(&mut text, paint, title, &lines);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{DriftAnswer, DriftCheck, DriftDocument, DriftKind, Timestamp};

    const PLAIN: Paint = Paint::new(false);

    fn check(kind: DriftKind, subject: &str, answer: DriftAnswer) -> DriftCheck {
        DriftCheck {
            kind,
            subject: subject.into(),
            url: None,
            route: None,
            response_code: None,
            answer,
            build: None,
            explicit: false,
        }
    }

    fn report(checks: Vec<DriftCheck>) -> DriftReport {
        DriftReport { checks, checked_at: Timestamp::from_micros(1_700_000_000_123_000) }
    }

    #[test]
    fn d03_what_was_not_compared_is_told() {
        let report = report(vec![
            check(DriftKind::Route, "/api/users", DriftAnswer::Clean),
            check(
                DriftKind::Route,
                "/api/auth",
                DriftAnswer::Found { issue: "/api/auth answers 404".into(), recommendation: "deploy it".into() },
            ),
            check(
                DriftKind::Schema,
                "",
                DriftAnswer::Unverified { why: "DATABASE_URL is not set".into(), fix: "set it".into() },
            ),
            check(DriftKind::Version, "", DriftAnswer::NotApplicable { why: "no version is offered".into() }),
        ]);
        insta::assert_snapshot!(drift(&report, PLAIN), @"
        ✗ drift: /api/auth answers 404
        Found
          - /api/auth answers 404
        To do
          - deploy it
        Not verified
          - schema: DATABASE_URL is not set (set it)
        Not applicable
          - version: no version is offered
        Checked
          - route /api/users
          - route /api/auth
        ");
        insta::assert_json_snapshot!(DriftDocument::from(&report), @r#"
        {
          "has_drift": true,
          "issues": [
            "/api/auth answers 404"
          ],
          "recommendations": [
            "deploy it"
          ],
          "unverified": [
            "schema: DATABASE_URL is not set (set it)"
          ],
          "not_applicable": [
            "version: no version is offered"
          ],
          "checked": [
            "route /api/users",
            "route /api/auth"
          ],
          "checked_at": "2023-11-14T22:13:20.123Z"
        }
        "#);
    }

    #[test]
    fn d02_nothing_checked_is_not_no_drift() {
        assert_eq!(drift_verdict(&report(Vec::new()), PLAIN), "? nothing was checked\n");
        let clean = report(vec![check(DriftKind::Health, "", DriftAnswer::Clean)]);
        assert_eq!(drift_verdict(&clean, PLAIN), "✓ no drift (1 checked)\n");
    }
}
