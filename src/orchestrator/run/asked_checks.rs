//! The checks that a request asks for: its own and those of its suites, each once for each of its users, with the schemas
//! that they name.

use crate::domain::{InvalidRequest, LiveCheck, Production, RunRequest};
use crate::expect::PreparedCheck;
use crate::orchestrator::schema_files::with_schemas;
use crate::orchestrator::{InvalidError, Orchestrator, OrchestratorError};

impl Orchestrator {
    /// Returns the request with every check spelled out.
    pub(super) fn spelled_out(
        &self,
        request: &RunRequest,
        production: &Production,
    ) -> Result<RunRequest, OrchestratorError> {
        let mut checks = Vec::new();
        for (index, check) in request.live_checks.iter().flatten().enumerate() {
            checks.extend(self.spelled_out_check(&format!("live_checks[{index}]."), check, production)?);
        }
        for name in &request.suite {
            checks.extend(self.suite(name)?.iter().cloned());
        }
        let given = request.live_checks.is_some() || !request.suite.is_empty();
        let of_suites = || match request.suite.as_slice() {
            _ if request.task_id.is_some() => None,
            [] => None,
            [suite] => Some(format!("Suite {suite}")),
            suites => Some(format!("Suites {}", suites.join(", "))),
        };
        Ok(RunRequest {
            title: request.title.clone().or_else(of_suites),
            live_checks: given.then_some(checks),
            suite: Vec::new(),
            ..request.clone()
        })
    }

    fn spelled_out_check(
        &self,
        place: &str,
        check: &LiveCheck,
        production: &Production,
    ) -> Result<Vec<LiveCheck>, OrchestratorError> {
        let wrong = |source| InvalidRequest::LiveCheck { place: place.to_owned(), source };
        let check = with_schemas(check, self.deps.executor.repository())
            .map_err(|source| InvalidError::SchemaFile { place: place.to_owned(), source })?;
        let each = check.for_each_user().map_err(wrong)?;
        // Behind this the place that a caller knows is not known any more.
        if let Some(one) = each.first() {
            let resolved = one.resolved(Some(&production.url)).map_err(wrong)?;
            PreparedCheck::new(resolved)
                .map_err(|source| InvalidError::Expectation { place: place.to_owned(), source })?;
        }
        Ok(each)
    }

    fn suite(&self, name: &str) -> Result<&[LiveCheck], InvalidError> {
        let known = || self.deps.suites.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        self.deps
            .suites
            .get(name)
            .map(Vec::as_slice)
            .ok_or_else(|| InvalidError::UnknownSuite { name: name.to_owned(), known: known() })
    }

    /// Returns the names of the suites that the configuration has, in their order.
    pub fn suite_names(&self) -> impl Iterator<Item = &str> {
        self.deps.suites.keys().map(String::as_str)
    }
}
