//! Evidence of htasks, looked up in the ledger.

use super::{Orchestrator, OrchestratorError};
use crate::domain::{Evidence, HTaskRef, NewEvidence};

impl Orchestrator {
    /// Looks each item up: what names a proof or a run is verified or refused, all else is a claim. What runs with
    /// this htask's id have proven is added.
    pub(super) async fn looked_up(
        &self,
        _task: &HTaskRef,
        _given: &[NewEvidence],
    ) -> Result<Vec<Evidence>, OrchestratorError> {
        todo!()
    }
}
