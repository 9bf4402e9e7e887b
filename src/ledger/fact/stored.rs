//! Facts and their stored form: payload in the chain, texts beside it.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::kinds::{
    ChecklistGenerated, CommandRecord, Decision, DriftRecord, Fact, HeadAccepted, Redaction, RunInterrupted,
    RunStarted, TaskCreated, Transition, UnknownFact,
};
use super::parts;
use crate::domain::{CanonicalError, Proof, Repaired};
use crate::ledger::chain;

/// The two streams of a command, by the names of their fields.
const STREAMS: [&str; 2] = ["stdout", "stderr"];

/// A fact as it is written: the part that is hashed into the chain, and the part that lies beside it.
#[derive(Debug)]
pub(in crate::ledger) struct StoredForm {
    pub(in crate::ledger) payload: Value,
    pub(in crate::ledger) body: Option<Value>,
}

/// Who asked, in the payload of an entry of format 1 that belongs to no task.
#[derive(Debug, Deserialize)]
pub(in crate::ledger) struct PayloadCaller {
    pub(in crate::ledger) caller: Option<String>,
}

/// Writes a fact in the newest format.
///
/// # Errors
/// When it has no JSON form.
pub(in crate::ledger) fn store(fact: &Fact) -> Result<StoredForm, CanonicalError> {
    let whole = whole(fact)?;
    let Some(part) = parts::of_kind(fact.kind()) else { return Ok(StoredForm { payload: whole, body: None }) };
    let (payload, body) = parts::split(part, whole);
    Ok(StoredForm { payload: payload.unwrap_or_default(), body })
}

/// Reads a fact from its stored form. Without a body, the texts beside the chain were removed.
pub(in crate::ledger) fn read(format: u32, kind: &str, payload: Value, body: Option<Value>) -> Fact {
    match known(format, kind, &payload, body.as_ref()) {
        Some(fact) => fact,
        None => Fact::Unknown(UnknownFact { kind: kind.to_owned(), payload, body }),
    }
}

fn known(format: u32, kind: &str, payload: &Value, body: Option<&Value>) -> Option<Fact> {
    let part = parts::of_kind(kind)?;
    let mut whole = payload.clone();
    if let Some(body) = body {
        parts::join(&mut whole, beside(format, kind, body.clone()));
    }
    parts::restore(part, &mut whole, body.is_none());
    Some(match kind {
        TaskCreated::KIND => Fact::TaskCreated(from(whole)?),
        "run_started" => Fact::RunStarted(from::<Box<RunStarted>>(whole)?),
        "transition" => Fact::Transition(from::<Transition>(whole)?),
        "local_test" => Fact::LocalTest(from::<Box<CommandRecord>>(whole)?),
        "deployment" => Fact::Deployment(from::<Box<CommandRecord>>(whole)?),
        "drift" => Fact::Drift(from::<DriftRecord>(whole)?),
        "checklist" => Fact::Checklist(from::<Box<ChecklistGenerated>>(whole)?),
        Fact::PROOF => Fact::Proof(from::<Box<Proof>>(whole)?),
        Decision::KIND => {
            let passed = whole.get("passed").cloned();
            let decision: Box<Decision> = from(whole)?;
            // The entry says this twice. One that contradicts itself must not decide anything.
            passed.is_none_or(|passed| passed == decision.verdict.passed).then_some(Fact::Decision(decision))?
        }
        "run_interrupted" => Fact::RunInterrupted(from::<RunInterrupted>(whole)?),
        Redaction::KIND => Fact::Redaction(from::<Redaction>(whole)?),
        "head_accepted" => Fact::HeadAccepted(from::<HeadAccepted>(whole)?),
        Fact::REPAIRED => Fact::Repaired(from::<Box<Repaired>>(whole)?),
        _ => return None,
    })
}

fn from<T: DeserializeOwned>(whole: Value) -> Option<T> {
    serde_json::from_value(whole).ok()
}

/// In format 1 the body of a proof is what production answered, and that of a command its two outputs.
fn beside(format: u32, kind: &str, body: Value) -> Value {
    match (format, kind, body) {
        (1, Fact::PROOF, body) => json!({ "response_body": body }),
        (1, "local_test" | "deployment", Value::Object(streams)) => {
            streams.into_iter().map(|(name, text)| (name, json!({ "text": text }))).collect::<Map<_, _>>().into()
        }
        (_, _, body) => body,
    }
}

/// Returns a fact with all of its texts.
fn whole(fact: &Fact) -> Result<Value, CanonicalError> {
    Ok(match fact {
        Fact::TaskCreated(fact) => value(fact)?,
        Fact::RunStarted(fact) => value(fact)?,
        Fact::Transition(fact) => value(fact)?,
        Fact::LocalTest(fact) | Fact::Deployment(fact) => with(value(fact)?, "outcome", value(&fact.run.outcome())?),
        Fact::Drift(fact) => value(fact)?,
        Fact::Checklist(fact) => value(fact)?,
        Fact::Proof(fact) => value(fact)?,
        Fact::Decision(fact) => with(value(fact)?, "passed", fact.verdict.passed.into()),
        Fact::RunInterrupted(fact) => value(fact)?,
        Fact::Redaction(fact) => value(fact)?,
        Fact::HeadAccepted(fact) => value(fact)?,
        Fact::Repaired(fact) => value(fact)?,
        Fact::Unknown(fact) => fact.payload.clone(),
    })
}

fn value<T: Serialize>(fact: &T) -> Result<Value, CanonicalError> {
    Ok(serde_json::to_value(fact)?)
}

fn with(mut value: Value, name: &str, field: Value) -> Value {
    if let Value::Object(fields) = &mut value {
        fields.insert(name.to_owned(), field);
    }
    value
}

/// Returns payload and body of a fact as entries are shown, whatever their format: with all texts in the payload, but
/// what production answered and what commands printed, which are the body, and with who asked.
///
/// # Errors
/// When the fact has no JSON form.
pub(in crate::ledger) fn shown(fact: &Fact, caller: Option<&str>) -> Result<(Value, Option<Value>), CanonicalError> {
    let mut payload = whole(fact)?;
    if let Some(caller) = caller {
        payload = with(payload, "caller", caller.into());
    }
    if let Some(part) = parts::of_kind(fact.kind()) {
        parts::as_text(part, &mut payload);
    }
    let body = match (fact, payload.as_object_mut()) {
        (Fact::Unknown(fact), _) => return Ok((payload, fact.body.clone())),
        (Fact::Proof(_), Some(fields)) => fields.shift_remove("response_body"),
        (Fact::LocalTest(_) | Fact::Deployment(_), Some(fields)) => {
            let mut take = |name: &str| fields.get_mut(name)?.as_object_mut()?.shift_remove("text");
            let texts = STREAMS.into_iter().filter_map(|name| Some((name.to_owned(), take(name)?)));
            Some(Value::Object(texts.collect()))
        }
        _ => None,
    };
    let mut payload = chain::exact(payload);
    payload.sort_all_objects();
    Ok((payload, body))
}

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
