//! Where texts stand beside the chain, and how one is removed from all of these places.

use std::path::{Path, PathBuf};

use sqlx::AssertSqlSafe;

use super::columns::record;
use super::redaction_places::{NAMES, PLACES, TextForm, left_of};
use super::{StoreError, StoreTransaction};
use crate::domain::{Removal, TaskId};

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
    pub(crate) async fn bodies_with(&mut self, removal: &Removal) -> Result<Vec<(i64, String)>, StoreError> {
        self.sql(
            "SELECT min(e.seq), b.digest FROM ledger_bodies b JOIN ledger_entries e
               ON e.project_id = b.project_id AND e.body_digest = b.digest
             WHERE b.project_id = $1 AND (instr(b.body, $2) > 0 OR instr(b.body, $3) > 0) GROUP BY b.digest ORDER BY 1",
        )
        .bind(removal.text())
        .bind(removal.escaped())
        .all()
        .await
    }

    /// Returns the entries that hold a text in the chain itself.
    pub(crate) async fn entries_with(&mut self, removal: &Removal) -> Result<Vec<i64>, StoreError> {
        self.sql(
            "SELECT seq FROM ledger_entries WHERE project_id = $1 AND kind <> 'redaction'
               AND (instr(canonical, $2) > 0 OR instr(canonical, $3) > 0) ORDER BY seq",
        )
        .bind(removal.text())
        .bind(removal.escaped())
        .values()
        .await
    }

    /// Returns the criteria that hold a text.
    pub(crate) async fn criteria_with(&mut self, removal: &Removal) -> Result<Vec<RedactableCriteria>, StoreError> {
        self.sql(
            "SELECT t.id, t.criteria, COALESCE((SELECT min(e.seq) FROM ledger_entries e
               WHERE e.project_id = t.project_id AND e.task_id = t.id AND e.kind = 'task_created'), 0) AS created_seq
             FROM tasks t WHERE t.project_id = $1 AND (instr(t.criteria, $2) > 0 OR instr(t.criteria, $3) > 0)",
        )
        .with((removal.text(), removal.escaped()))
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

    /// Counts where a text stands, by place.
    pub(crate) async fn places_with(&mut self, removal: &Removal) -> Result<Vec<(&'static str, u64)>, StoreError> {
        let texts =
            PLACES.iter().flat_map(|place| place.columns.iter().map(|(name, _)| (place.name, place.table, *name)));
        let chain = [
            ("bodies", "ledger_bodies", "body"),
            ("entries", "ledger_entries", "canonical"),
            ("criteria", "tasks", "criteria"),
            ("titles", "tasks", "title"),
            ("titles", "tasks", "description"),
        ];
        let mut found: Vec<(&'static str, u64)> = Vec::new();
        for (name, table, column) in chain.into_iter().chain(texts).chain(NAMES) {
            let counted = format!(
                "SELECT count(*) FROM {table} WHERE project_id = $1 AND (instr({column}, $2) > 0 OR instr({column}, $3) > 0)"
            );
            let counted = self.sql(AssertSqlSafe(counted)).bind(removal.text()).bind(removal.escaped());
            let count: i64 = counted.value().await?;
            match found.iter_mut().find(|(known, _)| *known == name) {
                _ if count == 0 => {}
                Some((_, known)) => *known += count.unsigned_abs(),
                None => found.push((name, count.unsigned_abs())),
            }
        }
        Ok(found)
    }

    /// Takes a text out wherever it stands beside the chain; answers how often, by place.
    pub(crate) async fn sweep(
        &mut self,
        removal: &Removal,
        scope: &SweepScope,
    ) -> Result<Vec<(&'static str, u64)>, StoreError> {
        let mut removed = Vec::new();
        for place in &PLACES {
            let rows = match (scope, place.of_task) {
                (SweepScope::Everywhere, _) => ("$4 IS NULL", None),
                (SweepScope::Task(task), Some(condition)) => (condition, Some(task.as_str())),
                (SweepScope::Task(_), None) => continue,
            };
            for (column, form) in place.columns {
                let count = self.sweep_column((place.table, column), *form, rows, removal).await?;
                if count > 0 {
                    removed.push((place.name, count));
                }
            }
        }
        if matches!(scope, SweepScope::Everywhere) {
            let count = self.sweep_documents(removal.text()).await?;
            if count > 0 {
                removed.push(("documents", count));
            }
        }
        Ok(removed)
    }

    async fn sweep_column(
        &mut self,
        (table, column): (&str, &str),
        form: TextForm,
        (condition, task): (&str, Option<&str>),
        removal: &Removal,
    ) -> Result<u64, StoreError> {
        let found: Vec<(i64, String)> = self
            .sql(AssertSqlSafe(format!(
                "SELECT rowid, {column} FROM {table} WHERE project_id = $1
                   AND (instr({column}, $2) > 0 OR instr({column}, $3) > 0) AND {condition}"
            )))
            .bind(removal.text())
            .bind(removal.escaped())
            .bind(task.map(str::to_owned))
            .all()
            .await?;
        let mut changed = 0;
        for (row, before) in found {
            let left = left_of(&before, form, removal);
            if !removal.is_in(&before) || left == before {
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
