//! Task reports for people: the status and its reasons.

use super::causes::Causes;
use super::paint::{Paint, duration, line, short_digest};
use crate::cli::arguments::PROGRAM;
use crate::domain::{Cause, TaskReport, TaskStatus, one_line, pluralize};

/// How many characters of a warning the end of a run shows.
const WARNING: usize = 100;

/// Shows the verdict on one line, with the first reason of an end that is not DONE. `--quiet` prints this line only, for
/// every status.
pub(crate) fn report_verdict(report: &TaskReport, paint: Paint) -> String {
    let said =
        if is_done(report) || report.status == TaskStatus::Pending { said(report) } else { first_reason(report) };
    verdict(report, said, paint)
}

/// Shows where a task stands, all of it: the verdict, the causes, drift, what was learned, warnings, and the next step.
/// Addresses of production are its paths.
pub(crate) fn report(report: &TaskReport, paint: Paint, production: Option<&str>) -> String {
    let causes = Causes::of(report);
    let mut text = begin(report, paint);
    reasons(&mut text, &causes, paint, production);
    bullets(&mut text, paint, "Drift not verified", &causes.unverified);
    bullets(&mut text, paint, "Context", &report.context);
    bullets(&mut text, paint, "Memories", &report.memories);
    bullets(&mut text, paint, "Warnings", &causes.warnings);
    end(&mut text, report, &causes, paint, production);
    text
}

/// Shows the end of a run, in short: the verdict, each cause, warnings on one line, and the next step. `task show` has all.
pub(crate) fn run_end(report: &TaskReport, paint: Paint, production: Option<&str>) -> String {
    let causes = Causes::of(report);
    let mut text = begin(report, paint);
    if !is_done(report) {
        reasons(&mut text, &causes, paint, production);
    }
    if let [first, rest @ ..] = causes.warnings.as_slice() {
        let id = paint.id(&report.task_id);
        let more = match rest.len() {
            0 => String::new(),
            more => format!(" (and {more} more: `{PROGRAM} task show {id}`)"),
        };
        text.push_str(&format!("  {} {}{more}\n", paint.warning("!"), one_line(first, WARNING)));
    }
    end(&mut text, report, &causes, paint, production);
    text
}

fn is_done(report: &TaskReport) -> bool {
    report.status == TaskStatus::Done && !report.running
}

/// The verdict, and one line of what can be counted.
fn begin(report: &TaskReport, paint: Paint) -> String {
    let mut text = verdict(report, said(report), paint);
    let proofs = report.proofs;
    let mut facts = format!("  {} ({} required)", pluralize(proofs.passing, "proof", "proofs"), proofs.required);
    for (count, word) in [(proofs.failing, "failed"), (proofs.unverified, "unverified")] {
        if count > 0 {
            facts.push_str(&format!(", {count} {word}"));
        }
    }
    let ledger = pluralize(report.ledger.entries, "entry", "entries");
    let head = short_digest(&report.ledger.head);
    text.push_str(&format!("{facts}; {}; ledger {ledger}, {head}\n", duration(report.duration_ms)));
    text
}

/// Each cause once: of checks and tests, of the gate, of drift.
fn reasons(text: &mut String, causes: &Causes<'_>, paint: Paint, production: Option<&str>) {
    if !causes.causes.is_empty() {
        text.push_str(&format!("{}\n", paint.strong("Not passed")));
    }
    for cause in &causes.causes {
        cause.show(text, paint, production);
    }
    bullets(text, paint, "The gate refuses", &causes.reasons);
    bullets(text, paint, "Drift", &causes.issues);
}

/// The next step, and the command that does it.
fn end(text: &mut String, report: &TaskReport, causes: &Causes<'_>, paint: Paint, production: Option<&str>) {
    let (step, command) = step_of_a_person(report, paint);
    let mut step = causes.taken_out_of(&step);
    if let Some(origin) = production {
        step = step.replace(&format!("`{}/", origin.trim_end_matches('/')), "`/");
    }
    if !step.is_empty() {
        text.push_str(&format!("{} {}\n", paint.strong("Next:"), line(&step)));
    }
    if let Some(command) = command {
        text.push_str(&format!("  $ {command}\n"));
    }
}

fn verdict(report: &TaskReport, said: Option<String>, paint: Paint) -> String {
    let status = report.status.as_str().to_uppercase();
    let coloured = match (report.status, report.cause) {
        _ if report.running => paint.warning(format!("… {status}")),
        (TaskStatus::Done, _) => paint.success(format!("✓ {status}")),
        (_, Some(Cause::Unverified | Cause::Cancelled | Cause::Interrupted)) => paint.warning(format!("? {status}")),
        (TaskStatus::LocalFail | TaskStatus::ProdFail | TaskStatus::EnvDrift, _) => paint.error(format!("✗ {status}")),
        _ => paint.warning(format!("? {status}")),
    };
    let mut text = format!("{coloured} {} ({}", line(&report.title), paint.id(&report.task_id));
    if report.attempt > 1 {
        text.push_str(&format!(", attempt {}", report.attempt));
    }
    match report.cause {
        Some(cause @ (Cause::Unverified | Cause::Cancelled | Cause::Interrupted)) => {
            text.push_str(&format!(", {}", cause.as_str()));
        }
        _ if report.running => text.push_str(", running"),
        _ => {}
    }
    text.push(')');
    if let Some(said) = said {
        text.push_str(&format!(": {}", line(&said)));
    }
    text.push('\n');
    text
}

/// Returns what the headline says after the status.
fn said(report: &TaskReport) -> Option<String> {
    if report.running {
        return None;
    }
    let said = report.headline.strip_prefix(&report.status.as_str().to_uppercase())?;
    Some(said.trim_start_matches([',', ':', ' ']).to_owned()).filter(|said| !said.is_empty())
}

/// Returns the next step in words for a person, and the command to type. A person has commands where a caller has tools.
fn step_of_a_person(report: &TaskReport, paint: Paint) -> (String, Option<String>) {
    let (full, id) = (&report.task_id, paint.id(&report.task_id));
    if report.running {
        return ("Wait for its end.".to_owned(), Some(format!("{PROGRAM} task show {id} --wait 60")));
    }
    if report.status == TaskStatus::Done {
        let stronger = report.assurance.as_ref().and_then(|assurance| assurance.weaknesses().into_iter().next());
        let stronger = stronger.map(|weakness| format!(" To make the next one stronger, {}.", weakness.fix));
        let step = format!("Report the task as done; its receipt is the evidence.{}", stronger.unwrap_or_default());
        return (step, Some(format!("{PROGRAM} proofs export --task {id}")));
    }
    let by_id = format!(" with task_id {full}");
    let command = report.next_step.contains(&by_id).then(|| format!("{PROGRAM} run --task {id}"));
    (report.next_step.replace(&by_id, ""), command)
}

pub(super) fn bullets(text: &mut String, paint: Paint, title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    text.push_str(&format!("{}\n", paint.strong(title)));
    for item in lines {
        text.push_str(&format!("  - {}\n", line(item)));
    }
}

/// Finds the first reason of an end that is not DONE.
fn first_reason(report: &TaskReport) -> Option<String> {
    if report.status == TaskStatus::Done || report.running {
        return None;
    }
    let drift = || report.drift.as_ref().and_then(|drift| drift.issues.first().cloned());
    let gate = || report.gate.as_ref().filter(|gate| !gate.passed).and_then(|gate| gate.reasons.first().cloned());
    let failing = || {
        report.failing.first().map(|failing| {
            let message = failing.error_message.as_deref().unwrap_or_default();
            let first = message.lines().next().unwrap_or_default();
            format!("{} {}: {first}", failing.check, failing.endpoint)
        })
    };
    if report.status == TaskStatus::EnvDrift { drift().or_else(gate) } else { gate().or_else(failing) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::render::samples;
    use crate::domain::{DriftSummary, FailingCheck, ProofResult};

    const PLAIN: Paint = Paint::new(false);
    const PRODUCTION: Option<&str> = Some("https://api.example.com");

    #[test]
    fn a16_a_refusal_says_what_was_expected_and_what_was_seen() {
        insta::assert_snapshot!(report(&samples::refused(), PLAIN, PRODUCTION), @"
        ✗ PROD_FAIL Deploy Auth Feature (task_0193aaaabbbbccccddddeeeeffff0001, attempt 2): a sample
          4 proofs (3 required), 1 failed; 812 ms; ledger 14 entries, sha256:abcd
        Not passed
          ✗ task_check_2 /api/auth/session: expected 200, got 401
        Drift not verified
          - schema: DATABASE_URL is not set (export it)
        Warnings
          - no local tests
        Next: Log in as the test user.
        ");
    }

    #[test]
    fn a17_every_end_has_its_result_panel() {
        for status in TaskStatus::ALL {
            let text = report(&samples::report(status, None), PLAIN, PRODUCTION);
            assert!(text.contains(&status.as_str().to_uppercase()) && text.contains("3 proofs (3 required)"), "{text}");
        }
        let drifted = TaskReport {
            drift: Some(DriftSummary {
                has_drift: true,
                issues: vec!["route /api/users answers 404".into()],
                unverified: Vec::new(),
            }),
            next_step: "Deploy the missing route.".into(),
            ..samples::report(TaskStatus::EnvDrift, Some(Cause::Drift))
        };
        insta::assert_snapshot!(report(&drifted, PLAIN, PRODUCTION), @"
        ✗ ENV_DRIFT Deploy Auth Feature (task_0193aaaabbbbccccddddeeeeffff0001): a sample
          3 proofs (3 required); 812 ms; ledger 14 entries, sha256:abcd
        Drift
          - route /api/users answers 404
        Next: Deploy the missing route.
        ");
    }

    #[test]
    fn a19_the_quiet_verdict_is_one_line_for_every_status() {
        let lines: Vec<String> = [
            samples::report(TaskStatus::Done, None),
            samples::report(TaskStatus::LocalFail, Some(Cause::Failed)),
            samples::refused(),
            samples::report(TaskStatus::ProdFail, Some(Cause::Unverified)),
            samples::report(TaskStatus::ProdFail, Some(Cause::Cancelled)),
            samples::report(TaskStatus::EnvDrift, Some(Cause::Drift)),
            TaskReport { running: true, ..samples::report(TaskStatus::Validating, None) },
        ]
        .iter()
        .map(|report| report_verdict(report, PLAIN))
        .collect();
        assert!(lines.iter().all(|line| line.lines().count() == 1 && line.ends_with('\n')));
        insta::assert_snapshot!(lines.concat(), @"
        ✓ DONE Deploy Auth Feature (task_0193aaaabbbbccccddddeeeeffff0001): a sample
        ✗ LOCAL_FAIL Deploy Auth Feature (task_0193aaaabbbbccccddddeeeeffff0001)
        ✗ PROD_FAIL Deploy Auth Feature (task_0193aaaabbbbccccddddeeeeffff0001, attempt 2): task_check_2 GET /api/auth/session: expected 200, got 401
        ? PROD_FAIL Deploy Auth Feature (task_0193aaaabbbbccccddddeeeeffff0001, unverified)
        ? PROD_FAIL Deploy Auth Feature (task_0193aaaabbbbccccddddeeeeffff0001, cancelled)
        ✗ ENV_DRIFT Deploy Auth Feature (task_0193aaaabbbbccccddddeeeeffff0001)
        … VALIDATING Deploy Auth Feature (task_0193aaaabbbbccccddddeeeeffff0001, running)
        ");
    }

    #[test]
    fn b10_a_failing_test_shows_the_end_of_both_streams() {
        let failed = TaskReport {
            failing: vec![FailingCheck {
                check: "local_test_1".into(),
                endpoint: "pytest".into(),
                result: ProofResult::Fail,
                response_code: None,
                exit_code: None,
                error_message: Some("expected exit code 0, got exit code 1\nstdout: 1 failed\nstderr: oh no".into()),
            }],
            ..samples::report(TaskStatus::LocalFail, Some(Cause::Failed))
        };
        let text = report(&failed, PLAIN, PRODUCTION);
        assert!(text.contains("      stdout: 1 failed\n      stderr: oh no\n"), "{text}");
    }

    #[test]
    fn a28_markup_and_control_sequences_stay_text() {
        let hostile = TaskReport {
            title: "[/red] <b>x</b> \u{1b}[2J\u{202e}evil\nline two".into(),
            failing: vec![FailingCheck {
                check: "local_test_1".into(),
                endpoint: "printf '[/bold]'".into(),
                result: ProofResult::Fail,
                response_code: None,
                exit_code: None,
                error_message: Some("[/nonsense] \u{1b}]0;title\u{7}\r\nnext".into()),
            }],
            next_step: "\u{1b}[31mred".into(),
            ..samples::report(TaskStatus::LocalFail, Some(Cause::Failed))
        };
        let text = report(&hostile, PLAIN, PRODUCTION);
        assert!(text.chars().all(|character| character == '\n' || !character.is_control()), "{text:?}");
        assert!(!text.contains('\u{202e}'));
        assert!(text.starts_with("✗ LOCAL_FAIL [/red] <b>x</b> \u{fffd}[2J\u{fffd}evil line two ("), "{text}");
        assert!(text.contains("[/nonsense] \u{fffd}]0;title\u{fffd}"), "{text}");
    }

    #[test]
    fn the_end_of_a_green_run_is_four_lines_and_one_for_all_warnings() {
        let done = samples::report(TaskStatus::Done, None);
        assert_eq!(run_end(&done, PLAIN, PRODUCTION).lines().count(), 4);
        let warned = TaskReport { warnings: vec!["one".into(), "two".into(), "three".into()], ..done };
        let text = run_end(&warned, PLAIN, PRODUCTION);
        assert_eq!(text.lines().count(), 5, "{text}");
        assert!(text.contains("  ! one (and 2 more: `snipara-orchestrator task show task_0193"), "{text}");
        assert!(report(&warned, PLAIN, PRODUCTION).contains("  - three\n"));
    }

    #[test]
    fn colours_wrap_our_words_only() {
        let text = report_verdict(&samples::report(TaskStatus::Done, None), Paint::new(true));
        assert!(text.starts_with('\u{1b}') && text.contains("✓ DONE\u{1b}[0m Deploy"), "{text:?}");
    }
}
