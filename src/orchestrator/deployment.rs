//! Deployments: recorded, never a proof.

use tokio_util::sync::CancellationToken;

use super::{DeployRequest, Orchestrator, OrchestratorError};
use crate::domain::CommandRun;
use crate::gatekeeper::command_payload;
use crate::ledger::{EntryKind, NewEntry};

impl Orchestrator {
    /// Runs a deployment and records it; never a proof.
    ///
    /// # Errors
    /// Unknown provider, names with other characters than letters, digits, `.`, `_`, `-`.
    pub async fn deploy(
        &self,
        request: DeployRequest,
        cancel: &CancellationToken,
    ) -> Result<CommandRun, OrchestratorError> {
        let _ = (&request, cancel);
        let run: CommandRun = todo!("executor::deploy");
        #[expect(unreachable_code, reason = "SCAFFOLD")]
        {
            let (payload, body) = command_payload("deploy", &run)?;
            let entry =
                NewEntry { kind: EntryKind::Deployment, task_id: None, attempt: None, payload, body: Some(body) };
            self.parts.ledger.append(None, vec![entry], Vec::new()).await?;
            Ok(run)
        }
    }
}
