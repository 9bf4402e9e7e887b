//! One statement on the store, whose first parameter is the project.

use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Encode, Executor, FromRow, SqlSafeStr, Sqlite, SqliteConnection, SqlitePool, Type};

use super::columns::Record;
use super::{Store, StoreError, StoreTransaction};

/// A statement with its parameters, and where it runs.
pub(super) struct Statement<E> {
    store: Store,
    executor: E,
    query: Query<'static, Sqlite, SqliteArguments>,
}

impl Store {
    /// Begins a statement outside of a transaction, which reads only; `$1` is the project.
    pub(super) fn sql(&self, sql: impl SqlSafeStr) -> Statement<&SqlitePool> {
        let query = sqlx::query(sql).bind(self.project().as_str());
        Statement { store: self.clone(), executor: &self.parts.readers, query }
    }

    /// Begins a statement that writes by itself; `$1` is the project.
    pub(super) fn writing_sql(&self, sql: impl SqlSafeStr) -> Result<Statement<&SqlitePool>, StoreError> {
        Ok(Statement { executor: self.writer()?, ..self.sql(sql) })
    }
}

impl StoreTransaction {
    /// Begins a statement; `$1` is the project.
    pub(super) fn sql(&mut self, sql: impl SqlSafeStr) -> Statement<&mut SqliteConnection> {
        let project = self.project();
        self.index_sql(sql).bind(project)
    }

    /// Begins a statement on an index, which knows no project.
    pub(super) fn index_sql(&mut self, sql: impl SqlSafeStr) -> Statement<&mut SqliteConnection> {
        Statement { store: self.store.clone(), executor: self.connection(), query: sqlx::query(sql) }
    }
}

/// Parameters of a statement, in their order.
pub(super) trait Parameters<'v>: Sized {
    fn add_to<E>(self, statement: Statement<E>) -> Statement<E>;
}

macro_rules! parameters {
    ($(($($value:ident)+))+) => {$(
        impl<'v, $($value: Encode<'v, Sqlite> + Type<Sqlite>),+> Parameters<'v> for ($($value,)+) {
            #[expect(non_snake_case, reason = "a type's name is its value's, too")]
            fn add_to<E>(self, statement: Statement<E>) -> Statement<E> {
                let ($($value,)+) = self;
                statement$(.bind($value))+
            }
        }
    )+};
}

parameters! { (A B) (A B C) (A B C D) (A B C D F) (A B C D F G) (A B C D F G H) }

impl<E> Statement<E> {
    /// Sets the next parameter.
    pub(super) fn bind<'v, T: Encode<'v, Sqlite> + Type<Sqlite>>(self, value: T) -> Self {
        Self { query: self.query.bind(value), ..self }
    }

    /// Sets the next parameters.
    pub(super) fn with<'v>(self, parameters: impl Parameters<'v>) -> Self {
        parameters.add_to(self)
    }
}

impl<'e, E: Executor<'e, Database = Sqlite>> Statement<E> {
    /// Runs it for what it changes.
    pub(super) async fn run(self) -> Result<(), StoreError> {
        self.changed().await.map(|_| ())
    }

    /// Runs it; answers how many rows it changed.
    pub(super) async fn changed(self) -> Result<u64, StoreError> {
        let done = self.query.execute(self.executor).await.map_err(|error| self.store.failed(error))?;
        Ok(done.rows_affected())
    }

    /// Reads all rows.
    pub(super) async fn rows(self) -> Result<Vec<SqliteRow>, StoreError> {
        self.query.fetch_all(self.executor).await.map_err(|error| self.store.failed(error))
    }

    /// Reads the first row, where there is one.
    pub(super) async fn row(self) -> Result<Option<SqliteRow>, StoreError> {
        self.query.fetch_optional(self.executor).await.map_err(|error| self.store.failed(error))
    }

    /// Reads all rows as structs.
    pub(super) async fn read_all<T: Record>(self) -> Result<Vec<T>, StoreError> {
        let store = self.store.clone();
        self.rows().await?.iter().map(|row| store.read(row)).collect()
    }

    /// Reads the first row, where there is one, as a struct.
    pub(super) async fn read_first<T: Record>(self) -> Result<Option<T>, StoreError> {
        let store = self.store.clone();
        self.row().await?.map(|row| store.read(&row)).transpose()
    }

    /// Reads all rows as tuples.
    pub(super) async fn all<T>(self) -> Result<Vec<T>, StoreError>
    where
        T: for<'r> FromRow<'r, SqliteRow>,
    {
        let store = self.store.clone();
        self.rows().await?.iter().map(|row| T::from_row(row).map_err(|error| store.failed(error))).collect()
    }

    /// Reads the first row as a tuple, where there is one.
    pub(super) async fn first<T>(self) -> Result<Option<T>, StoreError>
    where
        T: for<'r> FromRow<'r, SqliteRow>,
    {
        let store = self.store.clone();
        self.row().await?.map(|row| T::from_row(&row).map_err(|error| store.failed(error))).transpose()
    }

    /// Reads the row that there must be as a tuple.
    pub(super) async fn one<T>(self) -> Result<T, StoreError>
    where
        T: for<'r> FromRow<'r, SqliteRow>,
    {
        let store = self.store.clone();
        self.first().await?.ok_or_else(|| store.failed(sqlx::Error::RowNotFound))
    }

    /// Reads the first column of all rows.
    pub(super) async fn values<T>(self) -> Result<Vec<T>, StoreError>
    where
        (T,): for<'r> FromRow<'r, SqliteRow>,
    {
        Ok(self.all::<(T,)>().await?.into_iter().map(|(value,)| value).collect())
    }

    /// Reads the first column of the first row, where there is one.
    pub(super) async fn first_value<T>(self) -> Result<Option<T>, StoreError>
    where
        (T,): for<'r> FromRow<'r, SqliteRow>,
    {
        Ok(self.first::<(T,)>().await?.map(|(value,)| value))
    }

    /// Reads the first column of the row that there must be.
    pub(super) async fn value<T>(self) -> Result<T, StoreError>
    where
        (T,): for<'r> FromRow<'r, SqliteRow>,
    {
        Ok(self.one::<(T,)>().await?.0)
    }
}
