//! Swarms for people.

use super::paint::Paint;
use super::table::{Cell, Look, TableRow, table};
use crate::domain::KnownId;

/// Lists swarms.
pub(crate) fn swarms(swarms: &[KnownId], paint: Paint) -> String {
    if swarms.is_empty() {
        return "no swarms yet\n".to_owned();
    }
    let row = |swarm: &KnownId| TableRow::new([Cell::new(paint.id(&swarm.id), Look::Dim), Cell::from(&swarm.title)]);
    table(["SWARM", "NAME"], &swarms.iter().map(row).collect::<Vec<_>>(), paint)
}
