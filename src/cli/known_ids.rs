//! What completions offer: the newest ids of the project in the current folder.
//!
//! A shell asks while somebody types: no store is made, nobody waits for a network, and what cannot be read offers nothing.

use clap_complete::CompletionCandidate;

use crate::app;
use crate::config::{self, Config, Environment, Overrides};
use crate::domain::{IdKind, one_line};

/// How many ids are offered.
const OFFERED: u32 = 30;
/// How many characters of a title stand beside its id.
const TITLE: usize = 60;

/// Offers the newest tasks.
pub(super) fn tasks() -> Vec<CompletionCandidate> {
    known(IdKind::Task)
}

/// Offers the newest htasks.
pub(super) fn htasks() -> Vec<CompletionCandidate> {
    known(IdKind::HTask)
}

/// Offers the newest swarms.
pub(super) fn swarms() -> Vec<CompletionCandidate> {
    known(IdKind::Swarm)
}

/// Offers the suites of the configuration.
pub(super) fn suites() -> Vec<CompletionCandidate> {
    let suites = settings().map(|config| config.suites).unwrap_or_default();
    suites.into_keys().map(CompletionCandidate::new).collect()
}

fn settings() -> Option<Config> {
    let loaded = config::load_in_part(&Overrides::default(), &Environment::of_process());
    loaded.ok().map(|loaded| loaded.config)
}

fn known(kind: IdKind) -> Vec<CompletionCandidate> {
    let read = || {
        let config = settings()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
        runtime.block_on(app::known_ids(&config, kind, OFFERED)).ok()
    };
    let offered = read().unwrap_or_default().into_iter();
    let candidate = |title: String| one_line(&title, TITLE).into();
    offered.map(|known| CompletionCandidate::new(known.id).help(Some(candidate(known.title)))).collect()
}
