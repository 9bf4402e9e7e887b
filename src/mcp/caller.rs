//! From who sent a message to a server for them: which scope they have, whose tasks they see.

use std::sync::Arc;

use rmcp::model::Extensions;
use tokio::sync::OnceCell;

use crate::orchestrator::{Caller, Orchestrator, OrchestratorError};

use super::access::{Principal, Scope, principal_of};

/// The orchestrator of one caller, made at the first use.
pub(super) struct Scoped {
    caller: Caller,
    orchestrator: OnceCell<Orchestrator>,
}

impl Scoped {
    /// Makes it for who sent a message; nothing for everybody, who sees all.
    pub(super) fn of(principal: &Principal) -> Option<Arc<Self>> {
        let caller = Caller::new(principal.name()?, principal.may(Scope::Admin));
        Some(Arc::new(Self { caller, orchestrator: OnceCell::new() }))
    }

    /// Returns the caller's own view of the one orchestrator.
    pub(super) async fn view(&self, whole: &Orchestrator) -> &Orchestrator {
        self.orchestrator.get_or_init(|| std::future::ready(whole.for_caller(self.caller.clone()))).await
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
        Some(scope) => Err(OrchestratorError::Refused {
            code: "insufficient_scope",
            message: format!("the token may not do this: it needs the scope {}", scope.name()),
            hint: "A person hands out tokens: ask for one with this scope.".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mcp::access::Scopes;

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
        assert!(Scoped::of(&principal).is_none());
    }
}
