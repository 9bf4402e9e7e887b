//! What an answer means. Pure.

use super::baseline_shape::differs_from;
use super::expectation::judge_status;
use super::health::health_of;
use super::plausible::{self, JudgedAnswer};
use crate::domain::{
    BuildAnswer, BuildPlace, BuildWord, ExpectationResult, ExpectedStatus, FieldNaming, HealthAnswer, HealthRoute,
    HealthVerdict, OBSERVED_FOR_MS, Outcome, PlaceKind, ProofResult, Redactor, Timestamp, is_html, names_health,
    one_line, words_of,
};
use crate::expect::{AnswerPlace, AnswerView, Expectation, PreparedCheck};
use crate::outbound::{Exchange, TransportFailure};

/// The fix for an answer that does not speak about health.
const HEALTH_FIX: &str = "name a health route that answers JSON without a login in health_paths";
/// How long a message about one expectation may be, in characters.
const MAX_MESSAGE: usize = 300;

/// An answer, judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Judged {
    pub(super) outcome: Outcome,
    pub(super) expectations: Vec<ExpectationResult>,
    pub(super) told: Vec<String>,
}

impl Judged {
    const fn by(outcome: Outcome) -> Self {
        Self { outcome, expectations: Vec::new(), told: Vec::new() }
    }
}

/// What is known of an answer beside itself.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct KnownBeside<'a> {
    /// The files that the page cannot use, where they were asked for.
    pub(super) broken_assets: Option<&'a [String]>,
    /// Whether it differs from the baseline, where there is one.
    pub(super) differs_from_baseline: Option<bool>,
    /// The build that it tells, where that is asked for.
    pub(super) build: Option<&'a str>,
}

/// Hands over the answer as expectations see it. The owned parts live as long as the call.
pub(super) fn with_answer<T>(
    exchange: &Exchange,
    known: KnownBeside<'_>,
    now: Timestamp,
    redactor: &Redactor,
    judge: impl FnOnce(&AnswerView<'_>) -> T,
) -> T {
    let redirects: Vec<String> = exchange.redirects.iter().map(ToString::to_string).collect();
    let ip = exchange.remote.map(|remote| remote.ip().to_string());
    let mut answer = AnswerView::new(exchange.status, &exchange.headers, &exchange.body_start, now, redactor);
    answer.http_version = exchange.http_version.trim_start_matches("HTTP/");
    answer.cut = exchange.whole_body().is_none();
    answer.sha256 = digest_bytes(&exchange.body_digest);
    answer.url = exchange.url.as_str();
    answer.redirects = &redirects;
    answer.ip = ip.as_deref();
    answer.duration_ms = exchange.duration_ms;
    answer.certificate = exchange.certificate.as_deref();
    answer.broken_assets = known.broken_assets;
    answer.differs_from_baseline = known.differs_from_baseline;
    answer.build = known.build;
    judge(&answer)
}

fn digest_bytes(hex: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(hex.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// Judges an answer of a live check: its status, what is expected of it, and whether it is plausible (G9).
///
/// An answer that speaks about health and says that it is unhealthy fails a check that expects success, whatever
/// its status (G6).
/// `broken_assets` are the files that the page cannot use, where they were asked for.
pub(super) fn judge_live(
    check: &PreparedCheck,
    exchange: &Exchange,
    broken_assets: Option<&[String]>,
    now: Timestamp,
    redactor: &Redactor,
) -> Judged {
    let expected = check.expected_status();
    let by_status = judge_status(expected, exchange.status);
    if !by_status.is_passed() {
        return Judged::by(by_status_and_target(by_status, exchange));
    }
    if expected.accepts_only_success()
        && speaks_of_health(exchange)
        && let HealthAnswer::Unhealthy(observed) = health_of(None, exchange).answer
    {
        return Judged::by(Outcome::failed(expected.to_string(), observed));
    }
    let recent = check.baseline().filter(|baseline| now.ms_since(baseline.at) <= OBSERVED_FOR_MS);
    let differs_from_baseline = recent.and_then(|baseline| differs_from(&baseline.shape, exchange));
    let asks_for_build = check.expectations().iter().any(|one| one.place() == AnswerPlace::Build);
    let build = if asks_for_build { told_build(exchange) } else { None };
    let known = KnownBeside { broken_assets, differs_from_baseline, build: build.as_deref() };
    let (expectations, by_expectations) =
        with_answer(exchange, known, now, redactor, |answer| expected_of(check, answer, now));
    let plausible = plausible::judge(&answered(check, exchange), |place| is_overruled(check, place, now));
    let implausible = plausible.implausible.map(|found| {
        let observed = redactor.text(&format!("{} ({}; {})", found.observed, found.rule, found.overruled_by));
        Outcome::failed(found.expected, observed)
    });
    let outcome = match by_expectations {
        Outcome::Passed => implausible.unwrap_or(Outcome::Passed),
        other => other,
    };
    Judged { outcome, expectations, told: plausible.told.iter().map(|line| redactor.text(line)).collect() }
}

/// Returns the commit that an answer tells, else its version: of its body, or of its headers.
fn told_build(exchange: &Exchange) -> Option<String> {
    let place =
        BuildPlace { path: exchange.url.path().to_owned(), kind: PlaceKind::Guessed, field: None, is_cached: false };
    let text = String::from_utf8_lossy(exchange.whole_body().unwrap_or_default());
    let body = match exchange.header("content-type").is_some_and(is_html) && text.trim_start().starts_with('<') {
        true => BuildAnswer::Page(&text),
        false if speaks_of_health(exchange) => BuildAnswer::Health(&text),
        false => BuildAnswer::Body(&text),
    };
    let words = [words_of(&place, body), words_of(&place, BuildAnswer::Headers(&exchange.headers))].concat();
    // A text such as `ok` tells none.
    let is_told = |word: &BuildWord| {
        word.naming != FieldNaming::Elsewhere && word.word.contains(|letter: char| letter.is_ascii_digit())
    };
    let named = words.into_iter().filter(is_told);
    named.min_by_key(|word| (word.naming, word.field.matches('.').count())).map(|word| word.word)
}

/// A redirect that is not expected names where it leads.
fn by_status_and_target(outcome: Outcome, exchange: &Exchange) -> Outcome {
    let target = exchange.location();
    match (outcome, target) {
        (Outcome::Failed { expected, observed }, Some(target)) => {
            Outcome::failed(expected, format!("{observed}, which leads to {}", one_line(target, 120)))
        }
        (outcome, _) => outcome,
    }
}

/// Judges each expectation; the first failure decides, else the first that could not be judged.
fn expected_of(check: &PreparedCheck, answer: &AnswerView<'_>, now: Timestamp) -> (Vec<ExpectationResult>, Outcome) {
    let mut results = Vec::with_capacity(check.expectations().len());
    let mut decided = Outcome::Passed;
    for expectation in check.expectations() {
        let outcome = expectation.evaluate(answer);
        let says_nothing = expectation.says_nothing(None, now);
        results.push(ExpectationResult {
            expect: answer.redactor.text(&expectation.to_string()),
            result: ProofResult::from(&outcome),
            error_message: outcome.reason().map(|reason| one_line(&reason, MAX_MESSAGE)),
            says_nothing,
            tells_apart: expectation.tells_apart(now),
        });
        if matches!((&decided, &outcome), (Outcome::Passed, _) | (Outcome::Unverified { .. }, Outcome::Failed { .. })) {
            decided = outcome;
        }
    }
    (results, decided)
}

fn answered<'a>(check: &'a PreparedCheck, exchange: &'a Exchange) -> JudgedAnswer<'a> {
    let sent = |name: &str| {
        let found = check.headers().iter().find(|(known, _)| known == name);
        found.and_then(|(_, value)| value.to_str().ok())
    };
    JudgedAnswer {
        method: exchange.method,
        url: check.url(),
        sent_accept: sent("accept"),
        is_htmx: sent("hx-request").is_some(),
        status: exchange.status,
        headers: &exchange.headers,
        body: &exchange.body_start,
        is_whole: exchange.whole_body().is_some(),
        login_page: None,
    }
}

/// Tells whether the check itself says what stands in this place: exactly, and with a line that says something.
fn is_overruled(check: &PreparedCheck, place: &AnswerPlace, now: Timestamp) -> bool {
    let says = |one: &Expectation| {
        one.place() == *place && one.is_exact() && !one.says_nothing(None, now) && !one.accepts_any_failure()
    };
    check.expectations().iter().any(says)
}

fn speaks_of_health(exchange: &Exchange) -> bool {
    let media_type = exchange.header("content-type").unwrap_or_default().to_ascii_lowercase();
    media_type.starts_with("application/health+json") || names_health(exchange.url.path())
}

/// Judges an answer of a health route; what is told beside the verdict comes with it.
pub(super) fn judge_health_item(configured: bool, exchange: &Exchange) -> (HealthVerdict, Outcome) {
    let route = if configured { HealthRoute::Configured } else { HealthRoute::Guessed(exchange.url.path()) };
    let verdict = health_of(Some(route), exchange);
    let answer = &verdict.answer;
    let outcome = match answer {
        HealthAnswer::Healthy | HealthAnswer::Degraded(_) => Outcome::Passed,
        HealthAnswer::Unhealthy(observed) => Outcome::failed("a healthy answer", observed.clone()),
        HealthAnswer::Inconclusive(observed) => {
            Outcome::unverified(format!("the health route answered {observed}"), Some(HEALTH_FIX))
        }
        HealthAnswer::Absent if configured => Outcome::failed("a healthy answer", exchange.status.to_string()),
        HealthAnswer::Absent => Outcome::unverified("not offered", None),
    };
    (verdict, outcome)
}

/// Judges an answer that asks for patience: 429, or 503 with Retry-After (RFC 6585 §4, RFC 9110 §10.2.3), where the check
/// does not expect it. Returns the seconds that it asks for, where it says so.
pub(super) fn asks_for_patience(expected: &ExpectedStatus, exchange: &Exchange) -> Option<(Outcome, Option<u64>)> {
    let said = exchange.header("retry-after");
    let limited = exchange.status == 429 || (exchange.status == 503 && said.is_some());
    if !limited || expected.accepts(exchange.status) {
        return None;
    }
    let seconds = said.and_then(|text| text.trim().parse::<u64>().ok());
    let why = match seconds {
        Some(seconds) => format!("{} with Retry-After {seconds} s", exchange.status),
        None => format!("{} (production asks for patience)", exchange.status),
    };
    let settle = seconds.map_or(60, |seconds| seconds.saturating_add(1)).min(600);
    Some((Outcome::unverified(why, Some(&format!("wait, or set settle_seconds to {settle}"))), seconds))
}

/// Judges a check without an answer: it neither failed nor passed.
pub(super) fn transport_failure_outcome(failure: &TransportFailure) -> Outcome {
    Outcome::unverified(one_line(&failure.to_string(), 300), failure.fix().as_deref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::LiveCheck;

    fn exchange(path: &str, status: u16, media_type: &str, body: &str) -> Exchange {
        Exchange::answered(&format!("http://a.test{path}"), status, &[("content-type", media_type)], body.as_bytes())
    }

    fn judged(expect: &[&str], exchange: &Exchange) -> Judged {
        let mut check = LiveCheck::get(exchange.url.as_str());
        check.expect = expect.iter().map(|line| (*line).to_owned()).collect();
        let check = PreparedCheck::new(check.resolved(None).expect("resolved")).expect("expectations");
        judge_live(&check, exchange, None, Timestamp::from_micros(0), &Redactor::default())
    }

    #[test]
    fn a_live_check_is_judged_by_its_status_and_by_what_a_health_answer_says() {
        let live = |path, status, media, body| judged(&[], &exchange(path, status, media, body)).outcome;
        assert_eq!(live("/api", 200, "application/json", r#"{"id":7,"status":"failed"}"#), Outcome::Passed);
        assert_eq!(live("/api", 401, "application/json", "{}"), Outcome::failed("2xx", "401"));
        let unhealthy = Outcome::failed("2xx", "200 that says status: fail");
        assert_eq!(live("/api", 200, "application/health+json", r#"{"status":"fail"}"#), unhealthy);
        assert_eq!(live("/healthz", 200, "application/json", r#"{"status":"fail"}"#), unhealthy);
    }

    #[test]
    fn a_200_that_says_error_fails_unless_the_check_says_that_it_is_right() {
        let said = exchange("/api/orders", 200, "application/json", r#"{"error":"none"}"#);
        assert!(matches!(judged(&[], &said).outcome, Outcome::Failed { .. }));
        assert_eq!(judged(&["jsonpath $.error == 'none'"], &said).outcome, Outcome::Passed);
        // A line that takes any error overrules nothing, and neither does one that holds on anything.
        assert!(matches!(judged(&["jsonpath $.error isString"], &said).outcome, Outcome::Failed { .. }));
        assert!(matches!(judged(&["jsonpath $.error startsWith ''"], &said).outcome, Outcome::Failed { .. }));
        assert!(matches!(judged(&["body matches /.*/"], &said).outcome, Outcome::Failed { .. }));
    }

    #[test]
    fn the_build_that_an_answer_tells_is_its_commit_and_then_its_version() {
        let version = exchange("/version", 200, "application/json", r#"{"version":"1.2.3","commit":"37b73f8"}"#);
        assert_eq!(judged(&["build startsWith 37b73f8"], &version).outcome, Outcome::Passed);
        let words = exchange("/version", 200, "text/plain", "1.2.3");
        assert_eq!(judged(&["build == '1.2.3'"], &words).outcome, Outcome::Passed);
        let orders = exchange("/api/orders", 200, "application/json", r#"{"items":[]}"#);
        assert!(matches!(judged(&["build exists"], &orders).outcome, Outcome::Failed { .. }));
        let header = Exchange::answered("http://a.test/x", 200, &[("x-git-sha", "37b73f8")], b"{}");
        assert_eq!(judged(&["build == 37b73f8"], &header).outcome, Outcome::Passed);
    }

    #[test]
    fn the_first_failure_decides_and_each_expectation_is_told() {
        let orders = exchange("/api/orders", 200, "application/json", r#"{"items":[1]}"#);
        let judged = judged(&["jsonpath $.items count > 0", "jsonpath $.total exists", "status == 200"], &orders);
        let told: Vec<_> = judged.expectations.iter().map(|one| (one.result, one.tells_apart)).collect();
        assert_eq!(told, [(ProofResult::Pass, true), (ProofResult::Fail, true), (ProofResult::Pass, false)]);
        assert!(judged.outcome.reason().expect("a reason").contains("$.total"), "{:?}", judged.outcome);
    }

    #[test]
    fn a_limit_is_no_failure_and_names_how_long_to_wait() {
        let limited = Exchange::answered("http://a.test/x", 429, &[("retry-after", "30")], b"");
        let (outcome, seconds) = asks_for_patience(&ExpectedStatus::default(), &limited).expect("limited");
        assert_eq!(seconds, Some(30));
        assert!(outcome.reason().expect("a reason").contains("settle_seconds to 31"), "{outcome:?}");
        assert!(asks_for_patience(&"429".parse().expect("status"), &limited).is_none());
        let down = Exchange::answered("http://a.test/x", 503, &[], b"");
        assert!(asks_for_patience(&ExpectedStatus::default(), &down).is_none());
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
        let page = "<!doctype html><p>hello</p>";
        assert_eq!(health(true, 200, "text/html", page), Outcome::Passed);
        for (configured, status, media, body) in
            [(true, 401, "text/plain", ""), (true, 302, "text/plain", ""), (false, 200, "text/html", page)]
        {
            assert!(matches!(health(configured, status, media, body), Outcome::Unverified { .. }), "{status} {media}");
        }
    }

    #[test]
    fn a_health_answer_that_is_too_long_to_read_proves_nothing() {
        let mut long = exchange("/health", 200, "application/json", r#"{"status":"ok"#);
        long.body_bytes = 1_000_000;
        let (verdict, outcome) = judge_health_item(false, &long);
        assert!(matches!((verdict.answer, outcome), (HealthAnswer::Inconclusive(_), Outcome::Unverified { .. })));
    }
}
