//! A whole checklist: bounded, and answered in order.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};
use tokio_util::sync::CancellationToken;

use super::chain::chains;
use super::counting::Controls;
use super::probe::{CheckKind, CheckRun, RetryBudget, Validator};
use crate::domain::{ChecklistTarget, Convergence};
use crate::expect::{CaptureValues, PlannedItem};

/// Called with each finished item and its index. It must not block.
pub type OnFinished<'a> = &'a (dyn Fn(usize, &CheckRun) + Send + Sync);

impl Validator {
    /// Runs all items, concurrently and bounded; answers one run per item, in order.
    ///
    /// While the time to settle lasts, an item that does not pass is tried again, unless it cannot change the verdict: an
    /// optional item, and a health route that is not configured and that production does not offer, once another one has
    /// passed or every required check has.
    pub async fn run_all(
        &self,
        items: &[PlannedItem],
        converge: Convergence,
        cancel: &CancellationToken,
        on_finished: OnFinished<'_>,
    ) -> Vec<CheckRun> {
        self.delay(converge, cancel).await;
        let converge = converge.after_delay();
        let controls = &Controls::new(self, items, cancel);
        let is_awaited = |item: &&PlannedItem| item.required && matches!(item.target, ChecklistTarget::Live(_));
        let healthy = &GuessesWait {
            end: CancellationToken::new(),
            awaited: AtomicUsize::new(items.iter().filter(is_awaited).count()),
        };
        let chains = chains(items);
        let tied: HashSet<usize> = chains.iter().flatten().copied().collect();
        let free = items.iter().enumerate().filter(|(index, _)| !tied.contains(index));
        // Out of order while running: a slow item at the front must not hold back the ones behind the bound.
        let alone = free.map(|(index, item)| {
            let told = async move {
                let mut run = self.run_item(item, budget(item, converge, cancel), healthy).await;
                healthy.one_ended(item, &run);
                self.look_at_what_it_proves(item, &mut run, controls).await;
                on_finished(index, &run);
                vec![(index, run)]
            };
            told.boxed()
        });
        let chained = chains.iter().map(|chain| {
            let links: Vec<(usize, &PlannedItem)> =
                chain.iter().filter_map(|index| Some((*index, items.get(*index)?))).collect();
            let told = async move {
                let runs = self.run_chain(links, converge, cancel, controls, on_finished).await;
                for (index, run) in &runs {
                    items.get(*index).into_iter().for_each(|item| healthy.one_ended(item, run));
                }
                runs
            };
            told.boxed()
        });
        let waiting: Vec<BoxFuture<'_, Vec<(usize, CheckRun)>>> = chained.chain(alone).collect();
        let runs: Vec<Vec<(usize, CheckRun)>> =
            stream::iter(waiting).buffer_unordered(self.deps.max_concurrent.max(1)).collect().await;
        let mut runs: Vec<(usize, CheckRun)> = runs.into_iter().flatten().collect();
        runs.sort_unstable_by_key(|(index, _)| *index);
        runs.into_iter().map(|(_, run)| run).collect()
    }

    /// Waits before the first ask. What gate 1 saw lies before the wait and stands for nothing.
    async fn delay(&self, converge: Convergence, cancel: &CancellationToken) {
        if converge.initial_delay_ms == 0 {
            return;
        }
        if let Some(looks) = &self.looks {
            looks.clear();
        }
        self.pause(Duration::from_millis(converge.initial_delay_ms), cancel).await;
    }

    /// Runs checks that are tied by captures: as one, again and again, where asking again changes nothing.
    async fn run_chain(
        &self,
        links: Vec<(usize, &PlannedItem)>,
        converge: Convergence,
        cancel: &CancellationToken,
        controls: &Controls<'_>,
        on_finished: OnFinished<'_>,
    ) -> Vec<(usize, CheckRun)> {
        let (indexes, items): (Vec<usize>, Vec<&PlannedItem>) = links.into_iter().unzip();
        if let Some(first) = items.first().filter(|_| items.iter().all(|item| may_be_repeated(item))) {
            let runs = self.repeat_chain(&items, budget(first, converge, cancel), controls).await;
            let runs: Vec<(usize, CheckRun)> = indexes.into_iter().zip(runs).collect();
            runs.iter().for_each(|(index, run)| on_finished(*index, run));
            return runs;
        }
        let mut runs = Vec::with_capacity(items.len());
        let mut values = CaptureValues::new();
        for (index, item) in indexes.into_iter().zip(items) {
            let Some(check) = item.prepared() else { continue };
            let run = self.run_link(item, check, budget(item, converge, cancel), &mut values, controls).await;
            on_finished(index, &run);
            runs.push((index, run));
        }
        runs
    }

    async fn run_item(&self, item: &PlannedItem, budget: RetryBudget<'_>, healthy: &GuessesWait) -> CheckRun {
        match &item.target {
            ChecklistTarget::Live(check) => self.run_request(check, CheckKind::Live, budget).await,
            ChecklistTarget::Health { check, configured } => {
                let configured = *configured;
                let budget = RetryBudget { stop_when: (!configured).then_some(&healthy.end), ..budget };
                self.run_request(check, CheckKind::Health { configured }, budget).await
            }
            ChecklistTarget::Ui { spec } => self.run_ui_test(spec, budget).await,
        }
    }
}

/// How long guessed health routes that say nothing are waited for.
struct GuessesWait {
    end: CancellationToken,
    /// The required checks that have not passed yet.
    awaited: AtomicUsize,
}

impl GuessesWait {
    /// A health route that passes, and the last required check that does, end the wait.
    fn one_ended(&self, item: &PlannedItem, run: &CheckRun) {
        if !run.outcome.is_passed() {
            return;
        }
        let is_over = match &item.target {
            ChecklistTarget::Health { .. } => true,
            ChecklistTarget::Live(_) if item.required => self.awaited.fetch_sub(1, Ordering::Relaxed) == 1,
            ChecklistTarget::Live(_) | ChecklistTarget::Ui { .. } => false,
        };
        if is_over {
            self.end.cancel();
        }
    }
}

fn budget<'a>(item: &PlannedItem, converge: Convergence, cancel: &'a CancellationToken) -> RetryBudget<'a> {
    RetryBudget {
        converge: if item.required { converge } else { Convergence { settle_ms: 0, ..converge } },
        agreeing: if may_be_repeated(item) { converge.consecutive_successes } else { 1 },
        cancel,
        stop_when: None,
    }
}

/// Several answers of a check have to agree when the gate needs it and asking changes nothing, unless it says that it is
/// asked once.
fn may_be_repeated(item: &PlannedItem) -> bool {
    match &item.target {
        ChecklistTarget::Live(check) => item.required && check.asked().is_safe() && !check.asked().once,
        ChecklistTarget::Health { .. } | ChecklistTarget::Ui { .. } => false,
    }
}
