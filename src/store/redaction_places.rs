//! The places beside the chain in which a caller's text stands, and what may be taken out of each. Data, and pure.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::domain::{AcceptanceCriterion, Blocker, Evidence, EvidenceRequirement, Reach, Removal, TaskReport, Waiver};

/// What a column holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum TextForm {
    /// A text.
    Plain,
    /// JSON of a caller, which this program does not read: names of fields go, too.
    Foreign,
    /// JSON that this program reads: only texts go, and only where what is left reads as its type. These fields decide
    /// something, and stay.
    Typed(fn(&str) -> bool, &'static [&'static str]),
}

/// A table with columns of texts.
pub(super) struct TextPlace {
    pub(super) name: &'static str,
    pub(super) table: &'static str,
    pub(super) columns: &'static [(&'static str, TextForm)],
    /// Which rows a task told; `$4` is its id.
    pub(super) of_task: Option<&'static str>,
}

const fn place(
    name: &'static str,
    table: &'static str,
    columns: &'static [(&'static str, TextForm)],
    of_task: Option<&'static str>,
) -> TextPlace {
    TextPlace { name, table, columns, of_task }
}

use TextForm::{Foreign, Plain, Typed};

/// All texts beside the chain but bodies and criteria, whose digests the chain holds; titles, which are what the chain says
/// of them; documents, which are copies; and [`NAMES`].
pub(super) const PLACES: [TextPlace; 10] = [
    place("run reports", "runs", &[("report", Typed(reads::<TaskReport>, &[]))], Some("task_id = $4")),
    place(
        "memories",
        "memories",
        &[("content", Plain), ("category", Plain), ("status_reason", Plain), ("source", Plain)],
        Some("source = $4"),
    ),
    place("messages", "outbox", &[("payload", Typed(reads_message, MESSAGE)), ("reason", Plain)], Some("task_id = $4")),
    place("swarm state", "swarm_state", &[("value", Foreign)], Some("key = 'task:' || $4")),
    place("swarm events", "swarm_events", &[("payload", Foreign)], None),
    place("swarms", "swarms", &[("name", Plain), ("description", Plain)], None),
    place("members", "swarm_members", &[("name", Plain), ("capabilities", TEXTS)], None),
    place(
        "htasks",
        "htasks",
        &[
            ("title", Plain),
            ("description", Plain),
            ("owner", Plain),
            ("custom_workstream_type", Plain),
            ("eta_target", Plain),
        ],
        None,
    ),
    place(
        "htasks",
        "htasks",
        &[
            ("blocker", Typed(reads::<Blocker>, &["blocker_type"])),
            ("waiver", Typed(reads::<Waiver>, &[])),
            ("result", Foreign),
            ("learnings", TEXTS),
            ("decision_impact", Plain),
        ],
        HTASK_OF_TASK,
    ),
    place(
        "htasks",
        "htasks",
        &[
            ("acceptance_criteria", Typed(reads::<Vec<AcceptanceCriterion>>, &["id"])),
            ("context_refs", TEXTS),
            ("evidence_required", Typed(reads::<Vec<EvidenceRequirement>>, &["type"])),
            ("evidence_provided", Typed(reads::<Vec<Evidence>>, EVIDENCE)),
        ],
        HTASK_OF_TASK,
    ),
];

const TEXTS: TextForm = Typed(reads::<Vec<String>>, &[]);

/// What says which requirement it is evidence for, and what the ledger was asked.
const EVIDENCE: &[&str] = &["type", "verdict", "proof_id", "task_id", "observed_at"];

/// What says where a message goes and what it is, and what a final state claims.
const MESSAGE: &[&str] = &[
    "message",
    "memory_type",
    "key",
    "swarm_id",
    "task_id",
    "status",
    "cause",
    "type",
    "verdict",
    "proof_id",
    "observed_at",
];

/// Columns whose words are names of somebody or something, or words of ours: others go by them.
pub(super) const NAMES: [(&str, &str, &str); 13] = [
    ("callers of entries", "ledger_entries", "caller"),
    ("owners of tasks", "task_owners", "owner"),
    ("agents of memories", "memories", "agent_id"),
    ("keys of swarm state", "swarm_state", "key"),
    ("agents of swarm state", "swarm_state", "updated_by"),
    ("kinds of swarm events", "swarm_events", "event_type"),
    ("agents of swarm events", "swarm_events", "agent_id"),
    ("agents of swarms", "swarm_members", "agent_id"),
    ("roles of members", "swarm_members", "role"),
    ("claimed resources", "swarm_claims", "resource_id"),
    ("agents of claims", "swarm_claims", "agent_id"),
    ("agents of htasks", "htasks", "claimed_by"),
    ("targets of htasks", "htasks", "execution_target"),
];

const HTASK_OF_TASK: Option<&str> =
    Some("id IN (SELECT t.htask_id FROM task_htasks t WHERE t.project_id = htasks.project_id AND t.task_id = $4)");

fn reads<T: DeserializeOwned>(text: &str) -> bool {
    serde_json::from_str::<T>(text).is_ok()
}

/// The rest of a message is guarded by its names.
fn reads_message(text: &str) -> bool {
    let message: Option<Value> = serde_json::from_str(text).ok();
    let evidence = message.as_ref().and_then(|message| message.get("evidence"));
    evidence.is_none_or(|evidence| serde_json::from_value::<Vec<Evidence>>(evidence.clone()).is_ok())
}

/// Returns what is left of a column.
pub(super) fn left_of(before: &str, form: TextForm, removal: &Removal) -> String {
    let value = || serde_json::from_str::<Value>(before).ok();
    match form {
        Plain => removal.of_text(before),
        Foreign => match value() {
            Some(value) => removal.of_json(&value, Reach::Names, &[]).to_string(),
            None => removal.of_text(before),
        },
        Typed(reads, but) => match value() {
            Some(value) => typed(before, &value, (reads, but), removal),
            None => removal.of_text(before),
        },
    }
}

/// Takes a text out everywhere at once, or else one after the other out of the texts that can be without it.
fn typed(before: &str, value: &Value, (reads, but): (fn(&str) -> bool, &[&str]), removal: &Removal) -> String {
    let all = removal.of_json(value, Reach::Texts, but).to_string();
    if reads(&all) || !reads(before) {
        return all;
    }
    let mut places = Vec::new();
    texts(value, String::new(), but, &mut places);
    let mut left = value.clone();
    for place in places {
        let mut next = left.clone();
        if let Some(Value::String(text)) = next.pointer_mut(&place) {
            *text = removal.of_text(text);
        }
        if next != left && reads(&next.to_string()) {
            left = next;
        }
    }
    if left == *value { before.to_owned() } else { left.to_string() }
}

/// Collects where the texts of a value stand (RFC 6901).
fn texts(value: &Value, place: String, but: &[&str], places: &mut Vec<String>) {
    match value {
        Value::String(_) => places.push(place),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| texts(item, format!("{place}/{index}"), but, places));
        }
        Value::Object(fields) => {
            for (name, field) in fields.iter().filter(|(name, _)| !but.contains(&name.as_str())) {
                texts(field, format!("{place}/{}", name.replace('~', "~0").replace('/', "~1")), but, places);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(table: &str, name: &str) -> TextForm {
        let of_table = PLACES.iter().filter(|place| place.table == table);
        let mut columns = of_table.flat_map(|place| place.columns);
        columns.find(|(column, _)| *column == name).expect("a column").1
    }

    #[test]
    fn what_is_read_as_a_type_keeps_what_decides_and_loses_the_rest() {
        for (table, name, before, text, left) in [
            (
                "htasks",
                "evidence_provided",
                r#"[{"type":"verified-x","description":"a verified-x","verdict":"verified"},{"type":"t","url":"verified","verdict":"verified"}]"#,
                "verified",
                r#"[{"type":"verified-x","description":"a _-x","verdict":"verified"},{"type":"t","url":"_","verdict":"verified"}]"#,
            ),
            (
                "htasks",
                "blocker",
                r#"{"blocker_type":"TECHNICAL","blocker_reason":"TECHNICAL debt"}"#,
                "TECHNICAL",
                r#"{"blocker_type":"TECHNICAL","blocker_reason":"_ debt"}"#,
            ),
            ("htasks", "waiver", r#"{"waiver_reason":"a","waiver_approved_by":"b"}"#, "waiver_reason", ""),
            (
                "htasks",
                "acceptance_criteria",
                r#"[{"id":"secret","text":"secret","checked":true}]"#,
                "secret",
                r#"[{"id":"secret","text":"_","checked":true}]"#,
            ),
            ("htasks", "result", r#"{"secret":"secret"}"#, "secret", r#"{"_":"_"}"#),
            (
                "outbox",
                "payload",
                r#"{"message":"final_state","key":"task:1","value":{"status":"prod_fail","next_step":"after prod_fail"}}"#,
                "prod_fail",
                r#"{"message":"final_state","key":"task:1","value":{"status":"prod_fail","next_step":"after _"}}"#,
            ),
        ] {
            let left = if left.is_empty() { before } else { left };
            assert_eq!(left_of(before, column(table, name), &Removal::new(text, "_")), left, "{table}.{name}");
        }
    }

    #[test]
    fn what_reads_as_nothing_already_still_loses_the_text() {
        let form = column("htasks", "evidence_provided");
        assert_eq!(left_of(r#"[{"of":"secret"}]"#, form, &Removal::new("secret", "_")), r#"[{"of":"_"}]"#);
        assert_eq!(left_of("[secret", form, &Removal::new("secret", "_")), "[_");
    }
}
