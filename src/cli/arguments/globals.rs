//! Flags that every command knows.

use std::path::PathBuf;

use clap::Args;

use super::setting_args::{SETTINGS, SettingArgs};
use crate::config::Overrides;

/// Flags that every command knows.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Globals {
    /// Print one JSON document on standard output and nothing else.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print only the verdict.
    #[arg(long, short = 'q', global = true)]
    pub(crate) quiet: bool,
    /// Show each item of a run, and write debug logs to standard error.
    #[arg(long, short = 'v', global = true, hide_short_help = true)]
    pub(crate) verbose: bool,
    /// Use no colours; NO_COLOR does the same.
    #[arg(long, global = true, hide_short_help = true)]
    pub(crate) no_color: bool,
    /// Production's address.
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) prod_url: Option<String>,
    /// Read this configuration file instead of looking for one; each of its keys is a flag, too (docs/configuration.md).
    #[arg(long, global = true, value_name = "FILE", hide_short_help = true, help_heading = SETTINGS)]
    pub(crate) config: Option<PathBuf>,
    /// The project.
    #[arg(long, global = true, value_name = "NAME", hide_short_help = true, help_heading = SETTINGS)]
    pub(crate) project: Option<String>,
    /// The repository.
    #[arg(long, global = true, value_name = "PATH", hide_short_help = true, help_heading = SETTINGS)]
    pub(crate) repo: Option<PathBuf>,
    /// Use this address instead of what the name resolves to, as in curl (ports may differ).
    #[arg(long, global = true, value_name = "HOST:PORT:ADDR:PORT", hide_short_help = true, help_heading = SETTINGS)]
    pub(crate) resolve: Vec<String>,
    /// Trust the authorities in this PEM file as well.
    #[arg(long, global = true, value_name = "FILE", hide_short_help = true, help_heading = SETTINGS)]
    pub(crate) ca_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) settings: SettingArgs,
}

impl Globals {
    /// Returns what these flags say to the configuration.
    pub(crate) fn overrides(&self) -> Overrides {
        Overrides {
            config_file: self.config.clone(),
            project: self.project.clone(),
            prod_url: self.prod_url.clone(),
            repo_path: self.repo.clone(),
            resolve: self.resolve.clone(),
            ca_file: self.ca_file.clone(),
            settings: self.settings.0.clone(),
            verbose: self.verbose,
            ..Overrides::default()
        }
    }
}
