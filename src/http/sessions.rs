//! Which sessions there are, whose they are, and how many there may be.
//!
//! rmcp gives a session no owner and opens as many as clients ask for. Here each session has an entry with its owner.
//! rmcp keeps the state of a session, in memory.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use futures_util::Stream;
use http::Extensions;
use rmcp::model::{ClientJsonRpcMessage, ServerJsonRpcMessage};
use rmcp::transport::streamable_http_server::SessionManager;
use rmcp::transport::streamable_http_server::session::local::{LocalSessionManager, LocalSessionManagerError};
use rmcp::transport::streamable_http_server::session::{ServerSseMessage, SessionId};

use crate::domain::Principal;
use crate::limits::{FairLimit, LimitReached, Permit};

use super::metrics::{Metrics, OpenCount};
use super::settings::HttpLimits;

/// The sessions of both transports.
#[derive(Debug)]
pub(super) struct Sessions {
    local: LocalSessionManager,
    limit: FairLimit,
    entries: Mutex<HashMap<String, SessionEntry>>,
    metrics: Metrics,
}

/// The owner of a session: a principal's name, or no name where no token is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owner(Option<String>);

impl Owner {
    /// Reads the sender of a request.
    pub(super) fn of(extensions: &Extensions) -> Self {
        Self(extensions.get::<Principal>().and_then(Principal::name).map(str::to_owned))
    }
}

/// The permit for one session. It is given back when it is dropped.
#[derive(Debug)]
pub(super) struct SessionPermit {
    _permit: Permit,
    _counting: OpenCount,
}

#[derive(Debug)]
struct SessionEntry {
    owner: Owner,
    _permit: SessionPermit,
}

impl Sessions {
    pub(super) fn new(limits: &HttpLimits, metrics: Metrics) -> Self {
        let mut local = LocalSessionManager::default();
        local.session_config.keep_alive = Some(limits.session_idle);
        let limit = FairLimit::new(limits.sessions, limits.sessions / 4);
        Self { local, limit, entries: Mutex::default(), metrics }
    }

    /// Takes a permit for one more session. One named owner gets at most a quarter of all.
    ///
    /// # Errors
    /// A sentence that says which limit is reached.
    pub(super) fn try_open(&self, transport: &'static str, owner: &Owner) -> Result<SessionPermit, String> {
        let permit = self.limit.try_acquire(owner.0.as_deref()).map_err(|reached| match reached {
            LimitReached::OfCaller(limit) => format!("{limit} sessions of this token's holder are open"),
            LimitReached::OfAll(_) => "too many sessions are open".to_owned(),
        })?;
        Ok(SessionPermit { _permit: permit, _counting: self.metrics.session(transport) })
    }

    /// Tells whether there is such a session.
    pub(super) async fn exists(&self, id: &str) -> bool {
        self.local.has_session(&SessionId::from(id)).await.is_ok_and(|exists| exists)
    }

    /// Records the owner of a new session.
    pub(super) async fn register(&self, id: &str, owner: Owner, permit: SessionPermit) {
        self.entries().insert(id.to_owned(), SessionEntry { owner, _permit: permit });
        // The session may have ended before it had an entry.
        if !self.exists(id).await {
            self.entries().remove(id);
        }
    }

    /// Tells whether a session belongs to another owner.
    pub(super) fn is_foreign(&self, id: &str, owner: &Owner) -> bool {
        self.entries().get(id).is_some_and(|entry| entry.owner != *owner)
    }

    fn entries(&self) -> std::sync::MutexGuard<'_, HashMap<String, SessionEntry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SessionManager for Sessions {
    type Error = LocalSessionManagerError;
    type Transport = <LocalSessionManager as SessionManager>::Transport;

    async fn create_session(&self) -> Result<(SessionId, Self::Transport), Self::Error> {
        self.local.create_session().await
    }

    async fn initialize_session(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<ServerJsonRpcMessage, Self::Error> {
        self.local.initialize_session(id, message).await
    }

    async fn has_session(&self, id: &SessionId) -> Result<bool, Self::Error> {
        self.local.has_session(id).await
    }

    async fn close_session(&self, id: &SessionId) -> Result<(), Self::Error> {
        let closed = self.local.close_session(id).await;
        self.entries().remove(id.as_ref());
        closed
    }

    async fn create_stream(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, Self::Error> {
        self.local.create_stream(id, message).await
    }

    async fn accept_message(&self, id: &SessionId, message: ClientJsonRpcMessage) -> Result<(), Self::Error> {
        self.local.accept_message(id, message).await
    }

    async fn create_standalone_stream(
        &self,
        id: &SessionId,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, Self::Error> {
        self.local.create_standalone_stream(id).await
    }

    async fn resume(
        &self,
        id: &SessionId,
        last_event_id: String,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, Self::Error> {
        self.local.resume(id, last_event_id).await
    }
}
