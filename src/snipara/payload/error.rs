//! Failures in their in-band form (snipara-wire.md §S2), so that typed failures survive the way there and back.

use serde_json::{Map, Value, json};

use super::{Payload, object};
use crate::domain::{FieldError, error_chain, one_line};
use crate::snipara::SniparaError;

/// What may not be found; other words of a host are not taken over.
const THINGS: [&str; 8] = ["swarm", "htask", "memory", "claim", "member", "agent", "feature", "task"];

/// Why the rules may not allow something; other words of a host stay its own.
const REASONS: [&str; 14] = [
    "wrong_status",
    "wrong_level",
    "cycle",
    "swarm_full",
    "not_a_member",
    "name_taken",
    "not_yours",
    "not_blocked",
    "already_completed",
    "cross_swarm",
    "evidence_refused",
    "not_claimed",
    "archived",
    "too_deep",
];

/// The failures that the public server tells without a code, by what they hold.
const UNSAID: [&str; 3] = ["version_conflict", "held", "closure_refused"];

/// The longest message that is taken from a host, in characters.
const MAX_MESSAGE_CHARACTERS: usize = 500;

/// Returns a failure: `success: false`, `error`, `code`, `hint`, and what a program needs to go on.
pub fn error(error: &SniparaError) -> Payload {
    let mut payload = object(&json!({
        "success": false, "error": error_chain(error), "code": error.code(), "hint": error.hint(),
    }));
    payload.extend(match error {
        SniparaError::Field(field) => object(&json!({ "field": field.field, "problem": field.problem })),
        error => object(error),
    });
    payload
}

/// Reads the failure in a tool's payload: a typed one when all its fields are there, else the host's own words.
///
/// The public server's version conflicts, held claims and refused closures carry the same extras without a `code`
/// (snipara-wire.md §S6, §S8); what they leave out is taken from the call's arguments.
pub fn read_error(tool: &str, arguments: &Payload, payload: &Payload) -> SniparaError {
    let message = message_of(payload).unwrap_or_else(|| "the call failed, and the service does not say why".to_owned());
    let code = text(payload, "code");
    typed(code.as_deref(), payload, arguments, &message).unwrap_or_else(|| SniparaError::HostRefused {
        tool: tool.to_owned(),
        message,
        code: code.map(|code| one_line(&code, 60)),
    })
}

/// Returns what a payload says about its failure, one line.
pub(in crate::snipara) fn message_of(payload: &Payload) -> Option<String> {
    let text = |value: &Value| value.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned);
    let told = match payload.get("error") {
        Some(Value::Object(error)) => error.get("message").and_then(text),
        Some(error) => text(error),
        None => None,
    };
    let told = told.or_else(|| ["message", "detail", "text"].iter().find_map(|name| payload.get(*name).and_then(text)));
    told.map(|message| one_line(&message, MAX_MESSAGE_CHARACTERS))
}

fn text(payload: &Payload, name: &str) -> Option<String> {
    payload.get(name)?.as_str().map(str::to_owned)
}

fn typed(code: Option<&str>, payload: &Payload, arguments: &Payload, message: &str) -> Option<SniparaError> {
    match code {
        Some("invalid_input") => Some(SniparaError::Field(FieldError {
            field: text(payload, "field")?,
            problem: text(payload, "problem")?,
            fix: text(payload, "hint").unwrap_or_default(),
        })),
        Some("not_found") => {
            let what = text(payload, "what")?;
            let what = THINGS.into_iter().find(|known| *known == what)?;
            Some(SniparaError::NotFound { what, id: text(payload, "id")?, nearest: text(payload, "nearest") })
        }
        Some(code) => with_code(code, payload, arguments).or_else(|| {
            Some(SniparaError::NotAllowed {
                code: REASONS.into_iter().find(|known| *known == code)?,
                message: message.to_owned(),
                hint: text(payload, "hint").unwrap_or_else(|| "correct what it says and call again".to_owned()),
            })
        }),
        None => UNSAID.into_iter().find_map(|code| with_code(code, payload, arguments)),
    }
}

/// Reads a failure of a code, when all its fields are there.
fn with_code(code: &str, payload: &Payload, arguments: &Payload) -> Option<SniparaError> {
    let mut whole = payload.clone();
    whole.insert("code".to_owned(), code.into());
    let asked = |name: &str| text(arguments, name);
    let resource = || Some(format!("{} {}", asked("resource_type")?, asked("resource_id")?));
    for (name, asked) in [("key", asked("key")), ("task_id", asked("task_id")), ("resource", resource())] {
        if let Some(asked) = asked.filter(|_| text(payload, name).is_none()) {
            whole.insert(name.to_owned(), asked.into());
        }
    }
    serde_json::from_value(whole.into()).ok()
}

/// Tells whether a payload is a failure: `success: false`, or a top-level `error` that says something. Nested `error`
/// keys belong to rows, and `null` is not an error (snipara-wire.md §S2).
pub(in crate::snipara) fn is_failure(payload: &Map<String, Value>) -> bool {
    let says = match payload.get("error") {
        Some(Value::String(text)) => !text.trim().is_empty(),
        Some(Value::Object(error)) => payload.len() == 1 && error.contains_key("message"),
        _ => false,
    };
    says || payload.get("success") == Some(&Value::Bool(false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{EvidenceRequirement, Timestamp};

    fn time() -> Timestamp {
        Timestamp::from_micros(1_700_000_000_123_000)
    }

    #[test]
    fn typed_failures_survive_the_way_there_and_back() {
        let requirement = EvidenceRequirement { kind: "test".into(), description: "green".into(), url: None };
        let failures = [
            SniparaError::Field(FieldError::new("limit", "is 0", "give a number from 1 to 100")),
            SniparaError::NotFound { what: "swarm", id: "s1".into(), nearest: Some("s2".into()) },
            SniparaError::NotAllowed { code: "cycle", message: "a waits for b".into(), hint: "cut it".into() },
            SniparaError::VersionConflict { key: "k".into(), expected: 1, current: 2 },
            SniparaError::Held { resource: "file a".into(), holder: "ada".into(), expires_at: time() },
            SniparaError::LeaseExpired { resource: "htask t".into(), expired_at: time() },
            SniparaError::StaleToken { resource: "htask t".into(), given: 1, current: 2 },
            SniparaError::EvidenceMissing { task_id: "t".into(), missing: vec![requirement] },
            SniparaError::ClosureRefused {
                task_id: "t".into(),
                blockers: vec!["a is open".into()],
                needs_waiver: false,
                no_waiver: Some("policy.closure_policy is strict".into()),
            },
        ];
        for failure in failures {
            let wire = error(&failure);
            assert!(is_failure(&wire) && !wire.values().any(Value::is_null), "{wire:?}");
            let back = read_error("recall", &Payload::new(), &wire);
            assert_eq!(format!("{back:?}"), format!("{failure:?}"));
        }
    }

    #[test]
    fn the_public_servers_failures_are_typed_from_their_extras() {
        let read = |tool, arguments: Value, payload: Value| {
            let object = |value: Value| value.as_object().expect("an object").clone();
            read_error(tool, &object(arguments), &object(payload))
        };
        let conflict =
            json!({"success": false, "error": "Version mismatch", "current_version": 3, "expected_version": 1});
        assert!(matches!(
            read("state_set", json!({"key": "k"}), conflict),
            SniparaError::VersionConflict { key, expected: 1, current: 3 } if key == "k"
        ));
        let taken = json!({"success": false, "error": "Resource claimed", "claim_id": null, "claimed_by": "row",
            "expires_at": "2026-11-24T00:00:00+00:00"});
        let held = read("claim", json!({"resource_type": "file", "resource_id": "a.rs"}), taken);
        assert!(matches!(&held, SniparaError::Held { resource, .. } if resource == "file a.rs"), "{held:?}");
        let words = read("recall", json!({}), json!({"error": "no\nsuch memory", "code": "strange"}));
        assert_eq!(words.to_string(), "recall: no such memory");
        assert_eq!(words.code(), "snipara_refused");
    }

    #[test]
    fn e18_null_is_no_error_a_text_is_one_and_nested_ones_belong_to_rows() {
        let fails = |value: Value| is_failure(value.as_object().expect("an object"));
        assert!(!fails(json!({"error": null, "tasks": [{"error": "x"}]})) && !fails(json!({"error": ""})));
        assert!(fails(json!({"error": "x"})) && fails(json!({"success": false})));
        assert!(fails(json!({"error": {"message": "x"}})));
    }
}
