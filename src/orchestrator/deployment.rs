//! Deployments: recorded, never a proof.

use tokio_util::sync::CancellationToken;

use super::{Orchestrator, OrchestratorError};
use crate::domain::{CommandRun, DeployRequest};
use crate::executor::deploy::plan;
use crate::ledger::{CommandRecord, Fact};

/// How long a deployment may take: half an hour.
const DEPLOYMENT_TIMEOUT_MS: u64 = 1_800_000;

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
        let custom = self.deps.custom_deployment.as_deref();
        let spec =
            plan(request.provider.as_deref(), &request.service, &request.environment, custom, DEPLOYMENT_TIMEOUT_MS)?;
        let run = self.deps.executor.run(&spec, cancel).await;
        let record = CommandRecord { name: "deploy".to_owned(), run: run.clone() };
        self.deps.ledger.append(None, vec![Fact::Deployment(Box::new(record))]).await?;
        Ok(run)
    }
}
