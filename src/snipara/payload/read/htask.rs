//! A host's htasks.

use serde_json::Value;

use super::{Fields, Missing};
use crate::domain::{
    AcceptanceCriterion, BlockChange, Blocker, Closed, Completed, Evidence, EvidenceRequirement, EvidenceVerdict,
    Feature, HTask, HTaskClaim, HTaskEvent, HTaskId, HTaskLevel, HTaskNode, HTaskProgress, HTaskStatus, HTaskTree,
    MemoryId, NewEvidence, NewFeature, NewHTask, NextBatch, Priority, SwarmId, Waiver,
};
use crate::snipara::payload::Payload;

const TASK_ID: &[&str] = &["task_id", "id", "htask_id"];

fn row(fields: Fields<'_>) -> Option<HTask> {
    Some(HTask {
        task_id: fields.id(TASK_ID, HTaskId::parse)?,
        swarm_id: fields.id(&["swarm_id"], SwarmId::parse),
        level: fields.parsed(&["level"]).unwrap_or(HTaskLevel::N3),
        parent_id: fields.id(&["parent_id"], HTaskId::parse),
        sequence_number: fields.integer(&["sequence_number"]).unwrap_or_default(),
        workstream_type: fields.parsed(&["workstream_type"]),
        custom_workstream_type: fields.word(&["custom_workstream_type"]),
        title: fields.text(&["title"]).unwrap_or_default(),
        description: fields.text(&["description"]).unwrap_or_default(),
        owner: fields.text(&["owner"]).unwrap_or_default(),
        execution_target: fields.parsed(&["execution_target"]),
        priority: fields.parsed(&["priority"]).unwrap_or(Priority::P1),
        eta_target: fields.word(&["eta_target"]),
        acceptance_criteria: fields.objects(&["acceptance_criteria"]).filter_map(criterion).collect(),
        context_refs: fields.texts(&["context_refs"]),
        depends_on: fields.ids(&["depends_on"], HTaskId::parse),
        evidence_required: requirements(fields.0, "evidence_required"),
        evidence_provided: evidence(fields.0, "evidence_provided"),
        status: fields.parsed(&["status"]).unwrap_or(HTaskStatus::Pending),
        is_blocking: fields.flag(&["is_blocking"]).unwrap_or(true),
        blocker: blocker(fields),
        waiver: waiver(fields),
        claim: claim(fields),
        result: fields.value(&["result"]),
        created_at: fields.time(&["created_at"]),
        started_at: fields.time(&["started_at"]),
        completed_at: fields.time(&["completed_at"]),
        archived_at: fields.time(&["archived_at"]),
    })
}

fn criterion(fields: Fields<'_>) -> Option<AcceptanceCriterion> {
    Some(AcceptanceCriterion {
        id: fields.text(&["id"]).unwrap_or_default(),
        text: fields.text(&["text", "description"])?,
        checked: fields.flag(&["checked"]).unwrap_or_default(),
    })
}

fn requirements(payload: &Payload, name: &str) -> Vec<EvidenceRequirement> {
    let read = |item: Fields<'_>| {
        let description = item.text(&["description"]).unwrap_or_default();
        Some(EvidenceRequirement { kind: item.word(&["type", "kind"])?, description, url: item.text(&["url"]) })
    };
    Fields(payload).objects(&[name]).filter_map(read).collect()
}

/// Reads a list of evidence; an item without a verdict, or a text alone, is a claim: nobody looked.
pub fn evidence(payload: &Payload, name: &str) -> Vec<Evidence> {
    let read = |value: &Value| match value {
        Value::String(text) => Some(Evidence::claimed(NewEvidence {
            kind: "note".into(),
            description: Some(text.clone()),
            ..NewEvidence::default()
        })),
        value => {
            let item = Fields::of(value)?;
            let given = NewEvidence {
                kind: item.word(&["type", "kind"])?,
                description: item.text(&["description"]),
                url: item.word(&["url"]),
                proof_id: item.text(&["proof_id"]),
                task_id: item.text(&["task_id"]),
                metadata: item.object(&["metadata"]).map(|metadata| metadata.0.clone()),
            };
            Some(Evidence {
                verdict: item.parsed(&["verdict"]).unwrap_or(EvidenceVerdict::Claimed),
                finding: item.word(&["finding"]),
                observed_at: item.time(&["observed_at"]),
                ..Evidence::claimed(given)
            })
        }
    };
    Fields(payload).list(&[name]).iter().filter_map(read).collect()
}

fn blocker(fields: Fields<'_>) -> Option<Blocker> {
    Some(Blocker {
        blocker_type: fields.parsed(&["blocker_type"])?,
        blocker_reason: fields.text(&["blocker_reason"]).unwrap_or_default(),
        blocked_by_task_id: fields.id(&["blocked_by_task_id"], HTaskId::parse),
        required_input: fields.word(&["required_input"]),
        eta_recovery: fields.word(&["eta_recovery"]),
        escalation_to: fields.word(&["escalation_to"]),
        blocked_at: fields.time(&["blocked_at"]),
    })
}

fn waiver(fields: Fields<'_>) -> Option<Waiver> {
    Some(Waiver {
        waiver_reason: fields.word(&["waiver_reason"])?,
        waiver_approved_by: fields.word(&["waiver_approved_by"])?,
        waiver_approved_at: fields.time(&["waiver_approved_at"]),
    })
}

/// Reads a claim, only when the host sends all of its fields (snipara-wire.md §S8: that server sends none).
fn claim(fields: Fields<'_>) -> Option<HTaskClaim> {
    Some(HTaskClaim {
        claimed_by: fields.word(&["claimed_by"])?,
        fencing_token: fields.integer(&["fencing_token"])?,
        lease_expires_at: fields.time(&["lease_expires_at"])?,
    })
}

/// Reads one htask: the answer itself, or its `task`.
///
/// # Errors
/// When there is no id.
pub fn htask(payload: &Payload) -> Result<HTask, Missing> {
    let fields = Fields(payload);
    let inner = fields.object(&["task", "htask"]).unwrap_or(fields);
    row(inner).ok_or(Missing("task_id"))
}

/// Reads an htask that was made; the public server repeats only six fields (snipara-wire.md §S8), the rest is as asked.
///
/// # Errors
/// When there is no id.
pub fn htask_created(payload: &Payload, swarm_id: &SwarmId, asked: &NewHTask) -> Result<HTask, Missing> {
    let mut task = htask(payload)?;
    let fields = Fields(payload);
    let fields = fields.object(&["task", "htask"]).unwrap_or(fields);
    let untold = |name: &str| fields.0.get(name).is_none_or(Value::is_null);
    if untold("level") {
        task.level = asked.level;
    }
    if untold("priority") {
        task.priority = asked.priority;
    }
    for (name, told, asked) in [
        ("title", &mut task.title, &asked.title),
        ("description", &mut task.description, &asked.description),
        ("owner", &mut task.owner, &asked.owner),
    ] {
        if untold(name) {
            told.clone_from(asked);
        }
    }
    if untold("is_blocking") {
        task.is_blocking = asked.is_blocking;
    }
    task.swarm_id.get_or_insert_with(|| swarm_id.clone());
    task.parent_id = task.parent_id.or_else(|| asked.parent_id.clone());
    task.workstream_type = task.workstream_type.or(asked.workstream_type);
    Ok(task)
}

/// Reads a feature; workstreams come as a map or as the public server's list (snipara-wire.md §S8).
///
/// # Errors
/// When there is no id.
pub fn feature(payload: &Payload, swarm_id: &SwarmId, asked: &NewFeature) -> Result<Feature, Missing> {
    let fields = Fields(payload);
    let id = fields.id(&["feature_id", "task_id", "id", "htask_id"], HTaskId::parse).ok_or(Missing("feature_id"))?;
    let by_name = |(name, value): (&String, &Value)| Some((name.clone(), HTaskId::parse(value.as_str()?).ok()?));
    let workstreams = match fields.object(&["workstream_ids"]) {
        Some(map) => map.0.iter().filter_map(by_name).collect(),
        None => {
            let read = |row: Fields<'_>| Some((row.word(&["workstream_type"])?, row.id(TASK_ID, HTaskId::parse)?));
            fields.objects(&["workstreams"]).filter_map(read).collect()
        }
    };
    let starters = fields.object(&["task_ids"]).map(|map| {
        let read = |name: &String| (name.clone(), map.ids(&[name.as_str()], HTaskId::parse));
        map.0.keys().map(read).collect()
    });
    Ok(Feature {
        feature_id: Some(id),
        title: fields.word(&["title"]).unwrap_or_else(|| asked.title.clone()),
        owner: fields.word(&["owner"]).unwrap_or_else(|| asked.owner.clone()),
        swarm_id: fields.id(&["swarm_id"], SwarmId::parse).or_else(|| Some(swarm_id.clone())),
        workstreams,
        starter_tasks: starters.unwrap_or_default(),
    })
}

/// Reads the next htasks. `path` is a list of titles, or the public server's object of them (snipara-wire.md §S8).
///
/// # Errors
/// When there is no list.
pub fn next_batch(payload: &Payload) -> Result<NextBatch, Missing> {
    let fields = Fields(payload);
    let rows = fields.rows(&["tasks"])?.filter_map(|item| Some((row(item)?, path(item))));
    let (tasks, paths): (Vec<_>, Vec<_>) = rows.unzip();
    let already_yours = fields.objects(&["already_yours"]).filter_map(row).collect();
    Ok(NextBatch { total: fields.count(&["total"]).unwrap_or(tasks.len() as u64), tasks, paths, already_yours })
}

fn path(fields: Fields<'_>) -> Vec<String> {
    match fields.object(&["path"]) {
        Some(path) => ["initiative", "feature", "workstream"].iter().filter_map(|name| path.word(&[name])).collect(),
        None => fields.texts(&["path"]),
    }
}

/// Reads what completing did.
///
/// # Errors
/// When there is neither an id nor a status.
pub fn completed(payload: &Payload, task_id: &HTaskId, given: &[Evidence]) -> Result<Completed, Missing> {
    let fields = Fields(payload);
    let evidence_told = fields.some_list(&["evidence"]).map(|_| evidence(payload, "evidence"));
    Ok(Completed {
        task_id: fields.id(TASK_ID, HTaskId::parse).unwrap_or_else(|| task_id.clone()),
        status: fields.parsed(&["status"]).ok_or(Missing("status"))?,
        repeated: fields.flag(&["repeated"]).unwrap_or_default(),
        auto_closed_parent: fields.id(&["auto_closed_parent"], HTaskId::parse),
        released: fields.ids(&["released"], HTaskId::parse),
        linked_memory_id: fields.id(&["linked_memory_id"], MemoryId::parse),
        evidence: evidence_told.unwrap_or_else(|| given.to_vec()),
        warnings: fields.texts(&["warnings"]),
    })
}

/// Reads trees.
///
/// # Errors
/// When there is neither one nor a list.
pub fn tree(payload: &Payload) -> Result<HTaskTree, Missing> {
    let fields = Fields(payload);
    if let Some(root) = fields.object(&["tree"]) {
        return Ok(HTaskTree { trees: vec![node(root).ok_or(Missing("task_id"))?], single: true });
    }
    Ok(HTaskTree { trees: fields.rows(&["trees"])?.filter_map(node).collect(), single: false })
}

fn node(fields: Fields<'_>) -> Option<HTaskNode> {
    let progress = fields.object(&["progress"]).map(|told| {
        let count = |name: &str| told.number(&[name]).map_or(0, |number| number.max(0.0) as u64);
        HTaskProgress {
            total: count("total"),
            completed: count("completed"),
            in_progress: count("in_progress"),
            blocked: count("blocked"),
            pending: count("pending"),
            failed: count("failed"),
            percent: count("percent"),
        }
    });
    let children = fields.objects(&["children"]).filter_map(node).collect();
    Some(HTaskNode { task: row(fields)?, children, progress: progress.unwrap_or_default() })
}

/// Reads what blocking or unblocking did.
pub fn block_change(payload: &Payload, task_id: &HTaskId, expected: HTaskStatus) -> BlockChange {
    let fields = Fields(payload);
    BlockChange {
        task_id: fields.id(TASK_ID, HTaskId::parse).unwrap_or_else(|| task_id.clone()),
        status: fields.parsed(&["new_status", "status"]).unwrap_or(expected),
        ancestors: fields.ids(&["affected_ancestors", "reevaluated_ancestors"], HTaskId::parse),
    }
}

/// Reads what closing did.
pub fn closed(payload: &Payload, task_id: &HTaskId) -> Closed {
    let fields = Fields(payload);
    Closed {
        task_id: fields.id(TASK_ID, HTaskId::parse).unwrap_or_else(|| task_id.clone()),
        status: fields.parsed(&["status"]).unwrap_or(HTaskStatus::Completed),
        closed_with_waiver: fields.flag(&["closed_with_waiver"]).unwrap_or_default(),
        released: fields.ids(&["released"], HTaskId::parse),
    }
}

/// Reads what happened to an htask.
///
/// # Errors
/// When there is no list.
pub fn audit_trail(payload: &Payload, task_id: &HTaskId) -> Result<Vec<HTaskEvent>, Missing> {
    let fields = Fields(payload);
    let read = |event: Fields<'_>| HTaskEvent {
        event_type: event.text(&["event_type", "type"]).unwrap_or_default(),
        task_id: event.id(&["task_id"], HTaskId::parse).unwrap_or_else(|| task_id.clone()),
        actor: event.word(&["actor", "actor_id"]),
        from_status: event.parsed(&["from_status"]),
        to_status: event.parsed(&["to_status"]),
        payload: event.value(&["payload"]).unwrap_or_default(),
        created_at: event.time(&["created_at", "timestamp", "at"]),
    };
    Ok(fields.rows(&["events"])?.map(read).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn payload(value: Value) -> Payload {
        value.as_object().expect("an object").clone()
    }

    #[test]
    fn no_claim_is_invented_for_a_host_that_does_not_claim() {
        let host = json!({"success": true, "tasks": [
            {"id": "t1", "title": "One", "priority": "P0", "eta_target": null, "error": null,
             "path": {"initiative": null, "feature": "F", "workstream": "API"}},
            {"task_id": "t2", "title": "Two", "claimed_by": "a", "fencing_token": 4,
             "lease_expires_at": "2026-11-24T00:10:00+00:00", "path": ["F"]},
        ], "total": 9});
        let batch = next_batch(&payload(host)).expect("reads");
        assert!(batch.tasks[0].claim.is_none());
        assert_eq!(batch.tasks[1].claim.as_ref().map(|claim| claim.fencing_token), Some(4));
        assert_eq!(batch.paths, [vec!["F".to_owned(), "API".into()], vec!["F".into()]]);
        assert_eq!(batch.total, 9);
    }

    #[test]
    fn both_shapes_of_a_feature_are_read() {
        let swarm_id = SwarmId::parse("s").expect("an id");
        let asked = NewFeature::new(swarm_id.clone(), "Checkout", "", "ada");
        let list = json!({"feature_id": "f", "workstreams": [{"workstream_type": "API", "task_id": "w", "error": null},
            {"workstream_type": "QA", "task_id": null, "success": false}]});
        let map = json!({"feature_id": "f", "workstream_ids": {"API": "w"}, "task_ids": {"API": ["n"]}});
        let (list, map) = (feature(&payload(list), &swarm_id, &asked), feature(&payload(map), &swarm_id, &asked));
        let (list, map) = (list.expect("reads"), map.expect("reads"));
        assert_eq!(list.workstreams, map.workstreams);
        assert_eq!((map.starter_tasks.len(), list.title.as_str()), (1, "Checkout"));
    }

    #[test]
    fn a_written_htask_is_read_back_as_it_was() {
        let host = json!({"task_id": "t", "id": "t", "swarm_id": "s", "level": "N3_TASK", "title": "T", "owner": "o",
            "description": "d", "priority": "P2", "status": "BLOCKED", "blocker_type": "INFRA", "blocker_reason": "r",
            "is_blocking": false, "sequence_number": 3, "evidence_required": [{"type": "test"}],
            "evidence_provided": [{"type": "proof", "proof_id": "12", "verdict": "verified", "finding": "proof 12"}, "seen"]});
        let task = htask(&payload(json!({"success": true, "task": host}))).expect("reads");
        assert_eq!(task.blocker.as_ref().map(|blocker| blocker.blocker_reason.as_str()), Some("r"));
        assert_eq!(task.evidence_provided[0].verdict, EvidenceVerdict::Verified);
        assert_eq!(task.evidence_provided[1].verdict, EvidenceVerdict::Claimed);
        assert!(!task.is_blocking && task.evidence_required.len() == 1);
    }
}
