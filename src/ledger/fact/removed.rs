//! What may be removed from a fact: texts, and never a value that decides or the name of a field. Pure.
//!
//! Beside the chain lie texts alone, so a body goes whole. In the chain itself stand the texts of format 1, and addresses
//! up to their query. An entry that lost one is a tombstone: its hash does not cover any more what it says. So only kinds
//! that have such a text may be one, and none that lets a task pass.

use serde_json::Value;

use super::kinds::{Fact, part_of_kind};
use super::parts::{Part, REMOVED, part_named, part_of};
use super::stored::read;
use crate::domain::{Criteria, Reach, Removal};

use Part::{Address, Chain, Fields, Items, Output, Text};

/// Fields whose content others wrote whole, names and all.
const FOREIGN: [&str; 3] = ["body", "headers", "response_body"];

/// Tells whether the chain itself holds texts of a kind that may have to be removed.
pub(in crate::ledger) fn may_lose_texts(format: u32, kind: &str) -> bool {
    part_of_kind(kind).is_some_and(|part| holds_texts(format, part))
}

fn holds_texts(format: u32, part: Part) -> bool {
    match part {
        Address => true,
        Text | Output => format == 1,
        Fields(parts) => parts.iter().any(|(part, _)| holds_texts(format, *part)),
        Items(part) => holds_texts(format, *part),
        Part::Chain | Part::Integer | Part::Digits => false,
    }
}

/// Tells whether an entry with this payload may be what is left of another one. A decision that lets a task pass has no
/// reasons, so no text of it was ever removed.
pub(in crate::ledger) fn may_be_tombstone(format: u32, kind: &str, payload: &Value) -> bool {
    let passes = || matches!(read(format, kind, payload.clone(), None), Fact::Decision(it) if it.verdict.passed);
    may_lose_texts(format, kind) && !passes()
}

/// Returns what is left of the payload of an entry whose texts are all removed from the chain itself, which format 1 put
/// there; the payload itself where none may be.
pub(in crate::ledger) fn without_texts(format: u32, kind: &str, payload: &Value) -> Value {
    match part_of_kind(kind) {
        Some(part) if format == 1 && may_be_tombstone(format, kind, payload) => erased(part, payload),
        _ => payload.clone(),
    }
}

fn erased(part: Part, value: &Value) -> Value {
    match (part, value) {
        (Text | Output, Value::String(text)) if !text.is_empty() => REMOVED.into(),
        (Text | Output, Value::Object(fields)) => {
            Value::Object(fields.iter().map(|(name, field)| (name.clone(), erased(Text, field))).collect())
        }
        (Text | Output, Value::Array(items)) => items.iter().map(|item| erased(Text, item)).collect(),
        (Address, Value::String(whole)) => whole.find(['?', '#']).map_or(whole.as_str(), |end| &whole[..end]).into(),
        (Fields(parts), Value::Object(fields)) => {
            // As after the body of an entry of format 2 was removed, fields that no table names are not there. Who asked
            // is compared with the row's column.
            let part = |name: &str| if name == "caller" { Some(Chain) } else { part_named(parts, name) };
            let left = |(name, field): (&String, &Value)| Some((name.clone(), erased(part(name)?, field)));
            Value::Object(fields.iter().filter_map(left).collect())
        }
        (Items(part), Value::Array(items)) => items.iter().map(|item| erased(*part, item)).collect(),
        (_, value) => value.clone(),
    }
}

/// Returns what is left of a payload without one text; `None` where it stays as it is: the text stands in no part that is
/// a text, the kind is not known, or what is left could not be read as its kind.
pub(in crate::ledger) fn without_text(format: u32, kind: &str, payload: &Value, removal: &Removal) -> Option<Value> {
    let part = part_of_kind(kind)?;
    let mut left = cleaned(format, part, payload, removal);
    let criteria = payload.get("criteria").filter(|_| kind == Fact::TASK_CREATED && format == 1);
    if let Some(Ok(criteria)) = criteria.map(|criteria| serde_json::from_value::<Criteria>(criteria.clone()))
        && let Some(fields) = left.as_object_mut()
    {
        let kept = criteria.without(removal);
        if kept != criteria {
            fields.insert("criteria".to_owned(), serde_json::to_value(kept).ok()?);
        }
    }
    let is_readable = || !matches!(read(format, kind, left.clone(), None), Fact::Unknown(_));
    let may_be_left = left != *payload && may_be_tombstone(format, kind, &left) && is_readable();
    may_be_left.then_some(left)
}

fn cleaned(format: u32, part: Part, value: &Value, removal: &Removal) -> Value {
    match (part, value) {
        (Text | Output, value) if format == 1 => removal.of_json(value, Reach::Texts, &[]),
        (Address, Value::String(whole)) => removal.of_address(whole).into(),
        (Fields(parts), Value::Object(fields)) => {
            let part = |name: &str| match name {
                "caller" | "criteria" => Chain,
                name if format == 1 => part_of(parts, name),
                name => part_named(parts, name).unwrap_or(Chain),
            };
            let left = |(name, field): (&String, &Value)| (name.clone(), cleaned(format, part(name), field, removal));
            Value::Object(fields.iter().map(left).collect())
        }
        (Items(part), Value::Array(items)) => items.iter().map(|item| cleaned(format, *part, item, removal)).collect(),
        (_, value) => value.clone(),
    }
}

/// Tells whether a body holds a text: in its texts, and not in our names of fields.
pub(in crate::ledger) fn body_holds(format: u32, kind: &str, body: &Value, removal: &Removal) -> bool {
    match part_of_kind(kind) {
        Some(part) if format > 1 => beside_holds(part, body, removal),
        _ => removal.is_in_json(body, true),
    }
}

fn beside_holds(part: Part, value: &Value, removal: &Removal) -> bool {
    match (part, value) {
        (Fields(parts), Value::Object(fields)) => fields.iter().any(|(name, field)| {
            is_foreign(name, field, removal) || beside_holds(part_of(parts, name), field, removal)
        }),
        (Items(part), Value::Array(items)) => items.iter().any(|item| beside_holds(*part, item, removal)),
        (_, value) => text_holds(value, removal),
    }
}

/// As [`Removal::is_in_json`] without names, but for those that others wrote.
fn text_holds(value: &Value, removal: &Removal) -> bool {
    match value {
        Value::Object(fields) => {
            fields.iter().any(|(name, field)| is_foreign(name, field, removal) || text_holds(field, removal))
        }
        Value::Array(items) => items.iter().any(|item| text_holds(item, removal)),
        value => removal.is_in_json(value, false),
    }
}

fn is_foreign(name: &str, field: &Value, removal: &Removal) -> bool {
    FOREIGN.contains(&name) && removal.is_in_json(field, true)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const KINDS: [&str; 15] = [
        "task_created",
        "run_started",
        "transition",
        "local_test",
        "drift",
        "checklist",
        "proof",
        "decision",
        "run_interrupted",
        "deployment",
        "redaction",
        "head_accepted",
        "restored",
        "repaired",
        "of a newer program",
    ];

    #[test]
    fn only_kinds_with_a_text_in_the_chain_may_lose_one() {
        let of = |format| KINDS.iter().copied().filter(|kind| may_lose_texts(format, kind)).collect::<Vec<_>>();
        let only_old: Vec<&str> = of(1).into_iter().filter(|kind| !of(2).contains(kind)).collect();
        assert_eq!(of(2), ["drift", "checklist", "proof"]);
        assert_eq!(only_old, ["task_created", "local_test", "decision", "deployment"]);
        // The trigger knows the same kinds.
        let trigger = include_str!("../../store/migrations/0010_redaction.sql");
        for kinds in [of(2), only_old] {
            assert!(trigger.contains(&format!("OLD.kind NOT IN ('{}')", kinds.join("', '"))), "{kinds:?}");
        }
    }

    #[test]
    fn a_passing_decision_is_never_what_is_left_of_another_entry() {
        let decision = |passed: bool| {
            let verdict = json!({ "gate": "validation_to_prod", "passed": passed, "proofs_counted": 3,
                "proofs_required": 3, "reasons": [] });
            json!({ "gatekeeper": "g", "passed": passed, "verdict": verdict })
        };
        assert!(may_be_tombstone(1, "decision", &decision(false)));
        assert!(!may_be_tombstone(1, "decision", &decision(true)));
        assert!(!may_be_tombstone(2, "decision", &decision(false)));
    }

    #[test]
    fn names_of_fields_and_values_that_decide_are_not_removed_from_the_chain() {
        let proof = json!({ "result": "unverified", "kind": "live", "check": "result", "endpoint": "https://a.example/result",
            "user_tested": "result", "error_message": "no result", "attempts": [] });
        let left = |format, text: &str| without_text(format, "proof", &proof, &Removal::new(text, REMOVED));
        // It is not in the form of its kind, and what cannot be read is left alone.
        assert_eq!(left(1, "result"), None);
        let started = json!({ "production_origin": "https://a.example", "attempt": 1 });
        for text in ["production_origin", "https://a.example"] {
            assert_eq!(without_text(1, "run_started", &started, &Removal::new(text, REMOVED)), None);
            assert_eq!(without_text(2, "of a newer program", &started, &Removal::new(text, REMOVED)), None);
        }
    }

    #[test]
    fn our_names_of_fields_are_no_texts_of_a_body_and_those_of_others_are() {
        let holds = |body: &Value, text: &str| body_holds(2, "proof", body, &Removal::new(text, REMOVED));
        let body = json!({ "error_message": "it failed", "response_body": { "their_field": 1 } });
        assert!(!holds(&body, "error_message") && holds(&body, "it failed") && holds(&body, "their_field"));
        assert!(body_holds(1, "proof", &json!({ "their_field": 1 }), &Removal::new("their_field", REMOVED)));
    }
}
