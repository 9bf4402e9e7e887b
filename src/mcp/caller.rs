//! The caller of a message: which scope they have, and which orchestrator their messages reach.

use std::sync::Arc;

use rmcp::model::Extensions;

use crate::orchestrator::{Caller, InvalidError, Orchestrator, OrchestratorError};
use crate::tools::insufficient_scope;

use crate::domain::{Principal, Scope};

/// For whom a server works.
#[derive(Clone)]
pub(super) enum CallerScope {
    /// For everybody: callers have no names here.
    Shared,
    /// For nobody yet: callers have names here, and a handler that has not asked for the sender gets nothing.
    Unauthenticated,
    /// For one named caller.
    Caller(Arc<NamedCaller>),
}

/// What narrows an orchestrator to one caller.
pub(super) struct NamedCaller {
    principal: Principal,
    caller: Caller,
}

impl CallerScope {
    /// Returns the scope of a message's sender.
    pub(super) fn of(principal: &Principal) -> Self {
        match principal.name() {
            None => Self::Shared,
            Some(name) => Self::Caller(Arc::new(NamedCaller {
                principal: principal.clone(),
                caller: Caller::new(name, principal.may(Scope::Admin)),
            })),
        }
    }

    /// Returns the orchestrator for this caller: `whole`, or `whole` narrowed to what the caller may see.
    ///
    /// # Errors
    /// When the token is for other projects; an internal error when a handler did not ask for the sender.
    pub(super) fn orchestrator(&self, whole: Orchestrator) -> Result<Orchestrator, OrchestratorError> {
        match self {
            Self::Shared => Ok(whole),
            Self::Unauthenticated => Err(OrchestratorError::internal("nobody asked who sent this")),
            Self::Caller(caller) => {
                if !caller.principal.may_use(whole.project()) {
                    return Err(InvalidError::OtherProjects.into());
                }
                Ok(whole.for_caller(caller.caller.clone()))
            }
        }
    }
}

/// Returns the sender of a message when they have the scope that it needs.
///
/// The transport has checked the scope before. It is checked again here because no form of a message can avoid this place.
///
/// # Errors
/// `insufficient_scope` when they do not have it.
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
        assert!(matches!(CallerScope::of(&principal), CallerScope::Shared));
    }
}
