use crate::domain::{
    Cause, DriftSummary, FailingCheck, GateName, GateSummary, LedgerSummary, ProofCounts, ProofResult, TaskId,
    TaskStatus, Timestamp,
};

use super::*;

fn report() -> TaskReport {
    TaskReport {
        task_id: TaskId::generate(Timestamp::from_micros(1_700_000_000_000_000)),
        title: "Deploy the login".to_owned(),
        status: TaskStatus::ProdFail,
        cause: Some(Cause::Failed),
        attempt: 2,
        running: false,
        headline: String::new(),
        assurance: None,
        gate: Some(GateSummary {
            name: GateName::ValidationToProd,
            passed: false,
            reasons: vec!["task_check_2 GET /api/auth/session: expected 200, got 401".to_owned()],
        }),
        proofs: ProofCounts { required: 3, passing: 4, failing: 1, unverified: 0 },
        failing: vec![FailingCheck {
            check: "task_check_2".to_owned(),
            endpoint: "https://api.example.com/api/auth/session".to_owned(),
            result: ProofResult::Fail,
            response_code: Some(401),
            exit_code: None,
            error_message: Some("expected 200, got 401".to_owned()),
        }],
        drift: Some(DriftSummary {
            has_drift: false,
            issues: Vec::new(),
            unverified: vec!["schema: DATABASE_URL is not set".to_owned()],
        }),
        context: Vec::new(),
        memories: Vec::new(),
        warnings: Vec::new(),
        next_step: "Log in as the test user: set user to test@example.com on task_check_2 in a new task.".to_owned(),
        ledger: LedgerSummary { entries: 14, head: format!("sha256:{}", "0123456789abcdef".repeat(4)) },
        duration_ms: 812,
    }
}

/// A report whose every text is `text` and whose every list is long.
fn flooded(text: &str) -> TaskReport {
    let line = text.repeat(3000 / text.len());
    let mut report = report();
    report.title = line.clone();
    report.next_step = line.clone();
    report.warnings = vec![line.clone(); 50];
    report.context = vec![line.clone(); 2];
    report.memories = vec![line.clone(); 2];
    report.gate =
        Some(GateSummary { name: GateName::ValidationToProd, passed: false, reasons: vec![line.clone(); 50] });
    report.failing = (0..50)
        .map(|index| FailingCheck {
            check: format!("task_check_{index}"),
            endpoint: format!("https://api.example.com/{line}"),
            result: ProofResult::Fail,
            response_code: Some(500),
            exit_code: None,
            error_message: Some(line.clone()),
        })
        .collect();
    report.drift = Some(DriftSummary { has_drift: true, issues: vec![line.clone(); 50], unverified: vec![line; 50] });
    report.proofs = ProofCounts { required: 10_000, passing: 9_999, failing: 9_999, unverified: 9_999 };
    report.ledger.entries = 1_000_000_000;
    report.duration_ms = 100_000_000;
    report
}

fn tokens(text: &str) -> usize {
    tiktoken_rs::o200k_base_singleton().encode_ordinary(text).len()
}

/// Counts both forms as a client would hand them to a model, the links with the text.
fn counted(report: TaskReport) -> (usize, usize) {
    let answer = answer(&report);
    let mut output = serde_json::to_value(&answer.output).expect("structured");
    attribute(&mut output);
    let structured = output.to_string();
    let links = answer.links.iter().map(|link| {
        let (uri, name, description) = (&link.uri, link.name, link.description);
        let link = serde_json::json!({
            "type": "resource_link", "uri": uri, "name": name, "description": description, "mimeType": "application/json",
        });
        tokens(&link.to_string())
    });
    (tokens(&structured), tokens(&answer.text) + links.sum::<usize>())
}

#[test]
fn a_verdict_is_at_most_400_tokens_in_either_form_whatever_it_holds() {
    for text in [
        "expected 200, got 500 and then some more words ",
        "0f3a9c7e5b1d8264",
        "qzxjkvwpqzgh",
        "/api/v1/users?id=1&name=ä&",
        "本番環境の検査に失敗しました",
        "🦀🔥",
        "ᏣᎳᎩ བོད་",
        "\u{1F9FF}\u{10330}\u{1D11E}",
        "\"quoted\\path\"",
        "{}[]()<>|;:!@#$%^&*",
        "A1b2C3d4",
    ] {
        // An id costs as many tokens as chance gives it letters.
        for _ in 0..10 {
            let (structured, written) = counted(flooded(text));
            assert!(structured <= 400 && written <= 400, "{text}: {structured} structured, {written} text");
        }
    }
}

#[test]
fn an_ordinary_verdict_is_shown_whole_and_within_the_budget() {
    let (structured, written) = counted(report());
    assert!(structured <= 400 && written <= 400, "{structured} {written}");
    let whole = report();
    let answer = answer(&whole);
    assert_eq!(answer.output.report, each_thing_once(&whole));
    assert!(answer.output.more.is_none() && answer.links.is_empty());
}

#[test]
fn a29_what_the_project_knows_is_in_both_forms_within_the_budget() {
    // An id costs as many tokens as chance gives it letters: with any of them it must fit.
    for _ in 0..30 {
        let mut knowing = report();
        let line = "docs/deploy.md:10-24 Rollback: keep the old containers until the new ones answer";
        knowing.context = vec![line.to_owned(); 2];
        knowing.memories = vec!["learning: the login needs a session cookie that lives for an hour".to_owned(); 2];
        let (structured, written) = counted(knowing.clone());
        assert!(structured <= 400 && written <= 400, "{structured} {written}");
        let answer = answer(&knowing);
        let told = &answer.output.report;
        assert!(!told.context.is_empty() && !told.memories.is_empty(), "{told:#?}");
        for shown in told.context.iter().map(|line| format!("context: {line}")) {
            assert!(answer.text.contains(&shown), "{shown} in {}", answer.text);
        }
        for shown in told.memories.iter().map(|line| format!("memory: {line}")) {
            assert!(answer.text.contains(&shown), "{shown} in {}", answer.text);
        }
        assert_eq!(told.failing, knowing.failing, "what did not pass comes first");
    }
}

#[test]
fn both_forms_say_the_same() {
    for report in [report(), flooded("some words ")] {
        let answer = answer(&report);
        let structured = serde_json::to_value(&answer.output).expect("json");
        for field in ["status", "cause", "title", "task_id", "next_step"] {
            let value = structured[field].as_str().expect("text");
            assert!(answer.text.contains(value), "{field} {value} in {}", answer.text);
        }
        for row in structured["failing"].as_array().expect("rows") {
            assert!(answer.text.contains(row["endpoint"].as_str().expect("text")));
        }
        for reason in structured["gate"]["reasons"].as_array().expect("reasons") {
            assert!(answer.text.contains(reason.as_str().expect("text")));
        }
    }
}

#[test]
fn what_is_left_out_is_counted_and_linked() {
    let answer = answer(&flooded("words and words "));
    let rows = answer.output.report.failing.len();
    assert!((1..=3).contains(&rows));
    let more = answer.output.more.expect("more");
    assert!(
        more.starts_with(&format!("{} more failing rows", 50 - rows))
            && more.ends_with("read resource task://{task_id}"),
        "{more}"
    );
    assert_eq!(answer.links.len(), 1);
}

#[test]
fn a28_text_from_outside_is_shown_as_text() {
    let mut report = report();
    report.title = "[/bold]\u{1b}[31m\u{202e}x".to_owned();
    let answer = answer(&report);
    assert!(answer.text.contains("[/bold]") && !answer.text.contains('\u{1b}') && !answer.text.contains('\u{202e}'));
}

#[test]
fn a_line_of_usual_length_is_shown_whole_without_a_link() {
    let mut done = report();
    done.drift = Some(DriftSummary {
        has_drift: false,
        issues: Vec::new(),
        unverified: vec![
            "version: production answers no version at /version, /api/version, /_version (let one of them answer the \
             git commit, or set `version` (path, header) in the configuration)"
                .to_owned(),
        ],
    });
    let answer = answer(&done);
    assert_eq!(answer.output.more, None);
    assert!(answer.links.is_empty());
}

/// As Claude Code shows a verdict to its model: found by driving it (tests/clients/claude_code.py). Ids are random, and
/// some cost more tokens than others.
#[test]
fn the_next_step_and_the_failing_path_outlive_what_the_project_knows() {
    for moment in 0..40 {
        let mut refused = report();
        refused.task_id = TaskId::generate(Timestamp::from_micros(1_795_600_000_000_000 + moment));
        refused.next_step = format!(
            "Log in as a test user: set `user` on task_check_3 in a new task, or fix production (expected 200, got \
             401) and run it again with task_id {}.",
            refused.task_id
        );
        refused.failing[0].endpoint = format!("https://{}/api/cart", "a-long-name-of-a-production.".repeat(6));
        refused.warnings = vec!["no local tests".to_owned(), "what the project knows could not be asked".repeat(3)];
        refused.drift = Some(DriftSummary {
            has_drift: false,
            issues: Vec::new(),
            unverified: vec!["version: production answers no version at /version, /api/version, /_version".repeat(2)],
        });
        refused.context = vec!["README.md:1-3 Shop: The cart needs a login cookie from the gateway".repeat(2); 2];
        refused.memories = vec!["learning: the login needs a session cookie that lives for an hour".repeat(2); 2];
        let (structured, written) = counted(refused.clone());
        assert!(structured <= 400 && written <= 400, "{structured} {written}");
        let answer = answer(&refused);
        assert_eq!(answer.output.report.next_step, refused.next_step);
        let row = &answer.output.report.failing[0];
        assert_eq!(row.endpoint, "/api/cart");
        assert_eq!(row.error_message.as_deref(), Some("expected 200, got 401"));
    }
}

/// Found by a stranger: the warning that no build is known was dropped while notes were shown, and what could not be
/// looked at became "nothing".
#[test]
fn what_is_cut_is_counted_where_it_stood_and_notes_go_first() {
    let mut done = report();
    done.warnings = vec![
        "no local tests".to_owned(),
        "the report of the last run said otherwise and so on and so forth".to_owned(),
        "which build answered is not known: production names no version (let /version answer the git commit)"
            .to_owned(),
    ];
    done.context = vec!["README.md:1-3 Shop: The cart needs a login cookie from the gateway".repeat(2); 2];
    done.memories = vec!["learning: the login needs a session cookie that lives for an hour".repeat(2); 2];
    let told = answer(&done);
    assert!(told.text.contains("warning: which build answered is not known"), "{}", told.text);

    let flooded = answer(&flooded("words and words ")).output.report;
    let drift = flooded.drift.expect("drift");
    for list in [&drift.issues, &drift.unverified, &flooded.warnings] {
        let last = list.last().expect("a line");
        assert!(last.ends_with(" more") || last.ends_with(" not shown"), "{list:?}");
    }
}

#[test]
fn an_instruction_is_never_cut_within_an_id() {
    let id = "task_01a2115014a5711ba51bbf0c2eddee99";
    let step = format!("Make task_check_4 observable ({}), then run it again with task_id {id}.", "why ".repeat(60));
    for length in 10..400 {
        let shown = shorten_step(&step, id, length);
        assert!(shown.contains(id) || !shown.contains("task_0"), "{length}: {shown}");
        assert!(shown.chars().count() <= length.max(24), "{length}: {shown}");
    }
    assert!(shorten_step(&step, id, 120).ends_with(&format!(", then run it again with task_id {id}.")));
}
