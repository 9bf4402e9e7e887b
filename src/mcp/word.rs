//! A person's word, where an agent alone may not decide: something is typed, never a bare yes or no.
//!
//! A session asks its client while the call waits. From 2026-07-28 on the call is answered by the question, and comes
//! again with the answer and the state that was sealed into the question: for the same caller, tool and subject, for ten
//! minutes, once. A client that cannot ask is refused and told what a person does instead.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rmcp::RoleServer;
use rmcp::model::{
    ClientCapabilities, ElicitRequest, ElicitRequestParams, ElicitResult, ElicitationAction, ElicitationSchema,
    InputRequest, InputRequiredResult, InputResponses, RequestStateError, SealOptions,
};
use rmcp::service::{ElicitationMode, RequestContext};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::time::Instant;

use crate::domain::{canonical_json, one_line, sha256_hex};
use crate::orchestrator::OrchestratorError;

use super::caller::principal_of;
use super::era::is_stateless_era;
use super::server::Server;

/// How long a session waits for its person.
const PATIENCE: Duration = Duration::from_secs(300);
/// How long a question may be answered when nobody waits for it.
const VALID: Duration = Duration::from_secs(600);
/// The only question of a call.
const QUESTION: &str = "word";
/// The longest word, in characters.
const LONGEST: u32 = 200;

/// What a person is asked.
pub(super) struct Question {
    /// The tool that asks.
    pub(super) tool: &'static str,
    /// What exactly would be done: an answer counts for this and nothing else.
    pub(super) subject: Value,
    /// What the person reads.
    pub(super) message: String,
    /// What the person types.
    pub(super) fields: Vec<Field>,
    /// What a person does where the client cannot ask.
    pub(super) instead: String,
}

/// A text that is typed.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) description: String,
    pub(super) required: bool,
}

/// Whether there is a word.
pub(super) enum Word {
    /// It was given.
    Given(Typed),
    /// The call is answered by the question.
    Asked(Box<InputRequiredResult>),
}

/// What a person typed.
#[derive(Debug)]
pub(super) struct Typed(Map<String, Value>);

impl Typed {
    /// Returns a field's text, trimmed; nothing when it was left empty.
    pub(super) fn text(&self, field: &str) -> Option<&str> {
        self.0.get(field).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
    }
}

/// What a call brings back of the question that answered the one before; a part of its request's extensions.
#[derive(Clone)]
pub(super) struct Round {
    pub(super) responses: Option<InputResponses>,
    pub(super) state: Option<String>,
}

/// The questions that this process has seen answered, for as long as their answers would be good.
#[derive(Default)]
pub(super) struct Answered(Mutex<HashMap<String, Instant>>);

impl Answered {
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

/// Asks a person; does nothing else.
///
/// # Errors
/// When the client cannot ask, the person declines or does not answer, or an answer belongs to another question.
pub(super) async fn ask(
    server: &Server,
    request: &RequestContext<RoleServer>,
    question: &Question,
) -> Result<Word, OrchestratorError> {
    if is_stateless_era(request) {
        return in_rounds(server, request, question).await;
    }
    if !request.peer.supported_elicitation_modes().contains(&ElicitationMode::Form) {
        return Err(nobody_to_ask(question));
    }
    let asked = request.peer.create_elicitation_with_timeout(form(question), Some(PATIENCE));
    let answer = tokio::select! {
        answer = asked => answer,
        () = request.ct.cancelled() => return Err(unanswered(question)),
        () = server.stopping().cancelled() => return Err(unanswered(question)),
    };
    let answer = answer.map_err(|error| {
        tracing::debug!(%error, tool = question.tool, "a question to a person was not answered");
        unanswered(question)
    })?;
    typed(answer, question).map(Word::Given)
}

async fn in_rounds(
    server: &Server,
    request: &RequestContext<RoleServer>,
    question: &Question,
) -> Result<Word, OrchestratorError> {
    if !request.client_capabilities().is_some_and(|capabilities| shows_forms(&capabilities)) {
        return Err(nobody_to_ask(question));
    }
    let codec = server.request_states().await?;
    let principal = principal_of(&request.extensions);
    let caller = canonical_json(&(principal.name(), question.tool))?;
    let subject = sha256_hex(canonical_json(&question.subject)?.as_bytes());
    let round = request.extensions.get::<Round>();
    let state = round.and_then(|round| round.state.as_deref());
    let answer = round.and_then(|round| round.responses.as_ref()?.get(QUESTION));
    if let (Some(state), Some(answer)) = (state, answer) {
        let sealed: Sealed = codec.open_json_with(state, caller.as_bytes()).map_err(|error| wrong_state(&error))?;
        if sealed.subject != subject {
            return Err(OrchestratorError::Refused {
                code: "changed_meanwhile",
                message: format!("{}: what would be done is not what the person was asked about", question.tool),
                hint: "call again without inputResponses and requestState: the person is asked anew".to_owned(),
            });
        }
        if !server.answered().take(sealed.question) {
            return Err(OrchestratorError::invalid("requestState was used already", "call again without it"));
        }
        let answer = serde_json::from_value(answer.clone()).map_err(|_| {
            OrchestratorError::invalid(
                format!("inputResponses.{QUESTION} is no answer to an elicitation"),
                "give action, and content when it is accept",
            )
        })?;
        return typed(answer, question).map(Word::Given);
    }
    let sealed = Sealed { question: uuid::Uuid::new_v4().simple().to_string(), subject };
    let options = SealOptions::new().associated_data(caller.as_bytes()).ttl(VALID);
    let state = codec.seal_json_with(&sealed, &options).map_err(|error| wrong_state(&error))?;
    let asked = InputRequest::Elicitation(ElicitRequest::new(form(question)));
    let requests = BTreeMap::from([(QUESTION.to_owned(), asked)]);
    Ok(Word::Asked(Box::new(InputRequiredResult::new(Some(requests), Some(state)))))
}

/// A client that names neither form nor URL means forms.
fn shows_forms(capabilities: &ClientCapabilities) -> bool {
    capabilities.elicitation.as_ref().is_some_and(|kinds| kinds.form.is_some() || kinds.url.is_none())
}

fn form(question: &Question) -> ElicitRequestParams {
    let schema = question.fields.iter().fold(ElicitationSchema::builder(), |schema, field| {
        let text = |text: rmcp::model::StringSchema| {
            let text = text.title(field.title).description(field.description.clone());
            let bounded = text.clone().with_length(u32::from(field.required), LONGEST);
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
        message: question.message.clone(),
        requested_schema: schema.build_unchecked(),
    }
}

fn typed(answer: ElicitResult, question: &Question) -> Result<Typed, OrchestratorError> {
    if answer.action != ElicitationAction::Accept {
        return Err(OrchestratorError::Refused {
            code: "declined",
            message: format!("{}: a person was asked and did not allow it", question.tool),
            hint: "Leave it as it is; say that it was declined.".to_owned(),
        });
    }
    let typed = match answer.content {
        Some(Value::Object(content)) => Typed(content),
        _ => Typed(Map::new()),
    };
    let longest = usize::try_from(LONGEST).unwrap_or(usize::MAX);
    for field in &question.fields {
        let text = typed.text(field.name);
        if field.required && text.is_none() {
            return Err(not_the_word(question, &format!("{} was left empty", field.name)));
        }
        if text.is_some_and(|text| text.chars().count() > longest) {
            return Err(not_the_word(question, &format!("{} is longer than {LONGEST} characters", field.name)));
        }
    }
    Ok(typed)
}

/// Makes the refusal of a word that does not allow what was asked.
pub(super) fn not_the_word(question: &Question, why: &str) -> OrchestratorError {
    OrchestratorError::Refused {
        code: "not_the_word",
        message: format!("{}: nothing was done: {}", question.tool, one_line(why, 200)),
        hint: "Call again when the person wants to be asked again.".to_owned(),
    }
}

fn nobody_to_ask(question: &Question) -> OrchestratorError {
    OrchestratorError::Refused {
        code: "needs_a_person",
        message: format!("{} needs a person's word here, and this client cannot ask for one", question.tool),
        hint: question.instead.clone(),
    }
}

fn unanswered(question: &Question) -> OrchestratorError {
    OrchestratorError::CouldNot {
        code: "no_answer",
        message: format!("{}: a person was asked and did not answer; nothing was done", question.tool),
        hint: question.instead.clone(),
    }
}

fn wrong_state(error: &RequestStateError) -> OrchestratorError {
    OrchestratorError::invalid(
        format!("requestState is not one that was given to this caller for this tool, or is too old: {error}"),
        "call again without inputResponses and requestState",
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn question() -> Question {
        let field = |name, required| Field { name, title: name, description: String::new(), required };
        Question {
            tool: "forget",
            subject: json!({}),
            message: "?".to_owned(),
            fields: vec![field("count", true), field("why", false)],
            instead: "run it".to_owned(),
        }
    }

    #[test]
    fn only_an_accepted_and_filled_in_form_is_a_word() {
        let accepted = |content: Value| ElicitResult::new(ElicitationAction::Accept).with_content(content);
        let code = |answer| typed(answer, &question()).expect_err("refused").code();
        assert_eq!(typed(accepted(json!({"count": " 3 "})), &question()).expect("a word").text("count"), Some("3"));
        for empty in [json!({}), json!({"count": "  "}), json!({"count": true}), json!("3"), json!({"why": "x"})] {
            assert_eq!(code(accepted(empty.clone())), "not_the_word", "{empty}");
        }
        assert_eq!(code(accepted(json!({"count": "3", "why": "x".repeat(300)}))), "not_the_word");
        assert_eq!(code(ElicitResult::new(ElicitationAction::Accept)), "not_the_word");
        assert_eq!(code(ElicitResult::new(ElicitationAction::Decline)), "declined");
        assert_eq!(code(ElicitResult::new(ElicitationAction::Cancel)), "declined");
    }

    #[test]
    fn an_answer_counts_once() {
        let answered = Answered::default();
        assert!(answered.take("one".to_owned()) && answered.take("two".to_owned()));
        assert!(!answered.take("one".to_owned()));
    }
}
