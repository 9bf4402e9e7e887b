//! Which routes are guessed, in stages, and what is known of them by their names.

/// The health routes that are looked for when the configuration names none, in stages: the next stage is asked only when
/// nothing good was found (gate.md, *Budget*).
pub const HEALTH_STAGES: [&[&str]; 3] = [
    &["/health", "/healthz", "/up", "/api/health"],
    &["/ready", "/actuator/health", "/livez", "/api/healthz"],
    &[
        "/readyz",
        "/health/ready",
        "/health/live",
        "/healthcheck",
        "/health-check",
        "/_health",
        "/q/health",
        "/ht/",
        "/__heartbeat__",
        "/__lbheartbeat__",
        "/-/healthy",
        "/-/health",
        "/api/v1/health",
        "/v1/health",
        "/_ah/health",
        "/status",
        "/ping",
        "/live",
        "/info",
    ],
];

/// The guessed routes that every run asks, one item of the checklist each.
pub const WELL_KNOWN_HEALTH_PATHS: [&str; 4] = ["/health", "/ready", "/healthz", "/api/health"];

/// Names of routes that businesses use, too: `/status` of an order, `/live` of a stream.
const BUSINESS_NAMES: [&str; 4] = ["status", "live", "ping", "info"];
/// Names of routes whose contract is the status alone, with a page as body (Rails 7.1, Laravel 11).
const PAGE_NAMES: [&str; 1] = ["up"];

/// Who says that a route is a health route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HealthRoute<'a> {
    /// A person, in `health_paths`.
    Configured,
    /// We do: its path.
    Guessed(&'a str),
}

impl HealthRoute<'_> {
    /// Tells whether an answer speaks about health only as an object that says how it is at its top.
    pub(super) fn has_a_business_name(self) -> bool {
        matches!(self, Self::Guessed(path) if BUSINESS_NAMES.contains(&last_segment(path).as_str()))
    }

    /// Tells whether a page under a 2xx is the answer.
    pub(super) fn may_be_a_page(self) -> bool {
        match self {
            Self::Configured => true,
            Self::Guessed(path) => PAGE_NAMES.contains(&last_segment(path).as_str()),
        }
    }
}

/// Tells whether a path is one of the guessed health routes.
pub fn is_guessed_health_path(path: &str) -> bool {
    let path = path.trim_end_matches('/');
    HEALTH_STAGES.iter().flat_map(|stage| stage.iter()).any(|known| known.trim_end_matches('/') == path)
}

fn last_segment(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_ascii_lowercase()
}
