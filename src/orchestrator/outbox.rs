//! The outbox: messages that could not be sent to the hosted service wait in the store and are sent later, each at most
//! once.
//!
//! A message is claimed in a transaction before it is sent. A message that certainly did not arrive waits again. A message
//! that may have arrived, or that a process was sending when it ended, is never sent again, and the loss is told once.

use std::time::Duration;

use tokio::time::Instant;

use super::message::Message;
use super::timeout::{CallFailure, with_timeout};
use super::{Orchestrator, OrchestratorError};
use crate::domain::{OutboxCounts, ProcessIdentity, TaskId, Timestamp, one_line};
use crate::executor::is_gone;
use crate::snipara::{SniparaError, SniparaKind};
use crate::store::{NewMessage, OutboxState, StoreError, StoredMessage};

/// How long sending what waits may take in all.
pub(super) const FLUSH: Duration = Duration::from_secs(3);
/// The least time that must be left to begin to send: less would make a slow answer look like a lost one.
const LEAST: Duration = Duration::from_millis(1_500);
/// How long one message may be on its way at most, in milliseconds, whoever sends it.
const ON_ITS_WAY_MS: i64 = 60_000;
/// When a message is tried again for the first time, in milliseconds; each time it takes twice as long.
const FIRST_DELAY_MS: i64 = 30_000;
/// The longest time between two tries, in milliseconds.
const LONGEST_DELAY_MS: i64 = 3_600_000;
/// How long messages that were delivered are kept, in milliseconds: 30 days.
const KEPT_MS: i64 = 30 * 24 * 3_600_000;

/// How often it is looked whether another process has sent its message.
const LOOK: Duration = Duration::from_millis(50);

/// What there is to send.
enum Claimed {
    /// This message: nobody else sends it.
    Message(StoredMessage),
    /// Nothing whose time has come.
    Nothing,
    /// Another process sends, and one sends at a time.
    SomebodySends,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
enum DeliveryOutcome {
    Sent,
    /// It certainly did not arrive: it is tried again after so many milliseconds.
    Retry {
        after_ms: i64,
        why: String,
    },
    /// It may have arrived.
    Unknown {
        why: String,
    },
    /// It certainly did not arrive, and never will.
    Refused {
        why: String,
    },
}

impl Orchestrator {
    /// Returns who answers: `embedded`, or the service's address and the project there.
    pub fn snipara_name(&self) -> &str {
        &self.deps.snipara_name
    }

    /// Counts what waits to be sent to the hosted service, and what may have been lost.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn outbox(&self) -> Result<OutboxCounts, OrchestratorError> {
        Ok(self.deps.ledger.store().outbox_counts(&self.deps.snipara_name).await?)
    }

    /// Puts messages of an attempt into the outbox, all or none.
    pub(super) async fn enqueue(
        &self,
        task_id: &TaskId,
        attempt: u32,
        messages: &[Message],
    ) -> Result<(), OrchestratorError> {
        let now = self.deps.clock.now();
        let mut transaction = self.deps.ledger.store().begin_write().await?;
        for (place, message) in (0..).zip(messages) {
            let message = NewMessage {
                id: format!("message_{}", uuid::Uuid::new_v4().simple()),
                neighbour: self.deps.snipara_name.clone(),
                kind: message.kind(),
                task_id: task_id.clone(),
                attempt,
                payload: serde_json::to_string(message)?,
                // They are sent in this order.
                created_at: Timestamp::from_micros(now.as_micros().saturating_add(place)),
            };
            transaction.insert_message(&message).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Sends what waits in the background of this process.
    pub(super) fn flush_in_background(&self) {
        if self.deps.snipara.kind != SniparaKind::Hosted {
            return;
        }
        let this = self.clone();
        self.tracker.spawn(async move {
            if let Err(error) = this.flush(Instant::now() + FLUSH).await {
                tracing::warn!(%error, "the outbox could not be sent");
            }
        });
    }

    /// Sends what waits until `end`, one message after the other, as the only one of all processes.
    pub(super) async fn flush(&self, end: Instant) -> Result<(), StoreError> {
        // Nothing is written where there is nothing to send.
        let counts = self.deps.ledger.store().outbox_counts(&self.deps.snipara_name).await?;
        if counts.waiting + counts.sending == 0 {
            return Ok(());
        }
        let Ok(_alone) = tokio::time::timeout_at(end, self.sending.lock()).await else {
            return Ok(());
        };
        while left(end) >= LEAST {
            let claimed = match self.claim_message().await? {
                Claimed::Message(message) => message,
                Claimed::Nothing => return Ok(()),
                Claimed::SomebodySends => {
                    tokio::time::sleep(LOOK).await;
                    continue;
                }
            };
            let outcome = self.send(&claimed, end).await;
            let retry = matches!(outcome, DeliveryOutcome::Retry { .. });
            self.settle(&claimed.id, outcome).await?;
            // A host that cannot be reached is not asked again for every message.
            if retry {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Takes the next message whose time has come.
    async fn claim_message(&self) -> Result<Claimed, StoreError> {
        let (now, neighbour) = (self.deps.clock.now(), &self.deps.snipara_name);
        let mut transaction = self.deps.ledger.store().begin_write().await?;
        let mut somebody_sends = false;
        for message in transaction.sending_messages(neighbour).await? {
            if is_lost(message.sender.as_ref(), now, is_gone) {
                let why = "the process that sent it ended before the answer came";
                transaction.settle_message(&message.id, OutboxState::Unknown, Some(why), now).await?;
            } else {
                somebody_sends = true;
            }
        }
        transaction.remove_sent_messages(now.plus_ms(-KEPT_MS)).await?;
        let mut claimed = if somebody_sends { Claimed::SomebodySends } else { Claimed::Nothing };
        if !somebody_sends && let Some(message) = transaction.next_message(neighbour, now).await? {
            transaction.claim_message(&message.id, &self.deps.holder.process, now).await?;
            claimed = Claimed::Message(message);
        }
        transaction.commit().await?;
        Ok(claimed)
    }

    async fn send(&self, stored: &StoredMessage, end: Instant) -> DeliveryOutcome {
        let message: Message = match serde_json::from_str(&stored.payload) {
            Ok(message) => message,
            Err(error) => return DeliveryOutcome::Refused { why: format!("it cannot be read: {error}") },
        };
        let mut swarm = None;
        if message.is_for_project_swarm() {
            let this = self.clone();
            match with_timeout(left(end), async move { this.project_swarm().await }).await {
                Ok(id) => swarm = Some(id),
                // The message itself was not sent yet.
                Err(CallFailure::Error(error)) if error.is_refusal() => {
                    return DeliveryOutcome::Refused { why: error.to_string() };
                }
                Err(failure) => {
                    return DeliveryOutcome::Retry { after_ms: delay_ms(stored.tries), why: failure.to_string() };
                }
            }
        }
        if left(end) < LEAST / 2 {
            return DeliveryOutcome::Retry { after_ms: 0, why: "there was no time left to send it".to_owned() };
        }
        let (this, for_swarm) = (self.clone(), swarm.clone());
        let answer = with_timeout(left(end), async move { this.deliver(message, for_swarm).await }).await;
        if let (Some(id), Err(CallFailure::Error(SniparaError::NotFound { what: "swarm", .. }))) = (&swarm, &answer) {
            if let Err(error) = self.forget_project_swarm(id).await {
                tracing::warn!(%error, "a swarm that is gone could not be forgotten");
            }
            return DeliveryOutcome::Retry { after_ms: delay_ms(stored.tries), why: format!("the swarm {id} is gone") };
        }
        delivery_outcome(answer, stored.tries)
    }

    async fn settle(&self, id: &str, outcome: DeliveryOutcome) -> Result<(), StoreError> {
        let now = self.deps.clock.now();
        let (state, why, next_try_at) = match outcome {
            DeliveryOutcome::Sent => (OutboxState::Sent, None, now),
            DeliveryOutcome::Retry { after_ms, why } => (OutboxState::Waiting, Some(why), now.plus_ms(after_ms)),
            DeliveryOutcome::Unknown { why } => (OutboxState::Unknown, Some(why), now),
            DeliveryOutcome::Refused { why } => (OutboxState::Refused, Some(why), now),
        };
        let why = why.map(|why| one_line(&self.deps.redactor.text(&why), 200));
        let mut transaction = self.deps.ledger.store().begin_write().await?;
        transaction.settle_message(id, state, why.as_deref(), next_try_at).await?;
        transaction.commit().await
    }

    /// Returns what did not arrive for certain, to be told: each message once.
    pub(super) async fn lost_messages(&self) -> Result<Vec<String>, StoreError> {
        let mut transaction = self.deps.ledger.store().begin_write().await?;
        let lost = transaction.tell_lost_messages(&self.deps.snipara_name).await?;
        transaction.commit().await?;
        Ok(lost.iter().map(told).collect())
    }
}

/// Says what did not arrive for certain, of which task, and why.
fn told(message: &StoredMessage) -> String {
    let why = message.reason.as_deref().unwrap_or("no reason was recorded");
    format!("the {} of {}, attempt {} ({why})", message.kind.replace('_', " "), message.task_id, message.attempt)
}

fn left(end: Instant) -> Duration {
    end.saturating_duration_since(Instant::now())
}

/// Tells whether nobody will ever say what became of a message: its sender is gone, or has been silent for too long.
fn is_lost(
    sender: Option<&(ProcessIdentity, Timestamp)>,
    now: Timestamp,
    gone: impl Fn(&ProcessIdentity) -> bool,
) -> bool {
    sender.is_none_or(|(process, since)| now.ms_since(*since) > ON_ITS_WAY_MS || gone(process))
}

/// Returns how long to wait after `tries` earlier tries, in milliseconds.
fn delay_ms(tries: u32) -> i64 {
    FIRST_DELAY_MS.saturating_mul(1_i64 << tries.min(10)).min(LONGEST_DELAY_MS)
}

/// Decides what became of a message: only what certainly did not arrive is ever sent again.
fn delivery_outcome(answer: Result<(), CallFailure<SniparaError>>, tries: u32) -> DeliveryOutcome {
    let Err(failure) = answer else { return DeliveryOutcome::Sent };
    let why = failure.to_string();
    let CallFailure::Error(error) = failure else { return DeliveryOutcome::Unknown { why } };
    match error {
        error if error.may_have_happened() => DeliveryOutcome::Unknown { why },
        SniparaError::Unreachable { .. } => DeliveryOutcome::Retry { after_ms: delay_ms(tries), why },
        SniparaError::Status { status: 401 | 403 | 429 | 503, retry_after_s, .. } => {
            let asked = retry_after_s.and_then(|seconds| i64::try_from(seconds).ok());
            let after_ms = asked.map_or(0, |seconds| seconds.saturating_mul(1_000)).max(delay_ms(tries));
            DeliveryOutcome::Retry { after_ms, why }
        }
        SniparaError::Status { status: 400..=499, .. } => DeliveryOutcome::Refused { why },
        error if error.is_refusal() => DeliveryOutcome::Refused { why },
        _ => DeliveryOutcome::Unknown { why },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::TransportFailure;

    fn unreachable(may_have_happened: bool) -> SniparaError {
        let failure = TransportFailure::Reset { reason: "test".into() };
        SniparaError::Unreachable { tool: "remember".into(), failure, may_have_happened }
    }

    fn status(status: u16, retry_after_s: Option<u64>) -> SniparaError {
        SniparaError::Status { tool: "remember".into(), status, message: None, retry_after_s }
    }

    #[test]
    fn only_what_certainly_did_not_arrive_is_sent_again() {
        let of = |error| delivery_outcome(Err(CallFailure::Error(error)), 0);
        assert_eq!(delivery_outcome(Ok(()), 0), DeliveryOutcome::Sent);
        for error in [unreachable(false), status(401, None), status(403, None), status(429, None), status(503, Some(1))]
        {
            let told = error.to_string();
            assert!(matches!(of(error), DeliveryOutcome::Retry { after_ms: FIRST_DELAY_MS, .. }), "{told}");
        }
        assert!(matches!(of(status(429, Some(600))), DeliveryOutcome::Retry { after_ms: 600_000, .. }));
        for error in [unreachable(true), status(500, None), status(503, None), status(200, None)] {
            let told = error.to_string();
            assert!(matches!(of(error), DeliveryOutcome::Unknown { .. }), "{told}");
        }
        let malformed = SniparaError::Malformed { tool: "remember".into(), why: "cut off".into() };
        assert!(matches!(of(malformed), DeliveryOutcome::Unknown { .. }));
        assert!(matches!(delivery_outcome(Err(CallFailure::TimedOut(FLUSH)), 0), DeliveryOutcome::Unknown { .. }));
        assert!(matches!(delivery_outcome(Err(CallFailure::Crashed), 0), DeliveryOutcome::Unknown { .. }));
        let refused = SniparaError::HostRefused { tool: "remember".into(), message: "no".into(), code: None };
        assert!(matches!(of(refused), DeliveryOutcome::Refused { .. }));
        assert!(matches!(of(status(404, None)), DeliveryOutcome::Refused { .. }));
    }

    #[test]
    fn tries_become_rarer_up_to_an_hour() {
        assert_eq!((delay_ms(0), delay_ms(1), delay_ms(2)), (30_000, 60_000, 120_000));
        assert_eq!((delay_ms(9), delay_ms(u32::MAX)), (LONGEST_DELAY_MS, LONGEST_DELAY_MS));
    }

    #[test]
    fn a_message_is_lost_when_its_sender_is_gone_or_silent_for_too_long() {
        let since = Timestamp::from_micros(0);
        let sender = (ProcessIdentity::default(), since);
        let (alive, gone) = (|_: &ProcessIdentity| false, |_: &ProcessIdentity| true);
        assert!(!is_lost(Some(&sender), since.plus_ms(ON_ITS_WAY_MS), alive));
        assert!(is_lost(Some(&sender), since.plus_ms(ON_ITS_WAY_MS + 1), alive));
        assert!(is_lost(Some(&sender), since, gone));
        assert!(is_lost(None, since, alive));
    }
}
