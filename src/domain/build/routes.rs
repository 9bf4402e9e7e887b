//! Where the deployed version is looked for when the configuration names no place.

/// Asked in every run (gate.md, *Build*).
pub const VERSION_PATHS: [&str; 3] = ["/version", "/api/version", "/actuator/info"];

/// Asked, too, when a person looks for all: `init`, `doctor`, `check-drift --all`.
pub const MORE_VERSION_PATHS: [&str; 18] = [
    "/__version__",
    "/_version",
    "/version.json",
    "/version.txt",
    "/api/v1/version",
    "/build-info",
    "/build.json",
    "/build.txt",
    "/buildinfo",
    "/build-info.json",
    "/info",
    "/api/info",
    "/api/build",
    "/REVISION",
    "/revision",
    "/commit",
    "/api/health",
    "/health",
];
