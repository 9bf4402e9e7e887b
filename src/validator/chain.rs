//! Checks that are tied by captures: what one answer hands to the next request keeps its order, and agreement is that of the
//! whole chain.

use std::collections::BTreeSet;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::agreement::next_row;
use super::counting::Controls;
use super::judge::{KnownBeside, with_answer};
use super::probe::{CheckKind, CheckRun, Observation, RetryBudget, Validator};
use super::row::{AskRow, OpenRow};
use crate::domain::{CheckAttempt, ChecklistTarget, Outcome, ProgressEvent};
use crate::expect::{CaptureValues, CheckCapture, PlannedItem, PreparedCheck};
use crate::outbound::Exchange;

/// One check of a chain in a row of asks.
struct Link<'a> {
    check: &'a PreparedCheck,
    /// The check with the values that were captured last in their places.
    sent: PreparedCheck,
    row: OpenRow,
}

/// Groups the checks that hand values to each other, each group in the order of the checklist; checks that hand on and take
/// nothing are in none.
pub(super) fn chains(items: &[PlannedItem]) -> Vec<Vec<usize>> {
    let mut chains: Vec<(BTreeSet<&str>, Vec<usize>)> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let ChecklistTarget::Live(check) = &item.target else { continue };
        let mut names: BTreeSet<&str> = check.captures().iter().map(CheckCapture::name).collect();
        names.extend(check.uses().iter().map(String::as_str));
        if names.is_empty() {
            continue;
        }
        let (tied, others): (Vec<_>, Vec<_>) = chains.into_iter().partition(|(known, _)| !known.is_disjoint(&names));
        let mut members = vec![index];
        for (known, earlier) in tied {
            names.extend(known);
            members.extend(earlier);
        }
        members.sort_unstable();
        chains = others;
        chains.push((names, members));
    }
    chains.into_iter().map(|(_, members)| members).collect()
}

impl Validator {
    /// Asks a whole chain again and again, as one check: until all its answers agree, or its time to settle is over.
    pub(super) async fn repeat_chain(
        &self,
        items: &[&PlannedItem],
        budget: RetryBudget<'_>,
        controls: &Controls<'_>,
    ) -> Vec<CheckRun> {
        let checks: Vec<&PreparedCheck> = items.iter().filter_map(|item| item.prepared()).collect();
        let begun = Instant::now();
        let (mut needed, mut failed_rounds) = (budget.agreeing, 0);
        let mut attempts: Vec<Vec<CheckAttempt>> = vec![Vec::new(); checks.len()];
        let what = || format!("{} checks in order", checks.len());
        let rows = loop {
            self.watch.tell(|| ProgressEvent::Asking { what: what(), round: failed_rounds + 1 });
            let mut rows = self.chain_row(&checks, needed, budget.cancel).await;
            for (all, (_, row)) in attempts.iter_mut().zip(&mut rows) {
                all.append(&mut row.tried.attempts);
            }
            let next = rows.iter().map(|(_, row)| next_row(budget.agreeing, needed, &row.asks)).max();
            needed = next.unwrap_or(needed);
            failed_rounds += 1;
            let seen = || rows.iter().map(|(_, row)| &row.tried.seen);
            let has_passed = seen().all(|seen| seen.outcome.is_passed());
            let can_pass = seen().all(|seen| seen.outcome.is_passed() || seen.may_pass_later);
            if has_passed || !can_pass || !self.pauses(budget, begun, failed_rounds).await {
                break rows;
            }
        };
        let mut runs = Vec::with_capacity(rows.len());
        for ((item, (sent, row)), attempts) in items.iter().zip(rows).zip(attempts) {
            let endpoint = self.deps.redactor.url(sent.url().as_str());
            let mut run = self.check_run(row.tried.seen, attempts, endpoint, Some(sent.method().to_string()));
            self.look_at_a_link(item, &sent, &mut run, controls).await;
            runs.push(run);
        }
        runs
    }

    /// One row of asks of a whole chain; it ends when the row of one of its checks does.
    async fn chain_row(
        &self,
        checks: &[&PreparedCheck],
        needed: u32,
        cancel: &CancellationToken,
    ) -> Vec<(PreparedCheck, AskRow)> {
        let mut links = Vec::with_capacity(checks.len());
        for check in checks {
            links.push(Link { check, sent: PreparedCheck::clone(check), row: self.row_of(check, needed).await });
        }
        loop {
            let mut values = CaptureValues::new();
            for link in links.iter_mut().filter(|link| !link.row.is_over()) {
                self.ask_link(link, &mut values, cancel).await;
            }
            if cancel.is_cancelled() || !links.iter().all(|link| link.row.goes_on()) {
                break;
            }
        }
        let mut ended = Vec::with_capacity(links.len());
        for Link { sent, row, .. } in links {
            let row = self.finished(row, &sent, CheckKind::Live, needed, cancel).await;
            ended.push((sent, row));
        }
        ended
    }

    async fn ask_link(&self, link: &mut Link<'_>, values: &mut CaptureValues, cancel: &CancellationToken) {
        let (at, seen) = match ready(link.check, values) {
            Err(outcome) => (self.deps.clock.now(), Observation::of(outcome)),
            Ok(rendered) => {
                link.sent = rendered;
                let (at, mut seen) = self.next_seen(&link.sent, CheckKind::Live, &mut link.row, cancel).await;
                if let (true, Some(exchange)) = (seen.outcome.is_passed(), &seen.exchange) {
                    seen.outcome = self.capture(&link.sent, exchange, values);
                }
                (at, seen)
            }
        };
        link.row.keep(self.recorded(at, &seen), seen);
    }

    /// Runs one check of a chain that cannot be repeated as one, because asking again changes something.
    pub(super) async fn run_link(
        &self,
        item: &PlannedItem,
        check: &PreparedCheck,
        budget: RetryBudget<'_>,
        values: &mut CaptureValues,
        controls: &Controls<'_>,
    ) -> CheckRun {
        match ready(check, values) {
            Err(outcome) => {
                let endpoint = self.deps.redactor.url(check.url().as_str());
                self.check_run(Observation::of(outcome), Vec::new(), endpoint, Some(check.method().to_string()))
            }
            Ok(sent) => {
                let mut run = self.run_request(&sent, CheckKind::Live, budget).await;
                self.look_at_a_link(item, &sent, &mut run, controls).await;
                if let (true, Some(exchange)) = (run.outcome.is_passed(), &run.exchange.0) {
                    run.outcome = self.capture(&sent, exchange, values);
                }
                run
            }
        }
    }

    async fn look_at_a_link(
        &self,
        item: &PlannedItem,
        sent: &PreparedCheck,
        run: &mut CheckRun,
        controls: &Controls<'_>,
    ) {
        let rendered = PlannedItem { target: ChecklistTarget::Live(sent.clone()), ..PlannedItem::clone(item) };
        self.look_at_what_it_proves(&rendered, run, controls).await;
        // The route that was asked for is the one with the values in it.
        if run.answered_by == Some(sent.route()) {
            run.answered_by = item.check().map(|check| check.route());
        }
    }

    /// Keeps what later checks use; a check whose answer does not hold it fails.
    fn capture(&self, check: &PreparedCheck, exchange: &Exchange, values: &mut CaptureValues) -> Outcome {
        let now = self.deps.clock.now();
        for capture in check.captures() {
            match with_answer(exchange, KnownBeside::default(), now, &self.deps.redactor, |answer| capture.read(answer))
            {
                Ok(value) => drop(values.insert(capture.name().to_owned(), value)),
                Err(outcome) => return outcome,
            }
        }
        Outcome::Passed
    }
}

/// Returns a check with the values that it uses in their places.
fn ready(check: &PreparedCheck, values: &CaptureValues) -> Result<PreparedCheck, Outcome> {
    if let Some(name) = check.uses().iter().find(|name| !values.contains_key(*name)) {
        let why = format!("`{name}` was not captured: the check before it did not pass");
        return Err(Outcome::unverified(why, None));
    }
    let unsendable = |error| Outcome::unverified(format!("a captured value cannot be sent: {error}"), None);
    check.rendered(values).map_err(unsendable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ItemSource, LiveCheck};

    fn item(path: &str, capture: &[&str]) -> PlannedItem {
        let capture = capture.iter().map(|name| format!("{name}: jsonpath $.{name}")).collect();
        let check = LiveCheck { capture, ..LiveCheck::get(format!("http://a.test{path}")) };
        let check = PreparedCheck::new(check.resolved(None).expect("a check")).expect("captures");
        PlannedItem {
            name: path.to_owned(),
            source: ItemSource::Task,
            required: true,
            counts: true,
            not_counted: None,
            target: ChecklistTarget::Live(check),
        }
    }

    #[test]
    fn checks_that_share_a_name_are_one_chain_in_their_order() {
        let items = [
            item("/cart", &["cart"]),
            item("/user", &["user"]),
            item("/alone", &[]),
            item("/items/{{cart}}", &["item"]),
            item("/users/{{user}}", &[]),
            item("/items/{{item}}/x", &[]),
        ];
        let mut found = chains(&items);
        found.sort();
        assert_eq!(found, [vec![0, 3, 5], vec![1, 4]]);
    }
}
