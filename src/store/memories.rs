//! The rows of memories. What they mean is known in `snipara::embedded`.

use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};

use super::{Store, StoreError, StoreTransaction};
use crate::domain::{
    ForgetQuery, MemoryFilter, MemoryId, MemoryOrder, MemoryScope, MemoryStatus, MemoryType, SortOrder, Timestamp,
};

const TABLE: &str = "memories";

/// The columns that [`StoredMemory`] reads, in its order.
pub(super) const COLUMNS: &str = "m.row_number, m.id, m.memory_type, m.scope, m.agent_id, m.category, m.content,
    m.status, m.status_reason, m.superseded_by, m.source, m.created_at, m.expires_at, m.last_accessed_at,
    m.access_count";

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A memory as it lies in the file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StoredMemory {
    /// Its place in the index; the store gives it.
    pub(crate) row_number: i64,
    pub(crate) id: MemoryId,
    pub(crate) memory_type: MemoryType,
    pub(crate) scope: MemoryScope,
    pub(crate) agent_id: Option<String>,
    pub(crate) category: Option<String>,
    pub(crate) content: String,
    pub(crate) status: MemoryStatus,
    pub(crate) status_reason: Option<String>,
    pub(crate) superseded_by: Option<MemoryId>,
    pub(crate) source: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) last_accessed_at: Option<Timestamp>,
    pub(crate) access_count: i64,
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

pub(super) fn read(store: &Store, row: &SqliteRow) -> Result<StoredMemory, StoreError> {
    let failed = |error| store.failed(error);
    let bad = |what: String| store.bad_row(TABLE, what);
    let needed = |index: usize| -> Result<String, StoreError> { row.try_get(index).map_err(failed) };
    let text = |index: usize| -> Result<Option<String>, StoreError> { row.try_get(index).map_err(failed) };
    let time = |index: usize| -> Result<Option<Timestamp>, StoreError> {
        Ok(row.try_get::<Option<i64>, _>(index).map_err(failed)?.map(Timestamp::from_micros))
    };
    let superseded_by = text(9)?.map(|id| MemoryId::parse(&id)).transpose().map_err(|error| bad(error.to_string()))?;
    Ok(StoredMemory {
        row_number: row.try_get(0).map_err(failed)?,
        id: MemoryId::parse(&needed(1)?).map_err(|error| bad(error.to_string()))?,
        memory_type: MemoryType::parse(&needed(2)?).map_err(|error| bad(error.to_string()))?,
        scope: MemoryScope::parse(&needed(3)?).map_err(|error| bad(error.to_string()))?,
        agent_id: text(4)?,
        category: text(5)?,
        content: needed(6)?,
        status: MemoryStatus::parse(&needed(7)?).map_err(|error| bad(error.to_string()))?,
        status_reason: text(8)?,
        superseded_by,
        source: text(10)?,
        created_at: Timestamp::from_micros(row.try_get(11).map_err(failed)?),
        expires_at: time(12)?,
        last_accessed_at: time(13)?,
        access_count: row.try_get(14).map_err(failed)?,
    })
}

impl StoreTransaction {
    /// Reads a memory, expired or not.
    pub(crate) async fn memory(&mut self, id: &MemoryId) -> Result<Option<StoredMemory>, StoreError> {
        self.sql(sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM memories m WHERE m.project_id = $1 AND m.id = $2")))
            .bind(id.as_str())
            .read_first(read)
            .await
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
        let total: Option<i64> =
            self.sql("SELECT memories FROM memory_totals WHERE project_id = $1").first_value().await?;
        Ok(total.and_then(|total| u64::try_from(total).ok()).unwrap_or_default())
    }

    /// Writes a new memory, but not its words; answers its place in the index.
    pub(crate) async fn insert_memory(&mut self, memory: &StoredMemory) -> Result<i64, StoreError> {
        self.sql(
            "INSERT INTO memories (project_id, id, row_number, memory_type, scope, agent_id, category, content, status,
                status_reason, superseded_by, source, created_at, expires_at, last_accessed_at, access_count)
             SELECT $1, $2, COALESCE(MAX(row_number), 0) + 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15
             FROM memories RETURNING row_number",
        )
        .bind(memory.id.as_str())
        .bind(memory.memory_type.as_str())
        .bind(memory.scope.as_str())
        .bind(&memory.agent_id)
        .bind(&memory.category)
        .bind(&memory.content)
        .bind(memory.status.as_str())
        .bind(&memory.status_reason)
        .bind(memory.superseded_by.as_ref().map(MemoryId::as_str))
        .bind(&memory.source)
        .bind(memory.created_at.as_micros())
        .bind(memory.expires_at.map(Timestamp::as_micros))
        .bind(memory.last_accessed_at.map(Timestamp::as_micros))
        .bind(memory.access_count)
        .value()
        .await
    }

    /// Writes whether a memory holds, why not, and what replaced it.
    pub(crate) async fn set_memory_status(&mut self, memory: &StoredMemory) -> Result<(), StoreError> {
        self.sql(
            "UPDATE memories SET status = $3, status_reason = $4, superseded_by = $5
             WHERE project_id = $1 AND id = $2",
        )
        .bind(memory.id.as_str())
        .bind(memory.status.as_str())
        .bind(&memory.status_reason)
        .bind(memory.superseded_by.as_ref().map(MemoryId::as_str))
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
    ) -> Result<(Vec<StoredMemory>, u64), StoreError> {
        let store = self.store.clone();
        let mut count = QueryBuilder::<Sqlite>::new("SELECT count(*) FROM memories m WHERE m.project_id = ");
        count.push_bind(self.project());
        push_filter(&mut count, filter, now);
        let total: i64 =
            count.build_query_scalar().fetch_one(self.connection()).await.map_err(|error| store.failed(error))?;
        let mut page = QueryBuilder::<Sqlite>::new(format!("SELECT {COLUMNS} FROM memories m WHERE m.project_id = "));
        page.push_bind(self.project());
        push_filter(&mut page, filter, now);
        page.push(order(filter)).push(" LIMIT ").push_bind(filter.limit).push(" OFFSET ").push_bind(filter.offset);
        let rows = page.build().fetch_all(self.connection()).await.map_err(|error| store.failed(error))?;
        let memories = rows.iter().map(|row| read(&store, row)).collect::<Result<Vec<_>, _>>()?;
        Ok((memories, u64::try_from(total).unwrap_or_default()))
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
