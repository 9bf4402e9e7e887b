//! Whether a check that passed proves anything: production is asked for paths that cannot exist, for the check without
//! what only the check sends, and for what a page loads (docs/design/gate.md G3, G9, G10).

use std::sync::Arc;

use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::as_users_ask::{AsUsersAsk, Counting, PlainAnswer, PlainAsk};
use super::control::{ControlAnswer, MAX_FOLDERS, SeenAnswer, folder_of, invented_paths};
use super::judge::{KnownBeside, with_answer};
use super::probe::{CheckRun, Validator};
use crate::domain::{ChecklistTarget, HealthAnswer, ItemSource, Method, Outcome};
use crate::expect::{PlannedItem, PreparedCheck};
use crate::outbound::{Exchange, RequestSpec, Session};

/// The time for one control ask, in milliseconds.
const CONTROL_TIMEOUT_MS: u64 = 10_000;

/// What production answers for paths that cannot exist, asked for once in each folder of one run.
pub(super) struct Controls<'a> {
    validator: &'a Validator,
    cancel: &'a CancellationToken,
    /// The folder of the first check.
    first: Option<Url>,
    /// Each folder once for each user; none where no answer came, so that a production that leaves strange paths hanging is
    /// asked once.
    known: Mutex<Vec<(Place, Option<Arc<Control>>)>>,
}

/// A folder, and as whom it is asked: behind a login other paths exist, and any of them may answer.
type Place = (Option<String>, Url);

struct Control {
    answer: ControlAnswer,
    /// One of the two answers, for expectations that hold on it, too.
    sample: Exchange,
}

impl<'a> Controls<'a> {
    pub(super) fn new(validator: &'a Validator, items: &[PlannedItem], cancel: &'a CancellationToken) -> Self {
        let asked = |item: &&PlannedItem| item.counts && item.source == ItemSource::Task;
        let first = items.iter().filter(asked).find_map(PlannedItem::check);
        Self { validator, cancel, first: first.map(|check| folder_of(check.url())), known: Mutex::default() }
    }

    /// Returns the control answer for a check: that of its own folder where it answered a page, else of the first check's.
    async fn of(&self, check: &PreparedCheck, exchange: &Exchange) -> Option<Arc<Control>> {
        let first = self.first.as_ref()?;
        let folder = folder_of(check.url());
        let user = check.asked().user.clone();
        let mut known = self.known.lock().await;
        let folders = known.iter().filter(|((asked, _), _)| *asked == user).count();
        let has_room = folders < MAX_FOLDERS || known.iter().any(|(asked, _)| *asked == (user.clone(), folder.clone()));
        let folder =
            if exchange.is_found_page() && has_room && check.origin().contains(first) { folder } else { first.clone() };
        let place = (user, folder);
        if let Some((_, control)) = known.iter().find(|(asked, _)| *asked == place) {
            return control.clone();
        }
        let asking = self.validator.sessions.request_for(check, self.cancel).await.ok()?;
        let control = self.ask(&place.1, asking.request.credential.as_ref()).await.map(Arc::new);
        known.push((place, control.clone()));
        control
    }

    async fn ask(&self, folder: &Url, user: Option<&Session>) -> Option<Control> {
        let [one, other] = invented_paths(folder);
        let answers = futures_util::future::join(self.answer(&one, user), self.answer(&other, user));
        let (one_answer, other_answer) = answers.await;
        let (one_answer, other_answer) = (one_answer?, other_answer?);
        let answer = ControlAnswer::of([SeenAnswer::of(&one, &one_answer), SeenAnswer::of(&other, &other_answer)]);
        Some(Control { answer, sample: one_answer })
    }

    async fn answer(&self, url: &Url, user: Option<&Session>) -> Option<Exchange> {
        let request = RequestSpec::get(url.clone(), CONTROL_TIMEOUT_MS);
        let request = RequestSpec { credential: user.cloned(), ..request };
        self.validator.deps.http.send(&request, self.cancel).await.ok()
    }
}

impl Validator {
    /// Looks at what a passed check proves, and says so in its run.
    pub(super) async fn look_at_what_it_proves(&self, item: &PlannedItem, run: &mut CheckRun, controls: &Controls<'_>) {
        let (ChecklistTarget::Live(check) | ChecklistTarget::Health { check, .. }) = &item.target else { return };
        // A guessed health route that says something bad may be what any path says.
        let is_guess = matches!(item.target, ChecklistTarget::Health { configured: false, .. });
        let is_looked_at = (run.outcome.is_passed() || is_guess) && item.counts;
        let Some(mut content) = run.exchange.0.clone().filter(|_| is_looked_at) else { return };
        if item.source != ItemSource::Health {
            let (counting, plain) = self.as_users_ask(check, controls.cancel).await;
            match counting {
                Counting::Counts => {}
                Counting::CountsToldByName(why) => run.told.push(why),
                Counting::DoesNotCount(why) => run.not_counted = Some(why),
            }
            // HEAD has no content: that of the same GET is looked at.
            if check.method() == Method::Head {
                content = plain.unwrap_or(content);
            }
            self.look_at_assets(check, run, &content, controls.cancel).await;
            if check.asked().once {
                run.told.push("was asked once only".to_owned());
            }
            if content.whole_body().is_none() && content.method != Method::Head {
                run.told.push(format!("only the first {} bytes of its answer were judged", content.body_start.len()));
            }
        }
        match controls.of(check, &content).await {
            Some(control) => {
                run.told.extend(control.answer.unknown().map(str::to_owned));
                self.compare_with_control(item, check, run, &content, &control);
            }
            None => run.told.push("what paths answer that cannot exist was not observed".to_owned()),
        }
    }

    /// A page whose own files do not load fails.
    async fn look_at_assets(
        &self,
        check: &PreparedCheck,
        run: &mut CheckRun,
        page: &Exchange,
        cancel: &CancellationToken,
    ) {
        let assets = self.page_assets(check, page, cancel).await;
        run.told.extend(assets.unknown.iter().map(|line| format!("not known of a file of the page: {line}")));
        if let Some(first) = assets.broken.first() {
            let more = match assets.broken.len() - 1 {
                0 => String::new(),
                more => format!(", and {more} more"),
            };
            run.outcome = Outcome::failed("that the page's own files load", format!("{first}{more}"));
        }
    }

    fn compare_with_control(
        &self,
        item: &PlannedItem,
        check: &PreparedCheck,
        run: &mut CheckRun,
        exchange: &Exchange,
        control: &Control,
    ) {
        self.weigh_expectations(check, run, &control.sample);
        let is_health = item.source == ItemSource::Health;
        if !(run.outcome.is_passed() || is_health) || !control.answer.is_alike(&SeenAnswer::of(check.url(), exchange)) {
            return;
        }
        match &item.target {
            ChecklistTarget::Health { configured: false, .. } if run.health == Some(HealthAnswer::Absent) => {}
            ChecklistTarget::Health { configured: false, .. } => {
                run.health = Some(HealthAnswer::Absent);
                run.outcome = Outcome::unverified("not offered: it answers as paths do that cannot exist", None);
            }
            ChecklistTarget::Health { configured: true, .. } => {
                let why = "the health route answers as paths do that cannot exist";
                run.outcome = Outcome::unverified(why, Some("name a route that says how healthy production is"));
            }
            _ => {
                let shows = run.expectations.iter().any(|one| one.tells_apart);
                run.catch_all = true;
                if !shows && !self.asks_root(check) {
                    run.not_counted =
                        Some("answers as paths do that cannot exist: say in `expect` what shows the change".to_owned());
                }
            }
        }
    }

    /// Tells whether a check asks for the root, or for the path that production's own address has.
    fn asks_root(&self, check: &PreparedCheck) -> bool {
        let route = check.route();
        route.path() == "/" || self.deps.production_route.as_ref() == Some(&route)
    }

    /// An expectation that holds on every answer that means nothing says nothing; one that the control answer does not meet
    /// says something. Each that says nothing is told.
    fn weigh_expectations(&self, check: &PreparedCheck, run: &mut CheckRun, sample: &Exchange) {
        let now = self.deps.clock.now();
        for (told, expectation) in run.expectations.iter_mut().zip(check.expectations()) {
            if !told.says_nothing {
                continue;
            }
            told.says_nothing = with_answer(sample, KnownBeside::default(), now, &self.deps.redactor, |answer| {
                expectation.says_nothing(Some(answer), now)
            });
            if told.says_nothing {
                run.told.push(format!("says nothing: `{}`", told.expect));
            }
        }
    }

    /// Asks for the check without what only the check sends, where it sends something of its own.
    async fn as_users_ask(&self, check: &PreparedCheck, cancel: &CancellationToken) -> (Counting, Option<Exchange>) {
        let names: Vec<&str> = check.headers().iter().map(|(name, _)| name.as_str()).collect();
        let has_body = check.asked().body.is_some();
        let asks = AsUsersAsk::of(check.method(), check.url(), has_body, &names);
        let Some(plain) = asks.plain() else { return (asks.judge(None), None) };
        let Some(exchange) = self.plain_answer(check, plain, cancel).await else { return (asks.judge(None), None) };
        let meets = self.judge_with_assets(check, &exchange, cancel).await.outcome.is_passed();
        (asks.judge(Some(PlainAnswer { status: Some(exchange.status), meets })), Some(exchange))
    }

    async fn plain_answer(
        &self,
        check: &PreparedCheck,
        plain: &PlainAsk,
        cancel: &CancellationToken,
    ) -> Option<Exchange> {
        let request = self.sessions.request_for(check, cancel).await.ok()?.request;
        let kept = |name: &str| plain.kept_headers.iter().any(|known| known == name);
        let headers = request.headers.iter().filter(|(name, _)| kept(name.as_str())).cloned().collect();
        let request = RequestSpec { method: Method::Get, url: plain.url.clone(), headers, body: None, ..request };
        let mut exchange = self.deps.http.send(&request, cancel).await.ok()?;
        if plain.whole_for_part && exchange.status == 200 {
            exchange.status = 206;
        }
        Some(exchange)
    }
}
