//! Whether production says that it is healthy.

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use url::Url;

use super::{Comparison, Detector};
use crate::domain::{
    DriftAnswer, DriftCheck, DriftKind, HealthAnswer, HealthRoute, Production, ResolvedCheck, RouteKey,
    SECOND_HEALTH_PATHS, WELL_KNOWN_HEALTH_PATHS, every_health_path, one_line,
};
use crate::drift::DriftRequest;
use crate::drift::detector::{DriftDetector, cancelled, no_production, transport_failure_fix};
use crate::drift::retry::{Attempt, RetryUntilClean};
use crate::outbound::{Exchange, RequestSpec, TransportFailure, anonymous_request};
use crate::validator::{ControlAnswer, SeenAnswer, health_of, invented_paths};

const FIX: &str = "set health_paths to the routes that report health, or to [] to do without";

/// Asks production's health routes, all at once.
#[derive(Debug)]
pub(super) struct HealthDetector;

impl Detector for HealthDetector {
    fn kind(&self) -> DriftKind {
        DriftKind::Health
    }

    fn may_tell_the_build(&self) -> bool {
        true
    }

    fn compare<'a>(&'a self, comparison: Comparison<'a>) -> BoxFuture<'a, Vec<DriftCheck>> {
        async move { vec![check(comparison).await] }.boxed()
    }
}

async fn check(comparison: Comparison<'_>) -> DriftCheck {
    let Comparison { detector, retry, request, .. } = comparison;
    let nowhere = |answer| Summary { url: None, response_code: None, answer };
    let summary = match &detector.deps().production {
        None => nowhere(no_production()),
        Some(production) => match paths(production, request) {
            (_, paths) if paths.is_empty() => {
                nowhere(DriftAnswer::NotApplicable { why: "waived by health_paths: []".to_owned() })
            }
            (configured, paths) => retry.run(|| attempt(comparison, production, configured, &paths).boxed()).await,
        },
    };
    DriftCheck {
        kind: DriftKind::Health,
        subject: String::new(),
        url: summary.url.as_ref().map(|url| detector.deps().redactor.url(url.as_str())),
        route: summary.url.as_ref().map(RouteKey::of),
        response_code: summary.response_code,
        answer: summary.answer,
        build: None,
        explicit: false,
    }
}

/// Returns the routes that are asked first, and whether the configuration names them.
fn paths(production: &Production, request: &DriftRequest) -> (bool, Vec<String>) {
    if let Some(paths) = &production.health_paths {
        return (true, paths.clone());
    }
    let guessed = if request.all_guesses { every_health_path() } else { &WELL_KNOWN_HEALTH_PATHS };
    let known = request.known_health.iter().map(String::as_str).filter(|path| !guessed.contains(path));
    (false, guessed.iter().copied().chain(known).map(str::to_owned).collect())
}

/// What one health route said.
#[derive(Debug)]
struct Spoken {
    path: String,
    url: Url,
    status: Option<u16>,
    said: Result<HealthAnswer, TransportFailure>,
    exchange: Option<Exchange>,
}

async fn attempt(
    comparison: Comparison<'_>,
    production: &Production,
    configured: bool,
    paths: &[String],
) -> Attempt<Summary> {
    let Comparison { detector, retry, request, .. } = comparison;
    let mut spoken = join_all(paths.iter().map(|path| ask(comparison, production, configured, path))).await;
    let is_absent = |spoken: &Spoken| matches!(spoken.said, Ok(HealthAnswer::Absent));
    if !configured && !request.all_guesses && spoken.iter().all(is_absent) {
        let more = SECOND_HEALTH_PATHS.iter().filter(|path| !paths.iter().any(|asked| asked == *path));
        spoken.extend(join_all(more.map(|path| ask(comparison, production, false, path))).await);
    }
    if !configured && spoken.iter().any(Spoken::may_be_what_any_path_says) {
        leave_out_what_any_path_says(detector, &mut spoken, retry).await;
    }
    let summary = summarise(configured, &spoken, &request.known_health);
    let stuck = spoken.iter().all(|spoken| spoken.said.as_ref().is_err_and(|failure| !failure.may_pass_later()));
    // A guess that leads nowhere is no failure: nothing is waited for.
    let is_settled = matches!(summary.answer, DriftAnswer::Clean | DriftAnswer::NotApplicable { .. });
    let may_change = !stuck && !is_settled;
    Attempt { seen: summary, may_change }
}

impl Spoken {
    /// A production may answer every path with a document that says that it failed.
    fn may_be_what_any_path_says(&self) -> bool {
        let is_success = self.status.is_some_and(|status| (200..300).contains(&status));
        is_success && matches!(self.said, Ok(HealthAnswer::Unhealthy(_)))
    }
}

/// A guessed route that answers as a path does that cannot exist is not offered.
async fn leave_out_what_any_path_says(detector: &DriftDetector, spoken: &mut [Spoken], retry: &RetryUntilClean<'_>) {
    let Some(first) = spoken.first().map(|spoken| spoken.url.clone()) else { return };
    let [one, other] = invented_paths(&first);
    let timeout_ms = detector.deps().request_timeout_ms;
    let asked = |url: &Url| detector.send(RequestSpec::get(url.clone(), timeout_ms), retry.cancel());
    let (Ok(one_answer), Ok(other_answer)) = futures_util::future::join(asked(&one), asked(&other)).await else {
        return;
    };
    let control = ControlAnswer::of([SeenAnswer::of(&one, &one_answer), SeenAnswer::of(&other, &other_answer)]);
    for spoken in spoken.iter_mut().filter(|spoken| spoken.may_be_what_any_path_says()) {
        let is_alike = |exchange: &Exchange| control.is_alike(&SeenAnswer::of(&spoken.url, exchange));
        if spoken.exchange.as_ref().is_some_and(is_alike) {
            spoken.said = Ok(HealthAnswer::Absent);
        }
    }
}

async fn ask(comparison: Comparison<'_>, production: &Production, configured: bool, path: &str) -> Spoken {
    let Comparison { detector, retry, heard, .. } = comparison;
    let (check, at) = (ResolvedCheck::on(production, path), detector.deps().clock.now());
    let request = anonymous_request(&check);
    let (path, url) = (path.to_owned(), request.url.clone());
    match detector.send(request, retry.cancel()).await {
        Ok(exchange) => {
            detector.keep_look(&check, at, &exchange);
            heard.keep(Some(production), &exchange);
            let route = if configured { HealthRoute::Configured } else { HealthRoute::Guessed(&path) };
            let said = Ok(health_of(Some(route), &exchange).answer);
            Spoken { path, url, status: Some(exchange.status), said, exchange: Some(exchange) }
        }
        Err(failure) => Spoken { path, url, status: None, said: Err(failure), exchange: None },
    }
}

/// What all health routes said together.
#[derive(Debug)]
struct Summary {
    url: Option<Url>,
    response_code: Option<u16>,
    answer: DriftAnswer,
}

/// Decides on all routes. An unhealthy route is a finding, and so is an absent configured route; that none of the guessed
/// routes is there says nothing about production, unless one of them was there before. Otherwise one healthy route is enough,
/// and without one the answer is unverified.
fn summarise(configured: bool, spoken: &[Spoken], known: &[String]) -> Summary {
    for route in spoken {
        let path = one_line(&route.path, 120);
        let found = |issue: String, recommendation: String| Summary {
            url: Some(route.url.clone()),
            response_code: route.status,
            answer: DriftAnswer::Found { issue, recommendation },
        };
        match &route.said {
            Ok(HealthAnswer::Unhealthy(observed)) => {
                return found(
                    format!("health {path} is unhealthy in production: {observed}"),
                    format!("Read production's logs, and wait until {path} is healthy."),
                );
            }
            Ok(HealthAnswer::Absent) if configured => {
                return found(
                    format!("health {path} is missing in production: {}", route.status.unwrap_or(404)),
                    format!("Deploy {path}, or correct health_paths."),
                );
            }
            _ => {}
        }
    }
    let healthy =
        spoken.iter().find(|route| matches!(route.said, Ok(HealthAnswer::Healthy | HealthAnswer::Degraded(_))));
    if let Some(route) = healthy {
        return Summary { url: Some(route.url.clone()), response_code: route.status, answer: DriftAnswer::Clean };
    }
    let is_gone = |route: &&Spoken| known.contains(&route.path) && matches!(route.status, Some(404 | 410));
    if let Some(route) = spoken.iter().find(is_gone) {
        let (path, status) = (one_line(&route.path, 120), route.status.unwrap_or(404));
        return Summary {
            url: Some(route.url.clone()),
            response_code: route.status,
            answer: DriftAnswer::Found {
                issue: format!("health {path} is gone from production: {status}, and it was healthy before"),
                recommendation: format!("Deploy {path} again, or name the routes that report health in health_paths."),
            },
        };
    }
    let nowhere = |answer| Summary { url: None, response_code: None, answer };
    if spoken.iter().all(|route| matches!(route.said, Ok(HealthAnswer::Absent))) {
        let tried = spoken.iter().map(|route| one_line(&route.path, 60)).collect::<Vec<_>>().join(", ");
        return nowhere(DriftAnswer::NotApplicable {
            why: format!("production offers no health route (asked: {tried})"),
        });
    }
    if spoken.iter().any(|route| matches!(route.said, Err(TransportFailure::Cancelled))) {
        return nowhere(cancelled());
    }
    nowhere(unknown(spoken))
}

fn unknown(spoken: &[Spoken]) -> DriftAnswer {
    let mut reasons: Vec<String> = Vec::new();
    let mut fix = FIX.to_owned();
    for route in spoken {
        let reason = match &route.said {
            Ok(HealthAnswer::Inconclusive(observed)) => format!("{} answers {observed}", route.path),
            Err(failure) => {
                fix = transport_failure_fix(failure);
                failure.to_string()
            }
            Ok(_) => continue,
        };
        let reason = one_line(&reason, 160);
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    DriftAnswer::Unverified { why: format!("no route says how healthy production is: {}", reasons.join("; ")), fix }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken(path: &str, status: Option<u16>, said: Result<HealthAnswer, TransportFailure>) -> Spoken {
        let url = Url::parse(&format!("https://api.example.com{path}")).expect("a URL");
        Spoken { path: path.to_owned(), url, status, said, exchange: None }
    }

    fn answers(path: &str, status: u16) -> Spoken {
        spoken(path, Some(status), Ok(crate::domain::judge_health(status, crate::domain::HealthBody::Empty).answer))
    }

    fn refuses(path: &str) -> Spoken {
        let failure = TransportFailure::Refused { host: "api.example.com".to_owned(), port: 443 };
        spoken(path, None, Err(failure))
    }

    #[test]
    fn a03_one_healthy_route_of_the_well_known_is_enough() {
        let summary = summarise(false, &[answers("/health", 404), answers("/healthz", 200)], &[]);
        assert_eq!((summary.answer, summary.response_code), (DriftAnswer::Clean, Some(200)));
    }

    #[test]
    fn an_unhealthy_route_is_a_finding_beside_a_healthy_one() {
        let summary = summarise(false, &[answers("/health", 200), answers("/ready", 503)], &[]);
        let DriftAnswer::Found { issue, .. } = summary.answer else { panic!("a finding") };
        assert_eq!(issue, "health /ready is unhealthy in production: 503");
        assert_eq!(summary.url.map(String::from).as_deref(), Some("https://api.example.com/ready"));
    }

    #[test]
    fn no_guessed_route_at_all_is_no_finding_and_a_configured_one_that_is_absent_is_one() {
        let all_absent = summarise(false, &[answers("/health", 404), answers("/ready", 410)], &[]);
        assert!(matches!(all_absent.answer, DriftAnswer::NotApplicable { .. }));
        let configured = summarise(true, &[answers("/live", 200), answers("/status", 404)], &[]);
        let DriftAnswer::Found { issue, .. } = configured.answer else { panic!("a finding") };
        assert_eq!(issue, "health /status is missing in production: 404");
    }

    #[test]
    fn a_route_that_was_healthy_and_is_not_there_any_more_is_a_finding_until_another_one_is_healthy() {
        let known = ["/up".to_owned()];
        let gone = summarise(false, &[answers("/health", 404), answers("/up", 404)], &known);
        let DriftAnswer::Found { issue, .. } = gone.answer else { panic!("a finding") };
        assert_eq!(issue, "health /up is gone from production: 404, and it was healthy before");
        let moved = summarise(false, &[answers("/health", 200), answers("/up", 404)], &known);
        assert_eq!(moved.answer, DriftAnswer::Clean);
        let behind_a_login = summarise(false, &[answers("/health", 404), answers("/up", 401)], &known);
        assert!(!matches!(behind_a_login.answer, DriftAnswer::Found { .. }));
    }

    #[test]
    fn silence_and_pages_are_unverified_with_every_reason_once() {
        let summary = summarise(false, &[refuses("/health"), refuses("/ready"), answers("/healthz", 302)], &[]);
        let DriftAnswer::Unverified { why, .. } = summarise(false, &[answers("/healthz", 302)], &[]).answer else {
            panic!("unverified")
        };
        assert_eq!(why, "no route says how healthy production is: /healthz answers 302 (it redirects)");
        assert!(!matches!(summary.answer, DriftAnswer::Found { .. } | DriftAnswer::Clean));
    }
}
