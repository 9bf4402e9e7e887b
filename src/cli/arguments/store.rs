//! Backups, and the store as a whole.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `backup`.
#[derive(Debug, Clone, Args)]
pub(crate) struct BackupWords {
    /// The file to write.
    pub(crate) file: PathBuf,
    /// Replace a file of that name.
    #[arg(long, short = 'f')]
    pub(crate) force: bool,
}

/// `restore`.
#[derive(Debug, Clone, Args)]
pub(crate) struct RestoreWords {
    /// The backup.
    pub(crate) file: PathBuf,
    /// Replace a store whose ledger is another one or is longer; a copy of it stays.
    #[arg(long, short = 'y')]
    pub(crate) yes: bool,
}

/// `store`.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum StoreCommand {
    /// Look at its pages, references, tables and triggers, and verify its ledger.
    Check,
    /// Carry over into a new file beside it what can be read; the chain says what could not.
    Repair {
        /// Put the new file in the store's place; a copy of the damaged one stays.
        #[arg(long)]
        replace: bool,
        /// Do it without asking.
        #[arg(long, short = 'y', requires = "replace")]
        yes: bool,
    },
}
