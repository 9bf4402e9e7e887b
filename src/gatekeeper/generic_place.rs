//! Tells which routes every deployment has, whatever it does (gate.md G3).

use crate::domain::{RouteKey, WELL_KNOWN_HEALTH_PATHS};

/// Paths of files that crawlers, browsers and tools ask for, and of documents about the service.
const FILES: [&str; 20] = [
    "/robots.txt",
    "/humans.txt",
    "/ads.txt",
    "/app-ads.txt",
    "/security.txt",
    "/llms.txt",
    "/crossdomain.xml",
    "/browserconfig.xml",
    "/site.webmanifest",
    "/manifest.json",
    "/manifest.webmanifest",
    "/service-worker.js",
    "/sw.js",
    "/openapi.json",
    "/openapi.yaml",
    "/openapi.yml",
    "/swagger.json",
    "/swagger.yaml",
    "/v3/api-docs",
    "/v2/api-docs",
];

/// First letters of such paths: `/sitemap-posts.xml`, `/favicon-32x32.png`, `/.well-known/security.txt`.
const BEGINNINGS: [&str; 6] =
    ["/sitemap", "/favicon", "/apple-touch-icon", "/android-chrome-", "/mstile-", "/.well-known/"];

/// Last segments of routes that tell health or version, wherever they lie.
const LAST_SEGMENTS: [&str; 24] = [
    "health",
    "healthz",
    "healthcheck",
    "health-check",
    "health_check",
    "ready",
    "readyz",
    "readiness",
    "live",
    "livez",
    "liveness",
    "alive",
    "up",
    "ping",
    "status",
    "heartbeat",
    "version",
    "version.json",
    "version.txt",
    "info",
    "build",
    "build-info",
    "buildinfo",
    "metrics",
];

/// Tells whether a route is one that answers whatever was deployed: a proof of it is the task's own and counts, and alone
/// it does not show that the task's change matters.
pub(super) fn is_generic_place(route: &RouteKey) -> bool {
    let path = route.path();
    let last = path.rsplit('/').next().unwrap_or_default();
    let is_document = FILES.iter().any(|file| path.ends_with(file));
    is_document
        || WELL_KNOWN_HEALTH_PATHS.contains(&path)
        || BEGINNINGS.iter().any(|start| path.starts_with(start))
        || LAST_SEGMENTS.contains(&last)
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    #[test]
    fn what_every_deployment_answers_is_told_from_routes_of_a_task() {
        let is_generic = |path: &str| {
            let url = Url::parse("https://shop.example.com").and_then(|base| base.join(path)).expect("a URL");
            is_generic_place(&RouteKey::of(&url))
        };
        for path in [
            "/robots.txt",
            "/Robots.TXT?x=1",
            "/sitemap.xml",
            "/sitemap-posts-1.xml",
            "/favicon.ico",
            "/favicon-32x32.png",
            "/manifest.json",
            "/.well-known/openid-configuration",
            "/openapi.json",
            "/api/v1/openapi.json",
            "/health",
            "/api/health/",
            "/actuator/health",
            "/actuator/info",
            "/api/version",
            "/version.json",
        ] {
            assert!(is_generic(path), "{path}");
        }
        for path in [
            "/",
            "/api/orders",
            "/api/orders/7",
            "/health-insurance",
            "/up-next",
            "/blog/sitemap",
            "/versions",
            "/api/well-known",
        ] {
            assert!(!is_generic(path), "{path}");
        }
    }
}
