//! Whether it is the user who is logged in.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::log_in::{READ_BYTES, may_pass_later, path_of};
use super::{NotAsked, UserSessions};
use crate::domain::{LiveCheck, Outcome, TestUser};
use crate::outbound::{RequestSpec, Session, UserSession, anonymous_request};
use crate::validator::judge::judge_live;

impl UserSessions {
    /// Asks production who is logged in.
    ///
    /// # Errors
    /// When its answer does not show that it is the user: nothing is asked as the user then.
    pub(super) async fn look_who_it_is(
        &self,
        user: &TestUser,
        whoami: &LiveCheck,
        session: &Arc<UserSession>,
        cancel: &CancellationToken,
    ) -> Result<(), NotAsked> {
        let name = &user.name;
        let refused = |why: String, fix: Option<String>, may_pass_later: bool| {
            let usual = || format!("a person looks at the credentials of {name} and at test_users.{name}.whoami");
            let why =
                format!("{name} is not shown to be logged in: whoami {} {}: {why}", whoami.method, path_of(whoami));
            NotAsked { why: self.redactor.text(&why), fix: fix.unwrap_or_else(usual), may_pass_later }
        };
        let check = self.prepared(whoami).map_err(|problem| refused(problem, None, false))?;
        let credential = Some(Session::User(session.clone()));
        let spec = RequestSpec { credential, ..anonymous_request(&check) };
        let answer = self.http.keeping(READ_BYTES).send(&spec, cancel).await;
        let exchange =
            answer.map_err(|failure| refused(failure.to_string(), failure.fix(), failure.may_pass_later()))?;
        match judge_live(&check, &exchange, None, self.clock.now(), &self.redactor).outcome {
            Outcome::Passed => Ok(()),
            outcome => {
                let why = outcome.reason().unwrap_or_default();
                Err(refused(why, None, may_pass_later(exchange.status)))
            }
        }
    }
}
