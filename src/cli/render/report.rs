//! Task reports for people: the status and its reasons.

use super::paint::{Paint, duration, indented, line};
use crate::domain::{Cause, ProofResult, TaskReport, TaskStatus, pluralize};

/// Shows the verdict on one line. `--quiet` prints this line only, for every status.
pub(crate) fn report_verdict(report: &TaskReport, paint: Paint) -> String {
    let status = report.status.as_str().to_uppercase();
    let coloured = match (report.status, report.cause) {
        _ if report.running => paint.warning(format!("… {status}")),
        (TaskStatus::Done, _) => paint.success(format!("✓ {status}")),
        (_, Some(Cause::Unverified | Cause::Cancelled | Cause::Interrupted)) => paint.warning(format!("? {status}")),
        (TaskStatus::LocalFail | TaskStatus::ProdFail | TaskStatus::EnvDrift, _) => paint.error(format!("✗ {status}")),
        _ => paint.warning(format!("? {status}")),
    };
    let mut text = format!("{coloured} {} ({}", line(&report.title), report.task_id);
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
    let said = match report.headline.strip_prefix("DONE") {
        Some(rest) if report.status == TaskStatus::Done => Some(rest.trim_start_matches([',', ':', ' ']).to_owned()),
        None if report.status == TaskStatus::Pending => {
            report.headline.split_once(": ").map(|(_, said)| said.to_owned())
        }
        _ => first_reason(report),
    };
    if let Some(said) = said {
        text.push_str(&format!(": {}", line(&said)));
    }
    text.push('\n');
    text
}

/// Shows a whole report: the verdict, the checks that did not pass and why, drift, warnings, and the next step.
pub(crate) fn report(report: &TaskReport, paint: Paint) -> String {
    let mut text = report_verdict(report, paint);
    let proofs = report.proofs;
    text.push_str(&format!("  proofs   {} of {} required pass", proofs.passing, proofs.required));
    for (count, word) in [(proofs.failing, "failed"), (proofs.unverified, "unverified")] {
        if count > 0 {
            text.push_str(&format!(", {count} {word}"));
        }
    }
    text.push('\n');
    text.push_str(&format!("  time     {}\n", duration(report.duration_ms)));
    text.push_str(&format!(
        "  ledger   {}, head {}\n",
        pluralize(report.ledger.entries, "entry", "entries"),
        line(&report.ledger.head)
    ));
    if !report.failing.is_empty() {
        text.push_str(&format!("{}\n", paint.strong("Not passed")));
        for failing in &report.failing {
            let mark = paint.mark(failing.result);
            text.push_str(&format!("  {mark} {} {}", line(&failing.check), line(&failing.endpoint)));
            let message = failing.error_message.as_deref().unwrap_or_default();
            match (failing.response_code, failing.result) {
                (Some(code), _) if !message.contains(&code.to_string()) => text.push_str(&format!(" (got {code})")),
                (None, ProofResult::Unverified) if message.is_empty() => text.push_str(" (no answer was observed)"),
                _ => {}
            }
            text.push('\n');
            indented(&mut text, message, "      ");
        }
    }
    bullets(&mut text, paint, "The gate refuses", &untold_reasons(report));
    if let Some(drift) = &report.drift {
        bullets(&mut text, paint, "Drift", &drift.issues);
        bullets(&mut text, paint, "Drift not verified", &drift.unverified);
    }
    bullets(&mut text, paint, "Context", &report.context);
    bullets(&mut text, paint, "Memories", &report.memories);
    bullets(&mut text, paint, "Warnings", &report.warnings);
    let (step, command) = step_of_a_person(report);
    if !step.is_empty() {
        text.push_str(&format!("{} {}\n", paint.strong("Next:"), line(&step)));
    }
    if let Some(command) = command {
        text.push_str(&format!("  $ {command}\n"));
    }
    text
}

/// Returns the gate's reasons that no row above shows already.
fn untold_reasons(report: &TaskReport) -> Vec<String> {
    let Some(gate) = report.gate.as_ref().filter(|gate| !gate.passed) else { return Vec::new() };
    let issues = report.drift.as_ref().map(|drift| drift.issues.as_slice()).unwrap_or_default();
    let told = |reason: &String| {
        issues.contains(reason)
            || report.failing.iter().any(|row| {
                reason.strip_prefix(row.check.as_str()).is_some_and(|rest| rest.starts_with(' '))
                    && row.error_message.as_ref().is_some_and(|message| reason.ends_with(message.as_str()))
            })
    };
    gate.reasons.iter().filter(|reason| !told(reason)).cloned().collect()
}

/// Returns the next step in words for a person, and the command to type. A person has commands where a caller has tools.
fn step_of_a_person(report: &TaskReport) -> (String, Option<String>) {
    let id = &report.task_id;
    let program = "snipara-orchestrator";
    if report.running {
        return ("Wait for its end.".to_owned(), Some(format!("{program} task show {id} --wait 60")));
    }
    if report.status == TaskStatus::Done {
        let stronger = report.assurance.as_ref().and_then(|assurance| assurance.weaknesses().into_iter().next());
        let stronger = stronger.map(|weakness| format!(" To make the next one stronger, {}.", weakness.fix));
        let step = format!("Report the task as done; its receipt is the evidence.{}", stronger.unwrap_or_default());
        return (step, Some(format!("{program} proofs export --task {id}")));
    }
    let by_id = format!(" with task_id {id}");
    let command = report.next_step.contains(&by_id).then(|| format!("{program} run --task {id}"));
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
    use crate::domain::{DriftSummary, FailingCheck};

    const PLAIN: Paint = Paint::new(false);

    #[test]
    fn a16_a_refusal_says_what_was_expected_and_what_was_seen() {
        insta::assert_snapshot!(report(&samples::refused(), PLAIN), @"
        ✗ PROD_FAIL Deploy Auth Feature (task_0193aaaabbbbccccddddeeeeffff0001, attempt 2): task_check_2 GET /api/auth/session: expected 200, got 401
          proofs   4 of 3 required pass, 1 failed
          time     812 ms
          ledger   14 entries, head sha256:abcd
        Not passed
          ✗ task_check_2 https://api.example.com/api/auth/session
              expected 200, got 401
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
            let text = report(&samples::report(status, None), PLAIN);
            assert!(text.contains(&status.as_str().to_uppercase()) && text.contains("proofs   "), "{text}");
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
        insta::assert_snapshot!(report(&drifted, PLAIN), @"
        ✗ ENV_DRIFT Deploy Auth Feature (task_0193aaaabbbbccccddddeeeeffff0001): route /api/users answers 404
          proofs   3 of 3 required pass
          time     812 ms
          ledger   14 entries, head sha256:abcd
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
        let text = report(&failed, PLAIN);
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
        let text = report(&hostile, PLAIN);
        assert!(text.chars().all(|character| character == '\n' || !character.is_control()), "{text:?}");
        assert!(!text.contains('\u{202e}'));
        assert!(text.starts_with("✗ LOCAL_FAIL [/red] <b>x</b> \u{fffd}[2J\u{fffd}evil line two ("), "{text}");
        assert!(text.contains("[/nonsense] \u{fffd}]0;title\u{fffd}"), "{text}");
    }

    #[test]
    fn colours_wrap_our_words_only() {
        let text = report_verdict(&samples::report(TaskStatus::Done, None), Paint::new(true));
        assert!(text.starts_with('\u{1b}') && text.contains("✓ DONE\u{1b}[0m Deploy"), "{text:?}");
    }
}
