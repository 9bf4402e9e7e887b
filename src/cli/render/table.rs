//! Lists with headings.

use unicode_width::UnicodeWidthStr;

use super::paint::Paint;
use crate::domain::one_line;

/// What stands in a place of a row: a text that is safe to show, and how it looks.
pub(super) struct Cell {
    text: String,
    look: Look,
}

/// How a cell looks.
#[derive(Debug, Clone, Copy)]
pub(super) enum Look {
    Plain,
    Strong,
    Dim,
    Good,
    Bad,
    Open,
}

impl Cell {
    /// Makes a cell; a text from outside is made one line here.
    pub(super) fn new(text: impl AsRef<str>, look: Look) -> Self {
        Self { text: one_line(text.as_ref(), usize::MAX), look }
    }
}

impl<T: AsRef<str>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::new(text, Look::Plain)
    }
}

/// A row, and what stands below it.
pub(super) struct TableRow<const COLUMNS: usize> {
    pub(super) cells: [Cell; COLUMNS],
    pub(super) below: String,
}

impl<const COLUMNS: usize> TableRow<COLUMNS> {
    /// Makes a row with nothing below.
    pub(super) const fn new(cells: [Cell; COLUMNS]) -> Self {
        Self { cells, below: String::new() }
    }
}

/// Shows rows below their headings. The last column is as wide as it likes; at a terminal it ends with the line, so that a
/// row is one line.
pub(super) fn table<const COLUMNS: usize>(
    headings: [&str; COLUMNS],
    rows: &[TableRow<COLUMNS>],
    paint: Paint,
) -> String {
    let width = |index: usize| {
        let cells = rows.iter().filter_map(|row| row.cells.get(index)).map(|cell| cell.text.width());
        cells.chain(headings.get(index).map(|heading| heading.width())).max().unwrap_or_default()
    };
    let widths: [usize; COLUMNS] = std::array::from_fn(width);
    let headings = headings.map(|heading| Cell::new(heading, Look::Strong));
    let mut text = written(&headings, &widths, paint);
    for row in rows {
        text.push_str(&written(&row.cells, &widths, paint));
        text.push_str(&row.below);
    }
    text
}

fn written(cells: &[Cell], widths: &[usize], paint: Paint) -> String {
    const GAP: usize = 2;
    let mut text = String::new();
    let mut used = 0;
    for (index, (cell, width)) in cells.iter().zip(widths).enumerate() {
        let is_last = index + 1 == cells.len();
        let room = paint.columns().filter(|_| is_last).map(|columns| columns.saturating_sub(used).max(LEAST));
        let shown = room.map_or_else(|| cell.text.clone(), |room| cut(&cell.text, room));
        let padding = if is_last { 0 } else { width + GAP - shown.width().min(*width) };
        text.push_str(&looking(&shown, cell.look, paint));
        text.push_str(&" ".repeat(padding));
        used += width + GAP;
    }
    format!("{}\n", text.trim_end())
}

/// The least room of the last column, on a terminal that is too narrow for the others.
const LEAST: usize = 20;

/// Cuts a text to a width.
fn cut(text: &str, room: usize) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    let mut kept = String::new();
    for character in text.chars() {
        kept.push(character);
        if kept.width() >= room {
            kept.pop();
            break;
        }
    }
    format!("{kept}…")
}

fn looking(text: &str, look: Look, paint: Paint) -> String {
    match look {
        _ if text.is_empty() => String::new(),
        Look::Plain => text.to_owned(),
        Look::Strong => paint.strong(text),
        Look::Dim => paint.dim(text),
        Look::Good => paint.success(text),
        Look::Bad => paint.error(text),
        Look::Open => paint.warning(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::render::TerminalScreen;
    use crate::domain::Timestamp;

    fn shown(paint: Paint) -> String {
        let row = |id: &str, title: &str| {
            TableRow::new([Cell::new(id, Look::Dim), Cell::new("DONE", Look::Good), title.into()])
        };
        let rows = [row("task_1", "Deploy\u{1b}[2J all of the carts"), row("t", "日本語のタイトル")];
        table(["TASK", "STATUS", "TITLE"], &rows, paint)
    }

    #[test]
    fn columns_stand_below_their_headings_and_a_pipe_cuts_nothing() {
        insta::assert_snapshot!(shown(Paint::new(false)), @"
        TASK    STATUS  TITLE
        task_1  DONE    Deploy�[2J all of the carts
        t       DONE    日本語のタイトル
        ");
    }

    #[test]
    fn at_a_terminal_a_row_is_one_line() {
        let screen = TerminalScreen { now: Timestamp::from_micros(0), columns: Some(36) };
        let text = shown(Paint::on(false, Some(screen)));
        assert!(text.lines().all(|line| line.width() <= 36), "{text}");
        assert!(text.contains("Deploy\u{fffd}[2J all of t…\n"), "{text}");
    }

    #[test]
    fn colours_change_no_column() {
        let plain = |text: String| anstream::adapter::strip_str(&text).to_string();
        assert_eq!(plain(shown(Paint::new(true))), shown(Paint::new(false)));
        assert!(shown(Paint::new(true)).contains('\u{1b}'));
    }
}
