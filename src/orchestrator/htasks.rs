//! Hierarchical tasks; evidence is looked up here before anybody else sees it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{InvalidError, Orchestrator, OrchestratorError};
use crate::domain::{
    BlockChange, BlockRequest, CloseRequest, Closed, Completed, Completion, EVIDENCE_KINDS, Evidence, EvidenceVerdict,
    Feature, HTask, HTaskEvent, HTaskRef, HTaskTree, MAX_TEXT_BYTES, NewEvidence, NewFeature, NewHTask, NextBatch,
    NextQuery, Redactor, TreeQuery,
};
use crate::snipara::SniparaError;

/// The most items of evidence or learnings of one completion.
pub(super) const MAX_ITEMS: usize = 100;

/// An htask to complete, with evidence as the caller hands it in.
#[derive(Debug, Clone, PartialEq)]
pub struct CompletionRequest {
    /// The htask: an N3.
    pub task: HTaskRef,
    /// The evidence.
    pub evidence: Vec<NewEvidence>,
    /// What came out: an object, or a text.
    pub result: Option<Value>,
    /// What others should know.
    pub learnings: Vec<String>,
    /// What was decided.
    pub decision_impact: Option<String>,
    /// Whether a memory is written.
    pub create_memory: bool,
    /// Who completes it.
    pub agent_id: Option<String>,
    /// The token of the claim; needed while another agent holds it.
    pub fencing_token: Option<i64>,
}

impl CompletionRequest {
    /// Makes a request without evidence.
    pub const fn new(task: HTaskRef) -> Self {
        Self {
            task,
            evidence: Vec::new(),
            result: None,
            learnings: Vec::new(),
            decision_impact: None,
            create_memory: true,
            agent_id: None,
            fencing_token: None,
        }
    }

    fn check(&self) -> Result<(), OrchestratorError> {
        for (field, count) in [("evidence", self.evidence.len()), ("learnings", self.learnings.len())] {
            if count > MAX_ITEMS {
                return Err(InvalidError::TooManyItems { field, count, limit: MAX_ITEMS }.into());
            }
        }
        for (index, item) in self.evidence.iter().enumerate() {
            item.check(&format!("evidence[{index}]"))?;
        }
        let result = self.result.as_ref().map(Value::to_string);
        let texts = self.learnings.iter().chain(&self.decision_impact).chain(&result);
        if texts.map(String::len).sum::<usize>() > MAX_TEXT_BYTES {
            return Err(InvalidError::LongResult { limit_bytes: MAX_TEXT_BYTES }.into());
        }
        Ok(())
    }
}

/// What came of closing a parent without a waiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closing {
    /// It is closed.
    Closed(Closed),
    /// It can be closed with a waiver only.
    NeedsWaiver {
        /// What is open, one line each.
        blockers: Vec<String>,
    },
}

impl Orchestrator {
    /// Makes one htask.
    ///
    /// # Errors
    /// Bad input, no such swarm, parent or dependency, or nobody answers.
    pub async fn create_htask(&self, task: NewHTask) -> Result<HTask, OrchestratorError> {
        task.check()?;
        let task = self.redacted_htask(task);
        Ok(self.parts.snipara.htasks.create(task).await?)
    }

    fn redacted_htask(&self, task: NewHTask) -> NewHTask {
        let text = |text: &str| self.parts.redactor.text(text);
        NewHTask { title: text(&task.title), description: text(&task.description), ..task }
    }

    /// Makes a feature with its workstreams.
    ///
    /// # Errors
    /// Bad input, no such swarm or parent, or nobody answers.
    pub async fn create_feature(&self, feature: NewFeature) -> Result<Feature, OrchestratorError> {
        feature.check()?;
        let text = |text: &str| self.parts.redactor.text(text);
        let feature = NewFeature { title: text(&feature.title), description: text(&feature.description), ..feature };
        Ok(self.parts.snipara.htasks.create_feature(feature).await?)
    }

    /// Returns one htask.
    ///
    /// # Errors
    /// No such swarm or htask, or nobody answers.
    pub async fn htask(&self, task: HTaskRef) -> Result<HTask, OrchestratorError> {
        Ok(self.parts.snipara.htasks.get(task).await?)
    }

    /// Recommends what to work on next, and claims it atomically when an agent is named.
    ///
    /// # Errors
    /// Bad input, no such swarm or feature, a stale token, or nobody answers.
    pub async fn next_htasks(&self, query: NextQuery) -> Result<NextBatch, OrchestratorError> {
        query.check()?;
        Ok(self.parts.snipara.htasks.next(query).await?)
    }

    /// Completes an N3; evidence that names a proof or a run is looked up in the ledger first.
    ///
    /// # Errors
    /// Bad input, evidence that is missing or refused (nothing but the refusal is recorded), or nobody answers.
    pub async fn complete_htask(&self, request: CompletionRequest) -> Result<Completed, OrchestratorError> {
        request.check()?;
        let evidence = self.looked_up(&request.task, &request.evidence).await?;
        self.accept_evidence(&request.task, &evidence).await?;
        let redactor = &self.parts.redactor;
        let completion = Completion {
            evidence,
            result: request.result.map(|result| redactor.json(&result)),
            learnings: request.learnings.iter().map(|learning| redactor.text(learning)).collect(),
            decision_impact: request.decision_impact.map(|impact| redactor.text(&impact)),
            create_memory: request.create_memory,
            agent_id: request.agent_id,
            fencing_token: request.fencing_token,
            task: request.task,
        };
        Ok(self.parts.snipara.htasks.complete(completion).await?)
    }

    /// Refuses evidence of a kind that is neither known nor required by the htask: a word that was mistyped proves
    /// nothing.
    ///
    /// # Errors
    /// Names the item; no such htask, or nobody answers.
    pub async fn check_evidence_kinds(
        &self,
        task: &HTaskRef,
        evidence: &[NewEvidence],
    ) -> Result<(), OrchestratorError> {
        if evidence.iter().all(NewEvidence::is_of_known_kind) {
            return Ok(());
        }
        let required = self.htask(task.clone()).await?.evidence_required;
        let own = |item: &NewEvidence| required.iter().any(|needed| needed.kind.eq_ignore_ascii_case(&item.kind));
        let unknown = evidence.iter().enumerate().find(|(_, item)| !item.is_of_known_kind() && !own(item));
        let Some((index, item)) = unknown else { return Ok(()) };
        let mut known: Vec<&str> = EVIDENCE_KINDS.to_vec();
        known.extend(required.iter().map(|needed| needed.kind.as_str()));
        let known = known.into_iter().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(", ");
        Err(InvalidError::EvidenceKind { index, kind: item.kind.clone(), known }.into())
    }

    /// Refuses a completion whose evidence was refused, or is a claim where claims do not count.
    pub(super) async fn accept_evidence(
        &self,
        task: &HTaskRef,
        evidence: &[Evidence],
    ) -> Result<(), OrchestratorError> {
        let verified_only = self.parts.policy.require_verified_evidence;
        let refused = evidence.iter().enumerate().find(|(_, item)| match item.verdict {
            EvidenceVerdict::Refused => true,
            EvidenceVerdict::Claimed => verified_only,
            EvidenceVerdict::Verified => false,
        });
        let Some((index, item)) = refused else { return Ok(()) };
        let is_claim = item.verdict == EvidenceVerdict::Claimed;
        let refusal = InvalidError::EvidenceRefused { index, is_claim, finding: item.finding.clone() };
        self.parts.snipara.htasks.note_refusal(task.clone(), evidence.to_vec(), refusal.to_string()).await?;
        Err(refusal.into())
    }

    /// Returns trees of htasks.
    ///
    /// # Errors
    /// Bad input, no such swarm or htask, or nobody answers.
    pub async fn htask_tree(&self, query: TreeQuery) -> Result<HTaskTree, OrchestratorError> {
        query.check()?;
        Ok(self.parts.snipara.htasks.tree(query).await?)
    }

    /// Blocks an htask.
    ///
    /// # Errors
    /// Bad input, no such htask, a finished one, a cycle, or nobody answers.
    pub async fn block_htask(&self, request: BlockRequest) -> Result<BlockChange, OrchestratorError> {
        request.check()?;
        let text = |redactor: &Redactor, text: &str| redactor.text(text);
        let blocker_reason = text(&self.parts.redactor, &request.blocker_reason);
        Ok(self.parts.snipara.htasks.block(BlockRequest { blocker_reason, ..request }).await?)
    }

    /// Unblocks an htask.
    ///
    /// # Errors
    /// No such htask, one that is not blocked, or nobody answers.
    pub async fn unblock_htask(
        &self,
        task: HTaskRef,
        resolution: Option<String>,
    ) -> Result<BlockChange, OrchestratorError> {
        let resolution = resolution.map(|resolution| self.parts.redactor.text(&resolution));
        Ok(self.parts.snipara.htasks.unblock(task, resolution).await?)
    }

    /// Closes a parent.
    ///
    /// # Errors
    /// Half a waiver, no such htask, an N3, open children, or nobody answers.
    pub async fn close_htask(&self, request: CloseRequest) -> Result<Closed, OrchestratorError> {
        request.check()?;
        Ok(self.parts.snipara.htasks.close(request).await?)
    }

    /// Closes a parent without a waiver, or tells what would have to be waived.
    ///
    /// # Errors
    /// As [`Orchestrator::close_htask`], and when a waiver would not help.
    pub async fn close_htask_unwaived(&self, task: HTaskRef) -> Result<Closing, OrchestratorError> {
        let request = CloseRequest { task, waiver_reason: None, waiver_approved_by: None };
        match self.parts.snipara.htasks.close(request).await {
            Ok(closed) => Ok(Closing::Closed(closed)),
            Err(SniparaError::ClosureRefused { blockers, needs_waiver: true, .. }) => {
                Ok(Closing::NeedsWaiver { blockers })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Returns what happened to an htask, oldest first.
    ///
    /// # Errors
    /// No such htask, or nobody answers.
    pub async fn htask_audit_trail(&self, task: HTaskRef) -> Result<Vec<HTaskEvent>, OrchestratorError> {
        Ok(self.parts.snipara.htasks.audit_trail(task).await?)
    }
}
