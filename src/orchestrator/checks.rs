//! One live check, one drift check, one checklist: without a task.

use tokio_util::sync::CancellationToken;

use super::schema_files::with_schemas;
use super::{CutoverChecklist, InvalidError, Orchestrator, OrchestratorError};
use crate::domain::{
    ChecklistItem, ChecklistTarget, DriftKind, DriftQuery, DriftReport, InvalidRequest, ItemSource, LiveCheck, Proof,
    RunRequest, StoredCheck, one_line,
};
use crate::drift::DriftRequest;
use crate::expect::{PreparedCheck, marks_of};
use crate::gatekeeper::{EvidenceRecorder, ProofStamp};
use crate::ledger::DriftMoment;

/// The most routes of one drift check.
const MAX_ROUTES: usize = 1_000;

impl Orchestrator {
    /// Generates the cutover checklist of an existing task (`task_id`) or of a request; executes nothing.
    ///
    /// # Errors
    /// Bad input.
    pub async fn cutover_checklist(&self, request: RunRequest) -> Result<CutoverChecklist, OrchestratorError> {
        let production = self.production()?.clone();
        let request = RunRequest {
            title: request.title.clone().or_else(|| request.task_id.is_none().then(|| "checklist".to_owned())),
            ..request
        };
        let (task, new) = self.asked_task(&request, &production).await?;
        let requirements = self.gatekeeper()?.requirements(&task.criteria)?;
        let items: Vec<ChecklistItem<StoredCheck>> =
            requirements.checklist().iter().map(|item| item.redacted(&self.deps.redactor)).collect();
        let (context, mut warnings) = self.deployment_notes(&items).await;
        warnings.splice(0..0, self.setting_warnings().iter().cloned());
        Ok(CutoverChecklist {
            task_id: (!new).then_some(task.id),
            items,
            required_proofs: requirements.required_proofs(requirements.possible_proofs()),
            least_proofs: requirements.required_proofs(0),
            possible_proofs: requirements.possible_proofs(),
            local_tests: requirements.local_tests.iter().map(|test| self.deps.redactor.text(test)).collect(),
            context,
            warnings,
        })
    }

    /// Sends one live check and records its proof, which belongs to no task and never counts.
    ///
    /// # Errors
    /// Bad input, or when the proof could not be recorded.
    pub async fn validate_endpoint(
        &self,
        check: LiveCheck,
        cancel: &CancellationToken,
    ) -> Result<Proof, OrchestratorError> {
        self.settings_hold()?;
        let production = self.deps.production.as_ref().map(|production| &production.url);
        let check = with_schemas(&check, self.deps.executor.repository())
            .map_err(|source| InvalidError::SchemaFile { place: String::new(), source })?;
        let check =
            check.resolved(production).map_err(|source| InvalidRequest::LiveCheck { place: String::new(), source })?;
        let check =
            PreparedCheck::new(check).map_err(|source| InvalidError::Expectation { place: String::new(), source })?;
        self.can_ask(Some(&check))?;
        // What a login gave is kept out of the proof as long as the validator lives.
        let validator = self.deps.validator.anew();
        // git is asked while production answers.
        let (recorder, run) =
            futures_util::future::join(self.recorder_without_task(), validator.run_live_check(&check, 0, cancel)).await;
        let item = ChecklistItem {
            name: "validate_endpoint".to_owned(),
            source: ItemSource::Generic,
            required: false,
            counts: false,
            not_counted: Some("belongs to no task".to_owned()),
            target: ChecklistTarget::Live(check),
        };
        Ok(recorder.one_proof(&item, &run).await?)
    }

    /// Refuses a check that can never be asked as its test user, before anything is sent or written.
    ///
    /// # Errors
    /// A user that is not configured, a variable that is not set, an address or a method that no credentials go with; a value of
    /// a variable, which only logins know.
    pub(super) fn can_ask(&self, check: Option<&PreparedCheck>) -> Result<(), OrchestratorError> {
        let Some(check) = check else { return Ok(()) };
        let route = || format!("{} {}", check.method(), one_line(&self.deps.redactor.text(check.url().path()), 120));
        if let Some(refused) = self.deps.validator.refusal(check) {
            let user = one_line(check.asked().user.as_deref().unwrap_or_default(), 60);
            let message = format!("user `{user}` of {}: {}", route(), refused.why);
            return Err(InvalidError::Input { message, hint: refused.fix }.into());
        }
        let Some((field, mark)) = marks_of(check.asked()).into_iter().find(|(_, mark)| mark.starts_with("env:")) else {
            return Ok(());
        };
        let message = format!("{field} of {}: {{{{{}}}}} is known in test_users only", route(), one_line(&mark, 60));
        let hint = "a person puts it into a test user's login, and the check names that user".to_owned();
        Err(InvalidError::Input { message, hint }.into())
    }

    /// Looks for drift and records the report.
    ///
    /// # Errors
    /// Bad input, or when the report could not be recorded.
    pub async fn check_drift(
        &self,
        query: DriftQuery,
        cancel: &CancellationToken,
    ) -> Result<DriftReport, OrchestratorError> {
        self.settings_hold()?;
        if query.routes.len() > MAX_ROUTES {
            let count = query.routes.len();
            return Err(InvalidError::TooManyItems { field: "routes", count, limit: MAX_ROUTES }.into());
        }
        let mut routes = Vec::with_capacity(query.routes.len());
        for (index, route) in query.routes.iter().enumerate() {
            routes.push(self.deps.drift.probe(route).map_err(|source| InvalidError::Route { index, source })?);
        }
        // What has no switch of its own is always compared.
        let is_asked = |kind: &DriftKind| match kind {
            DriftKind::Health => query.check_health,
            DriftKind::Schema => query.check_schema,
            DriftKind::Version => query.check_version,
            _ => true,
        };
        let kinds = DriftKind::ALL.into_iter().filter(is_asked).collect();
        let production = self.deps.production.as_ref().filter(|_| query.check_health);
        let known_health = match production {
            Some(production) => self.earlier_observations().await.unwrap_or_default().healthy_routes(production),
            None => Vec::new(),
        };
        let request = DriftRequest { routes, kinds, known_health, all_guesses: query.all, ..DriftRequest::default() };
        let recorder = self.recorder_without_task().await;
        Ok(recorder.drift(&self.deps.drift, &request, DriftMoment::Asked, cancel).await?)
    }

    async fn recorder_without_task(&self) -> EvidenceRecorder {
        let stamp = ProofStamp {
            commit: Box::pin(self.deps.executor.build_identity()).await,
            criteria_digest: None,
            config_digest: Some(self.deps.config_digest.clone()),
            untrusted_settings: !self.deps.untrusted.is_empty(),
            caller: self.caller_name().map(str::to_owned),
        };
        EvidenceRecorder::new(self.deps.ledger.clone(), None, stamp, Vec::new())
    }
}
