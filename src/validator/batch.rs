//! A whole checklist: bounded, and answered in order.

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};
use tokio_util::sync::CancellationToken;

use super::probe::{CheckKind, CheckRun, RetryBudget, Validator};
use crate::domain::{ChecklistItem, ChecklistTarget};

/// Called with each finished item and its index. It must not block.
pub type OnFinished<'a> = &'a (dyn Fn(usize, &CheckRun) + Send + Sync);

impl Validator {
    /// Runs all items, concurrently and bounded; answers one run per item, in order.
    ///
    /// While `settle_ms` lasts, an item that does not pass is tried again, unless it cannot change the verdict: an
    /// optional item, and a health route that is not configured and that production does not offer, once another one has
    /// passed.
    pub async fn run_all(
        &self,
        items: &[ChecklistItem],
        settle_ms: u64,
        cancel: &CancellationToken,
        on_finished: OnFinished<'_>,
    ) -> Vec<CheckRun> {
        let healthy = CancellationToken::new();
        let healthy = &healthy;
        // Out of order while running: a slow item at the front must not hold back the ones behind the bound.
        let waiting = items.iter().enumerate().map(|(index, item)| {
            let told = async move {
                let settle_ms = if item.required { settle_ms } else { 0 };
                let run = self.run_item(item, RetryBudget { settle_ms, cancel, stop_when: None }, healthy).await;
                on_finished(index, &run);
                (index, run)
            };
            told.boxed()
        });
        let waiting: Vec<BoxFuture<'_, (usize, CheckRun)>> = waiting.collect();
        let mut runs: Vec<(usize, CheckRun)> =
            stream::iter(waiting).buffer_unordered(self.deps.max_concurrent.max(1)).collect().await;
        runs.sort_unstable_by_key(|(index, _)| *index);
        runs.into_iter().map(|(_, run)| run).collect()
    }

    async fn run_item(&self, item: &ChecklistItem, budget: RetryBudget<'_>, healthy: &CancellationToken) -> CheckRun {
        match &item.target {
            ChecklistTarget::Live(check) => self.run_request(check, CheckKind::Live, budget).await,
            ChecklistTarget::Health { check, configured } => {
                let configured = *configured;
                let budget = RetryBudget { stop_when: (!configured).then_some(healthy), ..budget };
                let run = self.run_request(check, CheckKind::Health { configured }, budget).await;
                if run.outcome.is_passed() {
                    healthy.cancel();
                }
                run
            }
            ChecklistTarget::Ui { spec } => self.run_ui_test(spec, budget).await,
        }
    }
}
