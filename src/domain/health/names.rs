//! The names of fields in health documents, and what each kind of name is for. Compared without case, blanks, `_`, `-`, `.`.

use super::words::{compact, holds};

/// The fields that say how something is.
pub(super) const JUDGED: &[&str] = &[
    "status",
    "state",
    "health",
    "healthy",
    "ok",
    "success",
    "alive",
    "ready",
    "up",
    "is_healthy",
    "is_alive",
    "is_ready",
    "is_up",
    "health_status",
    "health_state",
    "overall_status",
    "overall",
    "overall_health",
    "global_status",
    "service_status",
    "system_status",
    "app_status",
    "status_name",
];
/// Fields that say how a part is, and at the top of a document mean other things, too.
pub(super) const JUDGED_IN_PARTS: &[&str] = &[
    "connected",
    "reachable",
    "available",
    "operational",
    "online",
    "running",
    "passed",
    "outcome",
    "result",
    "check_status",
];
/// The fields that hold the parts of a service, each of which says how it is.
pub(super) const CONTAINERS: &[&str] = &[
    "checks",
    "components",
    "details",
    "entries",
    "results",
    "dependencies",
    "services",
    "endpoints",
    "error",
    "check_results",
    "health_checks",
    "subsystems",
    "indicators",
    "deps",
    "upstreams",
    "probes",
    "health_indicators",
    "monitors",
    "modules",
];
/// What APIs put around every document of theirs.
pub(super) const ENVELOPES: &[&str] =
    &["data", "result", "response", "payload", "body", "health_check", "health_report"];
/// Parts that stand by their own name at the top of a document; a name holds one of these words.
const DEPENDENCIES: &[&str] = &[
    "database",
    "postgres",
    "mysql",
    "mariadb",
    "mongo",
    "redis",
    "cache",
    "queue",
    "kafka",
    "rabbit",
    "elastic",
    "storage",
    "broker",
    "worker",
    "scheduler",
    "celery",
    "sidekiq",
    "migrations",
    "datasource",
    "diskspace",
    "memcached",
    "opensearch",
];
/// Names of parts that are too short to be looked for inside another name.
const SHORT_DEPENDENCIES: &[&str] = &["db", "sql", "s3", "mq", "smtp", "ldap", "disk", "memory", "search", "api"];
/// Judged fields that count truth as 1 and 0; `ready` counts instances.
pub(super) const TRUTHS: &[&str] = &["ok", "healthy", "alive", "up"];
/// Fields whose numbers are codes of HTTP where a message stands beside them.
pub(super) const CODES: &[&str] = &["code", "status_code", "http_status", "http_code"];
pub(super) const MESSAGES: &[&str] = &["message", "msg", "error", "detail"];
/// Fields that say by content that something failed (docs/design/gate.md G9).
pub(super) const FAILURES: &[&str] = &["error", "errors"];
/// Names of which `true` is the bad side: `{"maintenance": false}` says that all is well, or nothing.
const REVERSED: &[&str] = &[
    "maintenance",
    "error",
    "errors",
    "failed",
    "failing",
    "degraded",
    "down",
    "draining",
    "shutdown",
    "shutting",
    "timed",
    "timeout",
    "stale",
    "locked",
    "readonly",
    "paused",
    "disabled",
    "expired",
    "debug",
    "skipped",
    "standby",
    "sealed",
    "unhealthy",
    "unreachable",
    "disconnected",
    "offline",
    "outage",
    "incident",
    "blocked",
    "throttled",
    "limited",
    "overloaded",
    "exceeded",
    "full",
    "lagging",
    "deprecated",
    "suspended",
    "frozen",
    "busy",
    "dirty",
];
/// Words of names that say how something is set up, or what it is doing: neither side says that it is well or ill.
const FLAGS: &[&str] = &[
    "enabled",
    "configured",
    "optional",
    "required",
    "needed",
    "needs",
    "supported",
    "allowed",
    "feature",
    "features",
    "experimental",
    "beta",
    "preview",
    "mode",
    "only",
    "window",
    "update",
    "upgrade",
    "pending",
    "progress",
    "dry",
    "demo",
    "sandbox",
    "verbose",
    "cached",
];
/// Words that do so beside another word: `is_leader`, and not a part that is called `leader`.
const ROLES: &[&str] = &["leader", "master", "primary", "replica", "follower", "coordinator", "voter", "elected"];
/// Fields of text for people; their words are about anything.
pub(super) const PROSE: &[&str] =
    &["message", "msg", "description", "name", "reason", "title", "output", "version", "type", "mode", "env"];
/// Fields that name an item of a list.
pub(super) const ITEM_NAMES: &[&str] = &["name", "check_name", "id", "service", "component"];

/// Tells whether a list holds a name.
pub(super) fn is(list: &[&str], name: &str) -> bool {
    holds(list, &compact(name))
}

/// Tells whether a name is that of something a service depends on.
pub(super) fn is_dependency(name: &str) -> bool {
    let compact = compact(name);
    DEPENDENCIES.iter().any(|word| compact.contains(word)) || holds(SHORT_DEPENDENCIES, &compact)
}

/// Tells whether `true` is the bad side of the last name of a place.
pub(super) fn is_reversed(place: &str) -> bool {
    words_of_last(place).iter().any(|word| REVERSED.contains(&word.as_str()))
}

/// Tells whether neither side of the last name of a place says how something is: `cache_enabled`, `readOnly`, `is_leader`.
pub(super) fn is_flag(place: &str) -> bool {
    let words = words_of_last(place);
    let is_in = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    is_in(FLAGS) || (words.len() > 1 && is_in(ROLES))
}

/// The words of the last name of a place: `timedOut` and `timed_out` are two.
fn words_of_last(place: &str) -> Vec<String> {
    let name = place.rsplit('.').next().unwrap_or(place);
    let starts_word = |letter: char| letter.is_ascii_uppercase() || !letter.is_alphanumeric();
    let words =
        name.split_inclusive(|letter: char| !letter.is_alphanumeric()).flat_map(|word| split_before(word, starts_word));
    words.map(compact).filter(|word| !word.is_empty()).collect()
}

/// Splits `timedOut` into `timed` and `Out`.
fn split_before(text: &str, starts: impl Fn(char) -> bool) -> Vec<&str> {
    let mut cuts: Vec<usize> = text.char_indices().filter(|(_, letter)| starts(*letter)).map(|(at, _)| at).collect();
    cuts.insert(0, 0);
    cuts.push(text.len());
    cuts.windows(2).filter_map(|cut| text.get(*cut.first()?..*cut.last()?)).filter(|part| !part.is_empty()).collect()
}
