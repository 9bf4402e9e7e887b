//! Who may call over HTTP: from flags and the environment to `http::auth`.

use std::path::Path;
use std::sync::Arc;

use crate::app;
use crate::cli::arguments::AccessWords;
use crate::cli::commands::Context;
use crate::cli::error::CliError;
use crate::config;
use crate::domain::SystemClock;
use crate::http::auth::{Access, AccessSettings, IssuerSettings, ReadTokens, TokenError, Tokens};

/// The variable that holds one token.
const VARIABLE: &str = "SNIPARA_ORCHESTRATOR_TOKEN";

/// Reads who may call; everybody when nothing says so.
///
/// # Errors
/// When the token file, the variable or the issuer cannot be used: exit code 2, before anything is served.
pub(super) fn access(context: &Context, words: AccessWords) -> Result<Arc<Access>, CliError> {
    // One that cannot be read must not open the door.
    let variable =
        context.environment.value(VARIABLE).map(|value| value.to_str().unwrap_or_default().trim().to_owned());
    let file = words.token_file;
    let tokens = tokens(file.as_deref(), variable.as_deref(), Tokens::read)?;
    let read_tokens =
        file.is_some().then(|| -> ReadTokens { Arc::new(move || tokens_as_now(file.as_deref(), variable.as_deref())) });
    let issuer = words.jwt_issuer.zip(words.jwt_audience).map(|(issuer, audience)| IssuerSettings {
        issuer,
        audience,
        keys_url: words.jwt_jwks_url,
    });
    let fetch = app::fetch_documents(context.globals.overrides().ca_file)?;
    let settings = AccessSettings { tokens, read_tokens, issuer, per_minute: words.rate_per_minute };
    let access = Access::new(settings, fetch, Arc::new(SystemClock))
        .map_err(|error| CliError::usage(error.to_string(), "Nothing was served."))?;
    Ok(Arc::new(access))
}

fn tokens(
    file: Option<&Path>,
    variable: Option<&str>,
    read: fn(&str) -> Result<Tokens, TokenError>,
) -> Result<Tokens, CliError> {
    let mut tokens = match file {
        Some(file) => {
            let shown = file.display();
            read(&config::read_secret_file(file)?).map_err(|error| refused(&format!("{shown}: "), &error))?
        }
        None => Tokens::default(),
    };
    if let Some(token) = variable {
        tokens.add_from_environment(VARIABLE, token).map_err(|error| refused("", &error))?;
    }
    Ok(tokens)
}

fn tokens_as_now(file: Option<&Path>, variable: Option<&str>) -> Result<Tokens, String> {
    tokens(file, variable, Tokens::read_or_none).map_err(|error| error.to_string())
}

fn refused(place: &str, error: &TokenError) -> CliError {
    CliError::usage(format!("{place}{error}"), "Nothing was served.")
}
