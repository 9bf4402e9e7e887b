//! A transaction on the store: all of it happens, or nothing.

use sqlx::{Sqlite, SqliteConnection, Transaction};

use super::connection::FORMAT;
use super::{Store, StoreError};

/// A transaction. When it is dropped without [`StoreTransaction::commit`], nothing is written.
///
/// Its methods are in the files of the tables that they touch.
#[derive(Debug)]
pub(crate) struct StoreTransaction {
    pub(super) store: Store,
    inner: Transaction<'static, Sqlite>,
}

impl StoreTransaction {
    pub(super) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.inner
    }

    pub(super) fn project(&self) -> String {
        self.store.project().as_str().to_owned()
    }

    /// Commits everything that was written.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        let Self { store, inner } = self;
        inner.commit().await.map_err(|error| store.failed(error))
    }
}

impl Store {
    /// Begins to write. No other process can write until the transaction ends.
    pub(crate) async fn begin_write(&self) -> Result<StoreTransaction, StoreError> {
        let begun = self.writer()?.begin_with("BEGIN IMMEDIATE").await;
        let mut inner = begun.map_err(|error| self.failed(error))?;
        self.is_in_place()?;
        self.is_of_our_format(&mut inner).await?;
        Ok(StoreTransaction { store: self.clone(), inner })
    }

    /// Begins a write that may be lost, such as the time when a memory was last recalled. The commit does not wait for the
    /// disk, and the beginning not long for other writers.
    pub(crate) async fn begin_note(&self) -> Result<StoreTransaction, StoreError> {
        self.is_in_place()?;
        self.may_write()?;
        let mut inner = self.parts.notes.begin_with("BEGIN IMMEDIATE").await.map_err(|error| self.failed(error))?;
        self.is_of_our_format(&mut inner).await?;
        Ok(StoreTransaction { store: self.clone(), inner })
    }

    /// Refuses to write into a file that another process upgraded, or whose schema somebody changed, since it was opened.
    async fn is_of_our_format(&self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        // The numbers stand on the first page, which the transaction has read already.
        let read =
            sqlx::query_as("SELECT user_version, schema_version FROM pragma_user_version, pragma_schema_version")
                .fetch_one(&mut *connection)
                .await;
        let (found, schema): (i64, i64) = read.map_err(|error| self.failed(error))?;
        if found > FORMAT {
            return Err(StoreError::Newer { path: self.parts.file.clone(), found, known: FORMAT });
        }
        self.has_our_schema(connection, schema).await
    }

    /// Begins to read. All reads see the store as it is at one moment.
    pub(crate) async fn begin_read(&self) -> Result<StoreTransaction, StoreError> {
        self.is_in_place()?;
        let inner = self.parts.readers.begin_with("BEGIN").await.map_err(|error| self.failed(error))?;
        Ok(StoreTransaction { store: self.clone(), inner })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ProjectId;

    /// What SQLite does by itself when the disk is full (https://www.sqlite.org/lang_transaction.html).
    #[tokio::test]
    async fn a_transaction_that_sqlite_ended_itself_does_not_keep_the_next_from_beginning() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path(), &ProjectId::from_name("demo").expect("a name")).await.expect("opens");
        for _ in 0..2 {
            let mut ended = store.begin_write().await.expect("begins");
            sqlx::query("ROLLBACK").execute(ended.connection()).await.expect("ended");
            assert!(ended.commit().await.is_err(), "there is nothing to commit");
        }
        store.begin_write().await.expect("begins again").commit().await.expect("commits");
        let read = store.begin_read().await.expect("a reader begins");
        read.commit().await.expect("ends");
    }

    #[tokio::test]
    async fn a_store_that_became_newer_is_not_written_to() {
        let folder = tempfile::tempdir().expect("a folder");
        let project = ProjectId::from_name("demo").expect("a name");
        let store = Store::open(folder.path(), &project).await.expect("opens");
        store.begin_write().await.expect("begins").commit().await.expect("commits");
        let other = Store::open(folder.path(), &project).await.expect("opens");
        sqlx::query("PRAGMA user_version = 1000").execute(&other.parts.writer).await.expect("upgraded");
        for _ in 0..2 {
            let refused = [store.begin_write().await.err(), store.begin_note().await.err()];
            for error in refused {
                assert!(matches!(error, Some(StoreError::Newer { found: 1000, known: FORMAT, .. })), "{error:?}");
            }
        }
        sqlx::query("PRAGMA user_version = 8").execute(&other.parts.writer).await.expect("put back");
        store.begin_write().await.expect("nothing is left open").commit().await.expect("commits");
    }
}
