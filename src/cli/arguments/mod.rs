//! The command line's words, in clap's terms.
//!
//! The seed's commands keep its names and short flags. Flags that every command knows are in [`globals`], the words
//! that describe a task in [`criteria`], the commands in [`command`].

mod command;
mod criteria;
mod documents;
mod endpoint;
mod globals;

pub(crate) use command::{
    CheckDrift, ChecklistCommand, Command, CommandLine, Deploy, Init, McpServer, ProofsCommand, Run, TaskCommand,
    Validate,
};
pub(crate) use documents::ContextCommand;
pub(crate) use globals::Globals;
