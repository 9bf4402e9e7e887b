//! Reading a companion handoff: both spellings of its fields, and errors that name their place.

use serde_json::{Map, Value};

use super::{FieldError, Handoff, json_problem, one_line};

/// Fields whose snake_case spelling is read as their camelCase one (E12).
const FIELDS: [&str; 24] = [
    "schemaVersion",
    "generatedAt",
    "workflowId",
    "currentPhaseId",
    "needsRuntime",
    "phaseId",
    "bootstrapQuery",
    "sessionId",
    "hasCheckpoint",
    "checkpointSummary",
    "checkpointCapturedAt",
    "policySource",
    "headSha",
    "changedFiles",
    "swarmId",
    "claimScope",
    "featureTitle",
    "requiresProofGate",
    "requiresDriftCheck",
    "liveChecks",
    "requiredEvidence",
    "decisionIds",
    "contextRefs",
    "resumeSummary",
];
/// Fields whose content has spellings of its own.
const FOREIGN: [&str; 2] = ["liveChecks", "metadata"];

impl Handoff {
    /// Reads the text of a handoff file.
    ///
    /// # Errors
    /// Names the field by its place (`workflow.phases[0].title`), or `plan` when the text is not JSON.
    pub fn read(text: &str) -> Result<Self, FieldError> {
        const FIX: &str = "have the companion tool write the handoff again, or correct this field";
        let document: Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))
            .map_err(|error| FieldError::new("plan", json_problem(&error).trim_start_matches("it "), FIX))?;
        let document = with_wire_names(document, "")?;
        let plan = serde_path_to_error::deserialize(without_nulls(document.clone())).map_err(|error| {
            let path = error.path().to_string();
            let reason = one_line(&error.into_inner().to_string(), 200);
            let path = if path == "." { String::new() } else { path };
            match reason.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
                Some(name) => FieldError::new(join(&path, name), "is missing", FIX),
                None => FieldError::new(if path.is_empty() { "plan" } else { &path }, reason, FIX),
            }
        })?;
        Ok(Self { document, plan })
    }
}

/// Gives known fields their names on the wire; what holds foreign fields stays as it is.
fn with_wire_names(value: Value, place: &str) -> Result<Value, FieldError> {
    match value {
        Value::Object(fields) => {
            let mut named = Map::new();
            for (given, field) in fields {
                let name = FIELDS.iter().find(|known| snake_case(known) == given).map_or(given, |name| (*name).into());
                let place = join(place, &name);
                let field = if FOREIGN.contains(&name.as_str()) { field } else { with_wire_names(field, &place)? };
                if named.insert(name, field).is_some() {
                    return Err(FieldError::new(place, "is given twice", "give it in camelCase only"));
                }
            }
            Ok(Value::Object(named))
        }
        Value::Array(items) => {
            let named = items.into_iter().enumerate().map(|(index, item)| {
                let place = format!("{place}[{index}]");
                with_wire_names(item, &place)
            });
            Ok(Value::Array(named.collect::<Result<_, _>>()?))
        }
        other => Ok(other),
    }
}

/// A field that is null counts as left out.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .filter(|(_, field)| !field.is_null())
                .map(|(name, field)| (name, without_nulls(field)))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(without_nulls).collect()),
        other => other,
    }
}

fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for character in name.chars() {
        if character.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
    }
    snake
}

fn join(place: &str, name: &str) -> String {
    if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::HandoffClaimScope;

    fn document() -> Value {
        json!({
            "schemaVersion": "1.0",
            "source": { "client": "companion", "command": "handoff", "generatedAt": "2026-11-23T10:00:00Z" },
            "workflow": { "workflowId": "Auth / Login 2", "phases": [{ "id": "p1", "title": "t", "query": "q" }] },
            "routing": { "level": "confirm" },
            "task": { "title": "Login", "query": "q", "summary": "s" },
            "repo": { "root": "." },
            "coordination": {},
            "validation": { "liveChecks": [{ "url": "/health", "expected_status": 200 }] },
            "memory": {},
        })
    }

    fn read(document: &Value) -> Result<Handoff, FieldError> {
        Handoff::read(&document.to_string())
    }

    #[test]
    fn what_is_left_out_or_null_has_its_default_and_what_is_not_known_is_kept() {
        let mut given = document();
        given["workflow"]["mode"] = Value::Null;
        given["coordination"]["claimScope"] = json!({ "files": null });
        given["extra"] = json!({ "not_known": 1 });
        let handoff = read(&given).expect("read");
        assert_eq!(
            (handoff.plan.workflow.mode.as_str(), handoff.plan.workflow.phases[0].status.as_str()),
            ("full", "pending")
        );
        assert_eq!(handoff.plan.coordination.claim_scope, HandoffClaimScope::default());
        assert_eq!(handoff.document, given);
        assert_eq!(handoff.feature_title(), None);
    }

    #[test]
    fn e12_snake_case_is_the_same_as_camel_case() {
        let text = document().to_string();
        let mut snake = text.clone();
        for name in FIELDS {
            snake = snake.replace(&format!("\"{name}\""), &format!("\"{}\"", snake_case(name)));
        }
        assert!(snake.contains("\"schema_version\"") && snake.contains("\"generated_at\""), "{snake}");
        assert_eq!(Handoff::read(&snake), Handoff::read(&text));
        assert_eq!(read(&document()).expect("read").document["validation"]["liveChecks"][0]["expected_status"], 200);
    }

    #[test]
    fn errors_name_the_field_by_its_place() {
        let broken = |pointer: &str, value: Value| {
            let mut given = document();
            *given.pointer_mut(pointer).expect("there") = value;
            read(&given).expect_err(pointer)
        };
        for (error, field) in [
            (broken("/source/generatedAt", Value::Null), "source.generatedAt"),
            (broken("/workflow/phases/0/title", json!(1)), "workflow.phases[0].title"),
            (broken("/task", json!("x")), "task"),
            (broken("/validation/liveChecks/0", json!({})), "validation.liveChecks[0].url"),
            (broken("/coordination", json!({ "swarmId": "a", "swarm_id": "b" })), "coordination.swarmId"),
            (broken("/memory", json!("x")), "memory"),
            (Handoff::read("{").expect_err("no JSON"), "plan"),
            (Handoff::read("[]").expect_err("no object"), "plan"),
            (Handoff::read("{}").expect_err("nothing in it"), "schemaVersion"),
        ] {
            assert_eq!(error.field, field, "{error}");
        }
    }

    #[test]
    fn state_keys_begin_with_the_workflow_else_the_task_as_one_word() {
        let mut given = document();
        assert_eq!(read(&given).expect("read").state_prefix(), "coordination:auth-login-2");
        given["workflow"]["workflowId"] = json!("");
        assert_eq!(read(&given).expect("read").state_prefix(), "coordination:login");
        given["task"]["title"] = json!("—");
        assert_eq!(read(&given).expect("read").state_prefix(), "coordination:handoff");
        given["task"]["title"] = json!("a ".repeat(500));
        assert!(read(&given).expect("read").state(None)[3].0.len() <= 256);
    }
}
