use serde_json::{Value, json};

use crate::domain::{
    BuildIdentity, CheckAttempt, DriftAnswer, DriftCheck, DriftKind, ItemSource, LiveCheck, ProofKind,
};

use super::*;

fn proof(body: Value) -> Proof {
    let at = Timestamp::from_micros(1_700_000_000_000_000);
    Proof {
        endpoint: "https://api.example.com/api/users".to_owned(),
        user_tested: "anonymous".to_owned(),
        result: ProofResult::Fail,
        timestamp: at,
        response_code: Some(500),
        response_body: Some(body),
        response_digest: Some("ab".repeat(32)),
        response_bytes: Some(4096),
        html: true,
        error_message: Some("expected 200, got 500".to_owned()),
        check: "endpoint".to_owned(),
        method: Some("GET".to_owned()),
        kind: ProofKind::Live,
        required: false,
        counts: false,
        attempts: vec![CheckAttempt {
            at,
            result: ProofResult::Fail,
            response_code: Some(500),
            error_message: None,
            duration_ms: 3,
        }],
        duration_ms: 3,
        task_id: None,
        attempt: None,
        commit: Some(BuildIdentity { head: "c".repeat(40), dirty: false }),
        criteria_digest: None,
        config_digest: Some(format!("sha256:{}", "d".repeat(64))),
        seq: Some(12),
        hash: Some(format!("sha256:{}", "e".repeat(64))),
    }
}

fn drift(answers: Vec<DriftAnswer>) -> DriftReport {
    let check = |(index, answer)| DriftCheck {
        kind: DriftKind::Route,
        subject: format!("/route/{index}"),
        url: None,
        route: None,
        response_code: None,
        answer,
        explicit: true,
    };
    DriftReport {
        checks: answers.into_iter().enumerate().map(check).collect(),
        checked_at: Timestamp::from_micros(1_700_000_000_000_000),
    }
}

fn tokens(text: &str) -> usize {
    tiktoken_rs::o200k_base_singleton().encode_ordinary(text).len()
}

#[test]
fn a_proof_stays_small_and_its_long_body_lies_behind_the_link() {
    let answer = EndpointProof::answer(proof(json!({"trace": "x y z ".repeat(600)})));
    let output = serde_json::to_value(&answer.output).expect("json");
    assert_eq!(output.get("response_body"), None);
    assert_eq!(output["more"], "response_body: read resource proof://12");
    assert_eq!(answer.links.len(), 1);
    assert!(tokens(&output.to_string()) <= 400 && tokens(&answer.text) <= 400, "{output}");
}

#[test]
fn a_proof_says_what_was_expected_and_what_was_observed_in_both_forms() {
    let answer = EndpointProof::answer(proof(json!(["short"])));
    let output = serde_json::to_value(&answer.output).expect("json");
    assert_eq!(output["error_message"], "expected 200, got 500");
    assert_eq!(output["response_body"], json!(["short"]));
    for part in
        ["fail: GET https://api.example.com/api/users", "status 500", "expected 200, got 500", "body: [\"short\"]"]
    {
        assert!(answer.text.contains(part), "{part} in {}", answer.text);
    }
    assert!(answer.text.ends_with(&format!("next_step: {}", output["next_step"].as_str().expect("text"))));
}

#[test]
fn d02_nothing_checked_is_said_as_such() {
    let nothing = DriftAnswer::Unverified { why: "no answer".to_owned(), fix: "start it".to_owned() };
    for report in [drift(Vec::new()), drift(vec![nothing])] {
        let answer = Drift::answer(&report);
        assert!(answer.text.starts_with("nothing was checked"), "{}", answer.text);
        assert!(!answer.output.has_drift && answer.output.checked.is_empty());
        assert!(answer.output.next_step.starts_with("Nothing was checked"));
    }
    assert!(Drift::answer(&drift(vec![DriftAnswer::Clean])).text.starts_with("no drift found"));
}

#[test]
fn a_finding_gives_its_recommendation_as_the_next_step() {
    let found =
        DriftAnswer::Found { issue: "route /route/0: 404".to_owned(), recommendation: "Deploy the route.".to_owned() };
    let answer = Drift::answer(&drift(vec![found]));
    assert!(answer.output.has_drift);
    assert_eq!(answer.output.next_step, "Deploy the route.");
    assert!(answer.text.contains("issue: route /route/0: 404"));
}

#[test]
fn a_long_drift_report_is_cut_and_says_so() {
    let answer = Drift::answer(&drift(vec![DriftAnswer::Clean; 100]));
    assert_eq!(answer.output.checked.len(), SHOWN_LINES);
    assert_eq!(answer.output.more.as_deref(), Some("80 more lines: ask for fewer routes at once"));
}

#[test]
fn a_checklist_shows_what_counts_and_what_is_missing() {
    let item = |index: usize| ChecklistItem {
        name: format!("task_check_{index}"),
        source: ItemSource::Task,
        required: true,
        counts: true,
        target: ChecklistTarget::Live(LiveCheck::get(format!("https://api.example.com/{index}")).into()),
    };
    let answer = Checklist::answer(CutoverChecklist {
        task_id: None,
        items: vec![item(1), item(2)],
        required_proofs: 3,
        possible_proofs: 2,
        local_tests: vec!["cargo test".to_owned()],
        context: vec![DeploymentNote {
            file: "docs/deploy.md".to_owned(),
            lines: [3, 9],
            title: "Deploy > Rollback".to_owned(),
            excerpt: "Undo it when /2 answers 500.\u{1b}[31m".to_owned(),
            endpoint: Some("/2".to_owned()),
        }],
        warnings: vec!["deployment notes are missing".to_owned()],
    });
    assert!(answer.output.next_step.starts_with("Add 1 more distinct live check"));
    assert!(answer.text.contains("- task_check_2 (required, counts): GET https://api.example.com/2 → 200"));
    let note = "- note docs/deploy.md:3-9 Deploy > Rollback (/2): Undo it when /2 answers 500.\u{fffd}[31m";
    assert!(answer.text.contains(note) && answer.text.contains("warning: deployment notes"), "{}", answer.text);
    assert!(answer.links.is_empty());
    let id = TaskId::generate(Timestamp::from_micros(0));
    let answer = Checklist::answer(CutoverChecklist {
        task_id: Some(id.clone()),
        items: (0..50).map(item).collect(),
        required_proofs: 3,
        possible_proofs: 50,
        local_tests: Vec::new(),
        context: Vec::new(),
        warnings: Vec::new(),
    });
    assert_eq!(answer.output.items.len(), SHOWN_LINES);
    assert_eq!(answer.output.more, Some(format!("30 more items: read resource checklist://{id}")));
}

#[test]
fn an_agent_that_was_blocked_is_not_told_to_try_again() {
    let mut blocked = proof(json!({}));
    blocked.result = ProofResult::Unverified;
    blocked.error_message = Some("blocked by policy: example.com:80 is neither production nor …".to_owned());
    let answer = EndpointProof::answer(blocked);
    assert!(answer.output.next_step.contains("only a person"), "{}", answer.output.next_step);
    assert!(answer.text.ends_with(&answer.output.next_step), "{}", answer.text);
}
