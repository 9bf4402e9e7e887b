//! Where texts stand beside the chain, and how one is removed from all of these places.

use std::path::{Path, PathBuf};

use serde_json::Value;
use sqlx::AssertSqlSafe;

use super::columns::record;
use super::{StoreError, StoreTransaction};
use crate::domain::{TaskId, TaskReport};

/// An entry whose texts may be removed.
#[derive(Debug)]
pub(crate) struct RedactableEntry {
    pub(crate) seq: i64,
    pub(crate) hash: String,
    pub(crate) kind: String,
    pub(crate) task_id: Option<TaskId>,
    pub(crate) canonical: String,
    pub(crate) body_digest: Option<String>,
    pub(crate) body: Option<String>,
    /// Whether texts in the chain itself were removed before.
    pub(crate) is_tombstone: bool,
}

/// The criteria of a task, which hold a text.
#[derive(Debug)]
pub(crate) struct RedactableCriteria {
    pub(crate) id: String,
    pub(crate) criteria: String,
    pub(crate) created_seq: i64,
}

record! { row => RedactableCriteria in "tasks" { id, criteria, created_seq } }

/// How far a text is looked for.
#[derive(Debug, Clone)]
pub(crate) enum SweepScope {
    /// In all places.
    Everywhere,
    /// In what the runs of a task told.
    Task(TaskId),
}

/// A table with columns of texts.
struct Place {
    name: &'static str,
    table: &'static str,
    columns: &'static [&'static str],
    /// Which rows a task told; `$4` is its id.
    of_task: Option<&'static str>,
}

const fn place(
    name: &'static str,
    table: &'static str,
    columns: &'static [&'static str],
    of_task: Option<&'static str>,
) -> Place {
    Place { name, table, columns, of_task }
}

/// All texts beside the chain but bodies and criteria, whose digests the chain holds, documents, which are copies, and
/// [`NAMES`].
const PLACES: [Place; 11] = [
    place("titles", "tasks", &["title", "description"], None),
    place("run reports", "runs", &["report"], Some("task_id = $4")),
    place("memories", "memories", &["content", "category", "status_reason", "source"], Some("source = $4")),
    place("messages", "outbox", &["payload", "reason"], Some("task_id = $4")),
    place("swarm state", "swarm_state", &["value"], Some("key = 'task:' || $4")),
    place("swarm events", "swarm_events", &["payload"], None),
    place("swarms", "swarms", &["name", "description"], None),
    place("members", "swarm_members", &["name", "role", "capabilities"], None),
    place(
        "htasks",
        "htasks",
        &["title", "description", "owner", "execution_target", "custom_workstream_type", "eta_target"],
        None,
    ),
    place("htasks", "htasks", &["blocker", "waiver", "result", "learnings", "decision_impact"], HTASK_OF_TASK),
    place(
        "htasks",
        "htasks",
        &["acceptance_criteria", "context_refs", "evidence_required", "evidence_provided"],
        HTASK_OF_TASK,
    ),
];

/// Columns in which a caller's word is the name of somebody or something: other rows and other agents go by it.
const NAMES: [(&str, &str, &str); 11] = [
    ("callers of entries", "ledger_entries", "caller"),
    ("owners of tasks", "task_owners", "owner"),
    ("agents of memories", "memories", "agent_id"),
    ("keys of swarm state", "swarm_state", "key"),
    ("agents of swarm state", "swarm_state", "updated_by"),
    ("kinds of swarm events", "swarm_events", "event_type"),
    ("agents of swarm events", "swarm_events", "agent_id"),
    ("agents of swarms", "swarm_members", "agent_id"),
    ("claimed resources", "swarm_claims", "resource_id"),
    ("agents of claims", "swarm_claims", "agent_id"),
    ("agents of htasks", "htasks", "claimed_by"),
];

const HTASK_OF_TASK: Option<&str> =
    Some("id IN (SELECT t.htask_id FROM task_htasks t WHERE t.project_id = htasks.project_id AND t.task_id = $4)");

impl StoreTransaction {
    /// Reads an entry whose texts may be removed.
    pub(crate) async fn redactable_entry(&mut self, seq: i64) -> Result<Option<RedactableEntry>, StoreError> {
        let row = self
            .sql(
                "SELECT e.seq, e.hash, e.kind, e.task_id, e.canonical, e.body_digest, b.body, e.redacted_by IS NOT NULL
                 FROM ledger_entries e LEFT JOIN ledger_bodies b ON b.project_id = e.project_id AND b.digest = e.body_digest
                 WHERE e.project_id = $1 AND e.seq = $2",
            )
            .bind(seq)
            .first::<(i64, String, String, Option<String>, String, Option<String>, Option<String>, bool)>()
            .await?;
        Ok(row.map(|(seq, hash, kind, task_id, canonical, body_digest, body, is_tombstone)| RedactableEntry {
            seq,
            hash,
            kind,
            task_id: task_id.and_then(|id| TaskId::parse(&id).ok()),
            canonical,
            body_digest,
            body,
            is_tombstone,
        }))
    }

    /// Returns the bodies that hold a text, each with the first entry that has it.
    pub(crate) async fn bodies_with(&mut self, text: &str) -> Result<Vec<(i64, String)>, StoreError> {
        self.sql(
            "SELECT min(e.seq), b.digest FROM ledger_bodies b JOIN ledger_entries e
               ON e.project_id = b.project_id AND e.body_digest = b.digest
             WHERE b.project_id = $1 AND (instr(b.body, $2) > 0 OR instr(b.body, $3) > 0) GROUP BY b.digest ORDER BY 1",
        )
        .bind(text)
        .bind(escaped(text))
        .all()
        .await
    }

    /// Returns the entries that hold a text in the chain itself.
    pub(crate) async fn entries_with(&mut self, text: &str) -> Result<Vec<i64>, StoreError> {
        self.sql(
            "SELECT seq FROM ledger_entries WHERE project_id = $1 AND kind <> 'redaction'
               AND (instr(canonical, $2) > 0 OR instr(canonical, $3) > 0) ORDER BY seq",
        )
        .bind(text)
        .bind(escaped(text))
        .values()
        .await
    }

    /// Returns the criteria that hold a text.
    pub(crate) async fn criteria_with(&mut self, text: &str) -> Result<Vec<RedactableCriteria>, StoreError> {
        self.sql(
            "SELECT t.id, t.criteria, COALESCE((SELECT min(e.seq) FROM ledger_entries e
               WHERE e.project_id = t.project_id AND e.task_id = t.id AND e.kind = 'task_created'), 0) AS created_seq
             FROM tasks t WHERE t.project_id = $1 AND (instr(t.criteria, $2) > 0 OR instr(t.criteria, $3) > 0)",
        )
        .with((text, escaped(text)))
        .read_all()
        .await
    }

    /// Puts what is left of a task's criteria in their place.
    pub(crate) async fn put_criteria(&mut self, id: &str, left: &str, digest: &str) -> Result<(), StoreError> {
        self.sql("UPDATE tasks SET criteria = $3, criteria_digest = $4 WHERE project_id = $1 AND id = $2")
            .bind(id)
            .bind(left)
            .bind(digest)
            .run()
            .await
    }

    /// Counts where a text is a part of a name, which stays.
    pub(crate) async fn names_with(&mut self, text: &str) -> Result<Vec<(&'static str, u64)>, StoreError> {
        let mut found = Vec::new();
        for (name, table, column) in NAMES {
            let counted = format!("SELECT count(*) FROM {table} WHERE project_id = $1 AND instr({column}, $2) > 0");
            let count: i64 = self.sql(AssertSqlSafe(counted)).bind(text).value().await?;
            if count > 0 {
                found.push((name, count.unsigned_abs()));
            }
        }
        Ok(found)
    }

    /// Puts `instead` in the place of a text wherever it stands beside the chain; answers how often, by place.
    pub(crate) async fn sweep(
        &mut self,
        text: &str,
        instead: &str,
        scope: &SweepScope,
    ) -> Result<Vec<(&'static str, u64)>, StoreError> {
        let mut removed = Vec::new();
        for place in &PLACES {
            let (condition, task) = match (scope, place.of_task) {
                (SweepScope::Everywhere, _) => ("$4 IS NULL", None),
                (SweepScope::Task(task), Some(condition)) => (condition, Some(task.as_str())),
                (SweepScope::Task(_), None) => continue,
            };
            for column in place.columns {
                let count = self.sweep_column(place.table, column, condition, task, text, instead).await?;
                if count > 0 {
                    removed.push((place.name, count));
                }
            }
        }
        if matches!(scope, SweepScope::Everywhere) {
            let count = self.sweep_documents(text).await?;
            if count > 0 {
                removed.push(("documents", count));
            }
        }
        Ok(removed)
    }

    async fn sweep_column(
        &mut self,
        table: &str,
        column: &str,
        condition: &str,
        task: Option<&str>,
        text: &str,
        instead: &str,
    ) -> Result<u64, StoreError> {
        let found: Vec<(i64, String)> = self
            .sql(AssertSqlSafe(format!(
                "SELECT rowid, {column} FROM {table} WHERE project_id = $1
                   AND (instr({column}, $2) > 0 OR instr({column}, $3) > 0) AND {condition}"
            )))
            .bind(text)
            .bind(escaped(text))
            .bind(task.map(str::to_owned))
            .all()
            .await?;
        let mut changed = 0;
        for (row, before) in found {
            // A title is compared with the chain, letter by letter; a memory may be written as JSON.
            let is_plain = matches!(table, "tasks" | "memories");
            let left = if is_plain { plain(&before, text, instead) } else { left_of(&before, text, instead) };
            // A text that is a word of ours too, such as a status, stays where the report could not be read without it.
            let is_broken = (table, column) == ("runs", "report") && serde_json::from_str::<TaskReport>(&left).is_err();
            if left == before || is_broken {
                continue;
            }
            self.sql(AssertSqlSafe(format!("UPDATE {table} SET {column} = $3 WHERE project_id = $1 AND rowid = $2")))
                .bind(row)
                .bind(left)
                .run()
                .await?;
            if (table, column) == ("memories", "content") {
                self.index_again(row).await?;
            }
            changed += 1;
        }
        Ok(changed)
    }

    /// The index of a memory holds its words once more.
    async fn index_again(&mut self, row: i64) -> Result<(), StoreError> {
        for statement in [
            "DELETE FROM memories_index WHERE rowid IN
               (SELECT row_number FROM memories WHERE project_id = $1 AND rowid = $2)",
            "INSERT INTO memories_index (rowid, words, identifiers)
             SELECT row_number, content, '' FROM memories WHERE project_id = $1 AND rowid = $2",
        ] {
            self.sql(statement).bind(row).run().await?;
        }
        Ok(())
    }

    /// A copy of a document is read again when it is needed, so the whole copy goes.
    async fn sweep_documents(&mut self, text: &str) -> Result<u64, StoreError> {
        let found: Vec<(String, String)> = self
            .sql(
                "SELECT DISTINCT work_tree, path FROM sections
                 WHERE project_id = $1 AND (instr(content, $2) > 0 OR instr(title, $2) > 0)",
            )
            .bind(text)
            .all()
            .await?;
        for (work_tree, path) in &found {
            self.remove_documents(work_tree, Some(path)).await?;
        }
        Ok(found.len() as u64)
    }
}

/// A text as it stands inside a JSON text.
fn escaped(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
}

/// What is left of a column: JSON stays JSON.
fn left_of(before: &str, text: &str, instead: &str) -> String {
    match serde_json::from_str::<Value>(before) {
        Ok(value @ (Value::Object(_) | Value::Array(_) | Value::String(_))) => {
            without(&value, text, instead).to_string()
        }
        _ => plain(before, text, instead),
    }
}

fn plain(before: &str, text: &str, instead: &str) -> String {
    before.replace(text, instead).replace(&escaped(text), instead)
}

/// Returns a value in whose texts and names `instead` stands in the place of `text`; a text may be JSON itself.
pub(crate) fn without(value: &Value, text: &str, instead: &str) -> Value {
    let clean = |text_of_value: &str| plain(text_of_value, text, instead);
    match value {
        Value::String(text) => Value::String(clean(text)),
        Value::Array(items) => Value::Array(items.iter().map(|item| without(item, text, instead)).collect()),
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(name, field)| (clean(name), without(field, text, instead))).collect())
        }
        Value::Number(number) if number.to_string().contains(text) => Value::from(instead),
        other => other.clone(),
    }
}

/// How the names of a store's copies begin: of an upgrade, of a restore, of a repair and of a repair that was cut off.
const COPIES: [&str; 4] = ["store.sqlite3.format-", "store.sqlite3.replaced-", "store.sqlite3.repaired-", "repairing"];

/// Returns the copies of a store that lie in its folder.
pub(crate) fn copies(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let is_copy = |name: &str| COPIES.iter().any(|begin| name.starts_with(begin)) && !name.ends_with(".sha256");
    let mut copies: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.file_name().is_some_and(|name| is_copy(&name.to_string_lossy())))
        .collect();
    copies.sort();
    copies
}
