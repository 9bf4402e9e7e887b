//! The terminal: clap and printing live here and nowhere else.
//!
//! Lives here: the command line's words (`arguments`), one file for each group of commands (`commands`), how results
//! are shown (`render`), what hooks are answered from (`hook`), and the table of exit codes (`exit_code`). Does not live here: any decision about tasks,
//! checks or drift; those are the verbs of [`crate::orchestrator`].
//!
//! Invariants: results go to standard output, all else to standard error; with `--json` standard output carries one
//! JSON document and nothing else; text from outside is shown through [`crate::domain::printable`]; a reader that
//! closed its pipe is no error. Only `main` may call it.

mod arguments;
mod audit;
mod commands;
mod completion;
mod entry;
mod error;
mod exit_code;
mod hook;
mod install;
mod interrupt;
mod known_ids;
mod live;
mod output;
mod reference;
mod render;

pub use entry::run;
