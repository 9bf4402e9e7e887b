//! The words that say who may call over HTTP.

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::Args;

/// Who may call, and how often; also the variable SNIPARA_ORCHESTRATOR_TOKEN.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct AccessWords {
    /// Ask callers for a token of this file: lines of NAME SCOPES TOKEN and, when bound, PROJECTS, or JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// Ask for no token on loopback, though other accounts of this machine can reach it, too.
    #[arg(long, conflicts_with_all = ["token_file", "jwt_issuer"])]
    pub(crate) no_token: bool,
    /// Accept tokens (JWT) that this issuer signed.
    #[arg(long, value_name = "URL", requires = "jwt_audience")]
    pub(crate) jwt_issuer: Option<String>,
    /// The address of this server that such tokens must be made for.
    #[arg(long, value_name = "URL", requires = "jwt_issuer")]
    pub(crate) jwt_audience: Option<String>,
    /// Read the issuer's keys here; asked of its metadata when not given.
    #[arg(long, value_name = "URL", requires = "jwt_issuer")]
    pub(crate) jwt_jwks_url: Option<String>,
    /// Answer this many requests a minute of one caller [default: 6000 when a token is asked for].
    #[arg(long, value_name = "NUMBER")]
    pub(crate) rate_per_minute: Option<NonZeroU32>,
}
