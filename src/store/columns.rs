//! How rows become structs.

/// Reads the columns of a row into the fields of a struct, in the order in which the fields are named.
macro_rules! read_columns {
    ($row:expr => $type:ident { $($field:ident),+ $(,)? }) => {{
        let mut columns = 0_usize..;
        Ok($type { $($field: sqlx::Row::try_get($row, columns.next().unwrap_or_default())?),+ })
    }};
}

pub(super) use read_columns;
