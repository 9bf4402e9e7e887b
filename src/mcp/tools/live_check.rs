//! What schemas cannot say of live checks, looked at before anything is opened.

use crate::domain::LiveCheck;
use crate::orchestrator::OrchestratorError;

/// Looks at one check.
pub(super) fn checked(check: LiveCheck) -> Result<LiveCheck, OrchestratorError> {
    check.check().map_err(|error| wrong(error.to_string()))?;
    Ok(check)
}

/// Looks at many; the first that is wrong is named by its place.
pub(super) fn all_checked(given: Option<Vec<LiveCheck>>) -> Result<Option<Vec<LiveCheck>>, OrchestratorError> {
    for (index, check) in given.iter().flatten().enumerate() {
        check.check().map_err(|error| wrong(format!("live_checks[{index}].{error}")))?;
    }
    Ok(given)
}

fn wrong(message: String) -> OrchestratorError {
    OrchestratorError::invalid(message, "Correct this field and call again.")
}
