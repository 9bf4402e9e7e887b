//! Sends the three hands and writes down everything they bring, as it comes.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::domain::{
    BuildIdentity, ChecklistItem, ChecklistTarget, CommandRun, DriftReport, Fence, HealthAnswer, Proof, ProofResult,
};
use crate::drift::{DriftDetector, DriftRequest};
use crate::executor::Executor;
use crate::ledger::{Change, Entry, EntryKind, EntryRef, Ledger, LedgerError, NewEntry};
use crate::validator::{CheckRun, Validator};

/// The most proofs that are written in one transaction.
const BATCH: usize = 256;

/// What was observed could not be recorded or read back.
#[derive(Debug, thiserror::Error)]
pub enum GatherError {
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A value of ours has no JSON form.
    #[error("an observation cannot be written as JSON")]
    Json(#[from] serde_json::Error),
}

/// What every proof of a run carries besides what was observed.
#[derive(Debug, Clone, Default)]
pub(crate) struct ProofStamp {
    pub(crate) commit: Option<BuildIdentity>,
    pub(crate) criteria_digest: Option<String>,
    pub(crate) config_digest: Option<String>,
    /// Who asked, where callers have names: what belongs to no task belongs to them.
    pub(crate) caller: Option<String>,
}

/// The field of an entry of no task that says who asked for it.
pub(crate) const CALLER: &str = "caller";

/// The only writer of one run's evidence; it remembers what it wrote (G5).
#[derive(Debug)]
pub(crate) struct Gather {
    ledger: Ledger,
    fence: Option<Fence>,
    stamp: ProofStamp,
    written: Mutex<Vec<EntryRef>>,
}

impl Gather {
    /// Makes the writer of a run whose first entries were written already; without a fence, of observations that
    /// belong to no task.
    pub(crate) fn new(ledger: Ledger, fence: Option<Fence>, stamp: ProofStamp, first: Vec<EntryRef>) -> Self {
        Self { ledger, fence, stamp, written: Mutex::new(first) }
    }

    /// Returns the hashes of everything that this writer wrote.
    pub(crate) fn written(&self) -> HashSet<String> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|entry| entry.hash.clone()).collect()
    }

    /// Makes an entry of this run.
    pub(crate) fn entry(&self, kind: EntryKind, mut payload: Value, body: Option<Value>) -> NewEntry {
        if let (None, Some(caller), Value::Object(fields)) = (&self.fence, &self.stamp.caller, &mut payload) {
            fields.insert(CALLER.to_owned(), caller.as_str().into());
        }
        NewEntry {
            kind,
            task_id: self.fence.as_ref().map(|fence| fence.task_id.clone()),
            attempt: self.fence.as_ref().map(|fence| fence.attempt),
            payload,
            body,
        }
    }

    /// Appends entries of this run with the changes that they tell of.
    pub(crate) async fn record(
        &self,
        entries: Vec<NewEntry>,
        changes: Vec<Change>,
    ) -> Result<Vec<EntryRef>, GatherError> {
        let written = self.ledger.append(self.fence.as_ref(), entries, changes).await?;
        self.written.lock().unwrap_or_else(PoisonError::into_inner).extend(written.iter().cloned());
        Ok(written)
    }

    /// Runs a local test and records it.
    pub(crate) async fn local_test(
        &self,
        executor: &Executor,
        name: &str,
        command: &str,
        timeout_ms: u64,
        cancel: &CancellationToken,
    ) -> Result<CommandRun, GatherError> {
        let run = executor.run_test(command, timeout_ms, cancel).await;
        let (payload, body) = command_payload(name, &run)?;
        self.record(vec![self.entry(EntryKind::LocalTest, payload, Some(body))], Vec::new()).await?;
        Ok(run)
    }

    /// Looks for drift and records the report; `when` says for which moment.
    pub(crate) async fn drift(
        &self,
        detector: &DriftDetector,
        request: &DriftRequest,
        when: &str,
        cancel: &CancellationToken,
    ) -> Result<DriftReport, GatherError> {
        let report = detector.check(request, cancel).await;
        let payload = json!({ "when": when, "report": serde_json::to_value(&report)? });
        self.record(vec![self.entry(EntryKind::Drift, payload, None)], Vec::new()).await?;
        Ok(report)
    }

    /// Executes a checklist and records each proof as soon as it is there, several in one transaction when they come
    /// faster than they are written.
    pub(crate) async fn checklist(
        &self,
        validator: &Validator,
        items: &[ChecklistItem],
        settle_ms: u64,
        cancel: &CancellationToken,
        on_item: &(dyn Fn(&ChecklistItem, &CheckRun) + Send + Sync),
    ) -> Result<(), GatherError> {
        let stop = cancel.child_token();
        let (sender, mut receiver) = mpsc::unbounded_channel::<(usize, CheckRun)>();
        let observing = async {
            let sender = sender;
            let tell = |index: usize, run: &CheckRun| {
                if let Some(item) = items.get(index) {
                    on_item(item, run);
                }
                // The receiver lives until this future has ended; a closed one means that writing failed.
                let _ = sender.send((index, run.clone()));
            };
            validator.run_all(items, settle_ms, &stop, &tell).await;
        };
        let recording = async {
            let mut failure = None;
            let mut batch = Vec::new();
            while receiver.recv_many(&mut batch, BATCH).await > 0 {
                let finished = std::mem::take(&mut batch);
                if failure.is_none() {
                    failure = self.proofs(items, &finished).await.err();
                    if failure.is_some() {
                        stop.cancel();
                    }
                }
            }
            failure
        };
        let ((), failure) = futures_util::future::join(observing, recording).await;
        failure.map_or(Ok(()), Err)
    }

    async fn proofs(&self, items: &[ChecklistItem], finished: &[(usize, CheckRun)]) -> Result<(), GatherError> {
        let mut entries = Vec::with_capacity(finished.len());
        for (index, run) in finished {
            if let Some(item) = items.get(*index) {
                entries.push(self.proof_entry(&self.proof(item, run))?);
            }
        }
        self.record(entries, Vec::new()).await.map(|_| ())
    }

    /// Records one proof and returns it with its place in the ledger.
    pub(crate) async fn one_proof(&self, item: &ChecklistItem, run: &CheckRun) -> Result<Proof, GatherError> {
        let mut proof = self.proof(item, run);
        let written = self.record(vec![self.proof_entry(&proof)?], Vec::new()).await?;
        if let Some(place) = written.first() {
            proof.seq = Some(place.seq);
            proof.hash = Some(place.hash.clone());
        }
        Ok(proof)
    }

    fn proof(&self, item: &ChecklistItem, run: &CheckRun) -> Proof {
        Proof {
            endpoint: run.endpoint.clone(),
            user_tested: run.user_tested.clone(),
            result: ProofResult::from(&run.outcome),
            timestamp: run.finished_at,
            response_code: run.response_code,
            response_body: run.response_body.clone(),
            response_digest: run.response_digest.clone(),
            response_bytes: run.response_bytes,
            html: run.html,
            error_message: run.outcome.reason(),
            check: item.name.clone(),
            method: run.method.clone(),
            kind: item.kind(),
            required: item.required && !is_optional_health_probe(item, run),
            counts: item.counts && !redirected_off_route(item, run),
            attempts: run.attempts.clone(),
            duration_ms: run.duration_ms,
            task_id: self.fence.as_ref().map(|fence| fence.task_id.clone()),
            attempt: self.fence.as_ref().map(|fence| fence.attempt),
            commit: self.stamp.commit.clone(),
            criteria_digest: self.stamp.criteria_digest.clone(),
            config_digest: self.stamp.config_digest.clone(),
            seq: None,
            hash: None,
        }
    }

    fn proof_entry(&self, proof: &Proof) -> Result<NewEntry, GatherError> {
        let mut payload = serde_json::to_value(proof)?;
        let body = payload.as_object_mut().and_then(|fields| fields.shift_remove("response_body"));
        Ok(self.entry(EntryKind::Proof, payload, body))
    }

    /// Reads back from the ledger what belongs to this run: of its task and attempt everything, whoever wrote it.
    pub(crate) async fn read_back(&self) -> Result<Vec<Entry>, GatherError> {
        if let Some(fence) = &self.fence {
            return Ok(self.ledger.task_entries(&fence.task_id, Some(fence.attempt)).await?);
        }
        let places = self.written.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut entries = Vec::with_capacity(places.len());
        for place in places {
            entries.push(self.ledger.entry(place.seq).await?);
        }
        Ok(entries)
    }
}

/// A well-known health route that nobody configured is only a candidate: when it is absent, or answers with a login, a
/// redirect or a page, production simply does not offer it (G7).
pub(crate) fn is_optional_health_probe(item: &ChecklistItem, run: &CheckRun) -> bool {
    matches!(item.target, ChecklistTarget::Health { configured: false, .. })
        && matches!(run.health, Some(HealthAnswer::Absent | HealthAnswer::Inconclusive(_)))
}

/// A redirect that was followed shows where it led, not the route that was asked: one page could answer for all.
fn redirected_off_route(item: &ChecklistItem, run: &CheckRun) -> bool {
    item.check().zip(run.answered_by.as_ref()).is_some_and(|(check, answered)| check.route() != *answered)
}

/// Returns a proof from its entry, with its place in the ledger and, unless it was removed, its body.
pub(crate) fn proof_of(entry: &Entry) -> Result<Proof, serde_json::Error> {
    let mut proof = Proof::deserialize(&entry.payload)?;
    if let Some(body) = &entry.body {
        proof.response_body = (!body.is_null()).then(|| body.clone());
    }
    proof.seq = Some(entry.seq);
    proof.hash = Some(entry.hash.clone());
    Ok(proof)
}

/// Splits a command's run into what is hashed into the chain and its outputs, which may have to be removed one day.
pub(crate) fn command_payload(name: &str, run: &CommandRun) -> Result<(Value, Value), serde_json::Error> {
    let mut payload = serde_json::to_value(run)?;
    let mut body = serde_json::Map::new();
    for stream in ["stdout", "stderr"] {
        if let Some(text) =
            payload.get_mut(stream).and_then(Value::as_object_mut).and_then(|fields| fields.shift_remove("text"))
        {
            body.insert(stream.to_owned(), text);
        }
    }
    if let Some(fields) = payload.as_object_mut() {
        fields.insert("name".to_owned(), Value::from(name));
        fields.insert("outcome".to_owned(), serde_json::to_value(run.outcome())?);
    }
    Ok((payload, Value::Object(body)))
}
