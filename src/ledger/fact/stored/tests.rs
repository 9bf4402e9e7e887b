//! Any fact that is written in the newest format reads back equal.

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use serde_json::json;

use super::super::kinds::*;
use super::*;
use crate::domain::{
    AnswerShape, BuildIdentity, CapturedOutput, Cause, CheckAttempt, ChecklistItem, ChecklistTarget, CommandEnd,
    CommandRun, ConvergeSettings, Criteria, DriftAnswer, DriftCheck, DriftKind, DriftReport, ExpectationResult,
    GateName, GateReason, ItemSource, LiveCheck, LostRows, Method, ProcessIdentity, Proof, ProofChange, ProofKind,
    ProofResult, Repaired, RunHolder, StoredCheck, TaskId, TaskStatus, TestsTold, Timestamp, Verdict,
};

mod samples;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,12}",
        any::<String>(),
        Just("https://api.example.com/a?token=x#y".to_owned()),
        Just("9007199254740993".to_owned()),
        Just("[removed]".to_owned()),
    ]
}

fn json_body() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<u64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        text().prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            btree_map("[a-z_]{1,8}", inner, 0..3).prop_map(|fields| fields.into_iter().collect::<Map<_, _>>().into()),
        ]
    })
}

/// Timestamps are kept in milliseconds.
fn moment() -> impl Strategy<Value = Timestamp> {
    (0_i64..4_000_000_000_000).prop_map(|milliseconds| Timestamp::from_micros(milliseconds * 1_000))
}

fn check() -> impl Strategy<Value = LiveCheck> {
    let method = prop_oneof![Just(Method::Get), Just(Method::Post), Just(Method::Delete)];
    let status = prop_oneof![Just("200"), Just("2xx"), Just("404")];
    (
        text(),
        method,
        status,
        btree_map("[a-z-]{1,8}", text(), 0..3),
        option::of(json_body()),
        1_u64..600_000,
        any::<bool>(),
    )
        .prop_map(|(url, method, status, headers, body, timeout_ms, follow_redirects)| LiveCheck {
            method,
            expected_status: status.parse().expect("a status"),
            headers,
            body,
            timeout_ms,
            follow_redirects,
            ..LiveCheck::get(url)
        })
}

fn criteria() -> impl Strategy<Value = Criteria> {
    (vec(text(), 0..3), vec(check(), 0..3), vec(text(), 0..2), any::<u32>()).prop_map(
        |(local_tests, live_checks, ui_tests, required_proofs)| Criteria {
            local_tests,
            live_checks,
            ui_tests,
            required_proofs: Some(required_proofs),
        },
    )
}

fn item() -> impl Strategy<Value = ChecklistItem<StoredCheck>> {
    let target = prop_oneof![
        check().prop_map(|check| ChecklistTarget::Live(StoredCheck(check))),
        (check().prop_map(StoredCheck), any::<bool>())
            .prop_map(|(check, configured)| ChecklistTarget::Health { check, configured }),
        text().prop_map(|spec| ChecklistTarget::Ui { spec }),
    ];
    (text(), any::<bool>(), any::<bool>(), target).prop_map(|(name, required, counts, target)| ChecklistItem {
        not_counted: (!counts).then(|| "says nothing".to_owned()),
        name,
        source: ItemSource::Policy,
        required,
        counts,
        target,
    })
}

fn commit() -> impl Strategy<Value = Option<BuildIdentity>> {
    option::of(("[0-9a-f]{40}", any::<bool>()).prop_map(|(head, dirty)| BuildIdentity {
        head,
        dirty,
        uncommitted: u32::from(dirty),
    }))
}

fn holder() -> impl Strategy<Value = RunHolder> {
    (text(), any::<u32>(), any::<u64>(), text()).prop_map(|(label, process_id, start_ticks, boot_id)| RunHolder {
        label,
        process: ProcessIdentity { process_id, start_ticks, boot_id },
    })
}

fn output() -> impl Strategy<Value = CapturedOutput> {
    (text(), any::<u64>(), any::<bool>(), text()).prop_map(|(text, bytes, truncated, digest)| CapturedOutput {
        text,
        bytes,
        truncated,
        digest,
    })
}

fn command() -> impl Strategy<Value = Box<CommandRecord>> {
    let end = prop_oneof![
        any::<i32>().prop_map(|exit_code| CommandEnd::Exited { exit_code }),
        any::<i32>().prop_map(|signal| CommandEnd::Signalled { signal }),
        any::<u64>().prop_map(|timeout_ms| CommandEnd::TimedOut { timeout_ms }),
        Just(CommandEnd::Cancelled),
        (text(), option::of(text())).prop_map(|(why, fix)| CommandEnd::NotStarted { why, fix }),
        (text(), text()).prop_map(|(why, fix)| CommandEnd::Refused { why, fix }),
    ];
    (text(), text(), end, any::<u64>(), output(), output()).prop_map(
        |(name, command, end, duration_ms, stdout, stderr)| {
            Box::new(CommandRecord {
                name,
                run: CommandRun { command, end, duration_ms, stdout, stderr, tests: Some(TestsTold::Said { ran: 3 }) },
            })
        },
    )
}

fn drift() -> impl Strategy<Value = DriftRecord> {
    let answer = prop_oneof![
        (text(), text()).prop_map(|(issue, recommendation)| DriftAnswer::Found { issue, recommendation }),
        Just(DriftAnswer::Clean),
        (text(), text()).prop_map(|(why, fix)| DriftAnswer::Unverified { why, fix }),
        text().prop_map(|why| DriftAnswer::NotApplicable { why }),
    ];
    let check = (text(), option::of(text()), option::of(any::<u16>()), answer, any::<bool>()).prop_map(
        |(subject, url, response_code, answer, explicit)| DriftCheck {
            kind: DriftKind::Route,
            subject,
            url,
            route: None,
            response_code,
            answer,
            build: None,
            explicit,
        },
    );
    (vec(check, 0..4), moment()).prop_map(|(checks, checked_at)| DriftRecord {
        when: DriftMoment::After,
        report: DriftReport { checks, checked_at },
    })
}

fn proof() -> impl Strategy<Value = Proof> {
    let result = prop_oneof![Just(ProofResult::Pass), Just(ProofResult::Fail), Just(ProofResult::Unverified)];
    let attempt = (moment(), result.clone(), option::of(text()), any::<u64>()).prop_map(
        |(at, result, error_message, duration_ms)| CheckAttempt {
            address: None,
            at,
            result,
            response_code: None,
            error_message,
            duration_ms,
        },
    );
    let answered = (option::of(any::<u16>()), option::of(json_body()), option::of(any::<u64>()), any::<bool>());
    (text(), result, moment(), answered, option::of(text()), text(), vec(attempt, 0..3), any::<u64>(), commit())
        .prop_map(
            |(
                endpoint,
                result,
                timestamp,
                (code, body, bytes, html),
                error_message,
                check,
                attempts,
                duration_ms,
                commit,
            )| Proof {
                not_counted: html.then(|| "answers as any path".to_owned()),
                catch_all: html,
                check_identity: Some("sha256:1".into()),
                red: html.then(|| "status 404".to_owned()),
                build: Some("37b73f8".into()),
                change: Some(ProofChange::Shown),
                shown_by_deploy: html,
                untrusted_settings: html,
                shape: html.then(|| AnswerShape {
                    status: 200,
                    words: Some(3),
                    masked: vec![1],
                    ends: Some([1, 2]),
                    digest: "sha256:2".into(),
                }),
                expectations: vec![ExpectationResult {
                    expect: "body contains x".to_owned(),
                    result: ProofResult::Pass,
                    error_message: None,
                    says_nothing: html,
                    tells_apart: !html,
                }],
                told: vec!["mixed".to_owned()],
                endpoint,
                user_tested: "ada".into(),
                result,
                timestamp,
                response_code: code,
                response_body: body,
                response_digest: Some("ab".repeat(32)),
                response_bytes: bytes,
                html,
                error_message,
                check,
                method: Some("GET".into()),
                kind: ProofKind::Live,
                required: html,
                counts: !html,
                attempts,
                duration_ms,
                task_id: Some(TaskId::generate(timestamp)),
                attempt: Some(3),
                commit,
                criteria_digest: None,
                config_digest: Some("sha256:0".into()),
                seq: None,
                hash: None,
            },
        )
}

fn decision() -> impl Strategy<Value = Decision> {
    let reason = (text(), option::of(text()), text(), any::<bool>())
        .prop_map(|(rule, check, text, unverified)| GateReason { rule, check, text, unverified });
    (any::<bool>(), vec(reason, 0..4), any::<u32>(), text()).prop_map(
        |(passed, reasons, proofs_counted, gatekeeper)| {
            let cause = (!passed).then_some(Cause::Failed);
            let verdict = Verdict {
                gate: GateName::ValidationToProd,
                passed,
                reasons,
                cause,
                proofs_required: 3,
                proofs_counted,
                assurance: None,
            };
            Decision { verdict, gatekeeper }
        },
    )
}

fn started() -> impl Strategy<Value = RunStarted> {
    (any::<u32>(), any::<u64>(), holder(), text(), commit(), any::<u64>(), any::<bool>(), option::of(any::<u32>()))
        .prop_map(|(attempt, token, holder, gatekeeper, commit, settle_ms, keep_going, limit)| RunStarted {
            attempt,
            token,
            conditions: RunConditions {
                holder,
                config_digest: "sha256:1".into(),
                production_origin: "https://api.example.com".into(),
                criteria_digest: "sha256:2".into(),
                commit,
                gatekeeper,
                settle_ms,
                converge: limit
                    .map(|limit| ConvergeSettings { failure_limit: Some(limit), ..ConvergeSettings::default() }),
                hold_ms: None,
                keep_going,
                fail_fast_on_drift: !keep_going,
            },
        })
}

fn any_fact() -> impl Strategy<Value = Fact> {
    let statuses = prop::sample::select(TaskStatus::ALL.to_vec());
    prop_oneof![
        (text(), text(), option::of(criteria())).prop_map(|(title, description, criteria)| {
            let criteria_digest = "sha256:3".to_owned();
            Fact::TaskCreated(Box::new(TaskCreated { title, description, criteria, criteria_digest }))
        }),
        started().prop_map(|started| Fact::RunStarted(Box::new(started))),
        (statuses.clone(), statuses, any::<bool>()).prop_map(|(from, to, failed)| {
            Fact::Transition(Transition { from, to, cause: failed.then_some(Cause::Drift) })
        }),
        command().prop_map(Fact::LocalTest),
        command().prop_map(Fact::Deployment),
        drift().prop_map(Fact::Drift),
        (vec(item(), 0..4), any::<u32>(), any::<u64>()).prop_map(|(items, required_proofs, settle_ms)| {
            let checklist =
                ChecklistGenerated { items, required_proofs, min_task_proofs: 1, possible_proofs: 9, settle_ms };
            Fact::Checklist(Box::new(checklist))
        }),
        proof().prop_map(|proof| Fact::Proof(Box::new(proof))),
        decision().prop_map(|decision| Fact::Decision(Box::new(decision))),
        (holder(), moment()).prop_map(|(holder, lease_expired_at)| {
            Fact::RunInterrupted(RunInterrupted { holder, lease_expired_at })
        }),
        (any::<u64>(), text(), option::of(text()))
            .prop_map(|(seq, body_digest, tombstone)| { Fact::Redaction(Redaction { seq, body_digest, tombstone }) }),
        (any::<u64>(), text(), text()).prop_map(|(entries, hash, problem)| Fact::HeadAccepted(HeadAccepted {
            entries,
            hash,
            problem
        })),
        (option::of(any::<u64>()), option::of(text()), any::<u64>(), text(), text()).prop_map(
            |(entries, hash, entries_now, what, backup_digest)| {
                Fact::Restored(Restored { entries, hash, entries_now, what, backup_digest })
            }
        ),
        (any::<u64>(), option::of(any::<u64>()), vec(text(), 0..3)).prop_map(|(entries, entries_known, lost)| {
            let rows =
                lost.iter().map(|why| LostRows { table: "memories".into(), rows: 1, why: why.clone() }).collect();
            Fact::Repaired(Box::new(Repaired {
                entries,
                entries_cut_off: 1,
                entries_known,
                pages: 2,
                rows,
                lost_bodies: lost.clone(),
                lost_criteria: lost,
            }))
        }),
    ]
}

proptest! {
    #[test]
    fn any_fact_reads_back_equal(fact in any_fact()) {
        let stored = store(&fact).expect("written");
        // As it lies in the file: canonical text in the chain, plain text beside it.
        let payload = crate::domain::canonical_json(&stored.payload).expect("canonical");
        let payload: Value = serde_json::from_str(&payload).expect("JSON");
        let body = stored.body.map(|body| serde_json::from_str(&body.to_string()).expect("JSON"));
        let without = read(2, fact.kind(), payload.clone(), None);
        prop_assert!(!matches!(without, Fact::Unknown(_)), "not read without its texts: {payload}");
        prop_assert_eq!(read(2, fact.kind(), payload, body), fact);
    }
}

#[test]
fn numbers_past_2_to_the_53_are_text_in_the_chain_and_numbers_in_the_fact() {
    let record = CommandRecord {
        name: "local_test_1".into(),
        run: CommandRun { duration_ms: u64::MAX, ..CommandRun::not_run("true", CommandEnd::Cancelled) },
    };
    let stored = store(&Fact::LocalTest(Box::new(record))).expect("written");
    assert_eq!(stored.payload["duration_ms"], json!(u64::MAX.to_string()));
}
