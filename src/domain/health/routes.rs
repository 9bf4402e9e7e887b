//! Which routes are guessed, in stages, and what is known of them by their names.

/// Routes that speak about health by their name, whoever asks them.
const HEALTH_PATHS: &[&str] = &[
    "/health",
    "/healthz",
    "/up",
    "/api/health",
    "/ready",
    "/actuator/health",
    "/livez",
    "/api/healthz",
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
];

/// The guessed routes that every run asks, one item of the checklist each.
pub const WELL_KNOWN_HEALTH_PATHS: [&str; 4] = ["/health", "/ready", "/healthz", "/api/health"];

/// The guessed routes that are asked where production offers none of the first: Rails and Laravel, Spring Boot, kubernetes,
/// Quarkus. The one that answers is an item of the checklist, and is asked beside the first from then on.
pub const SECOND_HEALTH_PATHS: [&str; 4] = ["/up", "/actuator/health", "/readyz", "/q/health"];

/// Returns every route that speaks about health by its name: they are asked when somebody looks for all there is.
pub fn every_health_path() -> &'static [&'static str] {
    HEALTH_PATHS
}

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

/// Tells whether a path speaks about health by its name, whoever asks it. `/status` or `/live` alone may be of a business.
pub fn names_health(path: &str) -> bool {
    let path = path.trim_end_matches('/');
    HEALTH_PATHS.iter().any(|known| known.trim_end_matches('/') == path)
}

fn last_segment(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_route_stands_twice_and_each_that_is_asked_is_known() {
        let distinct: std::collections::BTreeSet<_> = HEALTH_PATHS.iter().collect();
        assert_eq!(distinct.len(), HEALTH_PATHS.len());
        assert!(WELL_KNOWN_HEALTH_PATHS.iter().chain(&SECOND_HEALTH_PATHS).all(|path| names_health(path)));
        assert!(
            names_health("/ht/")
                && names_health("/health/live")
                && !names_health("/status")
                && !names_health("/api/orders")
        );
    }
}
