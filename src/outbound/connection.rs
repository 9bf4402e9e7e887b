//! How a pool gets its connections: names are resolved to decided addresses only, and each request knows how far
//! its connection got.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tower::{Layer, Service};
use url::Url;

use super::egress::{EgressDecision, EgressRule, decide_egress};
use crate::domain::BLOCKED_BY_POLICY;

/// A name does not resolve.
#[derive(Debug, thiserror::Error)]
#[error("the name does not resolve")]
pub(super) struct LookupError(#[source] pub(super) std::io::Error);

/// No address that the name resolves to may be called.
#[derive(Debug, thiserror::Error)]
#[error("{}: {why}", BLOCKED_BY_POLICY)]
pub(super) struct BlockedAddress {
    pub(super) why: String,
    pub(super) setting: String,
}

/// Resolves the host of one origin and returns only addresses that the policy allows for it.
///
/// The addresses that are decided on are the ones connected to, so a name that resolves differently the next
/// moment (DNS rebinding) gains nothing.
#[derive(Debug)]
pub(super) struct EgressResolver {
    pub(super) rule: Arc<EgressRule>,
    /// The origin's root.
    pub(super) origin: Url,
    /// Where to connect instead of what the name resolves to.
    pub(super) instead: Option<SocketAddr>,
}

impl Resolve for EgressResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (rule, origin, instead) = (self.rule.clone(), self.origin.clone(), self.instead);
        Box::pin(async move {
            let addresses: Vec<SocketAddr> = match instead {
                Some(address) => vec![address],
                None => tokio::net::lookup_host((name.as_str(), 0)).await.map_err(LookupError)?.collect(),
            };
            let mut blocked = None;
            let mut allowed = Vec::with_capacity(addresses.len());
            for address in addresses {
                match decide_egress(&rule, &origin, address.ip()) {
                    EgressDecision::Allowed => allowed.push(address),
                    EgressDecision::Blocked { why, setting } => blocked = Some(BlockedAddress { why, setting }),
                }
            }
            match blocked {
                Some(blocked) if allowed.is_empty() => Err(blocked.into()),
                _ if allowed.is_empty() => {
                    Err(LookupError(std::io::Error::new(std::io::ErrorKind::NotFound, "no address")).into())
                }
                _ => Ok(Box::new(allowed.into_iter()) as Addrs),
            }
        })
    }
}

/// Whether a request waits for a connection, and whether one was made for it; shared between the request and the
/// connector.
#[derive(Debug, Default)]
pub(super) struct Connecting {
    waits: AtomicBool,
    made: AtomicBool,
}

impl Connecting {
    /// Tells whether the request waits for a connection.
    pub(super) fn is_connecting(&self) -> bool {
        self.waits.load(Ordering::Relaxed)
    }

    /// Tells whether a connection was made for the request: else it was sent over a kept one.
    pub(super) fn was_connected(&self) -> bool {
        self.made.load(Ordering::Relaxed)
    }
}

tokio::task_local! {
    /// The flag of the request that is being sent; a pool starts to connect inside the request's own task.
    pub(super) static CONNECTING: Arc<Connecting>;
}

/// Raises the request's flag while a connection, TLS included, is being made for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct ObserveConnecting;

impl<S> Layer<S> for ObserveConnecting {
    type Service = ObservedConnector<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ObservedConnector { inner }
    }
}

/// A connector that raises the request's flag.
#[derive(Debug, Clone)]
pub(super) struct ObservedConnector<S> {
    inner: S,
}

impl<S, R> Service<R> for ObservedConnector<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, target: R) -> Self::Future {
        let flag = CONNECTING.try_with(Arc::clone).ok();
        if let Some(flag) = &flag {
            flag.waits.store(true, Ordering::Relaxed);
        }
        let connecting = self.inner.call(target);
        Box::pin(async move {
            let connection = connecting.await;
            if let (Some(flag), true) = (&flag, connection.is_ok()) {
                flag.waits.store(false, Ordering::Relaxed);
                flag.made.store(true, Ordering::Relaxed);
            }
            connection
        })
    }
}
