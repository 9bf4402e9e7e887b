//! Values that the tests of this room show.

use serde_json::json;

use crate::domain::{
    Cause, DriftSummary, FailingCheck, GateName, GateSummary, LedgerSummary, Proof, ProofCounts, ProofKind,
    ProofResult, TaskId, TaskReport, TaskStatus, Timestamp,
};

pub(crate) fn task_id() -> TaskId {
    TaskId::parse("task_0193aaaabbbbccccddddeeeeffff0001").expect("an id")
}

pub(crate) fn report(status: TaskStatus, cause: Option<Cause>) -> TaskReport {
    TaskReport {
        task_id: task_id(),
        title: "Deploy Auth Feature".into(),
        status,
        cause,
        attempt: 1,
        running: false,
        headline: format!("{}: a sample", status.as_str().to_uppercase()),
        assurance: None,
        gate: None,
        proofs: ProofCounts { required: 3, passing: 3, failing: 0, unverified: 0 },
        failing: Vec::new(),
        drift: None,
        context: Vec::new(),
        memories: Vec::new(),
        warnings: Vec::new(),
        next_step: "Report the task as done.".into(),
        ledger: LedgerSummary { entries: 14, head: "sha256:abcd".into() },
        duration_ms: 812,
    }
}

pub(crate) fn refused() -> TaskReport {
    TaskReport {
        attempt: 2,
        gate: Some(GateSummary {
            name: GateName::ValidationToProd,
            passed: false,
            reasons: vec!["task_check_2 GET /api/auth/session: expected 200, got 401".into()],
        }),
        proofs: ProofCounts { required: 3, passing: 4, failing: 1, unverified: 0 },
        failing: vec![FailingCheck {
            check: "task_check_2".into(),
            endpoint: "https://api.example.com/api/auth/session".into(),
            result: ProofResult::Fail,
            response_code: Some(401),
            exit_code: None,
            error_message: Some("expected 200, got 401".into()),
        }],
        drift: Some(DriftSummary {
            has_drift: false,
            issues: Vec::new(),
            unverified: vec!["schema: DATABASE_URL is not set (export it)".into()],
        }),
        context: Vec::new(),
        memories: Vec::new(),
        warnings: vec!["no local tests".into()],
        next_step: "Log in as the test user.".into(),
        ..report(TaskStatus::ProdFail, Some(Cause::Failed))
    }
}

pub(crate) fn proof(result: ProofResult) -> Proof {
    let passed = result == ProofResult::Pass;
    Proof {
        not_counted: None,
        catch_all: false,
        expectations: Vec::new(),
        told: Vec::new(),
        endpoint: "https://api.example.com/health".into(),
        user_tested: "anonymous".into(),
        result,
        timestamp: Timestamp::from_micros(1_700_000_000_123_000),
        response_code: match result {
            ProofResult::Pass => Some(200),
            ProofResult::Fail => Some(503),
            ProofResult::Unverified => None,
        },
        response_body: (result != ProofResult::Unverified).then(|| json!({"status": "x\u{1b}[31m"})),
        response_digest: None,
        response_bytes: Some(15),
        html: false,
        error_message: (!passed).then(|| "expected 200, got 503".into()),
        check: "validate_endpoint".into(),
        method: Some("GET".into()),
        kind: ProofKind::Live,
        required: true,
        counts: false,
        attempts: Vec::new(),
        duration_ms: 12,
        task_id: None,
        attempt: None,
        check_identity: None,
        red: None,
        build: None,
        change: None,
        shown_by_deploy: false,
        untrusted_settings: false,
        shape: None,
        commit: None,
        criteria_digest: None,
        config_digest: None,
        seq: Some(7),
        hash: Some("sha256:abcd".into()),
    }
}
