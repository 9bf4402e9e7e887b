//! Evidence of htasks, looked up in the ledger.
//!
//! Only evidence that the ledger holds is verified. Free text stays a claim. A proof or run that the ledger does not hold,
//! or holds as failed, is refused with the reason (snipara-wire.md §S9).

use std::time::Duration;

use super::timeout::with_timeout;
use super::{InvalidError, Orchestrator, OrchestratorError, UnavailableError};
use crate::domain::{
    Evidence, EvidenceVerdict, HTaskRef, MAX_EVIDENCE, NewEvidence, Proof, ProofKind, ProofResult, TaskId, TaskReport,
    TaskStatus, Timestamp, one_line,
};
use crate::ledger::{Entry, Fact, LedgerError};
use crate::store::StoreError;

/// How long a finding may be, in characters.
const FINDING: usize = 300;
/// How many proofs of a run a finding names.
const NAMED_PROOFS: usize = 5;
/// How long the neighbour may take to tell what is attached to an htask already.
const PATIENCE: Duration = Duration::from_secs(3);

/// What the ledger says about one item.
type Found = Result<(String, Timestamp), String>;

impl Orchestrator {
    /// Looks each item up. An item that names a proof or a run is verified or refused; every other item is a claim. Adds
    /// the evidence of runs with this htask's id.
    pub(super) async fn looked_up(
        &self,
        task: &HTaskRef,
        given: &[NewEvidence],
    ) -> Result<Vec<Evidence>, OrchestratorError> {
        self.recover().await?;
        let mut evidence = Vec::with_capacity(given.len());
        for item in given {
            evidence.push(self.look_up(item).await?);
        }
        let proven = self.proven_for(task).await?;
        if proven.is_empty() {
            return Ok(evidence);
        }
        let attached = self.attached_to(task).await;
        for item in proven {
            let same = |other: &Evidence| {
                other.verdict == EvidenceVerdict::Verified
                    && other.given.kind == item.given.kind
                    && other.given.task_id == item.given.task_id
            };
            if !evidence.iter().chain(&attached).any(same) {
                evidence.push(item);
            }
        }
        Ok(evidence)
    }

    /// Adds evidence to an htask as claims: nothing that is handed in this way is looked up.
    ///
    /// # Errors
    /// Bad input, a policy that accepts no claims, no such htask, a finished one, or nobody answers.
    pub async fn attach_claims(&self, task: HTaskRef, claims: Vec<NewEvidence>) -> Result<(), OrchestratorError> {
        if claims.len() > MAX_EVIDENCE {
            let count = claims.len();
            return Err(InvalidError::TooManyItems { field: "evidence", count, limit: MAX_EVIDENCE }.into());
        }
        let mut evidence = Vec::with_capacity(claims.len());
        for (index, claim) in claims.into_iter().enumerate() {
            let given = NewEvidence { proof_id: None, task_id: None, ..claim };
            given.check(&format!("evidence[{index}]"))?;
            let given = self.shown_evidence(&given);
            evidence.push(Evidence { given, verdict: EvidenceVerdict::Claimed, finding: None, observed_at: None });
        }
        self.accept_evidence(&task, &evidence).await?;
        Ok(self.deps.snipara.htasks.attach_evidence(task, evidence).await?)
    }

    async fn look_up(&self, item: &NewEvidence) -> Result<Evidence, OrchestratorError> {
        let named =
            |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let found = match (named(&item.proof_id), named(&item.task_id)) {
            (None, None) => None,
            (Some(proof), None) => Some(self.proof_found(&proof).await?),
            (None, Some(task)) => Some(self.run_found(&task, &item.kind).await?),
            (Some(_), Some(_)) => {
                Some(Err("it names a proof and a task: give proof_id or task_id, not both".to_owned()))
            }
        };
        let given = self.shown_evidence(item);
        Ok(match found {
            None => Evidence { given, verdict: EvidenceVerdict::Claimed, finding: None, observed_at: None },
            Some(Ok((finding, at))) => {
                let finding = Some(one_line(&finding, FINDING));
                Evidence { given, verdict: EvidenceVerdict::Verified, finding, observed_at: Some(at) }
            }
            Some(Err(why)) => {
                let finding = Some(one_line(&why, FINDING));
                Evidence { given, verdict: EvidenceVerdict::Refused, finding, observed_at: None }
            }
        })
    }

    /// Returns evidence as it may be kept: without secrets.
    fn shown_evidence(&self, item: &NewEvidence) -> NewEvidence {
        let redactor = &self.deps.redactor;
        let text = |text: &Option<String>| text.as_deref().map(|text| redactor.text(text));
        NewEvidence {
            kind: item.kind.clone(),
            description: text(&item.description),
            url: text(&item.url),
            proof_id: text(&item.proof_id),
            task_id: text(&item.task_id),
            metadata: item.metadata.as_ref().map(|fields| match redactor.json(&fields.clone().into()) {
                serde_json::Value::Object(fields) => fields,
                _ => serde_json::Map::new(),
            }),
        }
    }

    /// Looks a proof up by its number or hash.
    async fn proof_found(&self, name: &str) -> Result<Found, OrchestratorError> {
        let ledger = &self.deps.ledger;
        let found = match proof_name(name) {
            None => {
                let why = format!(
                    "`{}` is not a proof: give its number (12, proof://12) or its hash (sha256:…)",
                    one_line(name, 80)
                );
                return Ok(Err(why));
            }
            Some(ProofName::Number(seq)) => ledger.entry(seq).await.map(Some),
            Some(ProofName::Hash(hash)) => ledger.entry_of_hash(&hash).await,
        };
        let entry = match found {
            Ok(Some(entry)) if self.sees_entry(&entry).await? => entry,
            Ok(_) => return Ok(Err(format!("the ledger has no entry {}", one_line(name, 80)))),
            Err(error @ LedgerError::Store(_)) => return Err(error.into()),
            Err(error) => return Ok(Err(error.to_string())),
        };
        Ok(judged_proof(&entry))
    }

    /// Looks up how the last attempt of a task ended, by the ledger's decision; a `test` needs local tests that ran.
    async fn run_found(&self, name: &str, kind: &str) -> Result<Found, OrchestratorError> {
        let Ok(id) = TaskId::parse(name) else {
            return Ok(Err(format!("`{}` is not a task id (they look like `task_0193…`)", one_line(name, 80))));
        };
        if !self.sees(&id).await? {
            return Ok(Err(StoreError::NoTask(id).to_string()));
        }
        match self.done(&id).await? {
            Ok((_, entries)) if kind == "test" && local_tests(&entries) == 0 => {
                let why = format!("task {id} is done but ran no local tests: it is evidence of type proof, not test");
                Ok(Err(why))
            }
            Ok((report, entries)) => Ok(Ok((run_finding(&report, &entries), ended_at(&entries)))),
            Err(why) => Ok(Err(why)),
        }
    }

    /// Returns report and entries of a task that is done by what the ledger says, or why it is not.
    async fn done(&self, id: &TaskId) -> Result<Result<(TaskReport, Vec<Entry>), String>, OrchestratorError> {
        let (report, running) = match self.standing(id).await {
            Ok(standing) => standing,
            // A forged status, a changed entry, or no such task: the ledger does not hold it.
            Err(
                error @ (OrchestratorError::Invalid(_)
                | OrchestratorError::Unavailable(
                    UnavailableError::LedgerDisagrees(_) | UnavailableError::Ledger(_),
                )),
            ) => return Ok(Err(error.to_string())),
            Err(error) => return Err(error),
        };
        if running {
            return Ok(Err(format!("task {id} is still running")));
        }
        if report.status != TaskStatus::Done {
            let cause = report.cause.map(|cause| format!(" ({})", cause.as_str())).unwrap_or_default();
            return Ok(Err(format!("task {id} is {}{cause}", report.status)));
        }
        let entries = self.deps.ledger.task_entries(id, Some(report.attempt)).await?;
        if let Some(elsewhere) = self.proven_elsewhere(&entries) {
            return Ok(Err(format!("task {id} was proven against {elsewhere}, which is not production here")));
        }
        Ok(Ok((report, entries)))
    }

    /// Returns what runs for an htask have proven: one `proof` and one `test` for each that is done.
    async fn proven_for(&self, htask: &HTaskRef) -> Result<Vec<Evidence>, OrchestratorError> {
        let mut proven = Vec::new();
        for id in self.deps.ledger.store().tasks_of_htask(htask).await? {
            if let Ok((report, entries)) = self.done(&id).await? {
                proven.extend(evidence_of_run(&report, &entries, ended_at(&entries)));
            }
        }
        Ok(proven)
    }

    /// Returns what an htask holds already; nothing when nobody tells in time, for then it is only said twice.
    async fn attached_to(&self, htask: &HTaskRef) -> Vec<Evidence> {
        let (htasks, htask) = (self.deps.snipara.htasks.clone(), htask.clone());
        let answer = with_timeout(PATIENCE, async move { htasks.get(htask).await }).await.ok();
        answer.map(|htask| htask.evidence_provided).unwrap_or_default()
    }
}

/// When the last entry of an attempt was written; an attempt that is done has some.
pub(super) fn ended_at(entries: &[Entry]) -> Timestamp {
    entries.last().map_or(Timestamp::from_micros(0), |entry| entry.at)
}

/// How a proof can be named.
#[derive(Debug, PartialEq, Eq)]
enum ProofName {
    Number(u64),
    Hash(String),
}

/// Reads `12`, `#12`, `proof://12` or `sha256:…`.
fn proof_name(text: &str) -> Option<ProofName> {
    let text = text.trim();
    if let Some(digits) = text.strip_prefix("sha256:") {
        let whole = digits.len() == 64 && digits.chars().all(|digit| digit.is_ascii_hexdigit());
        return whole.then(|| ProofName::Hash(text.to_ascii_lowercase()));
    }
    let number = text.strip_prefix("proof://").or_else(|| text.strip_prefix('#')).unwrap_or(text);
    let digits = !number.is_empty() && number.chars().all(|digit| digit.is_ascii_digit());
    digits.then(|| number.parse().ok().map(ProofName::Number)).flatten()
}

fn judged_proof(entry: &Entry) -> Found {
    let seq = entry.seq;
    let proof = match (&entry.fact, entry.proof()) {
        (_, Some(proof)) => proof,
        (Fact::Unknown(_), None) => return Err(format!("entry {seq} cannot be read as a proof")),
        (fact, None) => return Err(format!("entry {seq} is not a proof: it is of the kind {}", fact.kind())),
    };
    if entry.is_tombstone {
        return Err(format!("proof {seq} proves nothing any more: a text was removed from what its hash covered"));
    }
    let why = proof.error_message.as_deref().unwrap_or("no reason was recorded");
    match proof.result {
        ProofResult::Pass => Ok((proof_finding(seq, &proof), entry.at)),
        ProofResult::Fail => Err(format!("proof {seq} failed: {} {why}", proof.label())),
        ProofResult::Unverified => Err(format!("proof {seq} is unverified: {} {why}", proof.label())),
    }
}

fn proof_finding(seq: u64, proof: &Proof) -> String {
    let of = match (&proof.task_id, proof.attempt) {
        (Some(task), Some(attempt)) => format!(" (task {task}, attempt {attempt})"),
        _ => " (observed outside of a task)".to_owned(),
    };
    format!("proof {seq}: {}{of}", seen(proof))
}

fn seen(proof: &Proof) -> String {
    let code = proof.response_code.map_or_else(|| "passed".to_owned(), |code| format!("answered {code}"));
    match (&proof.method, proof.kind) {
        (_, ProofKind::Ui) => format!("UI test {} passed", proof.endpoint),
        (Some(method), _) => format!("{method} {} {code}", proof.endpoint),
        (None, _) => format!("{} {code}", proof.endpoint),
    }
}

/// How many local tests an attempt ran.
fn local_tests(entries: &[Entry]) -> usize {
    entries.iter().filter(|entry| !entry.is_tombstone && matches!(entry.fact, Fact::LocalTest(_))).count()
}

/// `task … is done, attempt 2, 3 distinct proofs`.
fn run_finding(report: &TaskReport, entries: &[Entry]) -> String {
    let tests = match local_tests(entries) {
        0 => "no local tests".to_owned(),
        1 => "1 local test passed".to_owned(),
        count => format!("{count} local tests passed"),
    };
    let count = report.proofs.passing;
    let proofs = if count == 1 { "1 distinct proof".to_owned() } else { format!("{count} distinct proofs") };
    format!("task {} is done, attempt {}, {proofs}, {tests}", report.task_id, report.attempt)
}

/// Returns what a run that is done proves: its live checks as `proof`, the whole run as `test`.
///
/// A run without local tests is not evidence of a test.
pub(super) fn evidence_of_run(report: &TaskReport, entries: &[Entry], at: Timestamp) -> Vec<Evidence> {
    let proofs: Vec<String> = entries
        .iter()
        .filter(|entry| !entry.is_tombstone)
        .filter_map(|entry| Some((entry.seq, entry.proof()?)))
        .filter(|(_, proof)| proof.passed() && proof.required)
        .map(|(seq, proof)| format!("proof {seq}: {}", seen(&proof)))
        .take(NAMED_PROOFS)
        .collect();
    let finding = run_finding(report, entries);
    let mut kinds = vec![("proof", format!("{finding}; {}", proofs.join("; ")))];
    if local_tests(entries) > 0 {
        kinds.push(("test", finding));
    }
    let evidence = kinds.into_iter().map(|(kind, finding)| Evidence {
        given: NewEvidence {
            kind: kind.to_owned(),
            description: Some(report.title.clone()),
            task_id: Some(report.task_id.to_string()),
            ..NewEvidence::default()
        },
        verdict: EvidenceVerdict::Verified,
        finding: Some(one_line(&finding, FINDING)),
        observed_at: Some(at),
    });
    evidence.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_named_by_number_or_by_hash() {
        for text in ["12", "#12", "proof://12", " 12 "] {
            assert_eq!(proof_name(text), Some(ProofName::Number(12)), "{text}");
        }
        let hash = format!("sha256:{}", "ab".repeat(32));
        assert_eq!(proof_name(&hash), Some(ProofName::Hash(hash.clone())));
        for text in ["", "-1", "1.5", "proof://", "sha256:ab", "task_1", "99999999999999999999999"] {
            assert_eq!(proof_name(text), None, "{text}");
        }
    }
}
