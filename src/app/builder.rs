//! An orchestrator from code, without any file.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::compose_with;
use crate::config::{self, CodeSettings, Config, Environment};
use crate::domain::{Actor, ConvergeSettings, Policy, SecretText, SharedClock, SystemClock, TestUser};
use crate::orchestrator::{Orchestrator, OrchestratorError};

/// Builds an [`Orchestrator`] for a program: no configuration file is looked for, and no variable is a setting.
///
/// What the orchestrator may do is held as tight as for an agent: commands of the table of known runners, calls to
/// production and the named hosts. The program widens it by name, as with [`Builder::allow_any_command`].
///
/// ```no_run
/// # async fn example() -> Result<(), snipara_orchestrator::OrchestratorError> {
/// let orchestrator = snipara_orchestrator::Builder::new()
///     .prod_url("https://api.example.com")
///     .repository(".")
///     .project("my-project")
///     .build()
///     .await?;
/// # drop(orchestrator); Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Builder {
    code: CodeSettings,
    environment: Option<Environment>,
    clock: SharedClock,
    label: String,
}

impl Default for Builder {
    fn default() -> Self {
        Self::new()
    }
}

impl Builder {
    /// Starts with the defaults: the current folder's repository, its name as project, and no production.
    pub fn new() -> Self {
        Self {
            code: CodeSettings::default(),
            environment: None,
            clock: Arc::new(SystemClock),
            label: "library".to_owned(),
        }
    }

    /// Sets production's address: http or https.
    pub fn prod_url(mut self, url: impl Into<String>) -> Self {
        self.code.settings.prod_url = Some(url.into());
        self
    }

    /// Sets the repository: where commands run.
    pub fn repository(mut self, path: impl Into<PathBuf>) -> Self {
        self.code.overrides.repo_path = Some(path.into());
        self
    }

    /// Sets the project.
    pub fn project(mut self, name: impl Into<String>) -> Self {
        self.code.settings.snipara_project = Some(name.into());
        self
    }

    /// Sets the key of the Snipara service, which then answers for memories, context, htasks and swarms; without one the
    /// store on this machine does.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        let key = key.into().trim().to_owned();
        self.code.settings.snipara_api_key = Some(SecretText::new(key)).filter(|key| !key.expose().is_empty());
        self
    }

    /// Sets the folder of this project's state; made when it is not there. The usual place when not given.
    pub fn state_folder(mut self, path: impl Into<PathBuf>) -> Self {
        self.code.state_folder = Some(path.into());
        self
    }

    /// Sets the floor under every task.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.code.settings.policy = Some(policy);
        self
    }

    /// Sets the health routes; none waives the rule that one must pass.
    pub fn health_paths(mut self, paths: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.code.settings.health_paths = Some(paths.into_iter().map(Into::into).collect());
        self
    }

    /// Adds a user that exists in production for tests.
    pub fn test_user(mut self, user: TestUser) -> Self {
        self.code.test_users.push(user);
        self
    }

    /// Adds a host that checks may call besides production: `HOST` or `HOST:PORT`.
    pub fn allow_host(mut self, host: impl Into<String>) -> Self {
        self.code.settings.allowed_hosts.get_or_insert_default().push(host.into());
        self
    }

    /// Lets checks call other public addresses.
    pub fn allow_public(mut self) -> Self {
        self.code.overrides.allow_public = true;
        self
    }

    /// Adds a command that local tests may run besides the known runners: exact, or with `*`.
    pub fn allow_command(mut self, command: impl Into<String>) -> Self {
        self.code.settings.allowed_commands.get_or_insert_default().push(command.into());
        self
    }

    /// Lets local tests run any command, through a shell.
    pub fn allow_any_command(mut self) -> Self {
        self.code.overrides.allow_any_command = true;
        self
    }

    /// Forbids to start any program.
    pub fn no_local_commands(mut self) -> Self {
        self.code.overrides.no_local_commands = true;
        self
    }

    /// Connects to `address` instead of what `host` resolves to (`address:port`), as curl's `--resolve`.
    pub fn resolve(mut self, host: &str, port: u16, address: std::net::SocketAddr) -> Self {
        let entries: &mut BTreeMap<_, _> = self.code.settings.resolve.get_or_insert_default();
        entries.insert(format!("{host}:{port}"), address.to_string());
        self
    }

    /// Trusts the authorities of a PEM file besides the system's.
    pub fn ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.code.overrides.ca_file = Some(path.into());
        self
    }

    /// Sets whether a drift finding before validation stops a task. The default is that it does.
    pub fn fail_fast_on_drift(mut self, stops: bool) -> Self {
        self.code.settings.fail_fast_on_drift = Some(stops);
        self
    }

    /// Sets how long failing checks are tried again when a run does not say, in seconds.
    pub fn settle_seconds(mut self, seconds: u64) -> Self {
        self.code.settings.settle_seconds = Some(seconds);
        self
    }

    /// Sets how often production is asked until its answers agree; a run raises it.
    pub fn converge(mut self, settings: ConvergeSettings) -> Self {
        self.code.settings.converge = Some(settings);
        self
    }

    /// Labels decisions.
    pub fn gatekeeper_id(mut self, id: impl Into<String>) -> Self {
        self.code.settings.gatekeeper_id = Some(id.into());
        self
    }

    /// Names the runner of tasks for people.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Uses another environment than the process's, for `PATH`, `HOME` and similar variables.
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = Some(environment);
        self
    }

    /// Uses another clock.
    pub fn clock(mut self, clock: SharedClock) -> Self {
        self.clock = clock;
        self
    }

    /// Returns the settings in force, without opening anything.
    ///
    /// # Errors
    /// When a value cannot be used.
    pub fn config(&self) -> Result<Config, OrchestratorError> {
        let environment = self.environment.clone().unwrap_or_else(Environment::of_process);
        Ok(config::from_code(self.code.clone(), &environment)?)
    }

    /// Builds the orchestrator and opens its store.
    ///
    /// # Errors
    /// When a value cannot be used, or as [`crate::app::compose`].
    pub async fn build(&self) -> Result<Orchestrator, OrchestratorError> {
        compose_with(&self.config()?, Actor::Caller, &self.label, self.clock.clone(), None).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_given_in_code_is_the_services_and_the_one_of_the_page_is_none() {
        let key = |text: &str| {
            let builder = Builder::new().repository(env!("CARGO_MANIFEST_DIR")).state_folder("/nowhere").api_key(text);
            builder.config().expect("settings").snipara_api_key.map(|key| key.expose().to_owned())
        };
        assert_eq!(key("snp-1234").as_deref(), Some("snp-1234"));
        for placeholder in ["snp-your-api-key", "${SNIPARA_API_KEY}", " "] {
            assert_eq!(key(placeholder), None, "{placeholder}");
        }
    }
}
