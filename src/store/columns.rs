//! How values of the domain lie in columns, and how rows become structs.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::sqlite::{SqliteArgumentsBuffer, SqliteRow, SqliteTypeInfo, SqliteValueRef};
use sqlx::{Decode, Encode, Row, Sqlite, Type};

use crate::domain::{
    Cause, ClaimId, EventId, ExecutionTarget, HTaskId, HTaskLevel, HTaskStatus, MemoryId, MemoryScope, MemoryStatus,
    MemoryType, Priority, ResourceType, RunState, SwarmId, SwarmRole, TaskId, TaskStatus, Timestamp, Workstream,
};

/// A struct that a row is read into.
pub(super) trait Record: Sized {
    /// The table, which an error names.
    const TABLE: &'static str;

    /// Reads a row.
    fn read(row: &SqliteRow) -> Result<Self, sqlx::Error>;
}

/// Makes a struct a [`Record`]: each field is read from the column of its name, or is the value that is given for it.
macro_rules! record {
    ($row:ident => $type:ident in $table:literal { $($field:ident $(= $value:expr)?),+ $(,)? }) => {
        impl $crate::store::columns::Record for $type {
            const TABLE: &'static str = $table;

            fn read($row: &sqlx::sqlite::SqliteRow) -> Result<Self, sqlx::Error> {
                Ok(Self { $($field: record!(@value $row $field $($value)?)),+ })
            }
        }
    };
    (@value $row:ident $field:ident) => { sqlx::Row::try_get($row, stringify!($field))? };
    (@value $row:ident $field:ident $value:expr) => { $value };
}

pub(super) use record;

/// Reads a column that holds JSON; an empty one reads as null.
pub(super) fn document<T: DeserializeOwned>(row: &SqliteRow, name: &str) -> Result<T, sqlx::Error> {
    let text: Option<&str> = row.try_get(name)?;
    serde_json::from_str(text.unwrap_or("null"))
        .map_err(|source| sqlx::Error::ColumnDecode { index: format!("{name:?}"), source: Box::new(source) })
}

/// Writes a document as JSON. It cannot fail, because the documents are plain data.
pub(super) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

macro_rules! text_columns {
    ($($type:ident),+ $(,)?) => {$(
        impl Type<Sqlite> for $type {
            fn type_info() -> SqliteTypeInfo {
                <&str as Type<Sqlite>>::type_info()
            }
        }

        impl Encode<'_, Sqlite> for $type {
            fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
                <&str as Encode<Sqlite>>::encode_by_ref(&self.as_str(), buffer)
            }
        }

        impl<'r> Decode<'r, Sqlite> for $type {
            fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxDynError> {
                Ok(<&str as Decode<Sqlite>>::decode(value)?.parse()?)
            }
        }
    )+};
}

text_columns! {
    Cause, ClaimId, EventId, ExecutionTarget, HTaskId, HTaskLevel, HTaskStatus, MemoryId, MemoryScope, MemoryStatus,
    MemoryType, Priority, ResourceType, RunState, SwarmId, SwarmRole, TaskId, TaskStatus, Workstream,
}

/// A time is a number of microseconds.
impl Type<Sqlite> for Timestamp {
    fn type_info() -> SqliteTypeInfo {
        i64::type_info()
    }

    fn compatible(given: &SqliteTypeInfo) -> bool {
        i64::compatible(given)
    }
}

impl Encode<'_, Sqlite> for Timestamp {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        self.as_micros().encode_by_ref(buffer)
    }
}

impl<'r> Decode<'r, Sqlite> for Timestamp {
    fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxDynError> {
        i64::decode(value).map(Self::from_micros)
    }
}
