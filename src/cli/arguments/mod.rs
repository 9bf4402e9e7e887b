//! The command line's words, in clap's terms.
//!
//! The seed's commands keep its names and short flags. Flags that every command knows are in [`globals`], the words
//! that describe a task in [`criteria`], the commands in [`command`].

mod access;
mod command;
mod criteria;
mod documents;
mod endpoint;
mod globals;
mod handoff;
mod htask;
mod install;
mod memory;
mod request_args;
mod serve;
mod store;
mod swarm;

pub(crate) use access::AccessWords;
pub(crate) use command::{
    CheckDrift, ChecklistCommand, Command, CommandLine, Deploy, Init, McpServer, ProofsCommand, Run, TaskCommand,
    Validate,
};
pub(crate) use globals::Globals;
pub(crate) use handoff::{AgentsCommand, TeamSyncCommand};
pub(crate) use htask::{HTaskClose, HTaskComplete};
pub(crate) use install::{HookCommand, Install, SkillCommand, Uninstall};
pub(crate) use memory::Forget;
pub(crate) use serve::Serve;
pub(crate) use store::{BackupWords, RestoreWords, StoreCommand};
