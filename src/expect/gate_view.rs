//! What the gate asks about an expectation, beside whether it holds.

use serde_json::{Value, json};

use super::answer::AnswerView;
use super::bare_answers::bare_answers;
use super::expectation::Expectation;
use crate::domain::{Redactor, Timestamp};

/// Keys whose content says that something failed.
const ERROR_KEYS: [&str; 2] = ["error", "errors"];
/// Keys that are false when something failed.
const SUCCESS_KEYS: [&str; 2] = ["success", "ok"];
/// Keys that hold a status of HTTP.
const STATUS_KEYS: [&str; 4] = ["status", "code", "statusCode", "status_code"];

/// The part of an answer that an expectation speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AnswerPlace {
    /// The status.
    Status,
    /// The media type: the field `Content-Type`.
    MediaType,
    /// Another field of the head, by its name in lower case.
    Header(String),
    /// The body as a whole, or a page's title or text.
    Body,
    /// A value below a key of the top level of a JSON body.
    JsonKey(String),
    /// The build that the answer tells.
    Build,
    /// What the page loads.
    Assets,
    /// The answer compared with the one before the deploy.
    Baseline,
    /// How the answer came: address, redirects, duration, version of HTTP, certificate.
    Transport,
}

impl Expectation {
    /// Returns the part of an answer that it speaks of.
    pub fn place(&self) -> AnswerPlace {
        self.line.reading.query.place()
    }

    /// Tells whether it pins its place down: `==`, `startsWith`, a predicate about types or forms, or a schema. A rule
    /// that guesses about the same place then has nothing to add.
    pub fn is_exact(&self) -> bool {
        match &self.line.judge {
            Some(judge) => !judge.not && judge.predicate.is_exact(),
            None => self.place() == AnswerPlace::Body,
        }
    }

    /// Tells whether it could tell one deployment from another: the status and how the answer came cannot.
    pub fn can_discriminate(&self) -> bool {
        !matches!(self.place(), AnswerPlace::Status | AnswerPlace::Transport)
    }

    /// Tells whether it holds only on answers that say that something failed: `status == 500`, `jsonpath $.error exists`.
    pub fn demands_failure(&self) -> bool {
        match self.place() {
            AnswerPlace::Status => {
                let holds = |status| on_json(status, &Value::Null, self);
                !(100..400).any(holds) && (400..600).any(holds)
            }
            AnswerPlace::JsonKey(key) => self.demands_failure_by(&key),
            _ => false,
        }
    }

    fn demands_failure_by(&self, key: &str) -> bool {
        let holds = |value: Value| on_json(200, &json!({ key: value }), self);
        if on_json(200, &json!({}), self) {
            return false;
        }
        if ERROR_KEYS.contains(&key) {
            let none = [Value::Null, json!(false), json!(0), json!(""), json!([]), json!({})];
            // About its being there at all, or about content.
            let held = none.iter().filter(|value| holds((*value).clone())).count();
            return held == none.len() || held == 0;
        }
        if SUCCESS_KEYS.contains(&key) {
            return holds(json!(false)) && !holds(json!(true));
        }
        STATUS_KEYS.contains(&key)
            && (400..600).any(|code| holds(json!(code)))
            && ![0, 1, 200, 201, 204, 302].into_iter().any(|code| holds(json!(code)))
    }

    /// Tells whether it says nothing: it holds on an empty 200, on `{}`, on a bare error page, and on the answer of a path
    /// that does not exist, where there is one.
    pub fn says_nothing(&self, control: Option<&AnswerView<'_>>, now: Timestamp) -> bool {
        bare_answers(now).iter().all(|answer| self.holds_on(answer))
            && control.is_none_or(|answer| self.holds_on(answer))
    }
}

fn on_json(status: u16, body: &Value, expectation: &Expectation) -> bool {
    let (body, redactor) = (body.to_string(), Redactor::default());
    expectation.holds_on(&AnswerView::new(status, &[], body.as_bytes(), Timestamp::UNKNOWN, &redactor))
}
