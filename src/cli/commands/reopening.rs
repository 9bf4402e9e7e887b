//! The orchestrator of a running server, with the settings as they are now.
//!
//! Before each call the files that settings come from are looked at; when one has changed, they are read again, and the
//! call has them. What cannot be read or used leaves the last good settings in force, and answers say so: the gate is
//! never laxer for it. A run that goes on keeps the settings that it began with.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::Mutex;

use super::opened::Opened;
use crate::app;
use crate::cli::commands::Context;
use crate::config::{self, Config, Environment, Overrides, SettingsSeen};
use crate::domain::{Actor, AuditSink};
use crate::mcp::{Opener, ServerOptions};
use crate::orchestrator::{InvalidError, Orchestrator, OrchestratorError};

/// What names the runner of tasks for people.
const LABEL: &str = "mcp server";

/// Gives calls their orchestrator, and reads the settings again when they have changed.
pub(super) struct Reopening {
    flags: ServerOptions,
    /// What the server offers, fixed at its start.
    started: ServerOptions,
    overrides: Overrides,
    environment: Environment,
    opened: Opened,
    audit: Option<AuditSink>,
    state: Mutex<State>,
}

/// The settings in force.
struct State {
    /// The files as they were when the settings were read.
    seen: SettingsSeen,
    /// The last good settings.
    config: Option<Config>,
    /// Why the settings that stand in the files now are not those in force.
    told: Vec<String>,
    orchestrator: Option<Orchestrator>,
}

impl Reopening {
    /// Makes it from the settings that were read at the start, and the files as they were then.
    pub(super) fn new(
        seen: SettingsSeen,
        config: Option<Config>,
        flags: ServerOptions,
        overrides: Overrides,
        context: &Context,
        audit: Option<AuditSink>,
    ) -> Self {
        Self {
            started: bounded(&flags, config.as_ref()),
            flags,
            overrides,
            environment: context.environment.clone(),
            opened: context.opened.clone(),
            audit,
            state: Mutex::new(State { seen, config, told: Vec::new(), orchestrator: None }),
        }
    }

    /// Returns what a server asks before each call.
    pub(super) fn opener(self) -> Opener {
        let shared = Arc::new(self);
        Arc::new(move || {
            let shared = shared.clone();
            Box::pin(async move { shared.orchestrator().await })
        })
    }

    async fn orchestrator(&self) -> Result<Orchestrator, OrchestratorError> {
        let mut state = self.state.lock().await;
        let seen = config::settings_seen(&self.overrides, &self.environment);
        if state.config.is_none() || state.seen != seen {
            self.read_again(&mut state).await?;
            state.seen = seen;
        }
        let State { config: Some(config), orchestrator, told, .. } = &mut *state else {
            return Err(InvalidError::RestartNeeded.into());
        };
        self.keeps_bounds(config)?;
        let opened = match orchestrator {
            Some(opened) => opened.clone(),
            None => {
                let composed = app::compose_audited(config, Actor::Caller, LABEL, self.audit.clone()).await?;
                orchestrator.insert(self.opened.keep(composed)).clone()
            }
        };
        Ok(if told.is_empty() { opened } else { opened.warning_of_settings(told.iter().cloned()) })
    }

    /// Takes the settings as they are now, or notes why the last good ones stay in force.
    async fn read_again(&self, state: &mut State) -> Result<(), OrchestratorError> {
        let read = config::load(Actor::Caller, &self.overrides, &self.environment);
        let Some(before) = &state.config else {
            let config = read?;
            app::begin_logs(&config, &self.environment);
            state.config = Some(config);
            return Ok(());
        };
        let stays = |why: String| vec![format!("the settings that were read before stay in force: {why}")];
        let config = match read {
            Ok(config) => config,
            Err(error) => {
                state.told = stays(error.message());
                return Ok(());
            }
        };
        if let Some(why) = self.why_not(before, &config) {
            state.told = stays(why);
            return Ok(());
        }
        if let Some(opened) = &state.orchestrator {
            match app::recompose(opened, &config, Actor::Caller, LABEL, self.audit.clone()) {
                Ok(composed) => state.orchestrator = Some(composed),
                Err(error) => {
                    state.told = stays(error.to_string());
                    return Ok(());
                }
            }
        }
        state.told = self.fixed_at_start(&config);
        state.config = Some(config);
        Ok(())
    }

    /// Says why a running server does not take settings that can be read.
    fn why_not(&self, before: &Config, now: &Config) -> Option<String> {
        if let Some(why) = &now.caller_trust.unreadable {
            return Some(why.clone());
        }
        let place = |config: &Config| (config.project.clone(), config.git_common_folder.clone());
        if place(before) != place(now) || before.state_folder != now.state_folder {
            return Some("the settings name another project or repository, for which it is restarted".to_owned());
        }
        // Without a person's word the trusted file cannot slip away, for example behind a repository that was made inside
        // of this one.
        let trusted = &before.caller_trust;
        let slipped = trusted.recorded
            && now.caller_trust.file != trusted.file
            && config::is_recorded(now, &trusted.file).unwrap_or(true);
        slipped.then(|| "the trusted settings are not found any more where they were".to_owned())
    }

    /// Refuses every call when the settings bound the tools more closely than at the start.
    fn keeps_bounds(&self, config: &Config) -> Result<(), OrchestratorError> {
        let bounds = bounded(&self.flags, Some(config));
        let offered = |options: &ServerOptions| -> BTreeSet<&'static str> {
            options.offered_names().unwrap_or_default().into_iter().collect()
        };
        let closer = bounds.lockdown && !self.started.lockdown;
        if closer || !offered(&bounds).is_superset(&offered(&self.started)) {
            return Err(InvalidError::RestartNeeded.into());
        }
        Ok(())
    }

    fn fixed_at_start(&self, config: &Config) -> Vec<String> {
        let bounds = bounded(&self.flags, Some(config));
        let fixed = |options: &ServerOptions| (options.toolsets.clone(), options.read_only, options.lockdown);
        let told = "`toolsets`, `read_only` and `lockdown` have changed, and count when the server is started again";
        if fixed(&bounds) == fixed(&self.started) { Vec::new() } else { vec![told.to_owned()] }
    }
}

/// Adds the bounds of the configuration to those of the flags: flags choose, neither lifts the other's `read_only` or
/// `lockdown`.
pub(super) fn bounded(flags: &ServerOptions, config: Option<&Config>) -> ServerOptions {
    let mut options = flags.clone();
    if let Some(config) = config {
        if options.toolsets.is_none() && options.tools.is_none() {
            options.toolsets.clone_from(&config.toolsets);
        }
        options.read_only |= config.read_only;
        options.lockdown |= config.lockdown;
    }
    options
}
