//! Where the deployed version is looked for when the configuration names no place.

/// Asked in every run.
pub const VERSION_PATHS: [&str; 3] = ["/version", "/api/version", "/actuator/info"];
