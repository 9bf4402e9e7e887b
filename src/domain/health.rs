//! Whether an answer says that production is healthy (gate.md G6, G7).

use serde_json::Value;

/// The health routes that are looked for when the configuration names none.
pub const WELL_KNOWN_HEALTH_PATHS: [&str; 4] = ["/health", "/ready", "/healthz", "/api/health"];

/// What an answer of a health route says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HealthAnswer {
    /// It is healthy.
    Healthy,
    /// The route does not exist (404, 410).
    Absent,
    /// Something answered, but it does not speak about health: 401, 403, 429, a redirect or a page. Says what.
    Inconclusive(String),
    /// It is not healthy. Says what was observed.
    Unhealthy(String),
}

/// Judges an answer of a health route by its status, media type and body.
///
/// `body` is the parsed JSON, where it is JSON. Sources of the words: `application/health+json`
/// (draft-inadarei-api-health-check §3.1: `fail`), Spring Boot Actuator (`DOWN`, `OUT_OF_SERVICE`).
pub fn judge_health(status: u16, content_type: Option<&str>, body: Option<&Value>) -> HealthAnswer {
    let html = content_type.is_some_and(is_html);
    match status {
        404 | 410 => HealthAnswer::Absent,
        401 | 403 => HealthAnswer::Inconclusive(format!("{status} (it asks for a login)")),
        429 => HealthAnswer::Inconclusive("429 (too many requests)".to_owned()),
        300..=399 => HealthAnswer::Inconclusive(format!("{status} (it redirects)")),
        200..=299 if html => HealthAnswer::Inconclusive(format!("{status} with an HTML page")),
        200..=299 => match body.and_then(unhealthy_word) {
            Some(word) => HealthAnswer::Unhealthy(format!("{status} that says {word}")),
            None => HealthAnswer::Healthy,
        },
        _ => HealthAnswer::Unhealthy(status.to_string()),
    }
}

/// Tells whether a media type is an HTML page's.
pub fn is_html(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "text/html" || essence == "application/xhtml+xml"
}

/// Returns `"field": "word"` when the body says that it is unhealthy.
fn unhealthy_word(body: &Value) -> Option<String> {
    const UNHEALTHY: [&str; 8] =
        ["error", "down", "fail", "failed", "failing", "unhealthy", "critical", "out_of_service"];
    let word = |text: &str| UNHEALTHY.contains(&text.trim().to_ascii_lowercase().replace(['-', ' '], "_").as_str());
    if let Value::String(text) = body {
        return word(text).then(|| format!("\"{}\"", super::one_line(text, 40)));
    }
    let fields = body.as_object()?;
    for (name, value) in fields {
        let known = ["status", "state", "health"].contains(&name.to_ascii_lowercase().as_str());
        match value {
            Value::String(text) if known && word(text) => {
                return Some(format!("\"{name}\": \"{}\"", super::one_line(text, 40)));
            }
            Value::Object(_) if known => {
                if let Some(found) = unhealthy_word(value) {
                    return Some(found);
                }
            }
            _ => {}
        }
    }
    match fields.get("healthy") {
        Some(Value::Bool(false)) => Some("\"healthy\": false".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_that_says_it_is_unhealthy_is_unhealthy_whatever_its_status() {
        for body in [
            json!({"status": "fail"}),
            json!({"status": "DOWN", "components": {}}),
            json!({"status": "OUT_OF_SERVICE"}),
            json!({"state": "critical"}),
            json!({"health": {"status": "unhealthy"}}),
            json!("error"),
        ] {
            assert!(
                matches!(judge_health(200, Some("application/json"), Some(&body)), HealthAnswer::Unhealthy(_)),
                "{body}"
            );
        }
        assert_eq!(
            judge_health(200, Some("application/json"), Some(&json!({"status": "pass"}))),
            HealthAnswer::Healthy
        );
        assert_eq!(judge_health(204, None, None), HealthAnswer::Healthy);
    }

    #[test]
    fn pages_logins_and_redirects_say_nothing_about_health() {
        for (status, media) in
            [(401, None), (403, None), (429, None), (302, None), (200, Some("text/html; charset=utf-8"))]
        {
            assert!(matches!(judge_health(status, media, None), HealthAnswer::Inconclusive(_)));
        }
        assert_eq!(judge_health(404, None, None), HealthAnswer::Absent);
        assert!(matches!(judge_health(503, None, None), HealthAnswer::Unhealthy(_)));
    }
}
