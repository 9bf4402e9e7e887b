//! A whole checklist: bounded, and answered in order.

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};
use tokio_util::sync::CancellationToken;

use super::counting::Controls;
use super::judge::with_answer;
use super::probe::{CheckKind, CheckRun, Observation, RetryBudget, Validator};
use crate::domain::{ChecklistTarget, Outcome};
use crate::expect::{CaptureValues, PlannedItem, PreparedCheck};

/// How many answers of one check have to agree.
const AGREEING: u32 = 3;

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
        items: &[PlannedItem],
        settle_ms: u64,
        cancel: &CancellationToken,
        on_finished: OnFinished<'_>,
    ) -> Vec<CheckRun> {
        let controls = &Controls::new(self, items, cancel);
        let healthy = CancellationToken::new();
        let healthy = &healthy;
        // Out of order while running: a slow item at the front must not hold back the ones behind the bound.
        let budget = |item: &PlannedItem| RetryBudget {
            settle_ms: if item.required { settle_ms } else { 0 },
            agreeing: agreeing(item),
            cancel,
            stop_when: None,
        };
        let (tied, free): (Vec<_>, Vec<_>) = items.iter().enumerate().partition(|(_, item)| is_tied(item));
        let alone = free.into_iter().map(|(index, item)| {
            let told = async move {
                let mut run = self.run_item(item, budget(item), healthy).await;
                self.look_at_what_it_proves(item, &mut run, controls).await;
                on_finished(index, &run);
                vec![(index, run)]
            };
            told.boxed()
        });
        // What one answer hands to the next request keeps its order.
        let chain = async move {
            let (mut runs, mut values) = (Vec::with_capacity(tied.len()), CaptureValues::new());
            for (index, item) in tied {
                let run = self.run_tied(item, budget(item), &mut values, controls).await;
                on_finished(index, &run);
                runs.push((index, run));
            }
            runs
        };
        let waiting: Vec<BoxFuture<'_, Vec<(usize, CheckRun)>>> = std::iter::once(chain.boxed()).chain(alone).collect();
        let runs: Vec<Vec<(usize, CheckRun)>> =
            stream::iter(waiting).buffer_unordered(self.deps.max_concurrent.max(1)).collect().await;
        let mut runs: Vec<(usize, CheckRun)> = runs.into_iter().flatten().collect();
        runs.sort_unstable_by_key(|(index, _)| *index);
        runs.into_iter().map(|(_, run)| run).collect()
    }

    /// Runs a check that uses what earlier answers held, or whose answer later ones use.
    async fn run_tied(
        &self,
        item: &PlannedItem,
        budget: RetryBudget<'_>,
        values: &mut CaptureValues,
        controls: &Controls<'_>,
    ) -> CheckRun {
        let ChecklistTarget::Live(check) = &item.target else {
            return self.run_item(item, budget, &CancellationToken::new()).await;
        };
        let missing = check.uses().iter().find(|name| !values.contains_key(*name));
        let outcome = match (missing, check.rendered(values)) {
            (Some(name), _) => {
                Outcome::unverified(format!("`{name}` was not captured: the check before it did not pass"), None)
            }
            (None, Err(error)) => Outcome::unverified(format!("a captured value cannot be sent: {error}"), None),
            (None, Ok(rendered)) => {
                let mut run = self.run_request(&rendered, CheckKind::Live, budget).await;
                let item = PlannedItem { target: ChecklistTarget::Live(rendered.clone()), ..item.clone() };
                self.look_at_what_it_proves(&item, &mut run, controls).await;
                self.capture(&rendered, &mut run, values);
                // The route that was asked for is the one with the values in it.
                if run.answered_by == Some(rendered.route()) {
                    run.answered_by = Some(check.route());
                }
                return run;
            }
        };
        let endpoint = self.deps.redactor.url(check.url().as_str());
        self.check_run(Observation::of(outcome), Vec::new(), endpoint, Some(check.method().to_string()))
    }

    /// Keeps what later checks use; a check whose answer does not hold it fails.
    fn capture(&self, check: &PreparedCheck, run: &mut CheckRun, values: &mut CaptureValues) {
        let Some(exchange) = run.exchange.0.clone().filter(|_| run.outcome.is_passed()) else { return };
        let now = self.deps.clock.now();
        for capture in check.captures() {
            match with_answer(&exchange, None, now, &self.deps.redactor, |answer| capture.read(answer)) {
                Ok(value) => drop(values.insert(capture.name().to_owned(), value)),
                Err(outcome) => run.outcome = outcome,
            }
        }
    }

    async fn run_item(&self, item: &PlannedItem, budget: RetryBudget<'_>, healthy: &CancellationToken) -> CheckRun {
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

/// How many answers of a check have to agree: three of one that the gate needs and that changes nothing, unless it says
/// that it is asked once.
fn agreeing(item: &PlannedItem) -> u32 {
    match &item.target {
        ChecklistTarget::Live(check) if item.required && check.asked().is_safe() && !check.asked().once => AGREEING,
        _ => 1,
    }
}

/// Tells whether a check hands something to another one, or takes it.
fn is_tied(item: &PlannedItem) -> bool {
    item.prepared().is_some_and(|check| !check.captures().is_empty() || !check.uses().is_empty())
}
