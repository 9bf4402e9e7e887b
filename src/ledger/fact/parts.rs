//! Which part of a fact the chain keeps, and which part lies beside it by its digest. Pure.
//!
//! The chain keeps for ever the values that decide: ids, digests, statuses, results, counts, times, names of rules. All
//! other values lie beside it, because they may have to be removed one day. So does every field that no table names.

use serde_json::{Map, Value};

use crate::ledger::chain;

/// Stands in a fact where a text was removed.
pub(in crate::ledger) const REMOVED: &str = "[removed]";

/// The place of a value of a fact.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part {
    /// The chain keeps it.
    Chain,
    /// The chain keeps it: an integer, which is text there when it is past 2^53.
    Integer,
    /// The chain keeps it: an integer that is always text there.
    Digits,
    /// The chain keeps an address up to its query. An address with a query lies whole beside the chain.
    Address,
    /// It lies beside; once it was removed, a fact reads `[removed]`.
    Text,
    /// It lies beside; once it was removed, a fact reads an empty text.
    Output,
    /// Each field has its own part. A field that is not named lies beside.
    Fields(&'static [(&'static str, Part)]),
    /// All items have the same part.
    Items(&'static Part),
}

use Part::{Address, Chain, Digits, Fields, Integer, Items, Output, Text};

const HOLDER: Part = Fields(&[
    ("label", Chain),
    ("process", Fields(&[("process_id", Chain), ("start_ticks", Digits), ("boot_id", Chain)])),
]);

const STREAM: Part = Fields(&[("text", Output), ("bytes", Integer), ("truncated", Chain), ("digest", Chain)]);

const COMMAND: Part = Fields(&[
    ("name", Chain),
    ("command", Text),
    ("ended", Chain),
    ("exit_code", Chain),
    ("signal", Chain),
    ("timeout_ms", Integer),
    ("why", Text),
    ("fix", Text),
    ("duration_ms", Integer),
    ("stdout", STREAM),
    ("stderr", STREAM),
    ("outcome", Fields(&[("outcome", Chain)])),
]);

const DRIFT_CHECK: Part = Fields(&[
    ("kind", Chain),
    ("subject", Address),
    ("url", Address),
    ("response_code", Chain),
    ("answer", Chain),
    ("issue", Text),
    ("recommendation", Text),
    ("why", Text),
    ("fix", Text),
    ("explicit", Chain),
]);

const CHECKLIST_ITEM: Part = Fields(&[
    ("name", Chain),
    ("source", Chain),
    ("required", Chain),
    ("counts", Chain),
    ("target", Chain),
    ("configured", Chain),
    ("spec", Chain),
    ("url", Address),
    ("method", Chain),
    ("check", Fields(&[("url", Address), ("method", Chain)])),
]);

const REASON: Part = Fields(&[("rule", Chain), ("check", Chain), ("text", Text), ("unverified", Chain)]);

const VERDICT: Part = Fields(&[
    ("gate", Chain),
    ("passed", Chain),
    ("reasons", Items(&REASON)),
    ("cause", Chain),
    ("proofs_required", Chain),
    ("proofs_counted", Chain),
]);

const TRY: Part = Fields(&[("at", Chain), ("result", Chain), ("response_code", Chain), ("duration_ms", Integer)]);

const PROOF: Part = Fields(&[
    ("endpoint", Address),
    ("user_tested", Chain),
    ("result", Chain),
    ("timestamp", Chain),
    ("response_code", Chain),
    ("response_digest", Chain),
    ("response_bytes", Integer),
    ("html", Chain),
    ("check", Chain),
    ("method", Chain),
    ("kind", Chain),
    ("required", Chain),
    ("counts", Chain),
    ("attempts", Items(&TRY)),
    ("duration_ms", Integer),
    ("task_id", Chain),
    ("attempt", Chain),
    ("commit", Chain),
    ("criteria_digest", Chain),
    ("config_digest", Chain),
]);

const RUN_STARTED: Part = Fields(&[
    ("attempt", Chain),
    ("token", Digits),
    ("holder", HOLDER),
    ("config_digest", Chain),
    ("production_origin", Chain),
    ("criteria_digest", Chain),
    ("commit", Chain),
    ("gatekeeper", Chain),
    ("settle_ms", Integer),
    ("keep_going", Chain),
    ("fail_fast_on_drift", Chain),
]);

/// Returns the parts of a kind; `None` for a kind that this program does not know.
pub(super) fn of_kind(kind: &str) -> Option<Part> {
    Some(match kind {
        "task_created" => Fields(&[("title", Text), ("description", Text), ("criteria_digest", Chain)]),
        "run_started" => RUN_STARTED,
        "transition" => Chain,
        "local_test" | "deployment" => COMMAND,
        "drift" => {
            Fields(&[("when", Chain), ("report", Fields(&[("checks", Items(&DRIFT_CHECK)), ("checked_at", Chain)]))])
        }
        "checklist" => Fields(&[
            ("items", Items(&CHECKLIST_ITEM)),
            ("required_proofs", Chain),
            ("min_task_proofs", Chain),
            ("possible_proofs", Chain),
            ("settle_ms", Integer),
        ]),
        "proof" => PROOF,
        "decision" => Fields(&[("verdict", VERDICT), ("gatekeeper", Chain), ("passed", Chain)]),
        "run_interrupted" => Fields(&[("holder", HOLDER), ("lease_expired_at", Chain)]),
        "redaction" => Fields(&[("seq", Digits), ("body_digest", Chain), ("tombstone", Chain)]),
        _ => return None,
    })
}

/// Parts a value into what the chain keeps and what lies beside it; `None` where nothing is left on a side.
pub(super) fn split(part: Part, value: Value) -> (Option<Value>, Option<Value>) {
    match (part, value) {
        // A null holds no text that may have to be removed.
        (_, Value::Null) => (Some(Value::Null), None),
        (Fields(parts), Value::Object(fields)) => {
            let (mut kept, mut beside) = (Map::with_capacity(fields.len()), Map::new());
            for (name, field) in fields {
                let (chain, text) = split(part_of(parts, &name), field);
                match (chain, text) {
                    (Some(chain), None) => drop(kept.insert(name, chain)),
                    (None, Some(text)) => drop(beside.insert(name, text)),
                    (Some(chain), Some(text)) => {
                        kept.insert(name.clone(), chain);
                        beside.insert(name, text);
                    }
                    (None, None) => {}
                }
            }
            (Some(Value::Object(kept)), (!beside.is_empty()).then_some(Value::Object(beside)))
        }
        (Items(part), Value::Array(items)) => {
            let (mut kept, mut beside) = (Vec::with_capacity(items.len()), Vec::new());
            for (index, item) in items.into_iter().enumerate() {
                let (chain, text) = split(*part, item);
                if let Some(text) = text {
                    beside.resize(index, Value::Null);
                    beside.push(text);
                }
                kept.push(chain.unwrap_or_default());
            }
            (Some(Value::Array(kept)), (!beside.is_empty()).then_some(Value::Array(beside)))
        }
        (Address, Value::String(whole)) => match whole.find(['?', '#']) {
            Some(end) => (Some(Value::from(&whole[..end])), Some(Value::String(whole))),
            None => (Some(Value::String(whole)), None),
        },
        (Digits, Value::Number(number)) => (Some(Value::String(number.to_string())), None),
        (Text | Output | Address, value) => (None, Some(value)),
        (_, value) => (Some(chain::exact(value)), None),
    }
}

/// Puts back what lies beside the chain.
pub(super) fn join(kept: &mut Value, beside: Value) {
    match (kept, beside) {
        (_, Value::Null) => {}
        (Value::Object(kept), Value::Object(beside)) => {
            for (name, text) in beside {
                match kept.get_mut(&name) {
                    Some(kept) => join(kept, text),
                    None => drop(kept.insert(name, text)),
                }
            }
        }
        (Value::Array(kept), Value::Array(beside)) => {
            kept.iter_mut().zip(beside).for_each(|(kept, text)| join(kept, text));
        }
        (kept, text) => *kept = text,
    }
}

/// Makes numbers of integers that are text in the chain; where `removed`, says so in place of the texts that a fact must have.
pub(super) fn restore(part: Part, value: &mut Value, removed: bool) {
    match (part, value) {
        (Integer | Digits, value) => {
            if let Some(number) = value.as_str().and_then(|digits| digits.parse::<u64>().ok()) {
                *value = number.into();
            }
        }
        (Fields(parts), Value::Object(fields)) => {
            for (name, part) in parts {
                match (fields.get_mut(*name), part) {
                    (Some(field), part) => restore(*part, field, removed),
                    (None, Text) if removed => drop(fields.insert((*name).to_owned(), REMOVED.into())),
                    (None, Output) if removed => drop(fields.insert((*name).to_owned(), "".into())),
                    (None, _) => {}
                }
            }
        }
        (Items(part), Value::Array(items)) => items.iter_mut().for_each(|item| restore(*part, item, removed)),
        _ => {}
    }
}

/// Makes text of the integers that are text in the chain.
pub(super) fn as_text(part: Part, value: &mut Value) {
    match (part, value) {
        (Digits, value) => {
            if let Value::Number(number) = value {
                *value = Value::String(number.to_string());
            }
        }
        (Fields(parts), Value::Object(fields)) => {
            for (name, part) in parts {
                if let Some(field) = fields.get_mut(*name) {
                    as_text(*part, field);
                }
            }
        }
        (Items(part), Value::Array(items)) => items.iter_mut().for_each(|item| as_text(*part, item)),
        _ => {}
    }
}

/// Returns what is left of the payload of an entry whose texts are removed from the chain itself, which format 1 put there.
pub(in crate::ledger) fn without_texts(format: u32, kind: &str, payload: &Value) -> Value {
    match of_kind(kind) {
        Some(part) if format == 1 => erased(part, payload),
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
            let part = |name: &str| if name == "caller" { Some(Chain) } else { named(parts, name) };
            let left = |(name, field): (&String, &Value)| Some((name.clone(), erased(part(name)?, field)));
            Value::Object(fields.iter().filter_map(left).collect())
        }
        (Items(part), Value::Array(items)) => items.iter().map(|item| erased(*part, item)).collect(),
        (_, value) => value.clone(),
    }
}

fn part_of(parts: &[(&'static str, Part)], name: &str) -> Part {
    // A field that is not named lies beside, so that a new field of a check or a proof cannot stay in the chain by mistake.
    named(parts, name).unwrap_or(Text)
}

fn named(parts: &[(&'static str, Part)], name: &str) -> Option<Part> {
    parts.iter().find(|(known, _)| *known == name).map(|(_, part)| *part)
}
