//! The findings of `doctor`: what works here, and what is missing.

use serde::Serialize;

use super::paint::{Paint, line};

/// Whether something works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// It works.
    Works,
    /// It does not, or it is not there.
    Missing,
    /// There is nothing here that would need it.
    NotNeeded,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// What.
    pub(crate) name: String,
    /// Whether it works.
    pub(crate) state: State,
    /// Whether tasks cannot be run without it.
    pub(crate) needed: bool,
    /// The observation.
    pub(crate) detail: String,
    /// What to do. Empty when it works.
    pub(crate) fix: String,
}

/// The document of `doctor --json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct DoctorReport {
    /// Whether all that is needed works: a DONE is possible now.
    pub(crate) ok: bool,
    /// What to do for what is needed and missing, in this order.
    pub(crate) to_do: Vec<String>,
    /// Everything that was looked at.
    pub(crate) checks: Vec<Finding>,
}

impl DoctorReport {
    /// Puts findings together.
    pub(crate) fn new(checks: Vec<Finding>) -> Self {
        let lacking = checks.iter().filter(|check| check.needed && check.state == State::Missing);
        let to_do: Vec<String> = lacking.map(|check| check.fix.clone()).collect();
        Self { ok: to_do.is_empty(), to_do, checks }
    }
}

/// Shows what works and what is missing, with the fix for each.
pub(crate) fn doctor(report: &DoctorReport, paint: Paint, quiet: bool) -> String {
    let mut text = String::new();
    for check in report.checks.iter().filter(|_| !quiet) {
        let mark = match (check.state, check.needed) {
            (State::Works, _) => paint.success("✓"),
            (State::Missing, true) => paint.error("✗"),
            (State::Missing, false) => paint.warning("?"),
            (State::NotNeeded, _) => paint.dim("-"),
        };
        text.push_str(&format!("{mark} {:<14} {}\n", check.name, line(&check.detail)));
        if !check.fix.is_empty() {
            text.push_str(&format!("  {:<14} fix: {}\n", "", line(&check.fix)));
        }
    }
    if report.ok {
        text.push_str(&format!("{}\n", paint.success("✓ a DONE is possible now")));
    } else {
        let mut missing: Vec<&str> = report
            .checks
            .iter()
            .filter(|check| check.needed && check.state == State::Missing)
            .map(|check| check.name.as_str())
            .collect();
        missing.dedup();
        text.push_str(&format!(
            "{} {}\n",
            paint.error("✗ no DONE is possible yet; in this order:"),
            missing.join(", ")
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_missing_thing_has_its_fix_and_only_needed_ones_matter() {
        let finding = |name: &str, state, needed, fix: &str| Finding {
            name: name.into(),
            state,
            needed,
            detail: "what was seen".into(),
            fix: fix.into(),
        };
        let mut checks = vec![
            finding("git", State::Works, true, ""),
            finding("playwright", State::Missing, false, "npm install -D @playwright/test"),
            finding("prisma", State::NotNeeded, false, ""),
        ];
        assert!(DoctorReport::new(checks.clone()).ok);
        checks.push(finding("production", State::Missing, true, "set prod_url"));
        insta::assert_snapshot!(doctor(&DoctorReport::new(checks), Paint::new(false), false), @"
        ✓ git            what was seen
        ? playwright     what was seen
                         fix: npm install -D @playwright/test
        - prisma         what was seen
        ✗ production     what was seen
                         fix: set prod_url
        ✗ no DONE is possible yet; in this order: production
        ");
    }
}
