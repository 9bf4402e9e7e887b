//! Evidence of htasks, looked up in the ledger.
//!
//! Only evidence that the ledger holds and that is about the htask is verified (docs/design/gate.md G21).
//! Free text stays a claim. A proof or run that the ledger does not hold, or holds as failed, or that is about something
//! else, is refused with the reason (snipara-wire.md §S9).

mod about;

use std::time::Duration;

use tokio_util::sync::CancellationToken;

pub(super) use self::about::WantedEvidence;
use self::about::{OwnProof, Shown, TEST, own_proofs, tests_ran};
use super::timeout::{CallFailure, with_timeout};
use super::{InvalidError, Orchestrator, OrchestratorError, UnavailableError};
use crate::domain::{
    BuildIdentity, CommandEnd, Evidence, EvidenceVerdict, HTask, HTaskRef, MAX_EVIDENCE, NewEvidence, Proof, ProofKind,
    ProofResult, TaskId, TaskReport, TaskStatus, Timestamp, one_line, pluralize,
};
use crate::ledger::{Entry, Fact, LedgerError};
use crate::snipara::SniparaError;
use crate::store::StoreError;

/// How long a finding may be, in characters.
const FINDING: usize = 300;
/// How many proofs of a run a finding names.
const NAMED_PROOFS: usize = 5;
/// How many digits of a commit are told.
const SHORT: usize = 7;
/// How long the neighbour may take to tell what an htask is.
const PATIENCE: Duration = Duration::from_secs(3);

/// What the ledger says about one item: a finding, when it was observed, and the requirements that it is about.
type Found = Result<(String, Timestamp, Vec<usize>), String>;

impl Orchestrator {
    /// Looks each item up. An item that names a proof or a run is verified or refused; every other item is a claim. Adds
    /// the evidence of runs with this htask's id.
    pub(super) async fn looked_up(
        &self,
        task: &HTaskRef,
        given: &[NewEvidence],
    ) -> Result<Vec<Evidence>, OrchestratorError> {
        self.recover().await?;
        let names_something = given.iter().any(|item| named(&item.proof_id).or(named(&item.task_id)).is_some());
        let runs = self.deps.ledger.store().tasks_of_htask(task).await?;
        if !names_something && runs.is_empty() {
            return Ok(given.iter().map(|item| Evidence::claimed(self.shown_evidence(item))).collect());
        }
        let htask = match self.known_htask(task, PATIENCE).await {
            Ok(htask) => htask,
            // Nobody can tell what the evidence has to be about, so nothing is verified.
            Err(CallFailure::Error(error)) if names_something => return Err(error.into()),
            Err(failure) if names_something => {
                return Err(UnavailableError::HTaskLookup { why: failure.to_string() }.into());
            }
            Err(_) => return Ok(given.iter().map(|item| Evidence::claimed(self.shown_evidence(item))).collect()),
        };
        let wanted = self.wanted(&htask);
        let mut evidence = Vec::with_capacity(given.len());
        for item in given {
            evidence.push(self.look_up(item, &wanted).await?);
        }
        for item in self.proven_for(&runs, &wanted).await? {
            let same = |other: &Evidence| {
                other.verdict == EvidenceVerdict::Verified
                    && other.given.kind == item.given.kind
                    && other.given.task_id == item.given.task_id
            };
            if !evidence.iter().chain(&htask.evidence_provided).any(same) {
                evidence.push(item);
            }
        }
        Ok(evidence)
    }

    /// Reads an htask, and waits only so long for it.
    pub(super) async fn known_htask(
        &self,
        htask: &HTaskRef,
        patience: Duration,
    ) -> Result<HTask, CallFailure<SniparaError>> {
        let (htasks, htask) = (self.deps.snipara.htasks.clone(), htask.clone());
        with_timeout(patience, async move { htasks.get(htask).await }).await
    }

    /// Reads what an htask asks of its evidence.
    pub(super) fn wanted(&self, htask: &HTask) -> WantedEvidence {
        let checks = self.deps.suites.values().flatten().chain(&self.deps.policy.live_checks);
        let names: Vec<String> = checks.filter_map(|check| check.name.clone()).collect();
        WantedEvidence::of(htask, &names)
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
            evidence.push(Evidence::claimed(self.shown_evidence(&given)));
        }
        self.accept_evidence(&task, &evidence).await?;
        Ok(self.deps.snipara.htasks.attach_evidence(task, evidence).await?)
    }

    async fn look_up(&self, item: &NewEvidence, wanted: &WantedEvidence) -> Result<Evidence, OrchestratorError> {
        let found = match (named(&item.proof_id), named(&item.task_id)) {
            (None, None) => return Ok(Evidence::claimed(self.shown_evidence(item))),
            (Some(proof), None) => self.proof_found(&proof, &item.kind, wanted).await?,
            (None, Some(task)) => self.run_found(&task, &item.kind, wanted).await?,
            (Some(_), Some(_)) => Err("it names a proof and a task: give proof_id or task_id, not both".to_owned()),
        };
        let claim = Evidence::claimed(self.shown_evidence(item));
        Ok(match found {
            Ok((finding, at, about)) => Evidence {
                verdict: EvidenceVerdict::Verified,
                finding: Some(one_line(&finding, FINDING)),
                observed_at: Some(at),
                about: Some(about),
                ..claim
            },
            Err(why) => Evidence { verdict: EvidenceVerdict::Refused, finding: Some(one_line(&why, FINDING)), ..claim },
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
    async fn proof_found(&self, name: &str, kind: &str, wanted: &WantedEvidence) -> Result<Found, OrchestratorError> {
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
        let (finding, proof) = match judged_proof(&entry) {
            Ok(passed) => passed,
            Err(why) => return Ok(Err(why)),
        };
        if kind.eq_ignore_ascii_case(TEST) {
            return Ok(Err(format!(
                "proof {} is no test: name a task that is done and ran tests (task_id)",
                entry.seq
            )));
        }
        self.proof_about(&entry, &proof, kind, wanted).await.map(|about| about.map(|about| (finding, entry.at, about)))
    }

    /// Tells which requirements a proof that passed is about.
    async fn proof_about(
        &self,
        entry: &Entry,
        proof: &Proof,
        kind: &str,
        wanted: &WantedEvidence,
    ) -> Result<Result<Vec<usize>, String>, OrchestratorError> {
        let who = format!("proof {}", entry.seq);
        let Some(task) = &proof.task_id else {
            let url = url::Url::parse(&proof.endpoint).ok();
            let here = self.deps.production.as_ref().zip(url).is_some_and(|(here, url)| here.covers(&url));
            if !here {
                return Ok(Err(format!(
                    "{who} asked {}, which is not production here",
                    one_line(&proof.endpoint, 120)
                )));
            }
            return Ok(match self.commit_problem(proof.commit.as_ref(), &who, wanted).await {
                Some(why) => Err(why),
                None => wanted.about(kind, Shown::Alone(proof, entry.at), &who),
            });
        };
        let (report, entries) = match self.done(task).await? {
            Ok(done) => done,
            Err(why) => return Ok(Err(format!("{who} is of a task that is not done: {why}"))),
        };
        if proof.attempt != Some(report.attempt) {
            let attempt = proof.attempt.unwrap_or_default();
            return Ok(Err(format!(
                "{who} is of attempt {attempt}, and attempt {} of task {task} is done",
                report.attempt
            )));
        }
        let own = own_proofs(&entries);
        let Some(one) = own.iter().find(|own| own.seq == entry.seq) else {
            let why = proof.not_counted.as_deref().unwrap_or("is not of a check of the task's own");
            return Ok(Err(format!("{who} does not count: {} {why}", proof.label())));
        };
        Ok(match self.commit_problem(started_at_commit(&entries), &who, wanted).await {
            Some(why) => Err(why),
            None => wanted.about(kind, Shown::One(one), &who),
        })
    }

    /// Looks up how the last attempt of a task ended, by the ledger's decision, and whether that is about the htask.
    async fn run_found(&self, name: &str, kind: &str, wanted: &WantedEvidence) -> Result<Found, OrchestratorError> {
        let Ok(id) = TaskId::parse(name) else {
            return Ok(Err(format!("`{}` is not a task id (they look like `task_0193…`)", one_line(name, 80))));
        };
        if !self.sees(&id).await? {
            return Ok(Err(StoreError::NoTask(id).to_string()));
        }
        let (report, entries) = match self.done(&id).await? {
            Ok(done) => done,
            Err(why) => return Ok(Err(why)),
        };
        let who = format!("task {id}");
        Ok(match self.commit_problem(started_at_commit(&entries), &who, wanted).await {
            Some(why) => Err(why),
            None => run_about(kind, &report, &entries, &own_proofs(&entries), wanted)
                .map(|about| (run_finding(&report, &entries), ended_at(&entries), about)),
        })
    }

    /// Tells why what was observed at a commit says nothing about the repository as it is now.
    async fn commit_problem(
        &self,
        commit: Option<&BuildIdentity>,
        who: &str,
        wanted: &WantedEvidence,
    ) -> Option<String> {
        let executor = &self.deps.executor;
        if !executor.is_in_git() {
            return None;
        }
        let none = CancellationToken::new();
        let Some(head) = commit.map(|commit| commit.head.as_str()).filter(|head| is_hash(head)) else {
            // Before its first commit a repository has no history.
            let has_history = executor.git(&["rev-parse", "--verify", "--quiet", "HEAD"], &none).await.success();
            return has_history.then(|| format!("{who} does not say at which commit it was: {}", wanted.again("")));
        };
        let run = executor.git(&["merge-base", "--is-ancestor", head, "HEAD"], &none).await;
        let short = &head[..SHORT];
        match run.end {
            CommandEnd::Exited { exit_code: 0 } => None,
            CommandEnd::Exited { exit_code: 1 } => {
                Some(format!("{who} is about commit {short}, which is not in HEAD's history: {}", wanted.again("")))
            }
            _ => Some(format!(
                "{who} is about commit {short}, which git does not know here: run `git fetch --unshallow`, or {}",
                wanted.again("")
            )),
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
        if let Some(line) = report.assurance.as_ref().and_then(|assurance| assurance.untrusted.first()) {
            let way_out = "run it again under the settings that a person trusted";
            return Ok(Err(format!("task {id} is done with {}: {way_out}", one_line(line, 120))));
        }
        let entries = self.deps.ledger.task_entries(id, Some(report.attempt)).await?;
        if let Some(elsewhere) = self.proven_elsewhere(&entries) {
            return Ok(Err(format!("task {id} was proven against {elsewhere}, which is not production here")));
        }
        Ok(Ok((report, entries)))
    }

    /// Returns what runs for an htask have proven about it: at most one `proof` and one `test` for each that is done.
    async fn proven_for(&self, runs: &[TaskId], wanted: &WantedEvidence) -> Result<Vec<Evidence>, OrchestratorError> {
        let mut proven = Vec::new();
        for id in runs {
            let Ok((report, entries)) = self.done(id).await? else { continue };
            if self.commit_problem(started_at_commit(&entries), "", wanted).await.is_none() {
                proven.extend(evidence_of_run(&report, &entries, ended_at(&entries), wanted));
            }
        }
        Ok(proven)
    }
}

/// A name that was given and is not empty.
fn named(text: &Option<String>) -> Option<String> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The commit at which an attempt began.
fn started_at_commit(entries: &[Entry]) -> Option<&BuildIdentity> {
    entries.iter().filter(|entry| !entry.is_tombstone).find_map(|entry| match &entry.fact {
        Fact::RunStarted(started) => started.conditions.commit.as_ref(),
        _ => None,
    })
}

fn is_hash(head: &str) -> bool {
    matches!(head.len(), 40 | 64) && head.bytes().all(|byte| byte.is_ascii_hexdigit())
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

fn judged_proof(entry: &Entry) -> Result<(String, Proof), String> {
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
        ProofResult::Pass => Ok((proof_finding(seq, &proof), proof)),
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

/// `task … is done, attempt 2, 3 distinct proofs, 12 tests`.
fn run_finding(report: &TaskReport, entries: &[Entry]) -> String {
    let commands =
        entries.iter().filter(|entry| !entry.is_tombstone && matches!(entry.fact, Fact::LocalTest(_))).count();
    let tests = match (tests_ran(entries.iter()), commands) {
        (0, 0) => "no local tests".to_owned(),
        (0, commands) => format!("{} passed, no test count", pluralize(commands, "command", "commands")),
        (ran, _) => pluralize(ran, "test", "tests"),
    };
    let proofs = pluralize(report.proofs.passing, "distinct proof", "distinct proofs");
    format!("task {} is done, attempt {}, {proofs}, {tests}", report.task_id, report.attempt)
}

/// Tells which requirements of a kind a run that is done is about.
fn run_about(
    kind: &str,
    report: &TaskReport,
    entries: &[Entry],
    own: &[OwnProof],
    wanted: &WantedEvidence,
) -> Result<Vec<usize>, String> {
    let who = format!("task {}", report.task_id);
    if kind.eq_ignore_ascii_case(TEST) {
        wanted.tests(entries, &who)?;
    }
    wanted.about(kind, Shown::Run(own), &who)
}

/// Returns what a run that is done proves about an htask: its live checks as `proof`, and as `test` the whole run, where
/// tests of it ran.
pub(super) fn evidence_of_run(
    report: &TaskReport,
    entries: &[Entry],
    at: Timestamp,
    wanted: &WantedEvidence,
) -> Vec<Evidence> {
    let proofs: Vec<String> = entries
        .iter()
        .filter(|entry| !entry.is_tombstone)
        .filter_map(|entry| Some((entry.seq, entry.proof()?)))
        .filter(|(_, proof)| proof.passed() && proof.required)
        .map(|(seq, proof)| format!("proof {seq}: {}", seen(&proof)))
        .take(NAMED_PROOFS)
        .collect();
    let finding = run_finding(report, entries);
    let own = own_proofs(entries);
    let kinds = [("proof", format!("{finding}; {}", proofs.join("; "))), (TEST, finding)];
    let evidence = kinds.into_iter().filter_map(|(kind, finding)| {
        let about = run_about(kind, report, entries, &own, wanted).ok()?;
        let given = NewEvidence {
            kind: kind.to_owned(),
            description: Some(report.title.clone()),
            task_id: Some(report.task_id.to_string()),
            ..NewEvidence::default()
        };
        Some(Evidence {
            verdict: EvidenceVerdict::Verified,
            finding: Some(one_line(&finding, FINDING)),
            observed_at: Some(at),
            about: Some(about),
            ..Evidence::claimed(given)
        })
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
