//! What a word says about health: four lists, and how a few words together are read.
//!
//! The words come from `application/health+json` (draft-inadarei-api-health-check §3.1), Spring Boot Actuator, MicroProfile
//! Health, ASP.NET, NestJS Terminus, gRPC's health protocol, Consul, Elasticsearch, Ceph, Mozilla Dockerflow, spatie's
//! laravel-health, liip/monitor-bundle, django-health-check, SonarQube, Envoy and hellofresh/health-go. They are compared
//! without case, blanks, `_` and `-`, so `OutOfService`, `out-of-service` and `OUT_OF_SERVICE` are one.

/// What a word says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum WordGrade {
    /// Something is well.
    Good,
    /// Nothing: neither well nor ill.
    Unknown,
    /// Something could be better.
    Warn,
    /// Something is not well.
    Bad,
}

const GOOD: &[&str] = &[
    "up",
    "ok",
    "okay",
    "pass",
    "passed",
    "passing",
    "healthy",
    "good",
    "green",
    "alive",
    "live",
    "ready",
    "serving",
    "success",
    "successful",
    "succeeded",
    "running",
    "online",
    "true",
    "yes",
    "available",
    "connected",
    "reachable",
    "operational",
    "working",
    "normal",
    "fine",
    "pong",
    "started",
    "all_good",
    "all_ok",
    "all_systems_go",
    "health_ok",
    "check_result_ok",
];

const BAD: &[&str] = &[
    "down",
    "out_of_service",
    "fail",
    "failed",
    "failing",
    "failure",
    "error",
    "err",
    "critical",
    "fatal",
    "severe",
    "unhealthy",
    "sick",
    "unavailable",
    "service_unavailable",
    "not_available",
    "unreachable",
    "not_reachable",
    "disconnected",
    "not_connected",
    "connection_refused",
    "timeout",
    "timed_out",
    "not_ready",
    "unready",
    "not_ok",
    "nok",
    "ko",
    "not_healthy",
    "not_running",
    "not_alive",
    "not_serving",
    "not_working",
    "red",
    "major_outage",
    "outage",
    "offline",
    "dead",
    "broken",
    "crashed",
    "stopped",
    "stopping",
    "terminating",
    "terminated",
    "shutting_down",
    "halted",
    "draining",
    "starting",
    "restarting",
    "initializing",
    "pre_initializing",
    "booting",
    "maintenance",
    "maintenance_mode",
    "under_maintenance",
    "overloaded",
    "false",
    "no",
    "health_err",
    "check_result_critical",
    "timeout_during_health_check",
    "internal_server_error",
    "bad_gateway",
    "gateway_timeout",
];

const WARN: &[&str] = &[
    "degraded",
    "degraded_performance",
    "warn",
    "warning",
    "yellow",
    "amber",
    "partial",
    "partially_degraded",
    "partially_available",
    "partial_outage",
    "impaired",
    "unstable",
    "at_risk",
    "health_warn",
    "check_result_warning",
];

/// Words that say themselves that nothing is known. A word on no list says as little, where a word is expected.
const UNKNOWN: &[&str] = &[
    "unknown",
    "service_unknown",
    "n/a",
    "none",
    "null",
    "undefined",
    "skipped",
    "disabled",
    "pending",
    "check_result_unknown",
];

/// Bad words that mean something only by themselves: beside others they are names, colours and grammar.
const ALONE: &[&str] = &["no", "ko", "err", "red", "false", "yes", "true", "green", "yellow", "amber", "partial"];
/// What a sentence denies: "no errors", "0 failed".
const NEGATIONS: &[&str] = &["0", "no", "not", "without", "never", "isn't", "isnt", "none"];
/// Troubles that are named only to be denied; without a denial they are a subject ("error rate 0.1 %").
pub(super) const TROUBLES: &[&str] = &["errors", "failures", "problems", "issues", "alerts", "outages", "incidents"];
/// A line is short where it says how a service is.
const MAX_WORDS: usize = 12;

/// Removes case and what separates words: `Out-Of Service` becomes `outofservice`.
pub(super) fn compact(text: &str) -> String {
    text.chars().filter(|letter| !matches!(letter, '_' | '-' | ' ' | '.')).flat_map(char::to_lowercase).collect()
}

/// Tells whether a list holds a compact word.
pub(super) fn holds(list: &[&str], compact: &str) -> bool {
    let begins_alike = |known: &&&str| known.as_bytes().first() == compact.as_bytes().first();
    let is_same = |known: &str| known.chars().filter(|letter| *letter != '_').eq(compact.chars());
    list.iter().filter(begins_alike).any(|known| is_same(known))
}

/// Returns what a whole word says, or nothing where it is on no list.
pub(super) fn grade_of_word(word: &str) -> Option<WordGrade> {
    let word = compact(word.trim_matches(|letter: char| letter.is_whitespace() || ".!,;:\"'".contains(letter)));
    [(BAD, WordGrade::Bad), (WARN, WordGrade::Warn), (GOOD, WordGrade::Good), (UNKNOWN, WordGrade::Unknown)]
        .into_iter()
        .find_map(|(list, grade)| holds(list, &word).then_some(grade))
        .or_else(|| word.parse().ok().and_then(grade_of_code))
}

/// Returns what a status code of HTTP says: `{"status": 503}`.
pub(super) fn grade_of_code(code: u64) -> Option<WordGrade> {
    match code {
        100..=399 => Some(WordGrade::Good),
        400..=599 => Some(WordGrade::Bad),
        _ => None,
    }
}

/// Returns what a word says that stands before its reason: `unavailable: connection refused`, `OK (12 ms)`.
pub(super) fn grade_of_head(text: &str) -> Option<WordGrade> {
    let end = text.find([':', ';', ',', '(', '[', '\n']).into_iter().chain(text.find(" - ")).min();
    grade_of_word(text).or_else(|| grade_of_word(text.get(..end?)?))
}

/// Returns what a short sentence says: the worst of its clauses.
pub(super) fn grade_of_phrase(text: &str) -> Option<WordGrade> {
    let words = words_of(text).len();
    grade_of_word(text)
        .or_else(|| text.split([',', ';']).filter(|_| words <= MAX_WORDS).filter_map(grade_of_clause).max())
}

/// Returns what a clause says: what stands before its reason, or all of it. One that says both good and bad says nothing.
fn grade_of_clause(clause: &str) -> Option<WordGrade> {
    let end = clause.find([':', '(', '[']).into_iter().chain(clause.find(" - ")).min();
    let (head, reason) = end.and_then(|end| clause.split_at_checked(end)).unwrap_or((clause, ""));
    let is_denied = matches!(words_of(reason).as_slice(), [one] if NEGATIONS.contains(&one.as_str()));
    let names_trouble = words_of(head).iter().any(|word| TROUBLES.contains(&word.as_str()));
    match grade_of_words(&words_of(head)) {
        Some(WordGrade::Bad | WordGrade::Warn) if is_denied => Some(WordGrade::Good),
        None if is_denied && names_trouble => Some(WordGrade::Good),
        Some(grade) => Some(grade),
        None => grade_of_words(&words_of(reason)),
    }
}

fn words_of(text: &str) -> Vec<String> {
    let is_apart = |letter: char| !letter.is_alphanumeric() && !matches!(letter, '_' | '-' | '\'');
    text.split(is_apart).filter(|word| word.chars().any(char::is_alphanumeric)).map(str::to_lowercase).collect()
}

fn grade_of_words(words: &[String]) -> Option<WordGrade> {
    if let [one] = words {
        return grade_of_word(one);
    }
    let mut said = Vec::new();
    let mut index = 0;
    while let Some(word) = words.get(index) {
        let pair = words.get(index + 1).map(|next| format!("{word}{next}"));
        if let Some(grade) = pair.as_deref().and_then(grade_of_word).filter(|grade| *grade != WordGrade::Good) {
            said.push(grade);
            index += 2;
            continue;
        }
        let before = index.checked_sub(1).and_then(|before| words.get(before));
        let is_denied = before.is_some_and(|before| NEGATIONS.contains(&before.as_str()))
            || words.get(index + 1).is_some_and(|next| next == "0");
        let is_at_an_end = index == 0 || index + 1 == words.len();
        let is_word =
            word.parse::<u64>().is_err() && !ALONE.contains(&word.as_str()) && (word.len() >= 4 || is_at_an_end);
        match grade_of_word(word).filter(|_| is_word) {
            Some(WordGrade::Good) if is_denied => said.push(WordGrade::Bad),
            Some(WordGrade::Bad | WordGrade::Warn) if is_denied => said.push(WordGrade::Good),
            Some(grade) => said.push(grade),
            None if is_denied && TROUBLES.contains(&word.as_str()) => said.push(WordGrade::Good),
            None => {}
        }
        index += 1;
    }
    let worst = said.iter().copied().max()?;
    Some(if worst == WordGrade::Bad && said.contains(&WordGrade::Good) { WordGrade::Unknown } else { worst })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_says_what_its_words_say_and_a_denial_turns_them() {
        for (text, said) in [
            ("Prometheus Server is Healthy.", Some(WordGrade::Good)),
            ("GitLab OK", Some(WordGrade::Good)),
            ("no errors", Some(WordGrade::Good)),
            ("0 failed", Some(WordGrade::Good)),
            ("Ingester not ready: waiting for 15s after being ready", Some(WordGrade::Bad)),
            ("service is not running", Some(WordGrade::Bad)),
            ("Database connection failed", Some(WordGrade::Bad)),
            ("503 Service Unavailable", Some(WordGrade::Bad)),
            ("WARN: inconsistent objects in schema", Some(WordGrade::Warn)),
            ("ok, but degraded", Some(WordGrade::Warn)),
            ("api up, database down", Some(WordGrade::Bad)),
            ("errors: none, down: 0", Some(WordGrade::Good)),
            ("ok=3 failed=0", Some(WordGrade::Good)),
            ("error rate is normal", Some(WordGrade::Unknown)),
            ("the red team deploys no green button", None),
            ("Hello World", None),
            ("It works!", None),
            ("a log line that is longer than any health answer and at last says down", None),
        ] {
            assert_eq!(grade_of_phrase(text), said, "{text}");
        }
    }

    #[test]
    fn no_word_is_on_two_lists() {
        let all: Vec<String> = [GOOD, BAD, WARN, UNKNOWN].concat().into_iter().map(compact).collect();
        for (index, word) in all.iter().enumerate() {
            assert!(!all[index + 1..].contains(word), "{word}");
        }
    }
}
