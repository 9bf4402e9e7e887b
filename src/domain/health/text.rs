//! What words without a document say about health.

use super::said::Said;
use super::words::{WordGrade, grade_of_phrase, grade_of_word};
use crate::domain::one_line;

/// Judges words: each line of kubernetes' verbose form and of a table of names and words, else the first and the last line.
pub(super) fn judge_text(text: &str) -> Said {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let mut said = Said::default();
    let failed: Vec<&str> = lines.iter().filter_map(|line| line.strip_prefix("[-]")).collect();
    if !failed.is_empty() {
        said.bad = failed.into_iter().map(|line| one_line(line.split(':').next().unwrap_or(line), 60)).collect();
        return said;
    }
    let rows: Option<Vec<(&str, &str)>> = lines.iter().map(|line| row(line)).collect();
    if let Some(rows) = rows.filter(|rows| rows.len() > 1) {
        for (name, value) in rows {
            let grade = grade_of_word(value).or_else(|| grade_of_word(leading_word(value)));
            if let Some(grade) = grade {
                said.take(grade, format!("{}: {}", one_line(name, 40), one_line(value, 60)));
            }
        }
        return said;
    }
    let mut ends: Vec<&&str> = lines.first().into_iter().chain(lines.last()).collect();
    ends.dedup();
    for line in ends {
        match grade_of_phrase(line) {
            Some(WordGrade::Unknown) => said.take_unknown_top(one_line(line, 60)),
            Some(grade) => said.take_top(grade, one_line(line, 60)),
            None => {}
        }
    }
    said
}

/// Reads `name: word` and `name=word`; a name is short and has no end of a sentence in it.
fn row(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once([':', '='])?;
    let is_name = !name.is_empty() && name.split_whitespace().count() <= 4 && !name.contains(['.', '!']);
    (is_name && !value.trim().is_empty() && !value.starts_with("//")).then_some((name.trim(), value.trim()))
}

/// Returns a value's first word where it is long enough to mean something beside others.
fn leading_word(value: &str) -> &str {
    let word = value.split(|letter: char| letter.is_whitespace() || ",;(".contains(letter)).next().unwrap_or_default();
    if word.len() >= 4 || word.eq_ignore_ascii_case("ok") || word.eq_ignore_ascii_case("up") { word } else { "" }
}
