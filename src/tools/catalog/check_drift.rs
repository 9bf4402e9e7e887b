//! `check_drift`: compares production with the repository.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::{DriftDocument, DriftQuery, DriftReport, Scope, one_line};
use crate::orchestrator::OrchestratorError;
use crate::tools::{CallContext, LINE, SHOWN_LINES, ToolAnswer, ToolCall, ToolSpec, Toolset};

/// Says what `check_drift` is.
pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: "check_drift",
        title: "Check for drift",
        description: "Compare production with the repository: routes, health, schema, version.",
        toolset: Toolset::Validate,
        default: true,
        scope: Scope::Validate,
        idempotent: true,
        open_world: true,
        ..ToolSpec::writing(ToolCall::of(call))
    }
}

async fn call(context: CallContext, query: DriftQuery) -> Result<ToolAnswer<Drift>, OrchestratorError> {
    let report = context.orchestrator.check_drift(query, &context.cancel).await?;
    Ok(Drift::answer(&report, context.orchestrator.setting_warnings()))
}

/// A drift report.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Drift {
    #[serde(flatten)]
    found: DriftDocument,
    /// Which settings wait for trust.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
    next_step: String,
    /// What was left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    more: Option<String>,
}

impl Drift {
    pub(super) fn answer(report: &DriftReport, warnings: &[String]) -> ToolAnswer<Self> {
        let next_step = if let Some(first) = report.recommendations().first() {
            one_line(first, LINE)
        } else if report.has_drift() {
            "Bring production and the repository together, then check again.".to_owned()
        } else if !report.checked_anything() {
            "Nothing was checked: give routes, or mend what is listed as unverified.".to_owned()
        } else {
            "Nothing differs: go on with run_task.".to_owned()
        };
        let mut found = DriftDocument::from(report);
        let mut left_out = 0;
        for lines in [
            &mut found.issues,
            &mut found.recommendations,
            &mut found.unverified,
            &mut found.not_applicable,
            &mut found.checked,
        ] {
            left_out += lines.len().saturating_sub(SHOWN_LINES);
            lines.truncate(SHOWN_LINES);
            lines.iter_mut().for_each(|line| *line = one_line(line, LINE));
        }
        let more = (left_out > 0).then(|| format!("{left_out} more lines: ask for fewer routes at once"));
        let verdict = match (found.has_drift, report.checked_anything()) {
            (true, _) => "drift found",
            (false, true) => "no drift found",
            (false, false) => "nothing was checked",
        };
        let mut text = vec![verdict.to_owned()];
        for (name, lines) in [
            ("issue", &found.issues),
            ("recommendation", &found.recommendations),
            ("unverified", &found.unverified),
            ("not applicable", &found.not_applicable),
            ("checked", &found.checked),
        ] {
            text.extend(lines.iter().map(|line| format!("> {name}: {line}")));
        }
        text.extend(warnings.iter().map(|line| format!("> warning: {line}")));
        text.extend(more.clone());
        text.push(format!("next_step: {next_step}"));
        let warnings = warnings.to_vec();
        ToolAnswer { text: text.join("\n"), output: Self { found, warnings, next_step, more }, links: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{DriftAnswer, DriftCheck, DriftKind, Timestamp};

    fn drift(answers: Vec<DriftAnswer>) -> DriftReport {
        let check = |(index, answer)| DriftCheck {
            kind: DriftKind::Route,
            subject: format!("/route/{index}"),
            url: None,
            route: None,
            response_code: None,
            answer,
            build: None,
            explicit: true,
        };
        DriftReport {
            checks: answers.into_iter().enumerate().map(check).collect(),
            checked_at: Timestamp::from_micros(1_700_000_000_000_000),
        }
    }

    #[test]
    fn d02_nothing_checked_is_said_as_such() {
        let nothing = DriftAnswer::Unverified { why: "no answer".to_owned(), fix: "start it".to_owned() };
        for report in [drift(Vec::new()), drift(vec![nothing])] {
            let answer = Drift::answer(&report, &[]);
            assert!(answer.text.starts_with("nothing was checked"), "{}", answer.text);
            assert!(!answer.output.found.has_drift && answer.output.found.checked.is_empty());
            assert!(answer.output.next_step.starts_with("Nothing was checked"));
        }
        assert!(Drift::answer(&drift(vec![DriftAnswer::Clean]), &[]).text.starts_with("no drift found"));
    }

    #[test]
    fn a_finding_gives_its_recommendation_as_the_next_step() {
        let found = DriftAnswer::Found {
            issue: "route /route/0: 404".to_owned(),
            recommendation: "Deploy the route.".to_owned(),
        };
        let answer = Drift::answer(&drift(vec![found]), &[]);
        assert!(answer.output.found.has_drift);
        assert_eq!(answer.output.next_step, "Deploy the route.");
        assert!(answer.text.contains("issue: route /route/0: 404"));
    }

    #[test]
    fn a_long_drift_report_is_cut_and_says_so() {
        let answer = Drift::answer(&drift(vec![DriftAnswer::Clean; 100]), &[]);
        assert_eq!(answer.output.found.checked.len(), SHOWN_LINES);
        assert_eq!(answer.output.more.as_deref(), Some("80 more lines: ask for fewer routes at once"));
    }
}
