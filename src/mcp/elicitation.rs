//! Questions to a person, as the protocol has them: elicitation in a session, an input-required result without one.
//!
//! A session asks its client while the call waits. From 2026-07-28 on the call is answered by the question, and comes
//! again with the answer and the state that was sealed into the question: for the same caller, tool and subject, for ten
//! minutes, once. A client that cannot ask is refused and told what a person does instead.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use rmcp::RoleServer;
use rmcp::model::{
    ClientCapabilities, ElicitRequest, ElicitRequestParams, ElicitResult, ElicitationAction, ElicitationSchema,
    InputRequest, InputRequiredResult, InputResponses, RequestStateError, SealOptions,
};
use rmcp::service::{ElicitationMode, RequestContext};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::domain::{canonical_json, marked, sha256_hex};
use crate::orchestrator::{InvalidError, OrchestratorError, UnavailableError};
use crate::tools::{AskPerson, Asked, FormAnswer, LONGEST_ANSWER, Question};

use super::caller::principal_of;
use super::protocol_version::is_stateless_era;
use super::server::Server;

/// How long a session waits for its person.
const PATIENCE: Duration = Duration::from_secs(300);
/// How long a question may be answered when nobody waits for it.
const VALID: Duration = Duration::from_secs(600);
/// The only question of a call.
const QUESTION: &str = "word";

/// What a call brings back of the question that answered the one before.
#[derive(Clone)]
pub(super) struct RetryState {
    pub(super) responses: Option<InputResponses>,
    pub(super) state: Option<String>,
}

/// The questions that this process has seen answered, for as long as their answers would be good.
#[derive(Default)]
pub(super) struct UsedStates(Mutex<HashMap<String, Instant>>);

impl UsedStates {
    /// Takes a question's answer; tells whether it is the first one.
    fn take(&self, question: String) -> bool {
        let now = Instant::now();
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|_, until| *until > now);
        seen.insert(question, now + VALID).is_none()
    }
}

/// What is sealed into a question.
#[derive(Serialize, Deserialize)]
struct Sealed {
    question: String,
    subject: String,
}

/// Asks a call's person: the client's form in a session, an answer that is a question without one.
pub(super) struct Elicitation {
    server: Server,
    request: RequestContext<RoleServer>,
    retry: RetryState,
    pending: Arc<Mutex<Option<InputRequiredResult>>>,
}

impl Elicitation {
    /// Makes the asker of one call; a question that answers the call is left in `pending`.
    pub(super) const fn new(
        server: Server,
        request: RequestContext<RoleServer>,
        retry: RetryState,
        pending: Arc<Mutex<Option<InputRequiredResult>>>,
    ) -> Self {
        Self { server, request, retry, pending }
    }

    async fn ask_in_session(&self, question: &Question) -> Result<Asked, OrchestratorError> {
        if !self.request.peer.supported_elicitation_modes().contains(&ElicitationMode::Form) {
            return Err(nobody_to_ask(question));
        }
        let asked = self.request.peer.create_elicitation_with_timeout(form(question), Some(PATIENCE));
        let answer = tokio::select! {
            answer = asked => answer,
            () = self.request.ct.cancelled() => return Err(unanswered(question)),
            () = self.server.stopping().cancelled() => return Err(unanswered(question)),
        };
        let answer = answer.map_err(|error| {
            tracing::debug!(%error, tool = question.tool, "a question to a person was not answered");
            unanswered(question)
        })?;
        accepted(answer, question).map(Asked::Answered)
    }

    async fn ask_by_answer(&self, question: &Question) -> Result<Asked, OrchestratorError> {
        if !self.request.client_capabilities().is_some_and(|capabilities| shows_forms(&capabilities)) {
            return Err(nobody_to_ask(question));
        }
        let codec = self.server.request_states().await?;
        let principal = principal_of(&self.request.extensions);
        let caller = canonical_json(&(principal.name(), question.tool))?;
        let subject = sha256_hex(canonical_json(&question.subject)?.as_bytes());
        let answer = self.retry.responses.as_ref().and_then(|responses| responses.get(QUESTION));
        if let (Some(state), Some(answer)) = (self.retry.state.as_deref(), answer) {
            let sealed: Sealed = codec.open_json_with(state, caller.as_bytes()).map_err(|error| wrong_state(&error))?;
            if sealed.subject != subject {
                return Err(InvalidError::ChangedMeanwhile { tool: question.tool.to_owned() }.into());
            }
            if !self.server.used_states().take(sealed.question) {
                return Err(InvalidError::UsedRequestState.into());
            }
            let answer =
                serde_json::from_value(answer.clone()).map_err(|_| InvalidError::NotAnAnswer { question: QUESTION })?;
            return accepted(answer, question).map(Asked::Answered);
        }
        let sealed = Sealed { question: uuid::Uuid::new_v4().simple().to_string(), subject };
        let options = SealOptions::new().associated_data(caller.as_bytes()).ttl(VALID);
        let state = codec.seal_json_with(&sealed, &options).map_err(|error| wrong_state(&error))?;
        let asked = InputRequest::Elicitation(ElicitRequest::new(form(question)));
        let requests = BTreeMap::from([(QUESTION.to_owned(), asked)]);
        let result = InputRequiredResult::new(Some(requests), Some(state));
        *self.pending.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        Ok(Asked::Pending)
    }
}

impl AskPerson for Elicitation {
    fn ask<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Asked, OrchestratorError>> {
        if is_stateless_era(&self.request) {
            return self.ask_by_answer(question).boxed();
        }
        self.ask_in_session(question).boxed()
    }
}

/// A client that names neither form nor URL means forms.
fn shows_forms(capabilities: &ClientCapabilities) -> bool {
    capabilities.elicitation.as_ref().is_some_and(|kinds| kinds.form.is_some() || kinds.url.is_none())
}

fn form(question: &Question) -> ElicitRequestParams {
    let longest = u32::try_from(LONGEST_ANSWER).unwrap_or(u32::MAX);
    let schema = question.fields.iter().fold(ElicitationSchema::builder(), |schema, field| {
        let text = |text: rmcp::model::StringSchema| {
            let text = text.title(field.title).description(marked(&field.description));
            let bounded = text.clone().with_length(u32::from(field.required), longest);
            bounded.unwrap_or(text)
        };
        if field.required {
            schema.required_string_property(field.name, text)
        } else {
            schema.string_property(field.name, text)
        }
    });
    ElicitRequestParams::FormElicitationParams {
        meta: None,
        message: marked(&question.message),
        requested_schema: schema.build_unchecked(),
    }
}

fn accepted(answer: ElicitResult, question: &Question) -> Result<FormAnswer, OrchestratorError> {
    if answer.action != ElicitationAction::Accept {
        return Err(InvalidError::Declined { tool: question.tool.to_owned() }.into());
    }
    FormAnswer::read(answer.content, question)
}

fn nobody_to_ask(question: &Question) -> OrchestratorError {
    InvalidError::NeedsPerson { tool: question.tool.to_owned(), instead: question.instead.clone() }.into()
}

fn unanswered(question: &Question) -> OrchestratorError {
    UnavailableError::NoAnswer { tool: question.tool.to_owned(), instead: question.instead.clone() }.into()
}

fn wrong_state(error: &RequestStateError) -> OrchestratorError {
    InvalidError::WrongRequestState { why: error.to_string() }.into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_an_accepted_form_is_an_answer() {
        let question = Question {
            tool: "forget",
            subject: json!({}),
            message: "?".to_owned(),
            fields: Vec::new(),
            instead: "run it".to_owned(),
        };
        let code = |action| accepted(ElicitResult::new(action), &question).map_err(|error| error.code());
        assert!(code(ElicitationAction::Accept).is_ok());
        assert_eq!(code(ElicitationAction::Decline).expect_err("refused"), "declined");
        assert_eq!(code(ElicitationAction::Cancel).expect_err("refused"), "declined");
    }

    #[test]
    fn an_answer_counts_once() {
        let used = UsedStates::default();
        assert!(used.take("one".to_owned()) && used.take("two".to_owned()));
        assert!(!used.take("one".to_owned()));
    }
}
