//! `resources/subscribe` and `resources/unsubscribe`, until 2025-11-25: per session.

use std::sync::{Arc, Mutex, PoisonError};

use rmcp::model::{ClientConfig, ResourceUpdatedNotificationParam};
use rmcp::service::{Peer, RequestContext};
use rmcp::{ErrorData, RoleServer};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::domain::HTask;
use crate::mcp::resources::{Address, LONGEST_URI};
use crate::mcp::server::Server;

use super::heads::Heads;
use super::watcher::{LOOK, MOST_WATCHED, Readability, Watched, Watcher, readable};

/// What the sessions of a server watch, and the head that all of its watchers share.
#[derive(Debug, Default)]
pub(in crate::mcp) struct Subscriptions {
    sessions: Mutex<Vec<SubscribedSession>>,
    pub(super) heads: Heads,
}

/// One session and the resources that it watches. rmcp gives sessions no name that a handler can read. The client's
/// information from `initialize` is one object for each session, so its address identifies the session. It is kept here,
/// so that no other object can get the same address.
#[derive(Debug)]
struct SubscribedSession {
    who: Arc<ClientConfig>,
    watched: Watched,
}

impl Subscriptions {
    /// Answers `resources/subscribe`. A resource that does not exist or that the caller cannot read is accepted, but never
    /// changes.
    ///
    /// # Errors
    /// When the address is too long, when there are too many, or when the store cannot be read.
    pub(in crate::mcp) async fn subscribe(
        self: &Arc<Self>,
        server: &Server,
        uri: &str,
        context: &RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        if uri.len() > LONGEST_URI {
            let message = format!("the address has {} bytes: at most {LONGEST_URI}", uri.len());
            return Err(ErrorData::invalid_params(message, None));
        }
        if Address::parse(uri).is_err() {
            return Ok(());
        }
        let orchestrator = server.orchestrator().await?;
        // The watcher begins first, so that no change from now on is missed.
        let watcher = Watcher::begin(&self.heads, orchestrator.clone()).await?;
        let found = readable(&orchestrator, uri).await?;
        let (Readability::Yes(htask), Some(who)) = (found, context.peer.peer_info()) else { return Ok(()) };
        if self.begins(&who, uri, htask)? {
            let peer = context.peer.clone();
            tokio::spawn(tell(self.clone(), who, watcher, peer, server.stopping().clone()));
        }
        Ok(())
    }

    /// Answers `resources/unsubscribe`. It is not a failure when the resource was not watched.
    pub(in crate::mcp) fn unsubscribe(&self, uri: &str, context: &RequestContext<RoleServer>) {
        let Some(who) = context.peer.peer_info() else { return };
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = sessions.iter_mut().find(|session| Arc::ptr_eq(&session.who, &who)) {
            session.watched.remove(uri);
        }
    }

    /// Notes a resource that a session watches. Tells whether it is the session's first.
    fn begins(&self, who: &Arc<ClientConfig>, uri: &str, htask: Option<Box<HTask>>) -> Result<bool, ErrorData> {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = sessions.iter_mut().find(|session| Arc::ptr_eq(&session.who, who)) {
            if session.watched.len() >= MOST_WATCHED && !session.watched.contains_key(uri) {
                let message = format!("this session watches {MOST_WATCHED} resources: unsubscribe from some first");
                return Err(ErrorData::invalid_params(message, None));
            }
            session.watched.insert(uri.to_owned(), htask);
            return Ok(false);
        }
        sessions.push(SubscribedSession { who: who.clone(), watched: Watched::from([(uri.to_owned(), htask)]) });
        Ok(true)
    }

    /// Returns the resources that a session watches. Returns nothing when the session is over or watches nothing any more.
    /// Then it is forgotten.
    fn watched(&self, who: &Arc<ClientConfig>, over: bool) -> Option<Watched> {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let place = sessions.iter().position(|session| Arc::ptr_eq(&session.who, who))?;
        if over || sessions.get(place)?.watched.is_empty() {
            sessions.swap_remove(place);
            return None;
        }
        sessions.get(place).map(|session| session.watched.clone())
    }
}

/// Notifies one session of changes until it is over or watches nothing any more.
async fn tell(
    subscriptions: Arc<Subscriptions>,
    who: Arc<ClientConfig>,
    mut watcher: Watcher,
    peer: Peer<RoleServer>,
    stopping: CancellationToken,
) {
    let mut looks = tokio::time::interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut over = false;
    loop {
        tokio::select! {
            () = stopping.cancelled() => over = true,
            _ = looks.tick() => {}
        }
        let Some(watched) = subscriptions.watched(&who, over || peer.is_transport_closed()) else { return };
        for uri in watcher.look(&watched).await {
            over |= peer.notify_resource_updated(ResourceUpdatedNotificationParam::new(uri)).await.is_err();
        }
    }
}
