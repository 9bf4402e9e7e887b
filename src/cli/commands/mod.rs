//! One file a group of commands: what was typed becomes verbs, what they answer is handed to `render`.

mod access;
mod checks;
mod confirm;
mod context;
mod deploy;
mod doctor;
mod documents;
mod handoff;
mod hook;
mod htask;
mod init;
mod install;
mod memory;
mod opened;
mod proofs;
mod proposal;
mod reference;
mod reopening;
mod run;
mod serve;
mod server;
mod setup;
mod show;
mod skill;
mod store;
mod swarm;
mod task;

pub(super) use context::{Context, dispatch};
pub(super) use opened::Opened;
