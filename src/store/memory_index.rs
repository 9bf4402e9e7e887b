//! The index of the memories' words, in SQLite's FTS5.

use sqlx::{QueryBuilder, Row, Sqlite};

use super::{MemorySelection, StoreError, StoreTransaction, StoredMemory};
use crate::domain::Timestamp;

/// The memories that match an expression, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Matches {
    /// Their places in the index; at most as many as were asked for.
    pub(crate) row_numbers: Vec<i64>,
    /// Whether these are all.
    pub(crate) complete: bool,
}

impl StoreTransaction {
    /// Writes the words of a memory.
    pub(crate) async fn index_memory(
        &mut self,
        row_number: i64,
        words: &str,
        identifiers: &str,
    ) -> Result<(), StoreError> {
        self.index_sql("INSERT INTO memories_index (rowid, words, identifiers) VALUES ($1, $2, $3)")
            .with((row_number, words, identifiers))
            .run()
            .await
    }

    /// Looks FTS5 expressions up, each by itself and all in one statement; answers at most `limit` of each.
    pub(crate) async fn matches(&mut self, expressions: &[String], limit: usize) -> Result<Vec<Matches>, StoreError> {
        let store = self.store.clone();
        if expressions.is_empty() {
            return Ok(Vec::new());
        }
        // One text for each expression: a row for each match would cost more on its way between two threads than in the
        // index. One more than the limit is read to know whether there are more.
        let asked = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
        let mut select = QueryBuilder::<Sqlite>::new("");
        for (index, expression) in expressions.iter().enumerate() {
            select.push(if index == 0 { "" } else { " UNION ALL " });
            select.push(format!(
                "SELECT {index}, (SELECT group_concat(rowid, ' ') FROM (SELECT rowid FROM memories_index"
            ));
            select.push(" WHERE memories_index MATCH ").push_bind(expression.as_str());
            select.push(" ORDER BY rowid DESC LIMIT ").push_bind(asked).push("))");
        }
        let rows = select.build().fetch_all(self.connection()).await.map_err(|error| store.failed(error))?;
        let mut found = vec![Matches::default(); expressions.len()];
        for row in rows {
            let index: i64 = row.try_get(0).map_err(|error| store.failed(error))?;
            let list: Option<String> = row.try_get(1).map_err(|error| store.failed(error))?;
            let mut row_numbers: Vec<i64> =
                list.unwrap_or_default().split(' ').filter_map(|number| number.parse().ok()).collect();
            let complete = row_numbers.len() <= limit;
            row_numbers.truncate(limit);
            if let Some(place) = usize::try_from(index).ok().and_then(|index| found.get_mut(index)) {
                *place = Matches { row_numbers, complete };
            }
        }
        Ok(found)
    }

    /// Reads memories by their places in the index, in the order given: those of a selection that have not expired, at
    /// most `limit`.
    pub(crate) async fn memories_at(
        &mut self,
        row_numbers: &[i64],
        selection: &MemorySelection,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<StoredMemory>, StoreError> {
        let store = self.store.clone();
        if row_numbers.is_empty() {
            return Ok(Vec::new());
        }
        let list: Vec<String> = row_numbers.iter().map(ToString::to_string).collect();
        let mut select = QueryBuilder::<Sqlite>::new("SELECT m.* FROM json_each(");
        select.push_bind(format!("[{}]", list.join(",")));
        select.push(") place CROSS JOIN memories m WHERE m.row_number = place.value AND m.project_id = ");
        select.push_bind(self.project());
        selection.push(&mut select, now);
        // No ORDER BY: json_each gives its elements in their order, and sorting would read them all.
        select.push(" LIMIT ").push_bind(i64::try_from(limit).unwrap_or(i64::MAX));
        let rows = select.build().fetch_all(self.connection()).await.map_err(|error| store.failed(error))?;
        rows.iter().map(|row| store.read(row)).collect()
    }
}
