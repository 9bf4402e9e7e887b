//! What 0.1.0 wrote (format 1), one entry of each kind as its file has it, and what it is read as.

use serde_json::{Value, json};

use crate::domain::{Cause, ChecklistTarget, CommandEnd, DriftAnswer, ProofResult, TaskStatus};
use crate::ledger::fact::kinds::*;
use crate::ledger::fact::parts::REMOVED;
use crate::ledger::fact::stored::*;

const TASK_CREATED: &str = r#"{"criteria":{"live_checks":[{"expected_status":200,"method":"GET","timeout_ms":30000,
"url":"http://127.0.0.1:8765/api/users?page=1"},{"expected_status":200,"method":"GET","timeout_ms":30000,
"url":"http://127.0.0.1:8765/api/orders"},{"body":{"n":"9007199254740993","password":"[redacted]"},
"expected_status":200,"headers":{"authorization":"[redacted]"},"method":"POST","timeout_ms":30000,
"url":"http://127.0.0.1:8765/api/session"}],"local_tests":["echo hello"],"required_proofs":3,"ui_tests":[]},
"criteria_digest":"sha256:1f6ad3ee4fb4d35920e4e1b87cd3cf66e8b84f16b2b8c86045e8d2222572e07f",
"description":"with a token","title":"Deploy auth"}"#;

const RUN_STARTED: &str = r#"{"attempt":1,"commit":{"dirty":false,"head":"48f71a612458c93ab9fda911974eb27c1b83124c"},
"config_digest":"sha256:36a07cbc5bdf75f782974e2ff2b7ad26861b72c27cc6fbe65a28d32024fbb5d7",
"criteria_digest":"sha256:1f6ad3ee4fb4d35920e4e1b87cd3cf66e8b84f16b2b8c86045e8d2222572e07f",
"fail_fast_on_drift":true,"gatekeeper":"orchestrator-gatekeeper","holder":{"label":"command line",
"process":{"boot_id":"89c54c7f-f6da-46c4-916f-e44f8a741d2b pid:[4026531836]","process_id":17893,
"start_ticks":"164161"}},"keep_going":false,"production_origin":"http://127.0.0.1:8765","settle_ms":0,
"token":"1"}"#;

const TRANSITION: &str = r#"{"cause":"failed","from":"validating","to":"prod_fail"}"#;

const LOCAL_TEST: &str = r#"{"command":"echo hello","duration_ms":6,"ended":"exited","exit_code":0,"name":"local_test_1",
"outcome":{"outcome":"passed"},"stderr":{"bytes":0,
"digest":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","truncated":false},
"stdout":{"bytes":6,"digest":"5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03",
"truncated":false}}"#;

const DRIFT: &str = r#"{"report":{"checked_at":"2026-11-29T19:28:56.187Z","checks":[{"answer":"clean","kind":"route",
"response_code":200,"subject":"/api/users?page=1","url":"http://127.0.0.1:8765/api/users?page=1"},
{"answer":"clean","kind":"route","response_code":200,"subject":"/api/orders",
"url":"http://127.0.0.1:8765/api/orders"},{"answer":"clean","kind":"health","response_code":200,"subject":"",
"url":"http://127.0.0.1:8765/health"},{"answer":"unverified",
"fix":"let one of them answer the git commit, or set `version` (path, header) in the configuration",
"kind":"version","subject":"","why":"production answers no version at /version, /api/version, /_version"},
{"answer":"not_applicable","kind":"schema","subject":"","why":"no Prisma schema in the repository"},
{"answer":"found","issue":"route /api/nothing?x=1 is missing in production: 404","kind":"route",
"recommendation":"deploy it again","response_code":404,"subject":"/api/nothing?x=1",
"url":"http://127.0.0.1:8765/api/nothing?x=1"}]},"when":"before"}"#;

const CHECKLIST: &str = r#"{"items":[{"check":{"expected_status":200,"method":"GET","timeout_ms":30000,
"url":"http://127.0.0.1:8765/health"},"configured":false,"counts":true,"name":"health_1","required":true,
"source":"health","target":"health"},{"body":{"n":"9007199254740993","password":"[redacted]"},"counts":true,
"expected_status":200,"headers":{"authorization":"[redacted]"},"method":"POST","name":"task_check_3",
"required":true,"source":"task","target":"live","timeout_ms":30000,"url":"http://127.0.0.1:8765/api/session"},
{"counts":true,"name":"ui_test_1","required":true,"source":"task","spec":"e2e/login.spec.ts","target":"ui"}],
"min_task_proofs":1,"possible_proofs":7,"required_proofs":3,"settle_ms":0}"#;

const PROOF: &str = r#"{"attempt":1,"attempts":[{"at":"2026-11-29T19:29:38.532Z","duration_ms":17,
"error_message":"expected 404, got 200","response_code":200,"result":"fail"}],"check":"task_check_2",
"commit":{"dirty":false,"head":"48f71a612458c93ab9fda911974eb27c1b83124c"},
"config_digest":"sha256:36a07cbc5bdf75f782974e2ff2b7ad26861b72c27cc6fbe65a28d32024fbb5d7","counts":false,
"criteria_digest":"sha256:511fa4b50aa5fff0607be2bb54818821cbd3680c911c88278906ad3ed9846fbf","duration_ms":17,
"endpoint":"http://127.0.0.1:8765/api/orders","error_message":"expected 404, got 200","kind":"live",
"method":"GET","required":true,"response_bytes":62,"response_code":200,
"response_digest":"7409031a2f7bb28e4884ba3a183ad3d1c8b1a05c222c5bb7da5708caeaf32dfc","result":"fail",
"task_id":"task_01a228c8cdd477e681859983edd4b12d","timestamp":"2026-11-29T19:29:38.550Z",
"user_tested":"anonymous"}"#;

const DECISION: &str = r#"{"gatekeeper":"orchestrator-gatekeeper","passed":false,"verdict":{"cause":"failed","gate":"validation_to_prod",
"passed":false,"proofs_counted":2,"proofs_required":3,"reasons":[{"check":"task_check_2","rule":"G2",
"text":"task_check_2 GET /api/orders: expected 404, got 200","unverified":false},{"check":"task_check_3",
"rule":"G2","text":"task_check_3 GET /api/session: expected 404, got 200","unverified":false},{"rule":"G3",
"text":"3 distinct passing proofs are required and 2 count: add 1 more distinct live check(s) on http://127.0.0.1:8765",
"unverified":false}]}}"#;

const RUN_INTERRUPTED: &str = r#"{"holder":{"label":"command line","process":{"boot_id":"89c54c7f-f6da-46c4-916f-e44f8a741d2b pid:[4026531836]",
"process_id":19512,"start_ticks":"168467"}},"lease_expired_at":"2026-11-29T19:30:00.858Z"}"#;

const DEPLOYMENT: &str = r#"{"command":"echo deployed web","duration_ms":4,"ended":"exited","exit_code":0,"name":"deploy",
"outcome":{"outcome":"passed"},"stderr":{"bytes":0,
"digest":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","truncated":false},
"stdout":{"bytes":13,"digest":"6c0ee39232636a4f350c6c7600a8fb2a87363f3530508e0c25d8faf8b1fef93e",
"truncated":false}}"#;

const REDACTION: &str =
    r#"{"body_digest":"sha256:eeb357ba40907516beca9ef70a631eb2221f454700139fc46c57c42710a4e02c","seq":"4"}"#;

const DRIFT_OF_A_CALLER: &str = r#"{"caller":"ada","report":{"checked_at":"2026-11-29T19:30:23.514Z","checks":[{"answer":"clean","explicit":true,
"kind":"route","response_code":200,"subject":"/api/users?token=[redacted]",
"url":"http://127.0.0.1:8765/api/users?token=[redacted]"},{"answer":"clean","kind":"health","response_code":200,
"subject":"","url":"http://127.0.0.1:8765/health"},{"answer":"unverified",
"fix":"let one of them answer the git commit, or set `version` (path, header) in the configuration",
"kind":"version","subject":"","why":"production answers no version at /version, /api/version, /_version"},
{"answer":"not_applicable","kind":"schema","subject":"","why":"no Prisma schema in the repository"}]},
"when":"asked"}"#;

/// Reads a payload of format 1; what is shown of the fact must be the same document again, to the last byte.
fn read_old(kind: &str, payload: &str, body: Option<Value>) -> Fact {
    let payload: Value = serde_json::from_str(payload).expect("a sample is JSON");
    let fact = read(1, kind, payload.clone(), body.clone());
    assert!(!matches!(fact, Fact::Unknown(_)), "{kind} is not read: {payload}");
    let asked = PayloadCaller::deserialize(&payload).expect("an object");
    let (shown, shown_body) = shown(&fact, asked.caller.as_deref()).expect("it is shown");
    assert_eq!(shown.to_string(), payload.to_string());
    assert_eq!(shown_body, body);
    fact
}

#[test]
fn a_task_a_run_and_a_transition_of_0_1_0_are_read() {
    let Fact::TaskCreated(created) = read_old("task_created", TASK_CREATED, None) else { panic!("another fact") };
    assert_eq!((created.title.as_str(), created.description.as_str()), ("Deploy auth", "with a token"));
    let criteria = created.criteria.expect("criteria");
    assert_eq!((criteria.live_checks.len(), criteria.local_tests), (3, vec!["echo hello".to_owned()]));
    assert!(created.criteria_digest.starts_with("sha256:1f6a"));

    let Fact::RunStarted(started) = read_old("run_started", RUN_STARTED, None) else { panic!("another fact") };
    assert_eq!((started.attempt, started.token), (1, 1));
    assert_eq!(started.conditions.production_origin, "http://127.0.0.1:8765");
    assert_eq!(started.conditions.holder.process.start_ticks, 164_161);
    assert!(started.conditions.commit.is_some_and(|commit| !commit.dirty));

    let Fact::Transition(transition) = read_old("transition", TRANSITION, None) else { panic!("another fact") };
    let expected = Transition { from: TaskStatus::Validating, to: TaskStatus::ProdFail, cause: Some(Cause::Failed) };
    assert_eq!(transition, expected);
}

#[test]
fn commands_of_0_1_0_are_read_with_their_outputs() {
    let body = json!({ "stdout": "hello\n", "stderr": "" });
    let Fact::LocalTest(test) = read_old("local_test", LOCAL_TEST, Some(body)) else { panic!("another fact") };
    assert_eq!((test.name.as_str(), test.run.command.as_str()), ("local_test_1", "echo hello"));
    assert_eq!((&test.run.end, test.run.stdout.text.as_str()), (&CommandEnd::Exited { exit_code: 0 }, "hello\n"));

    let body = json!({ "stdout": "deployed web\n", "stderr": "" });
    let Fact::Deployment(deployment) = read_old("deployment", DEPLOYMENT, Some(body)) else { panic!("another fact") };
    assert_eq!((deployment.name.as_str(), deployment.run.stdout.bytes), ("deploy", 13));

    let payload = serde_json::from_str(LOCAL_TEST).expect("JSON");
    let Fact::LocalTest(removed) = read(1, "local_test", payload, None) else { panic!("outputs may be removed") };
    assert_eq!((removed.run.stdout.text.as_str(), removed.run.success()), ("", true));
}

#[test]
fn drift_and_checklist_of_0_1_0_are_read() {
    let Fact::Drift(drift) = read_old("drift", DRIFT, None) else { panic!("another fact") };
    assert_eq!((drift.when, drift.report.checks.len()), (DriftMoment::Before, 6));
    assert!(matches!(&drift.report.checks[5].answer, DriftAnswer::Found { issue, .. } if issue.ends_with("404")));
    let Fact::Drift(asked) = read_old("drift", DRIFT_OF_A_CALLER, None) else { panic!("another fact") };
    assert_eq!(asked.when, DriftMoment::Asked);

    let Fact::Checklist(checklist) = read_old("checklist", CHECKLIST, None) else { panic!("another fact") };
    assert_eq!((checklist.required_proofs, checklist.min_task_proofs, checklist.items.len()), (3, 1, 3));
    let ChecklistTarget::Live(check) = &checklist.items[1].target else { panic!("another target") };
    // The chain rounds no number: it is text there for ever.
    assert_eq!(check.0.body, Some(json!({ "n": "9007199254740993", "password": "[redacted]" })));
    assert!(matches!(&checklist.items[2].target, ChecklistTarget::Ui { spec } if spec == "e2e/login.spec.ts"));
}

#[test]
fn proof_and_decision_of_0_1_0_are_read() {
    let body = json!({ "path": "/api/orders", "n": 9_007_199_254_740_993_u64 });
    let Fact::Proof(proof) = read_old("proof", PROOF, Some(body.clone())) else { panic!("another fact") };
    assert_eq!((proof.result, proof.response_code, proof.response_body), (ProofResult::Fail, Some(200), Some(body)));
    assert_eq!(proof.error_message.as_deref(), Some("expected 404, got 200"));

    let Fact::Decision(decision) = read_old("decision", DECISION, None) else { panic!("another fact") };
    assert_eq!((decision.verdict.passed, decision.verdict.reasons.len()), (false, 3));
    assert_eq!(decision.gatekeeper, "orchestrator-gatekeeper");
}

#[test]
fn interruption_and_redaction_of_0_1_0_are_read() {
    let Fact::RunInterrupted(gone) = read_old("run_interrupted", RUN_INTERRUPTED, None) else { panic!("another fact") };
    assert_eq!(gone.holder.process.process_id, 19_512);
    let Fact::Redaction(redaction) = read_old("redaction", REDACTION, None) else { panic!("another fact") };
    assert_eq!((redaction.seq, redaction.body_digest.len()), (4, 71));
}

#[test]
fn a_fact_that_is_the_same_has_the_same_payload_in_both_formats() {
    for (kind, payload) in [
        ("run_started", RUN_STARTED),
        ("transition", TRANSITION),
        ("run_interrupted", RUN_INTERRUPTED),
        ("redaction", REDACTION),
    ] {
        let stored = store(&read_old(kind, payload, None)).expect("written");
        let old: Value = serde_json::from_str(payload).expect("JSON");
        assert_eq!((stored.payload, stored.body), (old, None), "{kind}");
    }
}

#[test]
fn texts_of_format_2_lie_beside_the_chain_and_what_decides_does_not() {
    let body = Some(json!({ "secret": "hunter2" }));
    for (kind, payload, body, texts) in [
        ("task_created", TASK_CREATED, None, vec!["Deploy auth", "with a token", "echo hello", "page=1"]),
        ("local_test", LOCAL_TEST, Some(json!({ "stdout": "hello\n", "stderr": "" })), vec!["echo hello", "hello\\n"]),
        ("drift", DRIFT, None, vec!["page=1", "is missing", "deploy it again", "no Prisma schema", "let one of them"]),
        ("checklist", CHECKLIST, None, vec!["9007199254740993", "authorization"]),
        ("proof", PROOF, body, vec!["hunter2", "expected 404"]),
        ("decision", DECISION, None, vec!["expected 404", "add 1 more distinct"]),
    ] {
        let fact = read_old(kind, payload, body);
        let stored = store(&fact).expect("written");
        let (chain, beside) = (stored.payload.to_string(), stored.body.as_ref().expect("texts").to_string());
        for text in texts {
            assert!(!chain.contains(text) && beside.contains(text), "{kind}: `{text}` in {chain}");
        }
        assert_eq!(read(2, kind, stored.payload.clone(), stored.body), fact);
        let removed = read(2, kind, stored.payload, None);
        assert!(!matches!(removed, Fact::Unknown(_)), "{kind} is not read without its texts: {chain}");
        let (shown, _) = shown(&removed, None).expect("it is shown");
        assert!(kind == "proof" || kind == "checklist" || shown.to_string().contains(REMOVED), "{kind}: {shown}");
    }
}

#[test]
fn a_decision_that_contradicts_itself_is_not_read_as_one() {
    let mut payload: Value = serde_json::from_str(DECISION).expect("JSON");
    payload["passed"] = true.into();
    assert!(matches!(read(1, "decision", payload, None), Fact::Unknown(_)));
}

#[test]
fn an_unknown_kind_is_kept_and_shown_as_it_is() {
    let (payload, body) = (json!({ "b": 1, "a": [2] }), Some(json!({ "text": "x" })));
    let fact = read(2, "notarised", payload.clone(), body.clone());
    assert_eq!(fact.kind(), "notarised");
    assert_eq!(shown(&fact, None).expect("it is shown"), (payload, body));
}
