//! Whether production has a route.

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use url::Url;

use super::{Comparison, Detector};
use crate::domain::{DriftAnswer, DriftCheck, DriftKind, ExpectedStatus, Method, one_line};
use crate::drift::detector::{DriftDetector, transport_failure_answer};
use crate::drift::retry::{Attempt, RetryUntilClean};
use crate::drift::{DriftRequest, RouteProbe};
use crate::outbound::{Exchange, RequestSpec, TransportFailure};

/// Asks production for each route.
#[derive(Debug)]
pub(super) struct RouteDetector;

impl Detector for RouteDetector {
    fn kind(&self) -> DriftKind {
        DriftKind::Route
    }

    fn is_asked(&self, request: &DriftRequest) -> bool {
        !request.routes.is_empty()
    }

    fn may_tell_the_build(&self) -> bool {
        true
    }

    fn compare<'a>(&'a self, comparison: Comparison<'a>) -> BoxFuture<'a, Vec<DriftCheck>> {
        join_all(comparison.request.routes.iter().map(move |probe| check(comparison, probe))).boxed()
    }
}

async fn check(comparison: Comparison<'_>, probe: &RouteProbe) -> DriftCheck {
    let Comparison { detector, retry, .. } = comparison;
    let deps = detector.deps();
    let (response_code, answer) = if matches!(probe.check.method(), Method::Get | Method::Head) {
        match detector.sessions().request_for(&probe.check, retry.cancel()).await {
            Ok(asking) => retry.run(|| attempt(comparison, probe, &asking.request).boxed()).await,
            Err(refused) => (None, DriftAnswer::Unverified { why: refused.why, fix: refused.fix }),
        }
    } else {
        let why = format!("{} changes something: drift is looked for with GET and HEAD only", probe.check.method());
        (None, DriftAnswer::NotApplicable { why })
    };
    DriftCheck {
        kind: DriftKind::Route,
        subject: deps.redactor.text(&one_line(&probe.subject, 200)),
        url: Some(deps.redactor.url(probe.check.url().as_str())),
        route: Some(probe.check.route()),
        response_code,
        answer,
        build: None,
        explicit: probe.explicit,
    }
}

type RouteOutcome = (Option<u16>, DriftAnswer);

async fn attempt(comparison: Comparison<'_>, probe: &RouteProbe, request: &RequestSpec) -> Attempt<RouteOutcome> {
    let Comparison { detector, retry, heard, .. } = comparison;
    let at = detector.deps().clock.now();
    match ask(detector, probe, request, retry).await {
        Ok(exchange) => {
            detector.keep_look(&probe.check, at, &exchange);
            heard.keep(detector.deps().production.as_ref(), &exchange);
            let answer = judge(&probe.subject, &Observed::of(&exchange, &request.url), probe.expected.as_ref());
            let may_change = answer != DriftAnswer::Clean;
            Attempt { seen: (Some(exchange.status), answer), may_change }
        }
        Err(failure) => {
            Attempt { seen: (None, transport_failure_answer(&failure)), may_change: failure.may_pass_later() }
        }
    }
}

/// Sends the probe with HEAD, or with GET when the server does not know HEAD.
async fn ask(
    detector: &DriftDetector,
    probe: &RouteProbe,
    request: &RequestSpec,
    retry: &RetryUntilClean<'_>,
) -> Result<Exchange, TransportFailure> {
    let exchange = detector.send(request.clone(), retry.cancel()).await?;
    let unknown_method = request.method == Method::Head && matches!(exchange.status, 405 | 501);
    let as_expected = probe.expected.as_ref().is_some_and(|expected| expected.accepts(exchange.status));
    if !unknown_method || as_expected {
        return Ok(exchange);
    }
    detector.send(RequestSpec { method: Method::Get, ..request.clone() }, retry.cancel()).await
}

/// The parts of an answer that tell whether the route is there.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Observed {
    status: u16,
    /// The answer redirects to the very address that was asked for, without setting a cookie first.
    to_itself: bool,
}

impl Observed {
    fn of(exchange: &Exchange, asked: &Url) -> Self {
        let target = exchange.header("location").and_then(|location| asked.join(location).ok());
        let to_itself = target.is_some_and(|mut target| {
            target.set_fragment(None);
            target == *asked
        });
        Self {
            status: exchange.status,
            to_itself: (300..400).contains(&exchange.status) && to_itself && exchange.header("set-cookie").is_none(),
        }
    }
}

/// Judges whether a route is there by the status of its answer.
///
/// A request for a login (401, 403), for another method (405) and a redirect show that it is there. 404 and 410
/// show that it is missing, 5xx that it is broken, 429 shows nothing. An expected status is never drift (A09).
fn judge(subject: &str, observed: &Observed, expected: Option<&ExpectedStatus>) -> DriftAnswer {
    let status = observed.status;
    if expected.is_some_and(|expected| expected.accepts(status)) {
        return DriftAnswer::Clean;
    }
    let subject = one_line(subject, 120);
    match status {
        404 | 410 => DriftAnswer::found(
            format!("route {subject} is missing in production: {status}"),
            format!("Check that {subject} exists in the repository and deploy it again."),
        ),
        500..=599 => DriftAnswer::found(
            format!("route {subject} is broken in production: {status} (server error)"),
            format!("Read production's logs for {subject}."),
        ),
        429 => DriftAnswer::unverified(
            "429 (production limits the rate of requests)",
            "try again later, or set settle_seconds",
        ),
        300..=399 if observed.to_itself => DriftAnswer::found(
            format!("route {subject} redirects to itself in production: {status}"),
            format!("Look at the redirects that production has for {subject}."),
        ),
        _ => DriftAnswer::Clean,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(status: u16, expected: Option<&str>) -> DriftAnswer {
        let expected = expected.map(|text| text.parse().expect("a status"));
        judge("/api/x", &Observed { status, to_itself: false }, expected.as_ref())
    }

    fn issue(answer: DriftAnswer) -> String {
        match answer {
            DriftAnswer::Found { issue, .. } => issue,
            other => panic!("no finding: {other:?}"),
        }
    }

    #[test]
    fn missing_and_broken_are_told_apart() {
        assert_eq!(issue(judged(404, None)), "route /api/x is missing in production: 404");
        assert_eq!(issue(judged(410, None)), "route /api/x is missing in production: 410");
        assert_eq!(issue(judged(503, None)), "route /api/x is broken in production: 503 (server error)");
    }

    #[test]
    fn a_login_another_method_and_a_redirect_show_that_it_is_there() {
        for status in [200, 204, 301, 302, 307, 400, 401, 403, 405, 422] {
            assert_eq!(judged(status, None), DriftAnswer::Clean, "{status}");
        }
    }

    #[test]
    fn a09_an_expected_status_is_never_drift() {
        assert_eq!(judged(404, Some("404")), DriftAnswer::Clean);
        assert_eq!(judged(503, Some("5xx")), DriftAnswer::Clean);
        assert!(matches!(judged(404, Some("200")), DriftAnswer::Found { .. }));
    }

    #[test]
    fn c04_a_rate_limit_and_a_redirect_to_itself_do_not_show_that_it_is_there() {
        assert!(matches!(judged(429, None), DriftAnswer::Unverified { .. }));
        let looping = judge("/api/x", &Observed { status: 302, to_itself: true }, None);
        assert_eq!(issue(looping), "route /api/x redirects to itself in production: 302");
    }

    #[test]
    fn a_redirect_that_sets_a_cookie_first_is_no_loop() {
        let asked = Url::parse("http://127.0.0.1:1/a?b=c").expect("a URL");
        let exchange = |headers: &[(&str, &str)]| Exchange::answered(asked.as_str(), 302, headers, b"");
        assert!(Observed::of(&exchange(&[("location", "/a?b=c")]), &asked).to_itself);
        assert!(!Observed::of(&exchange(&[("location", "/a?b=c"), ("set-cookie", "s=1")]), &asked).to_itself);
        assert!(!Observed::of(&exchange(&[("location", "/a")]), &asked).to_itself);
    }
}
