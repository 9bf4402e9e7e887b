use serde_json::json;
use url::Url;

use super::*;
use crate::domain::{
    Criteria, DriftAnswer, DriftCheck, DriftKind, DriftReport, LiveCheck, Policy, ProcessIdentity, Production,
    RunHolder, Timestamp,
};
use crate::ledger::{DriftMoment, DriftRecord, RunConditions, RunStarted};

fn requirements(paths: &[&str], required_proofs: u32) -> Requirements {
    asking(Method::Get, paths, required_proofs)
}

fn asking(method: Method, paths: &[&str], required_proofs: u32) -> Requirements {
    let production = Production::new(Url::parse("https://api.example.com").expect("a URL")).expect("production");
    let criteria = Criteria {
        local_tests: Vec::new(),
        live_checks: paths.iter().map(|path| LiveCheck::get(*path).with_method(method)).collect(),
        ui_tests: Vec::new(),
        required_proofs: Some(required_proofs),
    };
    Requirements::new(&criteria, &Policy::default(), &production).expect("requirements")
}

/// What each check answered: result, status, whether it is a page, digest.
type Answers<'a> = &'a [(&'a str, ProofResult, u16, bool, &'a str)];

fn entries(requirements: &Requirements, answers: Answers<'_>) -> Vec<Entry> {
    requirements
        .checklist()
        .iter()
        .enumerate()
        .map(|(index, item)| {
            let given = answers.iter().find(|answer| answer.0 == item.name);
            let absent = (item.name.as_str(), ProofResult::Unverified, 404, false, "absent");
            let (_, result, code, html, digest) = *given.unwrap_or(&absent);
            let proof = Proof {
                not_counted: None,
                catch_all: false,
                check_identity: None,
                red: None,
                build: None,
                change: None,
                shown_by_deploy: false,
                untrusted_settings: false,
                shape: None,
                expectations: Vec::new(),
                told: Vec::new(),
                endpoint: item.endpoint().to_owned(),
                user_tested: "anonymous".into(),
                result,
                timestamp: Timestamp::from_micros(0),
                response_code: Some(code),
                response_body: None,
                response_digest: Some(digest.to_owned()),
                response_bytes: None,
                html,
                error_message: Some("expected 200, got something else".into()),
                check: item.name.clone(),
                method: Some("GET".into()),
                kind: item.kind(),
                required: item.required && given.is_some(),
                counts: item.counts,
                attempts: Vec::new(),
                duration_ms: 1,
                task_id: None,
                attempt: None,
                commit: None,
                criteria_digest: None,
                config_digest: None,
                seq: None,
                hash: None,
            };
            Entry {
                seq: index as u64 + 1,
                hash: format!("sha256:{index}"),
                prev_hash: String::new(),
                task_id: None,
                attempt: None,
                at: Timestamp::from_micros(0),
                caller: None,
                fact: Fact::Proof(Box::new(proof)),
                body_digest: None,
                removed: false,
                is_tombstone: false,
            }
        })
        .collect()
}

fn verdict(requirements: &Requirements, entries: &[Entry]) -> Verdict {
    let written = entries.iter().map(|entry| entry.hash.clone()).collect();
    judge_written(requirements, entries, &written)
}

fn judge_written(requirements: &Requirements, entries: &[Entry], written: &HashSet<String>) -> Verdict {
    let earlier = EarlierObservations::default();
    let evidence =
        RecordedEvidence { entries, written, earlier: &earlier, commit: None, in_git: false, untrusted: &[] };
    judge(requirements, requirements.checklist(), &evidence)
}

const HEALTHY: (&str, ProofResult, u16, bool, &str) = ("health_1", ProofResult::Pass, 200, false, "h");

fn rules(verdict: &Verdict) -> Vec<&str> {
    verdict.reasons.iter().map(|reason| reason.rule.as_str()).collect()
}

#[test]
fn enough_distinct_proofs_pass() {
    let requirements = requirements(&["/a", "/b"], 3);
    let answers = [
        HEALTHY,
        ("task_check_1", ProofResult::Pass, 200, false, "a"),
        ("task_check_2", ProofResult::Pass, 200, false, "b"),
    ];
    let verdict = verdict(&requirements, &entries(&requirements, &answers));
    assert!(verdict.passed, "{verdict:?}");
    assert_eq!(verdict.proofs_counted, 3);
}

#[test]
fn a02_an_optional_item_never_blocks() {
    let requirements = requirements(&["/a"], 2);
    let mut answers = vec![HEALTHY, ("task_check_1", ProofResult::Pass, 200, false, "a")];
    answers.push(("root_path", ProofResult::Fail, 500, false, "r"));
    assert!(verdict(&requirements, &entries(&requirements, &answers)).passed);
}

#[test]
fn a03_healthz_alone_is_a_health_route_and_the_other_three_may_be_absent() {
    let requirements = requirements(&["/a"], 1);
    let answers =
        [("health_3", ProofResult::Pass, 200, false, "h"), ("task_check_1", ProofResult::Pass, 200, false, "a")];
    assert!(verdict(&requirements, &entries(&requirements, &answers)).passed);
    let sick = [HEALTHY, ("health_2", ProofResult::Fail, 503, false, "x"), answers[1]];
    assert_eq!(rules(&verdict(&requirements, &entries(&requirements, &sick))), ["G6"]);
}

#[test]
fn no_health_route_at_all_refuses_nothing() {
    let requirements = requirements(&["/a"], 1);
    let verdict =
        verdict(&requirements, &entries(&requirements, &[("task_check_1", ProofResult::Pass, 200, false, "a")]));
    assert!(verdict.passed, "{verdict:?}");
    assert_eq!(verdict.proofs_counted, 1);
}

#[test]
fn a05_one_page_under_several_queries_counts_once_even_when_it_changes() {
    let requirements = requirements(&["/a?x=1", "/a?x=2", "/b"], 4);
    let answers = [
        HEALTHY,
        ("task_check_1", ProofResult::Pass, 200, false, "one"),
        ("task_check_2", ProofResult::Pass, 200, false, "two"),
        ("task_check_3", ProofResult::Pass, 200, false, "b"),
    ];
    let verdict = verdict(&requirements, &entries(&requirements, &answers));
    assert_eq!(verdict.proofs_counted, 3);
    assert_eq!(rules(&verdict), ["G3"]);
    assert!(verdict.reasons[0].text.contains("add 1 more"), "{verdict:?}");
}

#[test]
fn things_of_one_kind_count_once_and_equal_json_of_two_routes_twice() {
    let things =
        requirements(&["/users/7", "/users/6fa459ea-ee8a-3ca4-894e-db77e160355e", "/users/507f1f77bcf86cd7"], 2);
    let pass = |name, digest| (name, ProofResult::Pass, 200, false, digest);
    let answers = [HEALTHY, pass("task_check_1", "a"), pass("task_check_2", "b"), pass("task_check_3", "c")];
    assert_eq!(verdict(&things, &entries(&things, &answers)).proofs_counted, 2);

    let fresh = requirements(&["/api/orders", "/api/users"], 3);
    let answers = [HEALTHY, pass("task_check_1", "[]"), pass("task_check_2", "[]")];
    assert_eq!(verdict(&fresh, &entries(&fresh, &answers)).proofs_counted, 3);
}

#[test]
fn a_single_page_app_that_answers_everything_gives_one_proof() {
    let requirements = requirements(&["/a", "/b", "/c"], 3);
    let page = |name| (name, ProofResult::Pass, 200, true, "same");
    let answers = [HEALTHY, page("task_check_1"), page("task_check_2"), page("task_check_3")];
    let verdict = verdict(&requirements, &entries(&requirements, &answers));
    assert_eq!(verdict.proofs_counted, 2);
    assert_eq!(rules(&verdict), ["G3"]);
}

#[test]
fn a_page_that_only_heads_looked_at_is_one_page() {
    let requirements = asking(Method::Head, &["/a", "/b", "/c"], 3);
    let page = |name| (name, ProofResult::Pass, 200, true, "of nothing");
    let answers = [HEALTHY, page("task_check_1"), page("task_check_2"), page("task_check_3")];
    let verdict = verdict(&requirements, &entries(&requirements, &answers));
    assert_eq!((verdict.passed, verdict.proofs_counted), (false, 2));
}

#[test]
fn redirects_count_once_and_one_answer_of_one_route_counts_once() {
    let requirements = requirements(&["/a", "/b", "/c"], 3);
    let away = |name| (name, ProofResult::Pass, 302, false, name);
    let answers = [HEALTHY, away("task_check_1"), away("task_check_2"), away("task_check_3")];
    assert_eq!(verdict(&requirements, &entries(&requirements, &answers)).proofs_counted, 2);

    let production = Production::new(Url::parse("https://api.example.com").expect("a URL")).expect("production");
    let posted = |body: u32| LiveCheck::get("/graphql").with_method(Method::Post).with_body(json!({ "query": body }));
    let criteria = Criteria {
        local_tests: Vec::new(),
        live_checks: vec![posted(1), posted(2), posted(3)],
        ui_tests: Vec::new(),
        required_proofs: Some(4),
    };
    let requirements = Requirements::new(&criteria, &Policy::default(), &production).expect("requirements");
    let pass = |name, digest| (name, ProofResult::Pass, 200, false, digest);
    let alike = [HEALTHY, pass("task_check_1", "x"), pass("task_check_2", "x"), pass("task_check_3", "x")];
    assert_eq!(verdict(&requirements, &entries(&requirements, &alike)).proofs_counted, 2);
    let different = [HEALTHY, pass("task_check_1", "x"), pass("task_check_2", "y"), pass("task_check_3", "z")];
    assert!(
        verdict(&requirements, &entries(&requirements, &different)).passed,
        "one GraphQL route serves many operations"
    );
}

#[test]
fn what_was_not_observed_is_unverified_and_not_failed() {
    let requirements = requirements(&["/a", "/b"], 2);
    let answers = [
        HEALTHY,
        ("task_check_1", ProofResult::Pass, 200, false, "a"),
        ("task_check_2", ProofResult::Unverified, 0, false, ""),
    ];
    let verdict = verdict(&requirements, &entries(&requirements, &answers));
    assert_eq!((rules(&verdict), verdict.cause), (vec!["G4"], Some(Cause::Unverified)));
}

#[test]
fn a06_an_entry_of_somebody_else_refuses_the_gate() {
    let requirements = requirements(&["/a"], 1);
    let answers = [HEALTHY, ("task_check_1", ProofResult::Pass, 200, false, "a")];
    let entries = entries(&requirements, &answers);
    let written = entries.iter().skip(1).map(|entry| entry.hash.clone()).collect();
    let verdict = judge_written(&requirements, &entries, &written);
    assert!(!verdict.passed);
    assert!(verdict.reasons.iter().any(|reason| reason.text.contains("written by someone else")), "{verdict:?}");
}

#[test]
fn an_entry_that_is_gone_refuses_the_gate() {
    let requirements = requirements(&["/a"], 1);
    let answers = [HEALTHY, ("task_check_1", ProofResult::Pass, 200, false, "a")];
    let mut entries = entries(&requirements, &answers);
    let written = entries.iter().map(|entry| entry.hash.clone()).collect();
    entries.pop();
    let verdict = judge_written(&requirements, &entries, &written);
    assert_eq!((verdict.passed, rules(&verdict)), (false, vec!["G5"]));
}

#[test]
fn failures_that_could_not_be_read_are_told_until_they_are_a_day_old() {
    let requirements = requirements(&["/a"], 2);
    let found = entries(&requirements, &[HEALTHY]);
    let now = Timestamp::from_micros(3_600_000_000);
    let told = |are_all| EarlierObservations::of(&found, are_all).left_out(&[], now);
    assert_eq!(told(true), Vec::<String>::new());
    assert_eq!(told(false), ["failures of more than 60 min ago could not be looked at"]);
    let next_day = Timestamp::from_micros(25 * 3_600_000_000);
    assert!(EarlierObservations::of(&found, false).left_out(&[], next_day).is_empty());
    assert_eq!(EarlierObservations::unread(now).left_out(&[], now).len(), 1);
}

#[test]
fn g13_drift_that_only_the_last_look_finds_refuses_unless_drift_may_pass() {
    let requirements = requirements(&["/a"], 1);
    let answers = [HEALTHY, ("task_check_1", ProofResult::Pass, 200, false, "a")];
    let judged = |fail_fast_on_drift: bool| {
        let mut entries = entries(&requirements, &answers);
        let like = entries[0].clone();
        let mut add = |fact: Fact| {
            let seq = u64::try_from(entries.len()).expect("a number") + 1;
            entries.push(Entry { seq, hash: format!("sha256:added {seq}"), fact, ..like.clone() });
        };
        let conditions = RunConditions {
            holder: RunHolder { label: "test".into(), process: ProcessIdentity::default() },
            config_digest: String::new(),
            production_origin: "https://api.example.com".into(),
            criteria_digest: String::new(),
            commit: None,
            gatekeeper: "test".into(),
            settle_ms: 0,
            converge: None,
            hold_ms: None,
            keep_going: false,
            fail_fast_on_drift,
        };
        add(Fact::RunStarted(Box::new(RunStarted { attempt: 1, token: 1, conditions })));
        let check = DriftCheck {
            kind: DriftKind::Version,
            subject: "/version".into(),
            url: None,
            route: None,
            response_code: None,
            answer: DriftAnswer::Found { issue: "another build answers".into(), recommendation: "deploy".into() },
            build: None,
            explicit: false,
        };
        let report = DriftReport { checks: vec![check], checked_at: Timestamp::from_micros(0) };
        add(Fact::Drift(DriftRecord { when: DriftMoment::Checked, report }));
        verdict(&requirements, &entries)
    };
    let refused = judged(true);
    assert_eq!((rules(&refused), refused.cause), (vec!["G13"], Some(Cause::Failed)));
    let passed = judged(false);
    assert!(passed.passed, "{passed:?}");
    let headline = passed.assurance.expect("what it rests on").headline();
    assert!(headline.starts_with("DONE despite drift") && headline.contains("another build answers"), "{headline}");
}
