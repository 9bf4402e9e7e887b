//! The rows of memories. What they mean is known in `snipara::embedded`.

use sqlx::{QueryBuilder, Row, Sqlite};

use super::columns::record;
use super::{StoreError, StoreTransaction};
use crate::domain::{
    ForgetQuery, Memory, MemoryFilter, MemoryId, MemoryOrder, MemoryScope, MemoryStatus, MemoryType, SortOrder,
    Timestamp,
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A memory as it lies in the file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StoredMemory {
    /// Its place in the index; the store gives it.
    pub(crate) row_number: i64,
    /// The memory. How sure it is depends on the present time, which the store does not know: here it is always sure.
    pub(crate) memory: Memory,
}

record! { row => StoredMemory in "memories" { row_number, memory = Memory::read(row)? } }

record! {
    row => Memory in "memories" {
        memory_id = row.try_get("id")?, memory_type, scope, agent_id, category, content, status, status_reason,
        superseded_by, confidence = 1.0, source, created_at, expires_at, last_accessed_at, access_count,
    }
}

/// Which memories a search may find; filters are joined with "and". Expired ones are never found.
#[derive(Debug, Clone, Default)]
pub(crate) struct MemorySelection {
    pub(crate) memory_type: Option<MemoryType>,
    pub(crate) scope: Option<MemoryScope>,
    pub(crate) agent_id: Option<String>,
    pub(crate) category: Option<String>,
    pub(crate) status: Option<MemoryStatus>,
}

impl MemorySelection {
    /// Adds the conditions to a statement that already has one.
    pub(super) fn push(&self, statement: &mut QueryBuilder<Sqlite>, now: Timestamp) {
        statement.push(" AND (m.expires_at IS NULL OR m.expires_at > ").push_bind(now.as_micros()).push(")");
        let equal = [
            ("m.memory_type", self.memory_type.map(|word| word.as_str().to_owned())),
            ("m.scope", self.scope.map(|word| word.as_str().to_owned())),
            ("m.agent_id", self.agent_id.clone()),
            ("m.category", self.category.clone()),
            ("m.status", self.status.map(|word| word.as_str().to_owned())),
        ];
        for (column, value) in equal {
            if let Some(value) = value {
                statement.push(format!(" AND {column} = ")).push_bind(value);
            }
        }
    }
}

impl StoreTransaction {
    /// Reads a memory, expired or not.
    pub(crate) async fn memory(&mut self, id: &MemoryId) -> Result<Option<Memory>, StoreError> {
        self.sql("SELECT * FROM memories WHERE project_id = $1 AND id = $2").bind(id).read_first().await
    }

    /// Reads the ids of the newest memories, for the nearest one in an error.
    pub(crate) async fn memory_ids(&mut self, limit: i64) -> Result<Vec<String>, StoreError> {
        self.sql("SELECT id FROM memories WHERE project_id = $1 ORDER BY created_at DESC, row_number DESC LIMIT $2")
            .bind(limit)
            .values()
            .await
    }

    /// Counts the memories, expired ones, too.
    pub(crate) async fn memory_total(&mut self) -> Result<u64, StoreError> {
        let total = self.sql("SELECT memories FROM memory_totals WHERE project_id = $1").first_value().await?;
        Ok(total.unwrap_or_default())
    }

    /// Writes a new memory, but not its words; answers its place in the index.
    pub(crate) async fn insert_memory(&mut self, memory: &Memory) -> Result<i64, StoreError> {
        self.sql(
            "INSERT INTO memories (project_id, id, row_number, memory_type, scope, agent_id, category, content, status,
                status_reason, superseded_by, source, created_at, expires_at, last_accessed_at, access_count)
             SELECT $1, $2, COALESCE(MAX(row_number), 0) + 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15
             FROM memories RETURNING row_number",
        )
        .bind(&memory.memory_id)
        .bind(memory.memory_type)
        .bind(memory.scope)
        .bind(&memory.agent_id)
        .bind(&memory.category)
        .bind(&memory.content)
        .bind(memory.status)
        .bind(&memory.status_reason)
        .bind(&memory.superseded_by)
        .bind(&memory.source)
        .bind(memory.created_at)
        .bind(memory.expires_at)
        .bind(memory.last_accessed_at)
        .bind(i64::try_from(memory.access_count).unwrap_or(i64::MAX))
        .value()
        .await
    }

    /// Writes whether a memory holds, why not, and what replaced it.
    pub(crate) async fn set_memory_status(&mut self, memory: &Memory) -> Result<(), StoreError> {
        self.sql(
            "UPDATE memories SET status = $3, status_reason = $4, superseded_by = $5
             WHERE project_id = $1 AND id = $2",
        )
        .with((&memory.memory_id, memory.status, &memory.status_reason, &memory.superseded_by))
        .run()
        .await
    }

    /// Notes that memories were recalled.
    pub(crate) async fn touch_memories(&mut self, ids: &[MemoryId], at: Timestamp) -> Result<(), StoreError> {
        let (store, project) = (self.store.clone(), self.project());
        let mut update = QueryBuilder::<Sqlite>::new("UPDATE memories SET access_count = access_count + 1, ");
        update.push("last_accessed_at = ").push_bind(at.as_micros());
        update.push(" WHERE project_id = ").push_bind(project).push(" AND id IN (");
        let mut list = update.separated(", ");
        for id in ids {
            list.push_bind(id.as_str().to_owned());
        }
        update.push(")");
        update.build().execute(self.connection()).await.map_err(|error| store.failed(error))?;
        Ok(())
    }

    /// Reads a page of memories that have not expired, and how many there are in all.
    pub(crate) async fn memory_page(
        &mut self,
        filter: &MemoryFilter,
        now: Timestamp,
    ) -> Result<(Vec<Memory>, u64), StoreError> {
        let store = self.store.clone();
        let mut count = QueryBuilder::<Sqlite>::new("SELECT count(*) FROM memories m WHERE m.project_id = ");
        count.push_bind(self.project());
        push_filter(&mut count, filter, now);
        let total: u64 =
            count.build_query_scalar().fetch_one(self.connection()).await.map_err(|error| store.failed(error))?;
        let mut page = QueryBuilder::<Sqlite>::new("SELECT * FROM memories m WHERE m.project_id = ");
        page.push_bind(self.project());
        push_filter(&mut page, filter, now);
        page.push(order(filter)).push(" LIMIT ").push_bind(filter.limit).push(" OFFSET ").push_bind(filter.offset);
        let rows = page.build().fetch_all(self.connection()).await.map_err(|error| store.failed(error))?;
        let memories = rows.iter().map(|row| store.read(row)).collect::<Result<_, _>>()?;
        Ok((memories, total))
    }

    /// Deletes memories with their words; answers how many. Without any filter nothing is deleted.
    pub(crate) async fn delete_memories(&mut self, query: &ForgetQuery, now: Timestamp) -> Result<u64, StoreError> {
        let store = self.store.clone();
        if *query == ForgetQuery::default() {
            return Ok(0);
        }
        let mut delete = QueryBuilder::<Sqlite>::new("DELETE FROM memories WHERE project_id = ");
        delete.push_bind(self.project());
        let equal = [
            ("id", query.memory_id.as_ref().map(|id| id.as_str().to_owned())),
            ("memory_type", query.memory_type.map(|word| word.as_str().to_owned())),
            ("category", query.category.clone()),
        ];
        for (column, value) in equal {
            if let Some(value) = value {
                delete.push(format!(" AND {column} = ")).push_bind(value);
            }
        }
        if let Some(days) = query.older_than_days {
            let before = now.plus_ms(days.saturating_mul(-DAY_MS));
            delete.push(" AND created_at < ").push_bind(before.as_micros());
        }
        let deleted = delete.build().execute(self.connection()).await.map_err(|error| store.failed(error))?;
        Ok(deleted.rows_affected())
    }
}

fn push_filter(statement: &mut QueryBuilder<Sqlite>, filter: &MemoryFilter, now: Timestamp) {
    let only_active = filter.status.is_none() && !filter.include_inactive;
    let selection = MemorySelection {
        memory_type: filter.memory_type,
        scope: filter.scope,
        agent_id: None,
        category: filter.category.clone(),
        status: filter.status.or_else(|| only_active.then_some(MemoryStatus::Active)),
    };
    selection.push(statement, now);
    if let Some(search) = filter.search.as_deref().filter(|search| !search.is_empty()) {
        // SQLite's LIKE folds ASCII only: other letters are looked for as given, and all in lower or upper case.
        let mut spellings = vec![search.to_owned(), search.to_lowercase(), search.to_uppercase()];
        spellings.dedup();
        statement.push(" AND (FALSE");
        for spelling in spellings {
            let escaped = spelling.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            statement.push(" OR m.content LIKE ").push_bind(format!("%{escaped}%")).push(" ESCAPE '\\'");
        }
        statement.push(")");
    }
}

/// The newer memory comes first among equal ones, so that pages never overlap. A memory without a value comes last.
fn order(filter: &MemoryFilter) -> String {
    // Every memory begins with the same confidence, so the one that was used later is the surer one.
    let column = match filter.sort_by {
        MemoryOrder::CreatedAt => "m.created_at",
        MemoryOrder::Confidence => "COALESCE(m.last_accessed_at, m.created_at)",
        MemoryOrder::AccessCount => "m.access_count",
        MemoryOrder::LastAccessed => "m.last_accessed_at",
        MemoryOrder::ExpiresAt => "m.expires_at",
    };
    let direction = match filter.sort_order {
        SortOrder::Ascending => "ASC",
        SortOrder::Descending => "DESC",
    };
    format!(" ORDER BY {column} {direction} NULLS LAST, m.created_at {direction}, m.row_number {direction}")
}
