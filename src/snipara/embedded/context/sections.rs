//! Cuts a document into sections by its headings. Pure.

use super::documents::DocumentKind;
use super::{markup, openapi};
use crate::domain::one_line;
use crate::store::NewSection;

/// The version of this way to cut: a document that was cut another way is read again.
pub(super) const READING: i64 = 1;

/// Sections longer than this are cut at blank lines: 16 KiB, the default answer of 4,000 tokens.
const MAX_SECTION_BYTES: usize = 16 * 1024;
/// The most sections of one document.
const MAX_SECTIONS: usize = 1_000;
/// The longest title, in characters.
const MAX_TITLE: usize = 200;

/// A heading of a document; lines count from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heading {
    /// Where it begins.
    pub(super) first_line: usize,
    /// Where its text begins.
    pub(super) body_line: usize,
    /// 1 is the highest.
    pub(super) level: usize,
    pub(super) title: String,
}

/// A stretch of lines that is a section; lines count from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) title: String,
    pub(super) first_line: usize,
    /// Behind its last line.
    pub(super) end_line: usize,
    /// Its text, where that is less than its lines.
    pub(super) content: Option<String>,
}

/// A document in sections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SectionedDocument {
    pub(super) sections: Vec<NewSection>,
    /// A problem that a reader should know.
    pub(super) problem: Option<String>,
}

/// Cuts a document into sections.
pub(super) fn cut(kind: DocumentKind, path: &str, text: &str) -> SectionedDocument {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines: Vec<&str> = text.lines().collect();
    let name = path.rsplit('/').next().unwrap_or(path);
    let (stretches, problem) = match kind {
        DocumentKind::Markdown => (outline(&lines, name, &markup::markdown(&lines)), None),
        DocumentKind::RestructuredText => (outline(&lines, name, &markup::restructured_text(&lines)), None),
        DocumentKind::Asciidoc => (outline(&lines, name, &markup::asciidoc(&lines)), None),
        DocumentKind::Plain => (outline(&lines, name, &[]), None),
        DocumentKind::OpenApiYaml => (openapi::yaml(&lines, name), None),
        DocumentKind::OpenApiJson => match openapi::json(text, &lines, name) {
            Ok(stretches) => (stretches, None),
            Err(why) => (outline(&lines, name, &[]), Some(format!("is read as plain text: {}", one_line(&why, 120)))),
        },
    };
    let mut cut = SectionedDocument { sections: Vec::new(), problem };
    for stretch in stretches {
        pieces(&lines, stretch, &mut cut.sections);
    }
    if let Some(first_left) = cut.sections.get(MAX_SECTIONS) {
        let line = first_left.first_line;
        cut.problem = Some(format!("has more than {MAX_SECTIONS} sections: what begins at line {line} was left out"));
        cut.sections.truncate(MAX_SECTIONS);
    }
    cut
}

/// Makes stretches of headings. The text before the first heading has the file's name as title.
fn outline(lines: &[&str], name: &str, headings: &[Heading]) -> Vec<Stretch> {
    let begin = headings.first().map_or(lines.len(), |heading| heading.first_line);
    let mut stretches = vec![Stretch { title: name.to_owned(), first_line: 0, end_line: begin, content: None }];
    let mut above: Vec<&Heading> = Vec::new();
    for (index, heading) in headings.iter().enumerate() {
        let next = headings.get(index + 1);
        let end_line = next.map_or(lines.len(), |next| next.first_line);
        above.retain(|parent| parent.level < heading.level);
        above.push(heading);
        // A heading without text of its own adds nothing to the headings under it.
        let holds_only_others = next.is_some_and(|next| next.level > heading.level)
            && lines[heading.body_line..end_line].iter().all(|line| line.trim().is_empty());
        if !holds_only_others {
            let title = above.iter().map(|heading| heading.title.as_str()).collect::<Vec<_>>().join(" > ");
            stretches.push(Stretch { title, first_line: heading.first_line, end_line, content: None });
        }
    }
    stretches
}

/// Adds a stretch without blank lines around it, in pieces when it is long.
fn pieces(lines: &[&str], stretch: Stretch, sections: &mut Vec<NewSection>) {
    let title = one_line(&stretch.title, MAX_TITLE);
    let blank = |line: usize| lines.get(line).is_none_or(|line| line.trim().is_empty());
    if let Some(content) = stretch.content {
        let last = stretch.end_line.max(stretch.first_line + 1);
        sections.push(section(title, stretch.first_line, last, content));
        return;
    }
    let (mut first, mut end) = (stretch.first_line, stretch.end_line);
    while first < end && blank(first) {
        first += 1;
    }
    while end > first && blank(end - 1) {
        end -= 1;
    }
    while first < end && sections.len() <= MAX_SECTIONS {
        let mut piece_end = piece_end(&lines[first..end]) + first;
        let next = (piece_end..end).find(|line| !blank(*line)).unwrap_or(end);
        while blank(piece_end - 1) && piece_end - 1 > first {
            piece_end -= 1;
        }
        sections.push(section(title.clone(), first, piece_end, lines[first..piece_end].join("\n")));
        first = next;
    }
}

/// Returns how many lines the first piece has: all, or as many as fit, up to a blank line in their second half.
fn piece_end(lines: &[&str]) -> usize {
    let mut bytes = 0;
    let mut blank = None;
    for (index, line) in lines.iter().enumerate() {
        bytes += line.len() + 1;
        if bytes > MAX_SECTION_BYTES && index > 0 {
            return blank.unwrap_or(index);
        }
        if line.trim().is_empty() && bytes > MAX_SECTION_BYTES / 2 {
            blank = Some(index + 1);
        }
    }
    lines.len()
}

fn section(title: String, first: usize, end: usize, content: String) -> NewSection {
    let line = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    NewSection { title, first_line: line(first + 1), last_line: line(end), content }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(cut: &SectionedDocument) -> Vec<(String, u32, u32)> {
        cut.sections.iter().map(|section| (section.title.clone(), section.first_line, section.last_line)).collect()
    }

    fn markdown(text: &str) -> SectionedDocument {
        cut(DocumentKind::Markdown, "docs/guide.md", text)
    }

    #[test]
    fn headings_make_sections_with_their_lines_and_the_titles_above() {
        let text =
            "\nBefore.\n\n# Service\n\n## Deploy\n\nRun it.\n\n### Rollback\nUndo it.\n\n## Deploy\n\nAgain.\n\n";
        let cut = markdown(text);
        let expected = [
            ("guide.md", 2, 2),
            ("Service > Deploy", 6, 8),
            ("Service > Deploy > Rollback", 10, 11),
            ("Service > Deploy", 13, 15),
        ];
        assert_eq!(shown(&cut), expected.map(|(title, first, last)| (title.to_owned(), first, last)));
        assert_eq!(cut.sections[2].content, "### Rollback\nUndo it.");
    }

    #[test]
    fn the_text_of_a_section_is_the_text_of_its_lines() {
        let text = "# A\r\none\r\n\r\n## B\ntwo\n";
        let lines: Vec<&str> = text.lines().collect();
        for section in markdown(text).sections {
            let range = section.first_line as usize - 1..section.last_line as usize;
            assert_eq!(section.content, lines[range].join("\n"));
        }
    }

    #[test]
    fn a_document_without_headings_is_one_section_of_its_name() {
        let cut = cut(DocumentKind::Plain, "Dockerfile", "FROM scratch\n# not a heading\n");
        assert_eq!(shown(&cut), [("Dockerfile".to_owned(), 1, 2)]);
        assert_eq!(markdown(" \n\n").sections, []);
    }

    #[test]
    fn a_long_section_is_cut_at_blank_lines_and_nothing_of_it_is_lost() {
        let paragraph = format!("{}\n\n", "word ".repeat(400));
        let text = format!("# Long\n\n{}", paragraph.repeat(20));
        let cut = markdown(&text);
        assert!(cut.sections.len() > 2);
        assert!(cut.sections.iter().all(|section| section.title == "Long"));
        assert!(cut.sections.iter().all(|section| section.content.len() <= MAX_SECTION_BYTES));
        let words: usize = cut.sections.iter().map(|section| section.content.matches("word").count()).sum();
        assert_eq!(words, 400 * 20);
        let line = markdown(&"x".repeat(100_000));
        assert_eq!(line.sections.len(), 1);
    }

    #[test]
    fn a_document_of_headings_only_is_bounded_and_says_so() {
        let cut = markdown(&"# a\n".repeat(5_000));
        assert_eq!(cut.sections.len(), MAX_SECTIONS);
        let problem = cut.problem.expect("told");
        assert_eq!(problem, "has more than 1000 sections: what begins at line 1001 was left out");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_cut_in_order_and_into_lines_that_exist(text in "(?s)[#\\-=`~ \\na-c\r>|{}:/\"]{0,400}") {
            for kind in [
                DocumentKind::Markdown, DocumentKind::RestructuredText, DocumentKind::Asciidoc, DocumentKind::Plain,
                DocumentKind::OpenApiJson, DocumentKind::OpenApiYaml,
            ] {
                let count = text.lines().count() as u32;
                let mut before = 0;
                for section in cut(kind, "x", &text).sections {
                    proptest::prop_assert!(section.first_line > before && section.first_line <= section.last_line);
                    proptest::prop_assert!(section.last_line <= count && !section.content.is_empty());
                    before = section.last_line;
                }
            }
        }
    }
}
