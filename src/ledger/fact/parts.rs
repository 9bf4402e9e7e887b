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
    /// Each group of fields, their names with spaces between, has its own part. A field that is not named lies beside.
    Fields(&'static [(Part, &'static str)]),
    /// All items have the same part.
    Items(&'static Part),
}

use Part::{Address, Chain, Digits, Fields, Integer, Items, Output, Text};

const HOLDER: Part =
    Fields(&[(Chain, "label"), (Fields(&[(Chain, "process_id boot_id"), (Digits, "start_ticks")]), "process")]);

const STREAM: Part = Fields(&[(Output, "text"), (Integer, "bytes"), (Chain, "truncated digest")]);

const DRIFT_CHECK: Part = Fields(&[
    (Chain, "kind response_code answer explicit"),
    (Fields(&[(Chain, "commit standing"), (Text, "told rests_on")]), "build"),
    (Address, "subject url"),
    (Text, "issue recommendation why fix"),
]);

const CHECKLIST_ITEM: Part = Fields(&[
    (Chain, "name source required counts target configured spec method"),
    (Address, "url"),
    (Fields(&[(Address, "url"), (Chain, "method")]), "check"),
]);

const REASON: Part = Fields(&[(Chain, "rule check unverified"), (Text, "text")]);

const VERDICT: Part =
    Fields(&[(Chain, "gate passed cause proofs_required proofs_counted"), (Items(&REASON), "reasons")]);

const TRY: Part = Fields(&[(Chain, "at result response_code address"), (Integer, "duration_ms")]);

const EXPECTATION: Part = Fields(&[(Chain, "result says_nothing tells_apart"), (Text, "expect error_message")]);

pub(super) const TASK_CREATED: Part = Fields(&[(Text, "title description"), (Chain, "criteria_digest")]);

pub(super) const RUN_STARTED: Part = Fields(&[
    (Chain, "attempt config_digest production_origin criteria_digest commit gatekeeper keep_going fail_fast_on_drift"),
    (Chain, "converge"),
    (Digits, "token"),
    (Integer, "settle_ms hold_ms"),
    (HOLDER, "holder"),
]);

pub(super) const COMMAND: Part = Fields(&[
    (Chain, "name ended exit_code signal"),
    (Fields(&[(Chain, "how runner ran failed skipped cached"), (Text, "why")]), "tests"),
    (Integer, "timeout_ms duration_ms"),
    (Text, "command why fix"),
    (STREAM, "stdout stderr"),
    (Fields(&[(Chain, "outcome")]), "outcome"),
]);

pub(super) const DRIFT: Part =
    Fields(&[(Chain, "when"), (Fields(&[(Items(&DRIFT_CHECK), "checks"), (Chain, "checked_at")]), "report")]);

pub(super) const CHECKLIST: Part = Fields(&[
    (Chain, "required_proofs min_task_proofs possible_proofs"),
    (Integer, "settle_ms"),
    (Items(&CHECKLIST_ITEM), "items"),
]);

pub(super) const PROOF: Part = Fields(&[
    (Chain, "user_tested result timestamp response_code response_digest html check method kind required counts"),
    (
        Chain,
        "task_id attempt commit criteria_digest config_digest catch_all check_identity red build change shown_by_deploy",
    ),
    (Chain, "untrusted_settings shape"),
    (Items(&EXPECTATION), "expectations"),
    (Address, "endpoint"),
    (Integer, "response_bytes duration_ms"),
    (Items(&TRY), "attempts"),
]);

pub(super) const DECISION: Part = Fields(&[(Chain, "gatekeeper passed"), (VERDICT, "verdict")]);

pub(super) const RUN_INTERRUPTED: Part = Fields(&[(HOLDER, "holder"), (Chain, "lease_expired_at")]);

pub(super) const REDACTION: Part = Fields(&[(Digits, "seq"), (Chain, "body_digest tombstone")]);

pub(super) const HEAD_ACCEPTED: Part = Fields(&[(Digits, "entries"), (Chain, "hash problem")]);

pub(super) const RESTORED: Part = Fields(&[(Digits, "entries entries_now"), (Chain, "hash what backup_digest")]);

pub(super) const REPAIRED: Part = Fields(&[
    (Digits, "entries entries_cut_off entries_known pages"),
    (Items(&Fields(&[(Chain, "table why"), (Integer, "rows")])), "rows"),
    (Chain, "lost_bodies lost_criteria"),
]);

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
            for (name, part) in named(parts) {
                match (fields.get_mut(name), part) {
                    (Some(field), part) => restore(part, field, removed),
                    (None, Text) if removed => drop(fields.insert(name.to_owned(), REMOVED.into())),
                    (None, Output) if removed => drop(fields.insert(name.to_owned(), "".into())),
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
            for (name, part) in named(parts) {
                if let Some(field) = fields.get_mut(name) {
                    as_text(part, field);
                }
            }
        }
        (Items(part), Value::Array(items)) => items.iter_mut().for_each(|item| as_text(*part, item)),
        _ => {}
    }
}

pub(super) fn part_of(parts: &'static [(Part, &'static str)], name: &str) -> Part {
    // A field that is not named lies beside, so that a new field of a check or a proof cannot stay in the chain by mistake.
    part_named(parts, name).unwrap_or(Text)
}

pub(super) fn part_named(parts: &'static [(Part, &'static str)], name: &str) -> Option<Part> {
    named(parts).find(|(known, _)| *known == name).map(|(_, part)| part)
}

/// Returns each field's name with its part.
fn named(parts: &'static [(Part, &'static str)]) -> impl Iterator<Item = (&'static str, Part)> {
    parts.iter().flat_map(|(part, names)| names.split(' ').map(|name| (name, *part)))
}
