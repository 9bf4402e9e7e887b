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
