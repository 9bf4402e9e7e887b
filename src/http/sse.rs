//! HTTP+SSE of 2024-11-05. The protocol has deprecated it, but clients still speak it and rmcp has no server for it.
//!
//! `GET /sse` opens a session and is its stream; its first event says where messages are posted.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use futures_util::{SinkExt, StreamExt};
use http::{Extensions, HeaderValue, StatusCode};
use rmcp::model::{ClientJsonRpcMessage, GetExtensions};
use rmcp::service::{RxJsonRpcMessage, TxJsonRpcMessage, serve_server_with_ct};
use rmcp::{RoleServer, ServerHandler};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::{CancellationToken, DropGuard, PollSender};

use super::body::{taken, unreadable};
use super::refusal::{no_room, refuse};
use super::sessions::{Owner, SessionPermit, Sessions};
use super::settings::HttpLimits;
use super::streamable::says_json;

/// How many messages may wait in each direction.
const QUEUE_LENGTH: usize = 64;
/// How long a message waits for its turn.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(5);
/// How often a silent stream sends a comment, so that proxies keep it open.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Makes the routes `/sse` and `/messages`.
pub(super) fn routes<H, M>(sessions: Arc<Sessions>, limits: &HttpLimits, make: M, ending: CancellationToken) -> Router
where
    H: ServerHandler,
    M: Fn() -> H + Clone + Send + Sync + 'static,
{
    let (initialize, idle) = (limits.initialize, limits.session_idle);
    let bridge = Bridge { make, sessions, initialize, idle, ending, open: Arc::default() };
    Router::new().route("/sse", get(open::<H, M>)).route("/messages", post(take::<M>)).with_state(bridge)
}

/// Makes the same routes for a server that keeps no sessions.
pub(super) fn none() -> Router {
    let told = || {
        std::future::ready(refuse(StatusCode::NOT_FOUND, "a server with --stateless has no HTTP+SSE: MCP is at /mcp"))
    };
    Router::new().route("/sse", any(told)).route("/messages", any(told))
}

type Open = Arc<Mutex<HashMap<String, SseEntry>>>;

#[derive(Clone)]
struct Bridge<M> {
    make: M,
    sessions: Arc<Sessions>,
    initialize: Duration,
    idle: Duration,
    ending: CancellationToken,
    open: Open,
}

struct SseEntry {
    owner: Owner,
    activity: Activity,
    messages: mpsc::Sender<RxJsonRpcMessage<RoleServer>>,
}

/// The time of the last message in a session, from either side.
#[derive(Clone)]
struct Activity(Arc<Mutex<Instant>>);

impl Activity {
    fn begun() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }

    fn note(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Ends when nobody has said anything for so long.
    async fn over(&self, idle: Duration) {
        loop {
            let end = *self.0.lock().unwrap_or_else(PoisonError::into_inner) + idle;
            if end <= Instant::now() {
                return;
            }
            sleep_until(end).await;
        }
    }
}

/// A session as long as its stream is open. Dropping it removes its entry, ends its service and gives its permit back.
struct SseSession {
    id: String,
    open: Open,
    _service: DropGuard,
    _permit: SessionPermit,
}

impl Drop for SseSession {
    fn drop(&mut self) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

async fn open<H, M>(State(bridge): State<Bridge<M>>, extensions: Extensions) -> Response
where
    H: ServerHandler,
    M: Fn() -> H,
{
    let owner = Owner::of(&extensions);
    let permit = match bridge.sessions.try_open("sse", &owner) {
        Ok(permit) => permit,
        Err(full) => return no_room(&format!("{full}: try again later")),
    };
    let id = uuid::Uuid::new_v4().to_string();
    let (answers, answered) = mpsc::channel::<TxJsonRpcMessage<RoleServer>>(QUEUE_LENGTH);
    let (messages, received) = mpsc::channel::<RxJsonRpcMessage<RoleServer>>(QUEUE_LENGTH);
    let service = bridge.ending.child_token();
    let transport = (PollSender::new(answers).sink_map_err(std::io::Error::other), ReceiverStream::new(received));
    let serving = serve_server_with_ct((bridge.make)(), transport, service.clone());
    let (activity, initialize, idle) = (Activity::begun(), bridge.initialize, bridge.idle);
    // The service may outlive its cancellation by a little, but the stream must not. A service that ends by itself sends
    // its last answers first.
    let cut = bridge.ending.child_token();
    let (watched, silent) = (activity.clone(), cut.clone());
    tokio::spawn(async move {
        match timeout(initialize, serving).await {
            Ok(Ok(running)) => tokio::select! {
                ended = running.waiting() => drop(ended),
                () = watched.over(idle) => silent.cancel(),
            },
            Ok(Err(_)) => {}
            Err(_) => silent.cancel(),
        }
    });
    let ended = cut.cancelled_owned();
    let entry = SseEntry { owner, activity: activity.clone(), messages };
    bridge.open.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), entry);
    let session = SseSession { id: id.clone(), open: bridge.open, _service: service.drop_guard(), _permit: permit };
    let endpoint = Event::default().event("endpoint").data(format!("/messages?sessionId={id}"));
    let messages = ReceiverStream::new(answered)
        .inspect(move |_| activity.note())
        .filter_map(|message| std::future::ready(serde_json::to_string(&message).ok()))
        .map(|message| Event::default().event("message").data(message));
    let events = tokio_stream::once(endpoint).chain(messages).map(Ok::<_, Infallible>);
    let stream = events.take_until(Box::pin(ended)).inspect(move |_| {
        // The closure owns it, and is dropped with the stream.
        let _session = &session;
    });
    let mut response = Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response();
    // Proxies would keep events back until there are many.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// The session that a message is for, in both spellings that clients use.
#[derive(Deserialize)]
struct Addressee {
    #[serde(rename = "sessionId", alias = "session_id")]
    session: String,
}

async fn take<M>(
    State(bridge): State<Bridge<M>>,
    addressee: Result<Query<Addressee>, QueryRejection>,
    request: Request,
) -> Response {
    let Ok(Query(Addressee { session })) = addressee else {
        return refuse(StatusCode::BAD_REQUEST, "sessionId is missing: post to the address of the event `endpoint`");
    };
    let (parts, body) = request.into_parts();
    if !says_json(&parts.headers) {
        return refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send a message as application/json");
    }
    let asks = Owner::of(&parts.extensions);
    let messages = {
        let open = bridge.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.get(&session).filter(|entry| entry.owner == asks).map(|entry| {
            entry.activity.note();
            entry.messages.clone()
        })
    };
    let Some(messages) = messages else { return refuse(StatusCode::NOT_FOUND, "session not found") };
    let body = match taken(body).await {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    let Ok(mut message) = serde_json::from_slice::<ClientJsonRpcMessage>(&body) else { return unreadable(&body) };
    match &mut message {
        ClientJsonRpcMessage::Request(request) => drop(request.request.extensions_mut().insert(parts)),
        ClientJsonRpcMessage::Notification(told) => drop(told.notification.extensions_mut().insert(parts)),
        _ => {}
    }
    match messages.send_timeout(message, QUEUE_TIMEOUT).await {
        Ok(()) => StatusCode::ACCEPTED.into_response(),
        Err(mpsc::error::SendTimeoutError::Timeout(_)) => no_room("too many messages of this session wait"),
        Err(mpsc::error::SendTimeoutError::Closed(_)) => refuse(StatusCode::NOT_FOUND, "session not found"),
    }
}
