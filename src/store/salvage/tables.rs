//! The rows of each table, found from its root, or by their form where the way from the root is damaged.

use std::collections::{BTreeMap, HashSet};

use super::pages::{Node, Pages};
use super::record::{SalvagedRow, Value};

/// A column as the migrations make it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) is_text: bool,
    pub(super) not_null: bool,
    /// Whether it is the row's number, which is not in the record.
    pub(super) is_rowid: bool,
}

/// A table whose rows are carried over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
}

impl Table {
    /// Reads a row in the table's form; `None` when it does not have it. A record may lack the columns that a migration
    /// added at the end.
    fn read(&self, project: &str, row: SalvagedRow) -> Option<Vec<Value>> {
        let SalvagedRow { rowid, mut values } = row;
        if values.len() > self.columns.len() || values.is_empty() {
            return None;
        }
        values.resize(self.columns.len(), Value::Null);
        for (column, value) in self.columns.iter().zip(&mut values) {
            if column.is_rowid {
                *value = Value::Integer(rowid);
            }
            let fits = match value {
                Value::Null => !column.not_null,
                Value::Text(text) => column.is_text && (column.name != "project_id" || text == project),
                Value::Integer(_) => !column.is_text,
                Value::Real(_) | Value::Blob(_) => false,
            };
            if !fits {
                return None;
            }
        }
        Some(values)
    }
}

/// What could not be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Unread {
    /// Pages that are damaged.
    pub(super) pages: u64,
    /// Rows that are not whole, do not have their table's form, or could be of several tables.
    pub(super) rows: u64,
}

/// Walks from roots to rows.
struct Walk<'a> {
    pages: &'a Pages,
    seen: HashSet<u32>,
    unread: Unread,
}

impl Walk<'_> {
    /// Hands out the rows below a page; tells whether every page could be read.
    fn rows(&mut self, root: u32, take: &mut dyn FnMut(SalvagedRow) -> bool) -> bool {
        let (mut left, mut whole) = (vec![root], true);
        while let Some(number) = left.pop() {
            if !self.seen.insert(number) {
                continue;
            }
            match self.pages.node(number) {
                Some(Node::Interior(children)) => left.extend(children.into_iter().rev()),
                Some(Node::Leaf { rows, broken }) => {
                    self.unread.rows += broken;
                    whole &= broken == 0;
                    for row in rows {
                        if !take(row) {
                            self.unread.rows += 1;
                        }
                    }
                }
                None => {
                    self.unread.pages += 1;
                    whole = false;
                }
            }
        }
        whole
    }
}

/// Hands out every row of these tables that can be read, with its table's place in the list.
pub(super) fn read_all(
    pages: &Pages,
    tables: &[Table],
    project: &str,
    take: &mut dyn FnMut(usize, Vec<Value>),
) -> Unread {
    let mut walk = Walk { pages, seen: HashSet::new(), unread: Unread::default() };
    let mut roots = BTreeMap::new();
    let schema_is_whole = walk.rows(1, &mut |row| {
        if let [Value::Text(kind), Value::Text(name), _, Value::Integer(root), ..] = row.values.as_slice()
            && kind == "table"
            && let Ok(root @ 1..) = u32::try_from(*root)
        {
            roots.insert(name.clone(), root);
        }
        true
    });
    let mut damaged = Vec::new();
    for (place, table) in tables.iter().enumerate() {
        let whole = match roots.remove(&table.name) {
            None => false,
            Some(root) => walk.rows(root, &mut |row| match table.read(project, row) {
                None => false,
                Some(values) => {
                    take(place, values);
                    true
                }
            }),
        };
        if !whole {
            damaged.push(place);
        }
    }
    // The rows of the other tables are not looked for among those that have lost their table. What is damaged of them is
    // made anew, and some of them are no tables inside.
    let unread = walk.unread;
    for root in roots.into_values() {
        walk.rows(root, &mut |_| true);
    }
    walk.unread = unread;
    if !damaged.is_empty() || !schema_is_whole {
        orphans(&mut walk, tables, &damaged, project, take);
    }
    walk.unread
}

/// Looks for rows on the pages that no table leads to any more.
fn orphans(
    walk: &mut Walk<'_>,
    tables: &[Table],
    damaged: &[usize],
    project: &str,
    take: &mut dyn FnMut(usize, Vec<Value>),
) {
    for number in 1..=walk.pages.count {
        if walk.seen.contains(&number) {
            continue;
        }
        let Some(Node::Leaf { rows, broken }) = walk.pages.node(number) else { continue };
        let fitting = |place: &usize| {
            let table = tables.get(*place)?;
            let read: Vec<_> = rows.iter().filter_map(|row| table.read(project, row.clone())).collect();
            (read.len() == rows.len() && !rows.is_empty()).then_some((*place, read))
        };
        let mut found: Vec<_> = damaged.iter().filter_map(fitting).collect();
        walk.unread.rows += broken;
        match (found.pop(), found.is_empty()) {
            (Some((place, rows)), true) => rows.into_iter().for_each(|values| take(place, values)),
            _ => walk.unread.rows += u64::try_from(rows.len()).unwrap_or(u64::MAX),
        }
    }
}
