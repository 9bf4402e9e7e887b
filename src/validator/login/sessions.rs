//! Who is logged in, in one run.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::NotAsked;
use crate::domain::{
    ANONYMOUS, Credential, LearnedSecrets, Method, Origin, Redactor, ResolvedCheck, SecretText, SharedClock, TestUser,
};
use crate::outbound::{
    Exchange, HttpClient, RequestSpec, Session, UserSession, anonymous_request, may_ask, session_of,
};

/// How often a session of one user is begun again in one run: whatever production answers, it does not lock out who asks.
const MAX_RENEWALS: u32 = 20;
/// How long a login that got no answer is not tried again; each time twice as long, at most three times.
const PAUSE: Duration = Duration::from_secs(1);

/// The sessions of one run's test users. A user logs in when it is first needed; who waits for a login shares it.
pub(crate) struct UserSessions {
    pub(super) http: HttpClient,
    users: Vec<TestUser>,
    pub(super) production: Option<Url>,
    origin: Option<Origin>,
    pub(super) redactor: Redactor,
    pub(super) clock: SharedClock,
    states: Vec<Mutex<UserState>>,
    /// Forgotten with the sessions.
    learned: std::sync::Mutex<Vec<LearnedSecrets>>,
}

#[derive(Default)]
struct UserState {
    known: Option<(Instant, Result<Arc<UserSession>, NotAsked>)>,
    /// How often the user tried to log in.
    logins: u32,
    /// How many tries in a row got no answer.
    silent: u32,
    /// How often a session had ended.
    renewals: u32,
    /// What a new session did not change the answer to.
    needless: HashSet<(Method, Url)>,
}

/// A request as its user.
#[derive(Debug, Clone)]
pub(crate) struct Asking {
    pub(crate) request: RequestSpec,
    /// The name for `user_tested`.
    pub(crate) user: String,
    /// Which login of the user it is.
    login: u32,
}

impl fmt::Debug for UserSessions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.users.iter().map(|user| &user.name)).finish()
    }
}

impl UserSessions {
    /// Makes the sessions of a run in which nobody is logged in yet.
    pub(crate) fn new(
        http: HttpClient,
        users: &[TestUser],
        origin: Option<&Origin>,
        redactor: Redactor,
        clock: SharedClock,
    ) -> Arc<Self> {
        Arc::new(Self {
            http,
            production: origin.and_then(|origin| Url::parse(&origin.to_string()).ok()),
            origin: origin.cloned(),
            redactor,
            clock,
            states: users.iter().map(|_| Mutex::default()).collect(),
            users: users.to_vec(),
            learned: std::sync::Mutex::default(),
        })
    }

    /// Returns the same users of another run: nobody is logged in.
    pub(crate) fn anew(&self) -> Arc<Self> {
        let Self { http, users, origin, redactor, clock, .. } = self;
        Self::new(http.clone(), users, origin.as_ref(), redactor.clone(), clock.clone())
    }

    /// Looks at what needs no request: whether a check can be asked as its user at all.
    pub(crate) fn refusal(&self, check: &ResolvedCheck) -> Option<NotAsked> {
        match may_ask(check, &self.users, self.origin.as_ref()) {
            Err(error) => Some(error.into()),
            Ok(None) => None,
            Ok(Some(user)) => self.unreadable(user),
        }
    }

    /// Returns a check's request as its user, who is logged in first where that is needed.
    ///
    /// # Errors
    /// When it cannot be asked as that user.
    pub(crate) async fn request_for(
        &self,
        check: &ResolvedCheck,
        cancel: &CancellationToken,
    ) -> Result<Asking, NotAsked> {
        let request = anonymous_request(check);
        let Some(user) = may_ask(check, &self.users, self.origin.as_ref())? else {
            return Ok(Asking { request, user: ANONYMOUS.to_owned(), login: 0 });
        };
        let (session, login) = Box::pin(self.session(user, cancel)).await?;
        let request = RequestSpec { credential: Some(Session::User(session)), ..request };
        Ok(Asking { request, user: user.name.clone(), login })
    }

    async fn session(&self, user: &TestUser, cancel: &CancellationToken) -> Result<(Arc<UserSession>, u32), NotAsked> {
        let unknown = || NotAsked::for_good(format!("no test user `{}`", user.name), String::new());
        let mut state = self.state(&user.name).ok_or_else(unknown)?.lock().await;
        let pause = PAUSE * (1 << state.silent.saturating_sub(1).min(3));
        match &state.known {
            Some((_, Ok(session))) => return Ok((session.clone(), state.logins)),
            Some((at, Err(refused))) if !(refused.may_pass_later && at.elapsed() >= pause) => {
                return Err(refused.clone());
            }
            _ => {}
        }
        state.logins += 1;
        let begun = self.begin(user, cancel).await;
        let is_silent = begun.as_ref().is_err_and(|refused| refused.may_pass_later);
        state.silent = if is_silent { state.silent + 1 } else { 0 };
        if !cancel.is_cancelled() {
            state.known = Some((Instant::now(), begun.clone()));
        }
        Ok((begun?, state.logins))
    }

    async fn begin(&self, user: &TestUser, cancel: &CancellationToken) -> Result<Arc<UserSession>, NotAsked> {
        let session = Arc::new(match &user.credential {
            Credential::Login(login) => self.log_in(user, login, cancel).await?,
            _ => session_of(user)?,
        });
        if let Some(whoami) = &user.whoami {
            self.look_who_it_is(user, whoami, &session, cancel).await?;
        }
        Ok(session)
    }

    /// Tells whether an answer says that the session of its user has ended: it asks for a login, and the check does not
    /// expect that.
    pub(crate) fn looks_ended(&self, check: &ResolvedCheck, exchange: &Exchange) -> bool {
        let user = check.asked().user.as_ref().and_then(|name| self.users.iter().find(|user| user.name == *name));
        let Some(Credential::Login(login)) = user.map(|user| &user.credential) else { return false };
        let as_expected = check.expected_status().accepts(exchange.status);
        let location = exchange.location();
        let led_to = location.and_then(|location| exchange.url.join(location).ok());
        let led_to = led_to.filter(|_| !as_expected).or_else(|| exchange.redirects.last().cloned());
        let asks_for_login = |url: &Url| {
            let mut pages = login.requests.iter().filter_map(|one| one.resolved(self.production.as_ref()).ok());
            url.path() != check.url().path()
                && pages.any(|page| page.origin().contains(url) && page.url().path() == url.path())
        };
        (matches!(exchange.status, 401 | 403) && !as_expected) || led_to.is_some_and(|url| asks_for_login(&url))
    }

    /// Tells whether an answer is worth another login, and forgets the session that has ended.
    pub(crate) async fn has_ended(&self, check: &ResolvedCheck, exchange: &Exchange, asking: &Asking) -> bool {
        if !self.looks_ended(check, exchange) {
            return false;
        }
        let Some(state) = self.state(&asking.user) else { return false };
        let mut state = state.lock().await;
        if state.renewals >= MAX_RENEWALS || state.needless.contains(&(check.method(), check.url().clone())) {
            return false;
        }
        // Somebody else may have met the end of the same session before.
        if state.logins == asking.login {
            state.renewals += 1;
            state.known = None;
        }
        true
    }

    /// Keeps in mind that a new session did not change the answer: it is the user who may not see it.
    pub(crate) async fn changed_nothing(&self, check: &ResolvedCheck, asking: &Asking) {
        if let Some(state) = self.state(&asking.user) {
            state.lock().await.needless.insert((check.method(), check.url().clone()));
        }
    }

    /// Keeps secrets that a login gave out of everything that is kept or shown.
    pub(super) fn learn(&self, secrets: Vec<SecretText>) {
        let learned = self.redactor.learn(secrets);
        self.learned.lock().unwrap_or_else(PoisonError::into_inner).push(learned);
    }

    fn state(&self, name: &str) -> Option<&Mutex<UserState>> {
        self.states.get(self.users.iter().position(|user| user.name == name)?)
    }
}
