//! Who may call over HTTP: from flags and the environment to `http::auth`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::app;
use crate::cli::arguments::AccessWords;
use crate::cli::commands::Context;
use crate::cli::error::CliError;
use crate::config::{self, LocalTokenFile};
use crate::domain::{AuditEvent, AuditSink, SystemClock, one_line, shown_path};
use crate::http::auth::{Access, AccessSettings, IssuerSettings, ReadTokens, TokenError, Tokens};

/// The variable that holds one token.
const VARIABLE: &str = "SNIPARA_ORCHESTRATOR_TOKEN";

/// Reads who may call at an address; everybody when nothing says so and nobody else works on this machine.
///
/// # Errors
/// When the token file, the variable or the issuer cannot be used: exit code 2, before anything is served.
pub(super) fn access(
    context: &Context,
    words: AccessWords,
    bind: SocketAddr,
    audit: Option<AuditSink>,
) -> Result<Arc<Access>, CliError> {
    // One that cannot be read must not open the door.
    let variable =
        context.environment.value(VARIABLE).map(|value| value.to_str().unwrap_or_default().trim().to_owned());
    let named = words.token_file.is_some() || variable.is_some() || words.jwt_issuer.is_some();
    let file = match words.token_file {
        None if !named && !words.no_token && bind.ip().is_loopback() => token_against_others(context, audit.as_ref())?,
        file => file,
    };
    let tokens = tokens(file.as_deref(), variable.as_deref(), Tokens::read)?;
    let read_tokens =
        file.is_some().then(|| -> ReadTokens { Arc::new(move || tokens_as_now(file.as_deref(), variable.as_deref())) });
    let issuer = words.jwt_issuer.zip(words.jwt_audience).map(|(issuer, audience)| IssuerSettings {
        issuer,
        audience,
        keys_url: words.jwt_jwks_url,
    });
    let fetch = app::fetch_documents(context.globals.overrides().ca_file)?;
    let settings = AccessSettings { tokens, read_tokens, issuer, per_minute: words.rate_per_minute, audit };
    let access = Access::new(settings, fetch, Arc::new(SystemClock))
        .map_err(|error| CliError::usage(error.to_string(), "Nothing was served."))?;
    Ok(Arc::new(access))
}

/// Returns the file with the token for this machine's callers where others could call as well, and says where it is.
fn token_against_others(context: &Context, audit: Option<&AuditSink>) -> Result<Option<PathBuf>, CliError> {
    let others = config::other_accounts();
    let Some(first) = others.first() else { return Ok(None) };
    let LocalTokenFile { path, made } = config::local_token_file(&context.environment)?;
    let more = if others.len() > 1 { format!(" and {} more", others.len() - 1) } else { String::new() };
    let made_now = if made { ", made now for you alone" } else { "" };
    context.output.ask(&format!(
        "other accounts of this machine ({}{more}) can reach this address, so callers need the token in {}{made_now}; \
         --no-token asks for none\n",
        one_line(first, 40),
        shown_path(&path),
    ));
    if let Some(trail) = audit.filter(|_| made) {
        trail.record(AuditEvent::permission("person", "token"));
    }
    Ok(Some(path))
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
