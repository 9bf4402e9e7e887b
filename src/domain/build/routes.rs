//! Where the deployed version is looked for when the configuration names no place.

/// Asked in every run.
pub const VERSION_PATHS: [&str; 3] = ["/version", "/api/version", "/actuator/info"];

/// Asked when somebody looks for all there is: the first three, Mozilla's Dockerflow, files that builds leave behind, and
/// names that services choose by hand.
pub const EVERY_VERSION_PATH: [&str; 13] = [
    "/version",
    "/api/version",
    "/actuator/info",
    "/__version__",
    "/_version",
    "/version.json",
    "/version.txt",
    "/build.json",
    "/build-info.json",
    "/buildinfo",
    "/api/v1/version",
    "/api/info",
    "/info",
];
