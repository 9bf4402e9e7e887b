//! The command line's words, in clap's terms.
//!
//! The seed's commands keep its names and short flags. Flags that every command knows are in [`globals`] and, made of the
//! configuration's keys, in [`setting_args`], how the fields of a request are called in [`flags`], the commands in [`command`],
//! how all of it is presented in [`help`].

mod access;
mod beyond;
mod command;
mod endpoint;
mod examples;
mod flags;
mod flat;
mod globals;
mod handoff;
mod help;
mod install;
mod plan;
mod request_args;
mod serve;
mod setting_args;
mod store;

pub(crate) use access::AccessWords;
pub(crate) use beyond::{CheckDrift, Forget, HTaskClose, HTaskComplete, HTaskCreate, HTaskFeature, HTaskNext};
pub(crate) use command::{Command, CommandLine, Init, McpServer, ProofsCommand, TaskCommand};
pub(crate) use globals::Globals;
pub(crate) use handoff::{AgentsCommand, TeamSyncCommand};
pub(crate) use help::{HEADINGS, PROGRAM, command_line, examples_of, without_settings};
pub(crate) use install::{HookCommand, Install, SkillCommand, Uninstall};
pub(crate) use plan::{HTaskCommand, SwarmCommand};
pub(crate) use serve::Serve;
pub(crate) use store::{BackupWords, RestoreWords, StoreCommand};
