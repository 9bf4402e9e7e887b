//! Hierarchical tasks; evidence is looked up here before anybody else sees it.

use std::collections::BTreeSet;

use super::{InvalidError, Orchestrator, OrchestratorError};
use crate::domain::{
    BlockChange, BlockRequest, CloseRequest, Closed, CompleteRequest, Completed, EVIDENCE_KINDS, Evidence,
    EvidenceVerdict, Feature, HTask, HTaskEvent, HTaskId, HTaskLevel, HTaskRef, HTaskTree, NewEvidence, NewFeature,
    NewHTask, NewInitiative, NextBatch, NextQuery, Request, SwarmId, TreeQuery, UnblockRequest,
};
use crate::snipara::SniparaError;

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
    pub async fn create_htask(&self, mut task: NewHTask) -> Result<HTask, OrchestratorError> {
        task.check()?;
        if let Some(query) = task.context_query.take() {
            task.context_refs.extend(self.context_references(query).await?);
            task.check()?;
        }
        let swarm_id = self.swarm_or_default(task.swarm_id.as_ref()).await?;
        task.parent_id = self.if_given(&swarm_id, task.parent_id).await?;
        for id in &mut task.depends_on {
            *id = self.htask_meant(&swarm_id, id.clone()).await?;
        }
        let task = self.without_secrets(task);
        Ok(self.deps.snipara.htasks.create(swarm_id, task).await?)
    }

    fn without_secrets(&self, mut task: NewHTask) -> NewHTask {
        let redactor = &self.deps.redactor;
        for required in &mut task.evidence_required {
            required.description = redactor.text(&required.description);
            required.url = redactor.optional(required.url.take());
        }
        for criterion in &mut task.acceptance_criteria {
            criterion.text = redactor.text(&criterion.text);
        }
        NewHTask {
            title: redactor.text(&task.title),
            description: redactor.text(&task.description),
            context_refs: redactor.texts(&task.context_refs),
            custom_workstream_type: redactor.optional(task.custom_workstream_type),
            eta_target: redactor.optional(task.eta_target),
            ..task
        }
    }

    /// Makes a feature with its workstreams.
    ///
    /// # Errors
    /// Bad input, no such swarm or parent, or nobody answers.
    pub async fn create_feature(&self, feature: NewFeature) -> Result<Feature, OrchestratorError> {
        feature.check()?;
        let swarm_id = self.swarm_or_default(feature.swarm_id.as_ref()).await?;
        let redactor = &self.deps.redactor;
        let feature = NewFeature {
            parent_id: self.if_given(&swarm_id, feature.parent_id).await?,
            title: redactor.text(&feature.title),
            description: redactor.text(&feature.description),
            custom_workstreams: redactor.texts(&feature.custom_workstreams),
            ..feature
        };
        Ok(self.deps.snipara.htasks.create_feature(swarm_id, feature).await?)
    }

    /// Makes a feature, below an initiative (N0) of its own where one is asked for and it has no parent. Returns that
    /// initiative, too.
    ///
    /// # Errors
    /// As [`Orchestrator::create_feature`].
    pub async fn create_feature_below(
        &self,
        mut feature: NewFeature,
        initiative: NewInitiative,
    ) -> Result<(Feature, Option<HTaskId>), OrchestratorError> {
        if !initiative.create_initiative {
            return Ok((self.create_feature(feature).await?, None));
        }
        if feature.parent_id.is_none() {
            feature.check()?;
            let given = |text: Option<String>, usual: &str| {
                text.filter(|text| !text.trim().is_empty()).unwrap_or_else(|| usual.to_owned())
            };
            let title = given(initiative.initiative_title, &feature.title);
            let description = given(initiative.initiative_description, &feature.description);
            let initiative = NewHTask {
                level: HTaskLevel::N0,
                ..NewHTask::new(feature.swarm_id.clone(), title, description, &feature.owner)
            };
            feature.parent_id = Some(self.create_htask(initiative).await?.task_id);
        }
        let initiative_id = feature.parent_id.clone();
        Ok((self.create_feature(feature).await?, initiative_id))
    }

    /// Returns one htask.
    ///
    /// # Errors
    /// No such swarm or htask, or nobody answers.
    pub async fn htask(&self, task: HTaskRef) -> Result<HTask, OrchestratorError> {
        Ok(self.deps.snipara.htasks.get(task).await?)
    }

    /// Recommends what to work on next, and claims it atomically when an agent is named.
    ///
    /// # Errors
    /// Bad input, no such swarm or feature, a stale token, or nobody answers.
    pub async fn next_htasks(&self, query: NextQuery) -> Result<NextBatch, OrchestratorError> {
        query.check()?;
        let swarm_id = self.swarm_or_default(query.swarm_id.as_ref()).await?;
        let feature_id = self.if_given(&swarm_id, query.feature_id.clone()).await?;
        Ok(self.deps.snipara.htasks.next(swarm_id, NextQuery { feature_id, ..query }).await?)
    }

    /// Completes an N3; evidence that names a proof or a run is looked up in the ledger first.
    ///
    /// # Errors
    /// Bad input, evidence that is missing or refused (nothing but the refusal is recorded), or nobody answers.
    pub async fn complete_htask(&self, request: CompleteRequest) -> Result<Completed, OrchestratorError> {
        request.check()?;
        let task = self.completed_one(&request).await?;
        let evidence = self.looked_up(&task, &request.evidence).await?;
        self.accept_evidence(&task, &evidence).await?;
        let redactor = &self.deps.redactor;
        let request = CompleteRequest {
            task_id: task.task_id.clone(),
            result: request.result.map(|result| redactor.json(&result)),
            learnings: redactor.texts(&request.learnings),
            decision_impact: redactor.optional(request.decision_impact),
            ..request
        };
        Ok(self.deps.snipara.htasks.complete(task.swarm_id, request, evidence).await?)
    }

    async fn completed_one(&self, request: &CompleteRequest) -> Result<HTaskRef, OrchestratorError> {
        let swarm_id = self.swarm_or_default(request.swarm_id.as_ref()).await?;
        let task_id = self.htask_meant(&swarm_id, request.task_id.clone()).await?;
        Ok(HTaskRef { swarm_id, task_id })
    }

    /// Returns the htask that is meant, where one is named.
    async fn if_given(&self, swarm_id: &SwarmId, id: Option<HTaskId>) -> Result<Option<HTaskId>, OrchestratorError> {
        match id {
            Some(id) => self.htask_meant(swarm_id, id).await.map(Some),
            None => Ok(None),
        }
    }

    /// Refuses evidence of a kind that is neither known nor required by the htask: a word that was mistyped proves
    /// nothing.
    ///
    /// # Errors
    /// Names the item; no such htask, or nobody answers.
    pub async fn check_evidence_kinds(&self, request: &CompleteRequest) -> Result<(), OrchestratorError> {
        let evidence = &request.evidence;
        if evidence.iter().all(NewEvidence::is_of_known_kind) {
            return Ok(());
        }
        let required = self.htask(self.completed_one(request).await?).await?.evidence_required;
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
        let verified_only = self.deps.policy.require_verified_evidence;
        let refused = evidence.iter().enumerate().find(|(_, item)| match item.verdict {
            EvidenceVerdict::Refused => true,
            EvidenceVerdict::Claimed => verified_only,
            EvidenceVerdict::Verified => false,
        });
        let Some((index, item)) = refused else { return Ok(()) };
        let is_claim = item.verdict == EvidenceVerdict::Claimed;
        let refusal = InvalidError::EvidenceRefused { index, is_claim, finding: item.finding.clone() };
        self.deps.snipara.htasks.note_refusal(task.clone(), evidence.to_vec(), refusal.to_string()).await?;
        Err(refusal.into())
    }

    /// Returns trees of htasks.
    ///
    /// # Errors
    /// Bad input, no such swarm or htask, or nobody answers.
    pub async fn htask_tree(&self, query: TreeQuery) -> Result<HTaskTree, OrchestratorError> {
        query.check()?;
        let swarm_id = self.swarm_or_default(query.swarm_id.as_ref()).await?;
        let task_id = self.if_given(&swarm_id, query.task_id.clone()).await?;
        Ok(self.deps.snipara.htasks.tree(swarm_id, TreeQuery { task_id, ..query }).await?)
    }

    /// Blocks an htask.
    ///
    /// # Errors
    /// Bad input, no such htask, a finished one, a cycle, or nobody answers.
    pub async fn block_htask(&self, request: BlockRequest) -> Result<BlockChange, OrchestratorError> {
        request.check()?;
        let swarm_id = self.swarm_or_default(request.swarm_id.as_ref()).await?;
        let redactor = &self.deps.redactor;
        let request = BlockRequest {
            task_id: self.htask_meant(&swarm_id, request.task_id).await?,
            blocked_by_task_id: self.if_given(&swarm_id, request.blocked_by_task_id).await?,
            blocker_reason: redactor.text(&request.blocker_reason),
            required_input: redactor.optional(request.required_input),
            eta_recovery: redactor.optional(request.eta_recovery),
            escalation_to: redactor.optional(request.escalation_to),
            ..request
        };
        Ok(self.deps.snipara.htasks.block(swarm_id, request).await?)
    }

    /// Unblocks an htask.
    ///
    /// # Errors
    /// No such htask, one that is not blocked, or nobody answers.
    pub async fn unblock_htask(&self, request: UnblockRequest) -> Result<BlockChange, OrchestratorError> {
        let swarm_id = self.swarm_or_default(request.swarm_id.as_ref()).await?;
        let resolution = self.deps.redactor.optional(request.resolution);
        let task_id = self.htask_meant(&swarm_id, request.task_id).await?;
        Ok(self.deps.snipara.htasks.unblock(swarm_id, UnblockRequest { task_id, resolution, ..request }).await?)
    }

    /// Closes a parent.
    ///
    /// # Errors
    /// Half a waiver, no such htask, an N3, open children, or nobody answers.
    pub async fn close_htask(&self, request: CloseRequest) -> Result<Closed, OrchestratorError> {
        request.check_waiver()?;
        let swarm_id = self.swarm_or_default(request.swarm_id.as_ref()).await?;
        let redactor = &self.deps.redactor;
        let request = CloseRequest {
            task_id: self.htask_meant(&swarm_id, request.task_id).await?,
            waiver_reason: redactor.optional(request.waiver_reason),
            waiver_approved_by: redactor.optional(request.waiver_approved_by),
            ..request
        };
        Ok(self.deps.snipara.htasks.close(swarm_id, request).await?)
    }

    /// Closes a parent without a waiver, or tells what would have to be waived.
    ///
    /// # Errors
    /// As [`Orchestrator::close_htask`], and when a waiver would not help.
    pub async fn close_htask_unwaived(&self, request: CloseRequest) -> Result<Closing, OrchestratorError> {
        let swarm_id = self.swarm_or_default(request.swarm_id.as_ref()).await?;
        let task_id = self.htask_meant(&swarm_id, request.task_id.clone()).await?;
        match self.deps.snipara.htasks.close(swarm_id, CloseRequest { task_id, ..request }.unwaived()).await {
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
        Ok(self.deps.snipara.htasks.audit_trail(task).await?)
    }
}
