//! Who may call over HTTP: from flags and the environment to `mcp::access`.

use std::sync::Arc;

use crate::app;
use crate::cli::arguments::AccessWords;
use crate::cli::commands::Context;
use crate::cli::error::CliError;
use crate::config;
use crate::domain::SystemClock;
use crate::mcp::access::{Access, AccessSettings, IssuerSettings, TokenError, Tokens};

/// The variable that holds one token.
const VARIABLE: &str = "SNIPARA_ORCHESTRATOR_TOKEN";

/// Reads who may call; everybody when nothing says so.
///
/// # Errors
/// When the token file, the variable or the issuer cannot be used: exit code 2, before anything is served.
pub(super) fn access(context: &Context, words: AccessWords) -> Result<Arc<Access>, CliError> {
    let mut tokens = match &words.token_file {
        Some(file) => {
            let shown = file.display();
            Tokens::read(&config::read_secret_file(file)?).map_err(|error| refused(&format!("{shown}: "), &error))?
        }
        None => Tokens::default(),
    };
    if let Some(value) = context.environment.value(VARIABLE) {
        // One that cannot be read must not open the door.
        let token = value.to_str().unwrap_or_default().trim();
        tokens.add_from_environment(VARIABLE, token).map_err(|error| refused("", &error))?;
    }
    let issuer = words.jwt_issuer.zip(words.jwt_audience).map(|(issuer, audience)| IssuerSettings {
        issuer,
        audience,
        keys_url: words.jwt_jwks_url,
    });
    let fetch = app::fetch_documents(context.overrides().ca_file)?;
    let settings = AccessSettings { tokens, issuer, per_minute: words.rate_per_minute };
    let access = Access::new(settings, fetch, Arc::new(SystemClock))
        .map_err(|error| CliError::usage(error.to_string(), "Nothing was served."))?;
    Ok(Arc::new(access))
}

fn refused(place: &str, error: &TokenError) -> CliError {
    CliError::usage(format!("{place}{error}"), "Nothing was served.")
}
