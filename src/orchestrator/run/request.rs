//! Makes a task of a caller's request.

use crate::domain::{
    ConvergeSettings, Convergence, Criteria, InvalidRequest, MAX_REQUIRED_PROOFS, Production, Redactor, RunRequest,
    Task, TaskId, TaskStatus, Timestamp, one_line, printable,
};
use crate::orchestrator::{InvalidError, OrchestratorError};

/// The longest title, in characters.
const MAX_TITLE: usize = 200;
/// The longest description, in characters.
const MAX_DESCRIPTION: usize = 10_000;
/// The most local tests, live checks or UI tests of one task.
const MAX_ITEMS: usize = 5_000;

impl RunRequest {
    /// Makes the task that the request describes, under the chosen id where there is one; nothing is written.
    ///
    /// # Errors
    /// When a field is missing or cannot be used.
    pub(super) fn new_task(
        &self,
        chosen: Option<TaskId>,
        production: &Production,
        redactor: &Redactor,
        now: Timestamp,
    ) -> Result<Task, OrchestratorError> {
        let title = shown_title(self.title.as_deref().unwrap_or_default(), redactor);
        if title.is_empty() {
            return Err(InvalidError::NoTitle.into());
        }
        let length = title.chars().count();
        if length > MAX_TITLE {
            return Err(InvalidError::LongTitle { length, limit: MAX_TITLE }.into());
        }
        let description = printable(&redactor.text(self.description.as_deref().unwrap_or_default()));
        if description.chars().count() > MAX_DESCRIPTION {
            return Err(InvalidError::LongDescription { limit: MAX_DESCRIPTION }.into());
        }
        if self.local_tests_must_be_given && self.local_tests.is_none() {
            return Err(InvalidError::NoLocalTests.into());
        }
        let criteria = self.criteria(production)?;
        let criteria_digest = criteria.digest()?;
        Ok(Task {
            id: chosen.unwrap_or_else(|| TaskId::generate(now)),
            title,
            description,
            criteria,
            criteria_digest,
            status: TaskStatus::Pending,
            cause: None,
            attempt: 0,
            created_at: now,
            updated_at: now,
        })
    }

    /// Returns the canonical criteria of the request: addresses absolute, defaults filled in.
    pub(super) fn criteria(&self, production: &Production) -> Result<Criteria, OrchestratorError> {
        let within = |given: i64| {
            let count = u32::try_from(given).ok().filter(|count| (1..=MAX_REQUIRED_PROOFS).contains(count));
            count.ok_or(InvalidError::RequiredProofs { given, most: MAX_REQUIRED_PROOFS })
        };
        let required_proofs = self.required_proofs.map(within).transpose()?;
        let local_tests = self.local_tests.clone().unwrap_or_default();
        let ui_tests = self.ui_tests.clone().unwrap_or_default();
        let given = self.live_checks.clone().unwrap_or_default();
        for (field, count) in
            [("local_tests", local_tests.len()), ("ui_tests", ui_tests.len()), ("live_checks", given.len())]
        {
            if count > MAX_ITEMS {
                return Err(InvalidError::TooManyItems { field, count, limit: MAX_ITEMS }.into());
            }
        }
        if let Some(spec) = ui_tests.iter().find(|spec| !is_spec(spec)) {
            return Err(InvalidError::NotASpec { spec: spec.clone() }.into());
        }
        let mut live_checks = Vec::with_capacity(given.len());
        for (index, check) in given.iter().enumerate() {
            let resolved = check
                .resolved(Some(&production.url))
                .map_err(|source| InvalidRequest::LiveCheck { place: format!("live_checks[{index}]."), source })?;
            live_checks.push(resolved.into_asked());
        }
        Ok(Criteria { local_tests, live_checks, ui_tests, required_proofs })
    }

    /// Checks that a request for an earlier task leaves its criteria as they are: absent or equal (gate.md L2).
    pub(super) fn check_same_criteria(&self, task: &Task, production: &Production) -> Result<(), OrchestratorError> {
        let asked = Self {
            local_tests: self.local_tests.clone().or_else(|| Some(task.criteria.local_tests.clone())),
            live_checks: self.live_checks.clone().or_else(|| Some(task.criteria.live_checks.clone())),
            ui_tests: self.ui_tests.clone().or_else(|| Some(task.criteria.ui_tests.clone())),
            required_proofs: self.required_proofs.or(task.criteria.required_proofs.map(i64::from)),
            ..Self::default()
        };
        let digest = asked.criteria(production)?.digest()?;
        if digest != task.criteria_digest {
            return Err(InvalidError::ChangedCriteria { task_id: task.id.clone() }.into());
        }
        Ok(())
    }

    /// Returns by what the checks are asked, under these settings, which were raised by the request.
    pub(super) fn convergence(&self, default_settle_seconds: u64, settings: ConvergeSettings) -> Convergence {
        let settle_seconds = self.settle_seconds.map_or(default_settle_seconds, i64::unsigned_abs);
        Convergence::new(settings, settle_seconds * 1000)
    }
}

/// Returns a title as it is kept: one line, without secrets and control characters.
pub(super) fn shown_title(title: &str, redactor: &Redactor) -> String {
    one_line(&redactor.text(title), usize::MAX)
}

/// Tells whether a text can be a spec's path; whether the file exists is looked at when it runs.
fn is_spec(spec: &str) -> bool {
    let path = std::path::Path::new(spec);
    !spec.trim().is_empty()
        && !spec.starts_with('-')
        && !spec.chars().any(char::is_control)
        && path.is_relative()
        && !path.components().any(|part| matches!(part, std::path::Component::ParentDir))
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::domain::LiveCheck;

    fn production() -> Production {
        Production::new(Url::parse("https://api.example.com").expect("a URL")).expect("production")
    }

    fn request() -> RunRequest {
        RunRequest {
            title: Some("Deploy".into()),
            live_checks: Some(vec![LiveCheck::get("/health")]),
            ..RunRequest::default()
        }
    }

    fn task(request: &RunRequest) -> Result<Task, OrchestratorError> {
        request.new_task(None, &production(), &Redactor::default(), Timestamp::from_micros(0))
    }

    #[test]
    fn a28_markup_and_control_characters_in_a_title_are_text() {
        let task =
            task(&RunRequest { title: Some("[/bold] \u{1b}[31mred\u{7}\n".into()), ..request() }).expect("a task");
        assert_eq!(task.title, "[/bold] \u{fffd}[31mred\u{fffd}");
    }

    #[test]
    fn bad_fields_are_named() {
        let message = |request: RunRequest| task(&request).expect_err("refused").to_string();
        assert_eq!(message(RunRequest { title: Some("  ".into()), ..request() }), "title is empty");
        assert!(message(RunRequest { required_proofs: Some(0), ..request() }).starts_with("required_proofs is 0"));
        assert!(message(RunRequest { required_proofs: Some(-3), ..request() }).starts_with("required_proofs is -3"));
        assert!(message(RunRequest { ui_tests: Some(vec!["--config=x".into()]), ..request() }).contains("--config=x"));
        assert!(message(RunRequest { ui_tests: Some(vec!["../x.spec.ts".into()]), ..request() }).contains("../x"));
        let check = LiveCheck::get("ftp://x/");
        assert!(
            message(RunRequest { live_checks: Some(vec![check]), ..request() })
                .starts_with("live_checks[0].url scheme")
        );
        assert!(
            message(RunRequest { local_tests_must_be_given: true, ..request() }).starts_with("local_tests is missing")
        );
    }

    #[test]
    fn a_lowered_bar_with_task_id_is_refused_and_an_equal_one_is_not() {
        let task = task(&request()).expect("a task");
        let again = |request: RunRequest| request.check_same_criteria(&task, &production());
        assert!(again(RunRequest::default()).is_ok());
        assert!(
            again(RunRequest {
                live_checks: Some(vec![LiveCheck::get("https://api.example.com/health")]),
                ..RunRequest::default()
            })
            .is_ok()
        );
        assert!(again(RunRequest { required_proofs: Some(1), ..RunRequest::default() }).is_err());
        assert!(again(RunRequest { live_checks: Some(Vec::new()), ..RunRequest::default() }).is_err());
        assert!(again(RunRequest { local_tests: Some(vec!["true".into()]), ..RunRequest::default() }).is_err());
    }
}
