//! Trying again while production settles.

use serde_json::json;
use snipara_orchestrator::domain::{Actor, Outcome, ProofResult};
use tokio_util::sync::CancellationToken;

use super::get;
use crate::support::production::{Answer, Production};
use crate::support::validator::Bench;

#[tokio::test]
async fn c11_a_service_that_needs_a_moment_passes_while_settling_and_every_attempt_is_recorded() {
    let production = Production::start().await;
    let starting = Answer::text(503, "starting");
    let ready = Answer::json(200, &json!({"ready": true}));
    production.answers("/slow", vec![starting.clone(), starting, ready]);
    let bench = Bench::new(Actor::Caller, &production.url());
    let check = get(production.at("/slow"));
    let seen = bench.validator().run_live_check(&check, 60_000, &CancellationToken::new()).await;
    assert_eq!((seen.outcome, seen.response_code), (Outcome::Passed, Some(200)));
    let attempts: Vec<_> = seen
        .attempts
        .iter()
        .map(|attempt| (attempt.result, attempt.response_code, attempt.error_message.as_deref()))
        .collect();
    let failed = (ProofResult::Fail, Some(503), Some("expected 2xx, got 503"));
    assert_eq!(attempts, [failed, failed, (ProofResult::Pass, Some(200), None)]);
    assert_eq!(production.count("/slow"), 3);
}

#[tokio::test]
async fn c11_without_time_to_settle_there_is_one_attempt() {
    let production = Production::start().await;
    production.answers("/slow", vec![Answer::text(503, "starting"), Answer::text(200, "ready")]);
    let bench = Bench::new(Actor::Caller, &production.url());
    let check = get(production.at("/slow"));
    let seen = bench.validator().run_live_check(&check, 0, &CancellationToken::new()).await;
    assert_eq!((seen.outcome, seen.attempts.len()), (Outcome::failed("2xx", "503"), 1));
}

#[tokio::test]
async fn c11_when_the_time_to_settle_is_up_the_last_answer_decides() {
    let production = Production::start().await;
    production.answer("/down", Answer::text(500, "down"));
    let bench = Bench::new(Actor::Caller, &production.url());
    let check = get(production.at("/down"));
    let seen = bench.validator().run_live_check(&check, 300, &CancellationToken::new()).await;
    assert_eq!(seen.outcome, Outcome::failed("2xx", "500"));
    assert!(seen.attempts.len() >= 2 && seen.attempts.len() == production.count("/down"), "{:?}", seen.attempts);
}

#[tokio::test]
async fn a_cancelled_run_stops_settling_and_is_unverified_or_as_last_seen() {
    let production = Production::start().await;
    production.answer("/down", Answer::text(500, "down"));
    let bench = Bench::new(Actor::Caller, &production.url());
    let check = get(production.at("/down"));
    let cancel = CancellationToken::new();
    let validator = bench.validator();
    let (seen, ()) = tokio::join!(validator.run_live_check(&check, 600_000, &cancel), async {
        while production.count("/down") == 0 {
            tokio::task::yield_now().await;
        }
        cancel.cancel();
    });
    assert!(!seen.outcome.is_passed());
    let after = validator.run_live_check(&check, 600_000, &cancel).await;
    assert_eq!((after.outcome, after.attempts.len()), (Outcome::unverified("cancelled", None), 1));
}
