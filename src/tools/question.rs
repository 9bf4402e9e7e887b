//! What a person is asked where an agent alone may not decide: something is typed, never a bare yes or no.

use serde_json::{Map, Value};

use crate::orchestrator::{InvalidError, OrchestratorError};

/// The longest text that a person types, in characters.
pub const LONGEST_ANSWER: usize = 200;

/// What a person is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// The tool that asks.
    pub tool: &'static str,
    /// What exactly would be done: an answer counts for this and nothing else.
    pub subject: Value,
    /// What the person reads.
    pub message: String,
    /// What the person types.
    pub fields: Vec<QuestionField>,
    /// What a person does where the client cannot ask.
    pub instead: String,
}

/// A text that is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuestionField {
    /// Its name in the answer.
    pub name: &'static str,
    /// Its title for people.
    pub title: &'static str,
    /// What to type.
    pub description: String,
    /// Whether it may be left empty.
    pub required: bool,
}

/// What came of a question.
#[derive(Debug)]
pub enum Asked {
    /// The person answered.
    Answered(FormAnswer),
    /// The call is answered by the question, and comes again with the answer.
    Pending,
}

/// What a person typed.
#[derive(Debug)]
pub struct FormAnswer(Map<String, Value>);

impl FormAnswer {
    /// Reads an answer to a question.
    ///
    /// # Errors
    /// When a required field was left empty, or a text is too long.
    pub fn read(content: Option<Value>, question: &Question) -> Result<Self, OrchestratorError> {
        let answer = match content {
            Some(Value::Object(content)) => Self(content),
            _ => Self(Map::new()),
        };
        for field in &question.fields {
            let text = answer.text(field.name);
            if field.required && text.is_none() {
                return Err(question.rejected(&format!("{} was left empty", field.name)));
            }
            if text.is_some_and(|text| text.chars().count() > LONGEST_ANSWER) {
                return Err(question.rejected(&format!("{} is longer than {LONGEST_ANSWER} characters", field.name)));
            }
        }
        Ok(answer)
    }

    /// Returns a field's text, trimmed; nothing when it was left empty.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.0.get(field).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
    }
}

impl Question {
    /// Makes the refusal of an answer that does not allow what was asked.
    pub fn rejected(&self, why: &str) -> OrchestratorError {
        InvalidError::ElicitationRejected { tool: self.tool.to_owned(), why: why.to_owned() }.into()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_a_filled_in_form_is_an_answer() {
        let field = |name, required| QuestionField { name, title: name, description: String::new(), required };
        let question = Question {
            tool: "forget",
            subject: json!({}),
            message: "?".to_owned(),
            fields: vec![field("count", true), field("why", false)],
            instead: "run it".to_owned(),
        };
        let read = |content: Value| FormAnswer::read(Some(content), &question);
        assert_eq!(read(json!({"count": " 3 "})).expect("an answer").text("count"), Some("3"));
        let too_long = json!({"count": "3", "why": "x".repeat(300)});
        for wrong in
            [json!({}), json!({"count": "  "}), json!({"count": true}), json!("3"), json!({"why": "x"}), too_long]
        {
            assert_eq!(read(wrong.clone()).expect_err("rejected").code(), "elicitation_rejected", "{wrong}");
        }
        assert!(FormAnswer::read(None, &question).is_err());
    }
}
