//! The composition root: settings become parts, parts become an orchestrator.
//!
//! SCAFFOLD: signatures are agreed, bodies come.

use crate::config::{Config, Environment, Overrides};
use crate::domain::Actor;
use crate::orchestrator::{Orchestrator, OrchestratorError};

/// Builds every part from the settings and opens the store.
///
/// `label` says for people who runs tasks here: `command line`, `mcp server`.
///
/// # Errors
/// When the store cannot be opened, when another repository uses this project's store, when a file is missing.
pub async fn compose(_config: &Config, _actor: Actor, _label: &str) -> Result<Orchestrator, OrchestratorError> {
    todo!()
}

/// Reads the settings and composes; configuration errors become [`OrchestratorError::Refused`].
///
/// # Errors
/// As [`crate::config::load`] and [`compose`].
pub async fn open(
    _actor: Actor,
    _overrides: &Overrides,
    _environment: &Environment,
    _label: &str,
) -> Result<Orchestrator, OrchestratorError> {
    todo!()
}
