//! Whether an answer says that production is healthy (gate.md G6, G7).

use serde_json::Value;

/// The health routes that are looked for when the configuration names none.
pub const WELL_KNOWN_HEALTH_PATHS: [&str; 4] = ["/health", "/ready", "/healthz", "/api/health"];

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

/// What the body of a health route's answer is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum HealthBody<'a> {
    /// Nothing.
    Empty,
    /// A document.
    Json(&'a Value),
    /// Words.
    Text(&'a str),
    /// A page.
    Page,
    /// Neither; says what came.
    Unreadable(&'a str),
}

/// Judges an answer of a health route by its status and body.
///
/// Sources of the words: `application/health+json` (draft-inadarei-api-health-check §3.1: `fail`), Spring Boot Actuator
/// (`DOWN`, `OUT_OF_SERVICE`), ASP.NET (`Unhealthy`, `Degraded`), NestJS Terminus (`error`), gRPC (`NOT_SERVING`), kubernetes'
/// verbose form (`[-]etcd failed`).
pub fn judge_health(status: u16, body: HealthBody<'_>) -> HealthAnswer {
    let said = |word: String| HealthAnswer::Unhealthy(format!("{status} that says {word}"));
    match status {
        400 | 404 | 405 | 410 => HealthAnswer::Absent,
        401 | 403 => HealthAnswer::Inconclusive(format!("{status} (it asks for a login)")),
        429 => HealthAnswer::Inconclusive("429 (too many requests)".to_owned()),
        304 => HealthAnswer::Inconclusive("304 (not modified)".to_owned()),
        300..=399 => HealthAnswer::Inconclusive(format!("{status} (it redirects)")),
        200..=299 => match body {
            HealthBody::Page => HealthAnswer::Inconclusive(format!("{status} with an HTML page")),
            HealthBody::Unreadable(what) => HealthAnswer::Inconclusive(format!("{status} with {what}")),
            HealthBody::Empty => HealthAnswer::Healthy,
            HealthBody::Json(document) => match worst(document) {
                (Grade::Bad, word) => said(word),
                (Grade::Warn, word) => HealthAnswer::Degraded(format!("{status} that says {word}")),
                (Grade::Fine, _) => HealthAnswer::Healthy,
            },
            HealthBody::Text(text) => match worst_line(text) {
                (Grade::Bad, word) => said(word),
                (Grade::Warn, word) => HealthAnswer::Degraded(format!("{status} that says {word}")),
                (Grade::Fine, _) => HealthAnswer::Healthy,
            },
        },
        _ => HealthAnswer::Unhealthy(status.to_string()),
    }
}

/// Tells whether a media type is an HTML page's.
pub fn is_html(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "text/html" || essence == "application/xhtml+xml"
}

/// Words that say that something is not well.
const BAD: [&str; 30] = [
    "down",
    "out_of_service",
    "fail",
    "failed",
    "failing",
    "failure",
    "error",
    "critical",
    "unhealthy",
    "unavailable",
    "service_unavailable",
    "not_ready",
    "notready",
    "not_ok",
    "not_healthy",
    "nok",
    "ko",
    "red",
    "not_serving",
    "disconnected",
    "offline",
    "maintenance",
    "starting",
    "draining",
    "stopped",
    "dead",
    "broken",
    "false",
    "no",
    "unreachable",
];
/// Words that say that something could be better.
const WARN: [&str; 6] = ["degraded", "warn", "warning", "yellow", "partial", "partially_degraded"];
/// Words that say that something is well.
const GOOD: [&str; 16] = [
    "up", "ok", "okay", "pass", "passed", "passing", "healthy", "good", "green", "alive", "ready", "serving",
    "success", "running", "online", "true",
];
/// The fields that say how something is.
const JUDGED: [&str; 8] = ["status", "state", "health", "healthy", "ok", "success", "alive", "ready"];
/// The fields that hold the parts of a service, each of which says how it is.
const CONTAINERS: [&str; 9] =
    ["checks", "components", "details", "entries", "results", "dependencies", "services", "endpoints", "error"];
/// How deep parts of parts are followed.
const DEEPEST: usize = 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Grade {
    Fine,
    Warn,
    Bad,
}

/// A grade and what says it: `"components.db.status": "DOWN"`.
type Said = (Grade, String);

fn fine() -> Said {
    (Grade::Fine, String::new())
}

fn normal(text: &str) -> String {
    text.trim().to_ascii_lowercase().replace(['-', ' '], "_")
}

fn grade_of(word: &str) -> Grade {
    let word = normal(word);
    if BAD.contains(&word.as_str()) {
        Grade::Bad
    } else if WARN.contains(&word.as_str()) {
        Grade::Warn
    } else {
        Grade::Fine
    }
}

fn worse(one: Said, other: Said) -> Said {
    if other.0 > one.0 { other } else { one }
}

fn worst(document: &Value) -> Said {
    match document {
        Value::String(text) => (grade_of(text), format!("\"{}\"", super::one_line(text, 40))),
        Value::Array(items) => items.iter().map(|item| part(item, "", 0)).fold(fine(), worse),
        whole => part(whole, "", 0),
    }
}

/// Judges one part: its own fields, and the parts in its containers.
fn part(value: &Value, path: &str, depth: usize) -> Said {
    let Some(fields) = value.as_object().filter(|_| depth < DEEPEST) else { return fine() };
    let is_good = fields.iter().any(|(name, field)| {
        let said = field.as_str().is_some_and(|word| GOOD.contains(&normal(word).as_str()));
        JUDGED.contains(&normal(name).as_str()) && (said || field == &Value::Bool(true))
    });
    let mut said = fine();
    for (name, field) in fields {
        let (known, place) = (normal(name), joined(path, name));
        if JUDGED.contains(&known.as_str()) {
            said = worse(said, judged(field, &place, depth));
        }
        // What a component tells of itself may quote an old failure.
        if CONTAINERS.contains(&known.as_str()) && !(known == "details" && is_good && depth > 0) {
            said = worse(said, contained(field, &place, depth));
        }
    }
    said
}

/// Judges a field that says how something is.
fn judged(field: &Value, place: &str, depth: usize) -> Said {
    match field {
        Value::String(word) => (grade_of(word), format!("\"{place}\": \"{}\"", super::one_line(word, 40))),
        Value::Bool(false) => (Grade::Bad, format!("\"{place}\": false")),
        Value::Number(number) if number.as_u64().is_some_and(|code| (400..600).contains(&code)) => {
            (Grade::Bad, format!("\"{place}\": {number}"))
        }
        Value::Object(_) => part(field, place, depth + 1),
        _ => fine(),
    }
}

/// Judges the parts in a container: named ones, a list of them, or a word for each.
fn contained(field: &Value, place: &str, depth: usize) -> Said {
    match field {
        Value::Object(parts) => parts
            .iter()
            .map(|(name, inner)| {
                let place = joined(place, name);
                match inner {
                    Value::Array(items) => items.iter().map(|item| part(item, &place, depth + 1)).fold(fine(), worse),
                    Value::Object(_) => part(inner, &place, depth + 1),
                    // Only a word that says how a part is: an error's text is none.
                    Value::String(word) if GOOD.contains(&normal(word).as_str()) || grade_of(word) != Grade::Fine => {
                        judged(inner, &place, depth)
                    }
                    Value::Bool(_) => judged(inner, &place, depth),
                    _ => fine(),
                }
            })
            .fold(fine(), worse),
        Value::Array(items) => items.iter().map(|item| part(item, place, depth + 1)).fold(fine(), worse),
        _ => fine(),
    }
}

fn joined(path: &str, name: &str) -> String {
    let name = super::one_line(name, 40);
    if path.is_empty() { name } else { format!("{path}.{name}") }
}

/// Judges words: those of the first and the last line, and each line of kubernetes' verbose form.
fn worst_line(text: &str) -> Said {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if let Some(line) = lines.iter().find(|line| line.starts_with("[-]")) {
        return (Grade::Bad, format!("\"{}\"", super::one_line(line, 60)));
    }
    let ends = [lines.first(), lines.last()];
    ends.into_iter()
        .flatten()
        .map(|line| (grade_of_line(line), format!("\"{}\"", super::one_line(line, 60))))
        .fold(fine(), worse)
}

/// A line is short where it says how a service is.
fn grade_of_line(line: &str) -> Grade {
    const WORDS: usize = 12;
    const NEGATIONS: [&str; 5] = ["0", "no", "not", "without", "never"];
    let words: Vec<String> = line
        .split(|letter: char| !letter.is_alphanumeric() && letter != '_' && letter != '-')
        .filter(|word| !word.is_empty())
        .map(normal)
        .collect();
    if words.len() > WORDS {
        return Grade::Fine;
    }
    if let [one] = words.as_slice() {
        return grade_of(one);
    }
    if grade_of(&words.join("_")) != Grade::Fine {
        return grade_of(&words.join("_"));
    }
    let pairs = words.windows(2).map(|pair| grade_of(&pair.join("_")));
    let single = words.iter().enumerate().map(|(index, word)| {
        let negated = index > 0 && NEGATIONS.contains(&words[index - 1].as_str());
        // Short words such as "no" and "red" mean something only by themselves.
        if negated || word.len() < 4 || word == "false" { Grade::Fine } else { grade_of(word) }
    });
    pairs.chain(single).max().unwrap_or(Grade::Fine)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(document: &Value) -> HealthAnswer {
        judge_health(200, HealthBody::Json(document))
    }

    #[test]
    fn an_answer_that_says_it_is_unhealthy_is_unhealthy_whatever_its_status() {
        for body in [
            json!({"status": "fail"}),
            json!({"status": "DOWN", "components": {}}),
            json!({"status": "OUT_OF_SERVICE"}),
            json!({"state": "critical"}),
            json!({"health": {"status": "unhealthy"}}),
            json!("error"),
            json!({"status": "UP", "components": {"db": {"status": "DOWN"}}}),
            json!({"status": "ok", "checks": {"db": [{"status": "fail"}]}}),
            json!({"results": [{"name": "db", "status": "ERROR"}]}),
            json!({"endpoints": [{"Url": "x", "Healthy": false}]}),
            json!({"services": {"redis": "disconnected", "db": "ok"}}),
            json!({"checks": {"db": false}}),
            json!({"ok": false}),
            json!({"success": false}),
            json!({"ready": false}),
            json!({"status": 503, "title": "Service Unavailable"}),
            json!({"status": "error", "error": {"db": {"status": "down"}}}),
            json!([{"status": "down"}]),
        ] {
            assert!(matches!(of(&body), HealthAnswer::Unhealthy(_)), "{body}: {:?}", of(&body));
        }
        let said = of(&json!({"status": "UP", "components": {"db": {"status": "DOWN"}}}));
        assert_eq!(said, HealthAnswer::Unhealthy("200 that says \"components.db.status\": \"DOWN\"".to_owned()));
    }

    #[test]
    fn healthy_documents_of_real_frameworks_are_healthy() {
        for body in [
            json!({"status": "pass"}),
            json!({"status": "UP", "components": {"diskSpace": {"status": "UP", "details": {"free": 1, "exists": true}}}}),
            json!({"status": "ok", "info": {"db": {"status": "up"}}, "error": {}, "details": {"db": {"status": "up"}}}),
            json!({"status": "Healthy", "entries": {"sql": {"data": {}, "duration": "00:00:01", "status": "Healthy", "tags": []}}}),
            json!({"status": "ok", "uptime": 12.5, "version": "1.2.3"}),
            json!({"database": "connected", "failed_jobs": 3, "errors": 0}),
            json!({"status": "UP", "components": {"mail": {"status": "UP", "details": {"error": "last failure: timeout"}}}}),
            json!({"status": 200, "message": "OK"}),
            json!({"ok": true, "error": null}),
            json!({"checks": {"queue": "empty", "jobs": 0}}),
            json!({}),
            json!("OK"),
            json!(true),
        ] {
            assert_eq!(of(&body), HealthAnswer::Healthy, "{body}");
        }
        assert_eq!(judge_health(204, HealthBody::Empty), HealthAnswer::Healthy);
        for text in [
            "OK",
            "Healthy",
            "ok\n",
            "healthz check passed",
            "[+]ping ok\n[+]etcd ok\nreadyz check passed",
            "0 failed",
            "no errors",
            "pong",
        ] {
            assert_eq!(judge_health(200, HealthBody::Text(text)), HealthAnswer::Healthy, "{text}");
        }
    }

    #[test]
    fn words_and_lines_say_it_too_and_degraded_is_told() {
        for text in [
            "Unhealthy",
            "DOWN",
            "not ready",
            "[+]ping ok\n[-]etcd failed: reason withheld\nhealthz check failed",
            "out of service",
            "false",
        ] {
            assert!(matches!(judge_health(200, HealthBody::Text(text)), HealthAnswer::Unhealthy(_)), "{text}");
        }
        assert!(matches!(judge_health(200, HealthBody::Text("Degraded")), HealthAnswer::Degraded(_)));
        assert!(matches!(of(&json!({"status": "yellow"})), HealthAnswer::Degraded(_)));
        assert!(matches!(
            of(&json!({"status": "ok", "checks": {"cache": {"status": "warn"}}})),
            HealthAnswer::Degraded(_)
        ));
    }

    #[test]
    fn pages_logins_and_redirects_say_nothing_about_health() {
        for (status, body) in [
            (401, HealthBody::Empty),
            (403, HealthBody::Empty),
            (429, HealthBody::Empty),
            (302, HealthBody::Empty),
            (200, HealthBody::Page),
            (200, HealthBody::Unreadable("JSON that cannot be read")),
        ] {
            assert!(matches!(judge_health(status, body), HealthAnswer::Inconclusive(_)));
        }
        for status in [400, 404, 405, 410] {
            assert_eq!(judge_health(status, HealthBody::Empty), HealthAnswer::Absent);
        }
        assert!(matches!(judge_health(503, HealthBody::Empty), HealthAnswer::Unhealthy(_)));
    }
}
