//! The live checks of the configuration with the schemas that they name, relative to the configuration's folder.

use std::collections::BTreeMap;

use crate::config::{Config, ConfigError, SettingSource};
use crate::domain::{LiveCheck, Policy};
use crate::orchestrator::{OrchestratorError, with_schemas};

/// Returns the policy with the schemas of its live checks in the place of their files' names.
///
/// # Errors
/// When a file cannot be used.
pub(super) fn policy(config: &Config) -> Result<Policy, OrchestratorError> {
    let live_checks = spelled_out(config, "policy.live_checks", &config.policy.live_checks)?;
    Ok(Policy { live_checks, ..config.policy.clone() })
}

/// Returns the suites with the schemas of their checks in the place of their files' names.
///
/// # Errors
/// When a file cannot be used.
pub(super) fn suites(config: &Config) -> Result<BTreeMap<String, Vec<LiveCheck>>, OrchestratorError> {
    let suite = |(name, checks): (&String, &Vec<LiveCheck>)| {
        Ok((name.clone(), spelled_out(config, &format!("suites.{name}"), checks)?))
    };
    config.suites.iter().map(suite).collect()
}

fn spelled_out(config: &Config, key: &str, checks: &[LiveCheck]) -> Result<Vec<LiveCheck>, OrchestratorError> {
    let folder = config.file.as_deref().and_then(std::path::Path::parent).unwrap_or(&config.repository);
    let given = config.file.clone().map_or(SettingSource::Code, SettingSource::File);
    let spelled_out = |(index, check): (usize, &LiveCheck)| {
        with_schemas(check, folder)
            .map_err(|error| ConfigError::value(given.clone(), format!("{key}[{index}]"), error.to_string()).into())
    };
    checks.iter().enumerate().map(spelled_out).collect()
}
