//! What an answer means. Pure.

use super::evidence::json_of;
use super::expectation::judge_status;
use crate::domain::{ExpectedStatus, HealthAnswer, Outcome, WELL_KNOWN_HEALTH_PATHS, judge_health, one_line};
use crate::outbound::{Exchange, IdentityError, TransportFailure};

/// The fix for an answer that does not speak about health.
const HEALTH_FIX: &str = "name a health route that answers JSON without a login in health_paths";

/// Judges an answer of a live check.
///
/// An answer that speaks about health and says that it is unhealthy fails a check that expects success, whatever
/// its status (gate.md G6).
pub(super) fn judge_live(expected: &ExpectedStatus, exchange: &Exchange) -> Outcome {
    let by_status = judge_status(expected, exchange.status);
    if by_status.is_passed() && expected.accepts_only_success() && speaks_of_health(exchange) {
        let health = judge_health(exchange.status, exchange.header("content-type"), json_of(exchange).as_ref());
        if let HealthAnswer::Unhealthy(observed) = health {
            return Outcome::failed(expected.to_string(), observed);
        }
    }
    by_status
}

fn speaks_of_health(exchange: &Exchange) -> bool {
    let media_type = exchange.header("content-type").unwrap_or_default().to_ascii_lowercase();
    media_type.starts_with("application/health+json")
        || WELL_KNOWN_HEALTH_PATHS.contains(&exchange.url.path().trim_end_matches('/'))
}

/// Judges an answer of a health route.
pub(super) fn judge_health_item(configured: bool, exchange: &Exchange) -> (HealthAnswer, Outcome) {
    let media_type = exchange.header("content-type");
    let mut answer = judge_health(exchange.status, media_type, json_of(exchange).as_ref());
    let is_json = media_type.is_some_and(|media_type| media_type.to_ascii_lowercase().contains("json"));
    if answer == HealthAnswer::Healthy && is_json && exchange.whole_body().is_none() {
        answer = HealthAnswer::Inconclusive(format!("{} with an answer too long to read", exchange.status));
    }
    let outcome = match &answer {
        HealthAnswer::Healthy => Outcome::Passed,
        HealthAnswer::Unhealthy(observed) => Outcome::failed("a healthy answer", observed.clone()),
        HealthAnswer::Inconclusive(observed) => {
            Outcome::unverified(format!("the health route answered {observed}"), Some(HEALTH_FIX))
        }
        HealthAnswer::Absent if configured => Outcome::failed("a healthy answer", exchange.status.to_string()),
        HealthAnswer::Absent => Outcome::unverified("not offered", None),
    };
    (answer, outcome)
}

/// Judges a check without an answer: it neither failed nor passed.
pub(super) fn transport_failure_outcome(failure: &TransportFailure) -> Outcome {
    Outcome::unverified(one_line(&failure.to_string(), 300), failure.fix().as_deref())
}

/// Judges a check that could not be sent as the user that it names.
pub(super) fn judge_identity(error: &IdentityError) -> Outcome {
    Outcome::unverified(one_line(&error.to_string(), 300), Some(&error.fix()))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn exchange(path: &str, status: u16, media_type: &str, body: &str) -> Exchange {
        Exchange {
            status,
            headers: vec![("content-type".to_owned(), media_type.to_owned())],
            body_start: Bytes::copy_from_slice(body.as_bytes()),
            body_bytes: body.len() as u64,
            body_digest: String::new(),
            url: url::Url::parse("http://a.test").and_then(|url| url.join(path)).expect("a URL"),
            duration_ms: 1,
        }
    }

    #[test]
    fn a_live_check_is_judged_by_its_status_and_by_what_a_health_answer_says() {
        let expected = ExpectedStatus::default();
        let live = |path, status, media, body| judge_live(&expected, &exchange(path, status, media, body));
        assert_eq!(live("/api", 200, "application/json", r#"{"status":"down"}"#), Outcome::Passed);
        assert_eq!(live("/api", 401, "application/json", "{}"), Outcome::failed("200", "401"));
        let unhealthy = Outcome::failed("200", "200 that says \"status\": \"fail\"");
        assert_eq!(live("/api", 200, "application/health+json", r#"{"status":"fail"}"#), unhealthy);
        assert_eq!(live("/healthz", 200, "application/json", r#"{"status":"fail"}"#), unhealthy);
    }

    #[test]
    fn a_health_route_is_judged_as_g7_says() {
        let health = |configured, status, media, body| {
            judge_health_item(configured, &exchange("/health", status, media, body)).1
        };
        assert_eq!(health(false, 200, "application/json", r#"{"status":"ok"}"#), Outcome::Passed);
        assert!(matches!(health(false, 200, "application/json", r#"{"status":"DOWN"}"#), Outcome::Failed { .. }));
        assert!(matches!(health(false, 503, "text/plain", ""), Outcome::Failed { .. }));
        assert!(matches!(health(true, 404, "text/plain", ""), Outcome::Failed { .. }));
        assert_eq!(health(false, 404, "text/plain", ""), Outcome::unverified("not offered", None));
        for (status, media) in [(401, "text/plain"), (302, "text/plain"), (200, "text/html")] {
            assert!(matches!(health(true, status, media, ""), Outcome::Unverified { .. }), "{status} {media}");
        }
    }

    #[test]
    fn a_health_answer_that_is_too_long_to_read_proves_nothing() {
        let mut long = exchange("/health", 200, "application/json", r#"{"status":"ok"#);
        long.body_bytes = 1_000_000;
        assert!(matches!(judge_health_item(false, &long), (HealthAnswer::Inconclusive(_), Outcome::Unverified { .. })));
    }
}
