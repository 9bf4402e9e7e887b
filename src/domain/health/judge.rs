//! What follows of an answer's status and body. Pure.

use super::body::HealthBody;
use super::document::{has_judged_top, judge_document};
use super::routes::HealthRoute;
use super::said::{Said, some_of};
use super::text::judge_text;

/// What an answer of a health route says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HealthAnswer {
    /// It is healthy.
    Healthy,
    /// It is healthy, and says that something could be better: it passes, and is told. Says what.
    Degraded(String),
    /// The route does not exist, or is none for looking (400, 404, 405, 410).
    Absent,
    /// Something answered, but it does not speak about health: 401, 403, 429, a redirect or a page. Says what.
    Inconclusive(String),
    /// It is not healthy. Says what was observed.
    Unhealthy(String),
}

/// What an answer of a health route says, and what is told beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthVerdict {
    /// What it says.
    pub answer: HealthAnswer,
    /// What changes nothing and stands in the warnings: an old failure that a healthy part quotes, a status without words.
    pub told: Vec<String>,
}

impl From<HealthAnswer> for HealthVerdict {
    fn from(answer: HealthAnswer) -> Self {
        Self { answer, told: Vec::new() }
    }
}

/// Tells whether a media type is an HTML page's.
pub fn is_html(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "text/html" || essence == "application/xhtml+xml"
}

/// Judges an answer by its status and body, whoever says that its route is a health route.
pub fn judge_health(status: u16, body: HealthBody<'_>) -> HealthVerdict {
    match status {
        400 | 404 | 405 | 410 => HealthAnswer::Absent.into(),
        401 | 403 => HealthAnswer::Inconclusive(format!("{status} (it asks for a login)")).into(),
        408 | 425 | 429 => HealthAnswer::Inconclusive(format!("{status} (it asks for patience)")).into(),
        304 => HealthAnswer::Inconclusive("304 (not modified)".to_owned()).into(),
        300..=399 => HealthAnswer::Inconclusive(format!("{status} (it redirects)")).into(),
        200..=299 => judge_body(status, &body),
        _ => {
            let bad = said_by(&body).map(|said| some_of(&said.bad)).filter(|bad| !bad.is_empty());
            let says = bad.map_or_else(String::new, |bad| format!(" that says {bad}"));
            HealthAnswer::Unhealthy(format!("{status}{says}")).into()
        }
    }
}

/// Judges an answer of a health route, with what is known of the route.
///
/// A configured route passes where its status is all that it says, as a page does. A guessed one is offered only with a
/// success or a failure of the server, and one that businesses use, too, only where it speaks about health.
pub fn judge_health_route(route: HealthRoute<'_>, status: u16, body: HealthBody<'_>) -> HealthVerdict {
    let is_guess = matches!(route, HealthRoute::Guessed(_));
    // 501 says that nothing of the kind is there (RFC 9110 §15.6.2).
    if is_guess && matches!(status, 300..=499 | 501) && !matches!(status, 408 | 425 | 429) {
        return HealthVerdict { answer: HealthAnswer::Absent, told: vec![format!("answers {status}")] };
    }
    let speaks = matches!(&body, HealthBody::Json(document) if has_judged_top(document));
    if route.has_a_business_name() && !speaks {
        return HealthAnswer::Absent.into();
    }
    let is_success = (200..300).contains(&status);
    let by_status = match &body {
        HealthBody::Page => is_success && route.may_be_a_page(),
        HealthBody::Json(_) | HealthBody::Text(_) => !is_guess && is_success && says_nothing(&body),
        HealthBody::Empty | HealthBody::Unreadable(_) => false,
    };
    if by_status {
        let told = if is_guess { Vec::new() } else { vec![format!("{status} alone says that it is healthy")] };
        return HealthVerdict { answer: HealthAnswer::Healthy, told };
    }
    judge_health(status, body)
}

fn said_by(body: &HealthBody<'_>) -> Option<Said> {
    match body {
        HealthBody::Json(document) => Some(judge_document(document)),
        HealthBody::Text(text) => Some(judge_text(text)),
        HealthBody::Empty | HealthBody::Page | HealthBody::Unreadable(_) => None,
    }
}

fn says_nothing(body: &HealthBody<'_>) -> bool {
    said_by(body).is_some_and(|said| said == Said::default())
}

fn judge_body(status: u16, body: &HealthBody<'_>) -> HealthVerdict {
    let inconclusive = |what: String| HealthVerdict::from(HealthAnswer::Inconclusive(format!("{status} {what}")));
    let said = match (body, said_by(body)) {
        (HealthBody::Page, _) => return inconclusive("with an HTML page".to_owned()),
        (HealthBody::Unreadable(what), _) => return inconclusive(format!("with {what}")),
        // What asks a load balancer to read no more than the status (heptiolabs/healthcheck answers `{}`).
        (HealthBody::Json(serde_json::Value::Object(fields)), _) if fields.is_empty() => {
            return HealthAnswer::Healthy.into();
        }
        (_, None) => return HealthAnswer::Healthy.into(),
        (_, Some(said)) => said,
    };
    let answer = if !said.bad.is_empty() {
        HealthAnswer::Unhealthy(format!("{status} that says {}", some_of(&said.bad)))
    } else if said.has_unknown_top && !said.has_good_top {
        HealthAnswer::Inconclusive(format!("{status} that says {}, which is no known word", some_of(&said.unknown)))
    } else if !said.warn.is_empty() {
        HealthAnswer::Degraded(format!("{status} that says {}", some_of(&said.warn)))
    } else if said.has_good_top || said.has_good || (said.has_good_quote && said.told.is_empty()) {
        HealthAnswer::Healthy
    } else if !said.told.is_empty() {
        HealthAnswer::Inconclusive(format!("{status} that says {} and nothing of itself", some_of(&said.told)))
    } else if !said.unknown.is_empty() {
        HealthAnswer::Inconclusive(format!("{status} that says {}, which is no known word", some_of(&said.unknown)))
    } else {
        HealthAnswer::Inconclusive(format!("{status} with nothing that speaks about health"))
    };
    let is_told = matches!(answer, HealthAnswer::Healthy | HealthAnswer::Degraded(_)) && !said.told.is_empty();
    let told = if is_told { vec![format!("says {} beside its own word", some_of(&said.told))] } else { Vec::new() };
    HealthVerdict { answer, told }
}
