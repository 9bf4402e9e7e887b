//! From who sent a message to a server for them: which scope they have, whose tasks they see.

use std::sync::Arc;

use rmcp::model::Extensions;
use tokio::sync::OnceCell;

use crate::orchestrator::{Caller, InvalidError, Orchestrator, OrchestratorError};
use crate::tools::insufficient_scope;

use crate::domain::{Principal, Scope};

/// Whose eyes a server sees with.
#[derive(Clone)]
pub(super) enum View {
    /// Everybody's: nobody has a name.
    Everybody,
    /// Nobody's yet: callers have names, and a handler that has not asked for the sender's gets nothing.
    Unasked,
    /// One caller's.
    Of(Arc<Scoped>),
}

/// The orchestrator of one caller, made at the first use.
pub(super) struct Scoped {
    principal: Principal,
    caller: Caller,
    orchestrator: OnceCell<Orchestrator>,
}

impl View {
    /// Returns the view of who sent a message.
    pub(super) fn of(principal: &Principal) -> Self {
        match principal.name() {
            None => Self::Everybody,
            Some(name) => Self::Of(Arc::new(Scoped {
                principal: principal.clone(),
                caller: Caller::new(name, principal.may(Scope::Admin)),
                orchestrator: OnceCell::new(),
            })),
        }
    }

    /// Returns the one orchestrator as it is seen.
    ///
    /// # Errors
    /// When the token is for other projects; our bug when a handler did not ask who sends.
    pub(super) async fn see<'a>(&'a self, whole: &'a Orchestrator) -> Result<&'a Orchestrator, OrchestratorError> {
        match self {
            Self::Everybody => Ok(whole),
            Self::Unasked => Err(OrchestratorError::internal("nobody asked who sent this")),
            Self::Of(scoped) => {
                if !scoped.principal.may_use(whole.project()) {
                    return Err(InvalidError::OtherProjects.into());
                }
                let made = || std::future::ready(whole.for_caller(scoped.caller.clone()));
                Ok(scoped.orchestrator.get_or_init(made).await)
            }
        }
    }
}

/// Returns who sent a message, when they may do what needs a scope.
///
/// The transport has asked before; this is asked where no form of a message goes round it.
///
/// # Errors
/// When they may not.
pub(super) fn permitted(extensions: &Extensions, needed: Option<Scope>) -> Result<Principal, OrchestratorError> {
    let principal = principal_of(extensions);
    match needed.filter(|scope| !principal.may(*scope)) {
        None => Ok(principal),
        Some(scope) => Err(insufficient_scope(scope)),
    }
}

/// rmcp hands a request's head on inside of the message's extensions.
pub(super) fn principal_of(extensions: &Extensions) -> Principal {
    let head = extensions.get::<http::request::Parts>();
    extensions
        .get::<Principal>()
        .or_else(|| head.and_then(|head| head.extensions.get::<Principal>()))
        .cloned()
        .unwrap_or_else(Principal::anonymous)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Scopes;

    /// The extensions of a message that came in a request of this principal, as rmcp and the SSE bridge hand it on.
    fn sent_by(principal: Principal) -> Extensions {
        let (mut head, ()) = http::Request::new(()).into_parts();
        head.extensions.insert(principal);
        let mut extensions = Extensions::new();
        extensions.insert(head);
        extensions
    }

    #[test]
    fn a_message_that_went_round_the_transport_s_question_is_asked_again() {
        let reader = sent_by(Principal::named("ada", Scopes::from_iter([Scope::Read]), None));
        let principal = permitted(&reader, Some(Scope::Read)).expect("permitted");
        assert_eq!(principal.name(), Some("ada"));
        let error = permitted(&reader, Some(Scope::Validate)).expect_err("refused");
        assert_eq!(error.code(), "insufficient_scope");
        assert!(error.to_string().contains("scope validate"), "{error}");
    }

    #[test]
    fn without_http_everybody_may_do_everything_and_sees_all() {
        let principal = permitted(&Extensions::new(), Some(Scope::Admin)).expect("permitted");
        assert!(matches!(View::of(&principal), View::Everybody));
    }
}
