//! `subscriptions/listen`, from 2026-07-28: for as long as its request goes on.

use rmcp::ErrorData;
use rmcp::model::SubscriptionFilter;
use rmcp::service::SubscriptionContext;
use tokio::time::MissedTickBehavior;

use crate::mcp::resources::Address;
use crate::mcp::server::Server;

use super::watcher::{LOOK, MOST_WATCHED, Readability, Watched, Watcher, readable};

/// Returns which of the requested notifications this server sends: those about resources of known forms.
pub(in crate::mcp) fn accepted(requested: &SubscriptionFilter) -> SubscriptionFilter {
    let uris = requested.resource_subscriptions.iter().flatten();
    let known: Vec<String> = uris.filter(|uri| Address::parse(uri).is_ok()).take(MOST_WATCHED).cloned().collect();
    if known.is_empty() {
        return SubscriptionFilter::new();
    }
    SubscriptionFilter::builder().resource_subscriptions(known).build()
}

/// Sends changes until the request is cancelled or the server stops.
///
/// # Errors
/// When the store cannot be read.
pub(in crate::mcp) async fn listen(server: &Server, subscription: SubscriptionContext) -> Result<(), ErrorData> {
    let uris = subscription.accepted().resource_subscriptions.clone().unwrap_or_default();
    let mut telling = None;
    if !uris.is_empty() {
        let orchestrator = server.orchestrator().await?;
        // The watcher begins first, so that no change from now on is missed.
        let heads = &server.subscriptions().heads;
        let watcher = Watcher::begin(heads, orchestrator.clone()).await?;
        let mut watched = Watched::new();
        for uri in uris {
            if let Readability::Yes(htask) = readable(&orchestrator, &uri).await? {
                watched.insert(uri, htask);
            }
        }
        telling = Some((watcher, watched));
    }
    let mut looks = tokio::time::interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = subscription.cancelled() => return Ok(()),
            () = server.stopping().cancelled() => return Ok(()),
            _ = looks.tick(), if telling.is_some() => {}
        }
        let Some((watcher, watched)) = telling.as_mut() else { continue };
        for uri in watcher.look(watched).await {
            if subscription.sink().notify_resource_updated(uri).await.is_err() {
                return Ok(());
            }
        }
    }
}
