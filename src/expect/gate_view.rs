//! What the gate asks about an expectation, beside whether it holds.

use serde_json::{Value, json};

use super::answer::AnswerView;
use super::bare_answers::bare_answers;
use super::expectation::Expectation;
use super::found::Stop;
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

    /// Tells whether it tells an answer from those that mean nothing: it looks at the content, and holds on none of an empty
    /// 200, `{}` and a bare error page.
    pub fn tells_apart(&self, now: Timestamp) -> bool {
        self.can_discriminate() && !bare_answers(now).iter().any(|answer| self.holds_on(answer))
    }

    /// Tells whether it takes any failure, so that it says nothing about this one: `jsonpath $.error isString`. One that says
    /// which value is right does not: `jsonpath $.success == false`.
    pub fn accepts_any_failure(&self) -> bool {
        let AnswerPlace::JsonKey(key) = self.place() else { return false };
        let kinds = match key.as_str() {
            key if ERROR_KEYS.contains(&key) => vec![
                [json!("boom"), json!("bang")],
                [json!({"message": "boom"}), json!({"reason": "bang"})],
                [json!(["boom"]), json!(["bang"])],
            ],
            key if SUCCESS_KEYS.contains(&key) => vec![[json!(false), json!(true)]],
            _ => return false,
        };
        let holds = |value: Value| on_json(200, &json!({ key.as_str(): value }), self);
        kinds.into_iter().any(|pair| pair.into_iter().all(holds))
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

    /// Tells whether it says nothing: of an empty 200, `{}`, a bare error page, and the answer of a path that does not exist,
    /// where there is one, it holds on each that it can read at all. (`jsonpath $ exists` can read `{}` alone.)
    pub fn says_nothing(&self, control: Option<&AnswerView<'_>>, now: Timestamp) -> bool {
        let bare = bare_answers(now);
        let mut holds_somewhere = false;
        for answer in bare.iter().chain(control) {
            let holds = self.holds_on(answer);
            holds_somewhere |= holds;
            let reads = matches!(self.line.reading.query.read(answer), Ok(_) | Err(Stop::Unverified { .. }));
            if reads && !holds {
                return false;
            }
        }
        holds_somewhere
    }
}

fn on_json(status: u16, body: &Value, expectation: &Expectation) -> bool {
    let (body, redactor) = (body.to_string(), Redactor::default());
    expectation.holds_on(&AnswerView::new(status, &[], body.as_bytes(), Timestamp::UNKNOWN, &redactor))
}
