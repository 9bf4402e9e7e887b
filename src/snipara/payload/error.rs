//! Failures in their in-band form (snipara-wire.md §S2), so that typed failures survive the way there and back.

use serde_json::{Map, Value, json};

use super::{Payload, object};
use crate::domain::{EvidenceRequirement, FieldError, Timestamp, error_chain, one_line};
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

/// The longest message that is taken from a host, in characters.
const MAX_MESSAGE_CHARACTERS: usize = 500;

/// Returns a failure: `success: false`, `error`, `code`, `hint`, and what a program needs to go on.
pub fn error(error: &SniparaError) -> Payload {
    let extras = match error {
        SniparaError::Field(field) => json!({ "field": field.field, "problem": field.problem }),
        SniparaError::NotFound { what, id, nearest } => json!({ "what": what, "id": id, "nearest": nearest }),
        SniparaError::VersionConflict { key, expected, current } => {
            json!({ "key": key, "expected_version": expected, "current_version": current })
        }
        SniparaError::Held { resource, holder, expires_at } => {
            json!({ "resource": resource, "claimed_by": holder, "expires_at": expires_at })
        }
        SniparaError::LeaseExpired { resource, expired_at } => {
            json!({ "resource": resource, "expired_at": expired_at })
        }
        SniparaError::StaleToken { resource, given, current } => {
            json!({ "resource": resource, "given_token": given, "current_token": current })
        }
        SniparaError::EvidenceMissing { task_id, missing } => json!({ "task_id": task_id, "missing": missing }),
        SniparaError::ClosureRefused { task_id, blockers, needs_waiver, no_waiver } => {
            json!({ "task_id": task_id, "blockers": blockers, "needs_waiver": needs_waiver, "no_waiver": no_waiver })
        }
        _ => json!({}),
    };
    let mut payload = object(&json!({
        "success": false, "error": error_chain(error), "code": error.code(), "hint": error.hint(),
    }));
    payload.extend(object(&extras).into_iter().filter(|(_, value)| !value.is_null()));
    payload
}

/// Reads the failure in a tool's payload: a typed one when all its fields are there, else the host's own words.
///
/// The public server's version conflicts, held claims and refused closures carry the same extras without a `code`
/// (snipara-wire.md §S6, §S8); what they leave out is taken from the call's arguments.
pub fn read_error(tool: &str, arguments: &Payload, payload: &Payload) -> SniparaError {
    let message = message_of(payload).unwrap_or_else(|| "the call failed, and the service does not say why".to_owned());
    let given = Extras { payload, arguments };
    let code = given.text("code");
    typed(code.as_deref(), &given, &message).unwrap_or_else(|| SniparaError::HostRefused {
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

struct Extras<'a> {
    payload: &'a Payload,
    arguments: &'a Payload,
}

impl Extras<'_> {
    fn text(&self, name: &str) -> Option<String> {
        self.payload.get(name)?.as_str().map(str::to_owned)
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.payload.get(name)?.as_i64()
    }

    fn time(&self, name: &str) -> Option<Timestamp> {
        Timestamp::parse_rfc3339(self.payload.get(name)?.as_str()?).ok()
    }

    fn asked(&self, name: &str) -> Option<String> {
        self.arguments.get(name)?.as_str().map(str::to_owned)
    }

    fn task_id(&self) -> Option<String> {
        self.text("task_id").or_else(|| self.asked("task_id"))
    }

    fn resource(&self) -> Option<String> {
        self.text("resource")
            .or_else(|| Some(format!("{} {}", self.asked("resource_type")?, self.asked("resource_id")?)))
    }

    fn texts(&self, name: &str) -> Option<Vec<String>> {
        let items = self.payload.get(name)?.as_array()?;
        Some(items.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }
}

fn typed(code: Option<&str>, given: &Extras<'_>, message: &str) -> Option<SniparaError> {
    Some(match code {
        Some("invalid_input") => SniparaError::Field(FieldError {
            field: given.text("field")?,
            problem: given.text("problem")?,
            fix: given.text("hint").unwrap_or_default(),
        }),
        Some("not_found") => {
            let what = given.text("what")?;
            SniparaError::NotFound {
                what: THINGS.into_iter().find(|known| *known == what)?,
                id: given.text("id")?,
                nearest: given.text("nearest"),
            }
        }
        Some("lease_expired") => {
            SniparaError::LeaseExpired { resource: given.resource()?, expired_at: given.time("expired_at")? }
        }
        Some("stale_fencing_token") => SniparaError::StaleToken {
            resource: given.resource()?,
            given: given.number("given_token")?,
            current: given.number("current_token")?,
        },
        Some("evidence_missing") => SniparaError::EvidenceMissing {
            task_id: given.task_id()?,
            missing: serde_json::from_value::<Vec<EvidenceRequirement>>(given.payload.get("missing")?.clone()).ok()?,
        },
        Some("version_conflict") => version_conflict(given)?,
        Some("held") => held(given)?,
        Some("closure_refused") => closure_refused(given)?,
        None => version_conflict(given).or_else(|| held(given)).or_else(|| closure_refused(given))?,
        Some(code) => SniparaError::NotAllowed {
            code: REASONS.into_iter().find(|known| *known == code)?,
            message: message.to_owned(),
            hint: given.text("hint").unwrap_or_else(|| "correct what it says and call again".to_owned()),
        },
    })
}

fn version_conflict(given: &Extras<'_>) -> Option<SniparaError> {
    Some(SniparaError::VersionConflict {
        key: given.text("key").or_else(|| given.asked("key"))?,
        expected: given.number("expected_version")?,
        current: given.number("current_version")?,
    })
}

fn held(given: &Extras<'_>) -> Option<SniparaError> {
    Some(SniparaError::Held {
        resource: given.resource()?,
        holder: given.text("claimed_by")?,
        expires_at: given.time("expires_at")?,
    })
}

fn closure_refused(given: &Extras<'_>) -> Option<SniparaError> {
    Some(SniparaError::ClosureRefused {
        task_id: given.task_id()?,
        blockers: given.texts("blockers")?,
        needs_waiver: given.payload.get("needs_waiver")?.as_bool()?,
        no_waiver: given.text("no_waiver"),
    })
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

    fn time() -> Timestamp {
        Timestamp::from_micros(1_700_000_000_123_000)
    }

    #[test]
    fn typed_failures_survive_the_way_there_and_back() {
        let requirement = EvidenceRequirement { kind: "test".into(), description: "green".into() };
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
