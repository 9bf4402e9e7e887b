//! The log messages of a run, for a client that asked for them.
#![expect(deprecated, reason = "the protocol gives logging up (SEP-2577); clients of all its versions still use it")]

use std::sync::atomic::{AtomicU8, Ordering};

use rmcp::model::{
    ConstString, JsonObject, LoggingLevel, LoggingMessageNotificationParam, ServerCapabilities, SetLevelRequestMethod,
};
use rmcp::service::{Peer, RequestContext};
use rmcp::{ErrorData, RoleServer};
use serde_json::json;

use crate::domain::{Outcome, ProgressEvent};

use super::protocol_version::is_stateless_era;
use super::server::Server;

/// The name of the logger.
const LOGGER: &str = "run_task";
/// A value above every level: no message is sent.
const SILENT: u8 = u8::MAX;

/// The level from which on a session gets messages. It gets none before it asks.
#[derive(Debug)]
pub(super) struct Threshold(AtomicU8);

impl Default for Threshold {
    fn default() -> Self {
        Self(AtomicU8::new(SILENT))
    }
}

/// The parameters of `logging/setLevel`.
pub(super) type SetLevel = rmcp::model::SetLevelRequestParams;

/// Adds logging to the server's capabilities.
pub(super) fn offered(capabilities: ServerCapabilities) -> ServerCapabilities {
    let mut capabilities = capabilities;
    capabilities.logging = Some(JsonObject::new());
    capabilities
}

/// Answers `logging/setLevel`, which sessions have; from 2026-07-28 on each request names its own level.
///
/// # Errors
/// When the protocol's version has no such method.
pub(super) fn set_level(
    server: &Server,
    asked: &SetLevel,
    request: &RequestContext<RoleServer>,
) -> Result<(), ErrorData> {
    if is_stateless_era(request) {
        return Err(ErrorData::new(rmcp::model::ErrorCode::METHOD_NOT_FOUND, SetLevelRequestMethod::VALUE, None));
    }
    server.threshold().0.store(asked.level as u8, Ordering::Relaxed);
    Ok(())
}

/// Log messages of one call.
pub(super) struct Log {
    peer: Peer<RoleServer>,
    least: u8,
}

impl Log {
    /// Returns the log of a call, or nothing when the client did not ask for one.
    pub(super) fn of(server: &Server, request: &RequestContext<RoleServer>) -> Option<Self> {
        let least = if is_stateless_era(request) {
            request.meta.log_level().map_or(SILENT, |level| level as u8)
        } else {
            server.threshold().0.load(Ordering::Relaxed)
        };
        (least != SILENT).then(|| Self { peer: request.peer.clone(), least })
    }

    /// Sends an event as its line, which holds no secrets. Returns whether the client can still be reached.
    pub(super) async fn tell(&self, event: &ProgressEvent, line: &str) -> bool {
        let level = level(event);
        if (level as u8) < self.least {
            return true;
        }
        let message = LoggingMessageNotificationParam::new(level, json!(line)).with_logger(LOGGER);
        self.peer.notify_logging_message(message).await.is_ok()
    }
}

fn level(event: &ProgressEvent) -> LoggingLevel {
    match event {
        ProgressEvent::ItemFinished { outcome: Outcome::Passed, .. } => LoggingLevel::Debug,
        ProgressEvent::ItemFinished { .. } | ProgressEvent::PhaseFinished { passed: false, .. } => {
            LoggingLevel::Warning
        }
        ProgressEvent::StatusChanged { status } if status.is_final() => LoggingLevel::Notice,
        _ => LoggingLevel::Info,
    }
}
