//! The client: one call of one tool, with its tries.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::CallBounds;
use super::envelope::{self, Reply};
use super::failure::{self, Again, Called, Failure};
use super::names::{self, Names, Prefix};
use super::request::{Endpoint, tool_call};
use crate::domain::{Redactor, SecretText};
use crate::outbound::{Backoff, Exchange, HttpClient, RequestSpec, TimeoutPhase, TransportFailure};
use crate::snipara::payload::read::Missing;
use crate::snipara::payload::{Payload, object};
use crate::snipara::{Answer, Snipara, SniparaError, SniparaKind, catalog};

/// The longest answer that is read, in bytes.
const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;
/// The most tries of a call.
const MAX_TRIES: u32 = 4;

/// What a client needs to know.
#[derive(Debug, Clone)]
pub struct HostedSettings {
    /// Sends to the service's origin and nowhere else.
    pub http: HttpClient,
    /// The service's address without `/mcp`.
    pub api_url: Url,
    /// The project: a slug or an id.
    pub project: String,
    /// The key; sent as `X-API-Key` to the service's origin only.
    pub api_key: SecretText,
}

/// Calls tools of the Snipara service. Cheap to clone.
#[derive(Debug, Clone)]
pub struct HostedClient {
    parts: Arc<Parts>,
}

#[derive(Debug)]
struct Parts {
    http: HttpClient,
    endpoint: Endpoint,
    redactor: Redactor,
    bounds: CallBounds,
    names: Names,
    last_id: AtomicU64,
}

/// A call that goes on.
struct Ongoing<'a> {
    called: Called<'a>,
    begun: Instant,
}

impl HostedClient {
    /// Makes a client; nothing is sent.
    pub fn new(settings: HostedSettings) -> Self {
        Self::with_bounds(settings, CallBounds::default())
    }

    /// Makes a client whose calls may take another time than the usual one.
    pub fn with_bounds(settings: HostedSettings, bounds: CallBounds) -> Self {
        Self {
            parts: Arc::new(Parts {
                http: settings.http.keeping_whole_bodies(MAX_ANSWER_BYTES),
                redactor: Redactor::new([settings.api_key.clone()]),
                endpoint: Endpoint::new(&settings.api_url, &settings.project, settings.api_key),
                bounds,
                names: Names::default(),
                last_id: AtomicU64::new(0),
            }),
        }
    }

    /// Returns this client as a neighbour.
    pub fn into_snipara(self) -> Snipara {
        let client = Arc::new(self.clone());
        Snipara {
            kind: SniparaKind::Hosted,
            context: client.clone(),
            memories: client.clone(),
            htasks: client.clone(),
            swarms: client,
            forward: Some(self),
        }
    }

    /// Calls a tool by its name without prefix (`recall`) and returns its payload.
    ///
    /// A try that failed is repeated only when nothing can have happened twice. Dropping the future ends the request.
    ///
    /// # Errors
    /// When the service does not answer, refuses, or cannot be understood.
    pub async fn call(&self, tool: &str, arguments: Map<String, Value>) -> Result<Map<String, Value>, SniparaError> {
        let called = Called {
            tool,
            read_only: catalog::find(tool).is_some_and(|tool| tool.read_only),
            arguments: &arguments,
            redactor: &self.parts.redactor,
        };
        let ongoing = Ongoing { called, begun: Instant::now() };
        let mut backoff = Backoff::default();
        let mut tries = 1;
        loop {
            let failed = match self.try_once(&ongoing).await {
                Ok(payload) => return Ok(payload),
                Err(failed) => failed,
            };
            let wait = self.wait(&ongoing, failed.again, &mut backoff).filter(|_| tries < MAX_TRIES);
            let Some(wait) = wait else { return Err(failed.error) };
            tracing::debug!(tool, tries, error = %failed.error, "the call is tried again");
            tokio::time::sleep(wait).await;
            tries += 1;
        }
    }

    /// Calls a tool and reads its payload.
    pub(super) async fn ask<T>(
        &self,
        tool: &str,
        arguments: Payload,
        read: impl FnOnce(&Payload) -> Result<T, Missing>,
    ) -> Result<T, SniparaError> {
        let payload = self.call(tool, arguments).await?;
        read(&payload).map_err(|missing| SniparaError::Malformed { tool: tool.to_owned(), why: missing.to_string() })
    }

    /// Calls a tool with a request's fields, and reads its payload beside the request.
    pub(super) fn asked<'a, R, T>(
        &'a self,
        tool: &'static str,
        request: R,
        read: fn(&Payload, &R) -> Result<T, Missing>,
    ) -> Answer<'a, T>
    where
        R: Serialize + Send + Sync + 'a,
        T: 'a,
    {
        Box::pin(async move { self.ask(tool, object(&request), |payload| read(payload, &request)).await })
    }

    /// Returns how long to wait before another try; nothing when there is to be none.
    fn wait(&self, ongoing: &Ongoing<'_>, again: Again, backoff: &mut Backoff) -> Option<Duration> {
        let elapsed_ms = elapsed_ms(ongoing.begun);
        let budget_ms = self.parts.bounds.retry_ms.min(self.parts.bounds.call_ms);
        match again {
            Again::Never => None,
            Again::Later => backoff.next_wait(elapsed_ms, budget_ms),
            Again::AfterSeconds(seconds) => {
                let wait_ms = seconds.saturating_mul(1_000);
                (elapsed_ms.saturating_add(wait_ms) <= budget_ms).then(|| Duration::from_millis(wait_ms))
            }
        }
    }

    async fn try_once(&self, ongoing: &Ongoing<'_>) -> Result<Payload, Failure> {
        let names = &self.parts.names;
        let prefix = names.current();
        let mut reply = self.reply(ongoing, prefix).await?;
        if !names.is_known() {
            if names::may_be_unknown(&reply) {
                let other = self.prefix(ongoing).await.unwrap_or_else(|| prefix.other());
                if other != prefix {
                    let second = self.reply(ongoing, other).await?;
                    if !names::may_be_unknown(&second) {
                        names.remember(other);
                        reply = second;
                    }
                }
            } else if !matches!(reply, Reply::Unclear(_)) {
                names.remember(prefix);
            }
        }
        failure::of_reply(ongoing.called, reply).map_err(|error| Failure { error, again: Again::Never })
    }

    /// Sends a tool's call under one name.
    async fn reply(&self, ongoing: &Ongoing<'_>, prefix: Prefix) -> Result<Reply, Failure> {
        let params = tool_call(&prefix.name(ongoing.called.tool), ongoing.called.arguments);
        let exchange = self.exchange(ongoing, self.rpc(ongoing, "tools/call", &params)).await?;
        if let Some(failure) = failure::of_status(ongoing.called, &exchange) {
            return Err(failure);
        }
        Ok(envelope::open(&exchange.body_start))
    }

    /// Finds out which names the server knows: from `/capabilities`, else from its list of tools.
    async fn prefix(&self, ongoing: &Ongoing<'_>) -> Option<Prefix> {
        let capabilities = self.parts.endpoint.capabilities(self.left_ms(ongoing));
        if let Ok(exchange) = self.exchange(ongoing, capabilities).await
            && exchange.status == 200
            && let Some(prefix) = names::of_capabilities(&exchange.body_start)
        {
            return Some(prefix);
        }
        let list = self.exchange(ongoing, self.rpc(ongoing, "tools/list", &json!({}))).await.ok()?;
        names::of_tools_list(&envelope::result(&list.body_start).ok()?)
    }

    fn rpc(&self, ongoing: &Ongoing<'_>, method: &str, params: &Value) -> Option<RequestSpec> {
        let id = self.parts.last_id.fetch_add(1, Ordering::Relaxed) + 1;
        self.parts.endpoint.rpc(id, method, params, self.left_ms(ongoing))
    }

    fn left_ms(&self, ongoing: &Ongoing<'_>) -> u64 {
        self.parts.bounds.call_ms.saturating_sub(elapsed_ms(ongoing.begun)).max(1)
    }

    /// Sends a request within what is left of the call's time, waiting for others included.
    async fn exchange(&self, ongoing: &Ongoing<'_>, request: Option<RequestSpec>) -> Result<Exchange, Failure> {
        let failed = |failure| failure::of_transport(ongoing.called, failure);
        let Some(request) = request else {
            let reason = "snipara_api_url cannot have a path".to_owned();
            return Err(failed(TransportFailure::Protocol { reason }));
        };
        let timeout_ms = self.parts.bounds.call_ms;
        // A little more than the request's own time, which knows how far it got.
        let longest = Duration::from_millis(request.timeout_ms.saturating_add(100));
        let never = CancellationToken::new();
        match tokio::time::timeout(longest, self.parts.http.send(&request, &never)).await {
            Ok(Err(TransportFailure::Timeout { phase, .. })) => {
                Err(failed(TransportFailure::Timeout { phase, timeout_ms }))
            }
            Ok(answer) => answer.map_err(failed),
            Err(_) => Err(failed(TransportFailure::Timeout { phase: TimeoutPhase::Response, timeout_ms })),
        }
    }
}

fn elapsed_ms(begun: Instant) -> u64 {
    u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX)
}
