//! Tells the neighbour about an end after it was written: the final state, the outcome, and the evidence of an htask
//! (gate.md L11).
//!
//! Nothing here can change a verdict: the report is in the store already.

use std::time::Duration;

use tokio::time::Instant;

use super::outcome::{final_state, final_state_key, outcome};
use super::prefetch_context::WARNING;
use crate::domain::{TaskReport, TaskStatus, one_line};
use crate::orchestrator::evidence::{WantedEvidence, ended_at, evidence_of_run};
use crate::orchestrator::message::Message;
use crate::orchestrator::outbox::FLUSH;
use crate::orchestrator::timeout::with_timeout;
use crate::orchestrator::{Orchestrator, OrchestratorError};
use crate::snipara::SniparaKind;

/// How long all of it may take; what is sent ends a little earlier by itself.
const PATIENCE: Duration = Duration::from_millis(3_250);

/// How long it may take to tell what an htask asks of its evidence.
const KNOWN: Duration = Duration::from_secs(1);

impl Orchestrator {
    /// Tells the neighbour how an attempt ended, and returns what did not work, for the report.
    pub(super) async fn after_end(&self, report: &TaskReport) -> Vec<String> {
        let (this, report) = (self.clone(), report.clone());
        let end = Instant::now() + FLUSH;
        match with_timeout(PATIENCE, async move { this.tell(&report, end).await }).await {
            Ok(warnings) => warnings,
            Err(failure) => {
                vec![format!("{WARNING}was not told how the task ended: {}", one_line(&failure.to_string(), 200))]
            }
        }
    }

    /// Tells the neighbour of an attempt whose process is gone. What the hosted service is told is sent with the next
    /// run, because the process that found it out may end at once and would lose what it is sending.
    pub(super) async fn after_interruption(&self, report: &TaskReport) {
        let told = match self.deps.snipara.kind {
            SniparaKind::Embedded => self.after_end(report).await,
            SniparaKind::Hosted => {
                let told = match self.messages(report).await {
                    Ok(messages) => self.enqueue(&report.task_id, report.attempt, &messages).await,
                    Err(error) => Err(error),
                };
                told.err().map(|error| error.to_string()).into_iter().collect()
            }
        };
        for warning in told {
            tracing::warn!(task.id = %report.task_id, warning, "an interruption could not be told");
        }
    }

    async fn tell(&self, report: &TaskReport, end: Instant) -> Result<Vec<String>, OrchestratorError> {
        let messages = self.messages(report).await?;
        match self.deps.snipara.kind {
            SniparaKind::Embedded => Ok(self.tell_at_once(messages, end).await),
            SniparaKind::Hosted => {
                self.enqueue(&report.task_id, report.attempt, &messages).await?;
                self.tell_through_outbox(end).await
            }
        }
    }

    /// Returns the messages about an end.
    async fn messages(&self, report: &TaskReport) -> Result<Vec<Message>, OrchestratorError> {
        let redactor = &self.deps.redactor;
        let ledger = &self.deps.ledger;
        let entries = ledger.task_entries(&report.task_id, Some(report.attempt)).await?;
        let at = ended_at(&entries);
        let mut messages = Vec::new();
        if let Some(memory) = self.deps.auto_remember.then(|| outcome(report, redactor)).flatten() {
            messages.push(Message::memory(memory));
        }
        if report.status == TaskStatus::Done
            && let Some(htask) = ledger.store().htask_of(&report.task_id).await?
        {
            // What a service that does not answer asks for is judged by the service.
            let wanted = match (self.known_htask(&htask, KNOWN).await, self.deps.snipara.kind) {
                (Ok(known), _) => Some(self.wanted(&known)),
                (Err(_), SniparaKind::Hosted) => Some(WantedEvidence::default()),
                (Err(_), SniparaKind::Embedded) => None,
            };
            let evidence = wanted.map(|wanted| evidence_of_run(report, &entries, at, &wanted)).unwrap_or_default();
            if !evidence.is_empty() {
                messages.push(Message::Evidence { swarm_id: htask.swarm_id, task_id: htask.task_id, evidence });
            }
        }
        messages.push(Message::FinalState { key: final_state_key(report), value: final_state(report, at, redactor) });
        Ok(messages)
    }

    /// The embedded store is told directly: it is the same file as the outbox would be.
    async fn tell_at_once(&self, messages: Vec<Message>, end: Instant) -> Vec<String> {
        let mut silent: Vec<String> = Vec::new();
        for message in messages {
            let (this, kind) = (self.clone(), message.kind().replace('_', " "));
            let left = end.saturating_duration_since(Instant::now());
            if let Err(failure) = with_timeout(left, async move { this.deliver(message, None).await }).await {
                silent.push(format!("the {kind}: {}", one_line(&failure.to_string(), 120)));
            }
        }
        if silent.is_empty() {
            return Vec::new();
        }
        vec![format!("{WARNING}did not take {}; the verdict stands", silent.join("; "))]
    }

    async fn tell_through_outbox(&self, end: Instant) -> Result<Vec<String>, OrchestratorError> {
        // It runs in a task of its own, because a message that is being sent when the time is over must still be settled.
        let this = self.clone();
        let sending = self.tracker.spawn(async move { this.flush(end).await });
        // A send that began in time has ended by then and is settled.
        let sent = tokio::time::timeout_at(end + PATIENCE.saturating_sub(FLUSH) / 2, sending).await;
        if let Ok(Ok(Err(error))) = sent {
            return Err(error.into());
        }
        let mut warnings = Vec::new();
        let lost = self.lost_messages().await?;
        if !lost.is_empty() {
            let lost = one_line(&lost.join("; "), 300);
            warnings.push(format!("{WARNING}may not have got {lost}; it is not sent again"));
        }
        let counts = self.outbox().await?;
        if counts.waiting > 0 {
            let waiting = if counts.waiting == 1 {
                "1 message waits in the outbox and is sent later".to_owned()
            } else {
                format!("{} messages wait in the outbox and are sent later", counts.waiting)
            };
            warnings.push(format!("{WARNING}was not told everything yet: {waiting}"));
        }
        Ok(warnings)
    }
}
