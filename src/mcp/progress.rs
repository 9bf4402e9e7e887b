//! Progress of a run, sent to a client that asked for it, and the run's log, in the same order.

use std::sync::Arc;
use std::time::Duration;

use rmcp::RoleServer;
use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::service::{Peer, RequestContext};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::domain::{Outcome, ProgressEvent, ProgressSink, Redactor, marked, one_line, silent_progress};

use super::logging::Log;
use super::server::Server;

/// How often a silent run says that it goes on, so that clients do not give up waiting.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// How long the last notifications may take before the answer is sent without them.
const FLUSH: Duration = Duration::from_secs(1);

/// Sends notifications while a call goes on, or nothing when the client did not ask.
pub(super) struct Progress {
    sink: ProgressSink,
    sending: Option<(DropGuard, JoinHandle<()>)>,
}

impl Progress {
    /// Begins to send, when the request carries a progress token or the client reads the log.
    pub(super) fn of(server: &Server, request: &RequestContext<RoleServer>, redactor: &Redactor) -> Self {
        let bar = request.meta.get_progress_token().map(|token| Bar { peer: request.peer.clone(), token, count: 0.0 });
        let log = Log::of(server, request);
        if bar.is_none() && log.is_none() {
            return Self { sink: silent_progress(), sending: None };
        }
        let (sender, receiver) = mpsc::unbounded_channel();
        let over = CancellationToken::new();
        let locked = server.is_locked_down();
        let task = tokio::spawn(send(bar, log, (redactor.clone(), locked), receiver, over.clone()));
        let sink: ProgressSink = Arc::new(move |event| {
            // The receiver is gone once the call is answered.
            let _ = sender.send(event);
        });
        Self { sink, sending: Some((over.drop_guard(), task)) }
    }

    /// Returns the sink of events. It never blocks and may outlive the call.
    pub(super) fn sink(&self) -> ProgressSink {
        self.sink.clone()
    }

    /// Sends the events that still wait, so that no notification follows the answer.
    pub(super) async fn finish(self) {
        if let Some((over, mut task)) = self.sending {
            drop(over);
            if tokio::time::timeout(FLUSH, &mut task).await.is_err() {
                task.abort();
            }
        }
    }
}

/// Where progress is shown.
struct Bar {
    peer: Peer<RoleServer>,
    token: ProgressToken,
    count: f64,
}

impl Bar {
    /// Sends one line. Returns whether the client can still be reached.
    async fn show(&mut self, line: String) -> bool {
        self.count += 1.0;
        let parameters = ProgressNotificationParam::new(self.token.clone(), self.count).with_message(line);
        self.peer.notify_progress(parameters).await.is_ok()
    }
}

async fn send(
    mut bar: Option<Bar>,
    log: Option<Log>,
    (redactor, locked): (Redactor, bool),
    mut events: mpsc::UnboundedReceiver<ProgressEvent>,
    over: CancellationToken,
) {
    let started = tokio::time::Instant::now();
    let mut heartbeat = tokio::time::interval_at(started + HEARTBEAT, HEARTBEAT);
    loop {
        let event = tokio::select! {
            biased;
            event = events.recv() => match event {
                Some(event) => Some(event),
                None => return,
            },
            () = over.cancelled() => return,
            _ = heartbeat.tick() => None,
        };
        let told = match event {
            Some(event) => {
                let Some(line) = line(&event, locked) else { continue };
                // Commands stand in it as they were given.
                let line = marked(&redactor.text(&line));
                let logged = match &log {
                    Some(log) => log.tell(&event, &line).await,
                    None => true,
                };
                logged && show(bar.as_mut(), line).await
            }
            None => show(bar.as_mut(), format!("still running after {} s", started.elapsed().as_secs())).await,
        };
        if !told {
            return;
        }
    }
}

async fn show(bar: Option<&mut Bar>, line: String) -> bool {
    match bar {
        Some(bar) => bar.show(line).await,
        None => true,
    }
}

/// In a lockdown it names neither commands nor what they said. What is only for who watches a terminal has no line.
fn line(event: &ProgressEvent, locked: bool) -> Option<String> {
    Some(match event {
        ProgressEvent::ItemStarted { .. } | ProgressEvent::Output { .. } | ProgressEvent::Asking { .. } => return None,
        ProgressEvent::Started { task_id, attempt } => format!("{task_id} attempt {attempt} started"),
        ProgressEvent::PhaseStarted { phase, items } => format!("{}: {items} to do", phase.title()),
        ProgressEvent::ItemFinished { name, outcome, duration_ms, .. } => {
            let result = match outcome {
                Outcome::Passed => "passed".to_owned(),
                Outcome::Failed { .. } | Outcome::Unverified { .. } => {
                    let kind = if matches!(outcome, Outcome::Failed { .. }) { "failed" } else { "unverified" };
                    if locked { kind.to_owned() } else { format!("{kind}: {}", outcome.reason().unwrap_or_default()) }
                }
            };
            let name = if locked { "item" } else { name };
            one_line(&format!("{name} {result} ({duration_ms} ms)"), 200)
        }
        ProgressEvent::PhaseFinished { phase, passed, .. } if locked => {
            format!("{}: {}", phase.title(), if *passed { "passed" } else { "not passed" })
        }
        ProgressEvent::PhaseFinished { phase, summary, .. } => one_line(&format!("{}: {summary}", phase.title()), 200),
        ProgressEvent::StatusChanged { status } => status.to_string(),
    })
}
