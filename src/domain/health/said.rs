//! What an answer says about health, gathered word by word.

use super::words::WordGrade;

/// How many places of one kind a message names.
const SHOWN: usize = 3;

/// The places that say something, as `components.db.status: DOWN`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Said {
    pub(super) bad: Vec<String>,
    pub(super) warn: Vec<String>,
    /// Words that are neither good nor bad where one is expected.
    pub(super) unknown: Vec<String>,
    /// Bad and warning words that do not decide, where a document may quote the past.
    pub(super) told: Vec<String>,
    pub(super) has_good: bool,
    /// Whether only a field that is not known to be a part says something good.
    pub(super) has_good_quote: bool,
    pub(super) has_good_top: bool,
    pub(super) has_unknown_top: bool,
}

impl Said {
    pub(super) fn take(&mut self, grade: WordGrade, line: String) {
        match grade {
            WordGrade::Good => self.has_good = true,
            WordGrade::Unknown => self.unknown.push(line),
            WordGrade::Warn => self.warn.push(line),
            WordGrade::Bad => self.bad.push(line),
        }
    }

    pub(super) fn take_top(&mut self, grade: WordGrade, line: String) {
        // A service that says of itself that it is degraded says that it serves.
        self.has_good_top |= matches!(grade, WordGrade::Good | WordGrade::Warn);
        self.take(grade, line);
    }

    pub(super) fn take_unknown_top(&mut self, line: String) {
        self.has_unknown_top = true;
        self.unknown.push(line);
    }

    pub(super) fn quote(&mut self, grade: WordGrade, line: String) {
        match grade {
            WordGrade::Bad | WordGrade::Warn => self.told.push(line),
            WordGrade::Good => self.has_good_quote = true,
            WordGrade::Unknown => {}
        }
    }
}

/// Returns the first places of a list, and how many more there are.
pub(super) fn some_of(lines: &[String]) -> String {
    let shown = lines.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    match lines.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
