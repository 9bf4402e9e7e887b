//! `serve`.

use super::access::access;
use super::server::{Prepared, prepared};
use crate::app::AuditDoor;
use crate::cli::arguments::Serve;
use crate::cli::commands::Context;
use crate::cli::error::CliError;
use crate::cli::exit_code::Exit;
use crate::http::{HttpError, HttpLimits, HttpSettings, TlsFiles};
use crate::http::{ServeError, serve_http};

/// Serves MCP over HTTP until a signal comes. Says on standard error where.
///
/// The settings are read before that, and again when they change; when that fails the server starts all the same and tells each
/// call why.
///
/// # Errors
/// When a word cannot be used (exit code 2), or when the address cannot be listened at (3).
pub(super) fn serve(context: &Context, words: Serve) -> Result<Exit, CliError> {
    let Prepared { options, opener, audit } = prepared(context, words.server, AuditDoor::Http);
    let settings = HttpSettings {
        bind: words.bind,
        stateless: words.stateless,
        access: access(context, words.access, words.bind, audit)?,
        tls: words.tls_cert.zip(words.tls_key).map(|(certificate, key)| TlsFiles { certificate, key }),
        allowed_hosts: words.allow_host_header,
        allowed_origins: words.allow_origin,
        limits: HttpLimits {
            sessions: words.max_sessions,
            connections: words.max_connections,
            ..HttpLimits::default()
        },
    };
    let listening = |url: &str| context.output.ask(&format!("serving MCP at {url}; Ctrl-C ends it\n"));
    context.serve_on(async {
        serve_http(options, opener, settings, listening).await.map_err(not_served)?;
        Ok(Exit::Success)
    })
}

fn not_served(error: ServeError) -> CliError {
    let hint = match &error {
        ServeError::Options(_) => "`snipara-orchestrator serve --help` names the options.",
        ServeError::Http(HttpError::Open { .. }) => {
            "Ask for a token with --token-file FILE, SNIPARA_ORCHESTRATOR_TOKEN or --jwt-issuer URL, or listen at \
             127.0.0.1."
        }
        ServeError::Http(HttpError::Entry { .. } | HttpError::Tls { .. }) => "Correct it; nothing was served.",
        ServeError::Http(HttpError::InUse { .. }) => {
            "Stop the server that listens there, or take another port with --bind ADDRESS:PORT (0 takes a free one)."
        }
        _ => "",
    };
    let code = match &error {
        ServeError::Http(HttpError::InUse { .. }) => "address_in_use",
        _ => "not_served",
    };
    let usage = matches!(
        error,
        ServeError::Options(_)
            | ServeError::Http(HttpError::Open { .. } | HttpError::Entry { .. } | HttpError::Tls { .. })
    );
    let message = format!("{:#}", anyhow::Error::from(error));
    if usage { CliError::usage(message, hint) } else { CliError::could_not(code, message, hint) }
}
