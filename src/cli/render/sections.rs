//! Sections of the project's documents.

use super::paint::{Paint, line};
use crate::domain::{ContextAnswer, pluralize, printable};

/// Shows each section below its title, place and score.
pub(crate) fn sections(answer: &ContextAnswer, paint: Paint) -> String {
    if answer.sections.is_empty() {
        return format!("no section of {} answers this\n", pluralize(answer.files_indexed, "document", "documents"));
    }
    let mut text = String::new();
    for section in &answer.sections {
        let [first, last] = section.lines;
        let place = format!("{}:{first}-{last}", line(&section.file));
        let title = paint.strong(line(&section.title));
        text.push_str(&format!("{title}  {place}  {:.2}\n{}\n", section.relevance_score, printable(&section.content)));
        if section.truncated {
            text.push_str(&format!("{}\n", paint.dim("… cut: give --max-tokens a greater number")));
        }
        text.push('\n');
    }
    let sections = pluralize(answer.sections.len(), "section", "sections");
    let counts = format!("{sections}, {} tokens", answer.total_tokens);
    text.push_str(&format!("{}\n", paint.dim(counts)));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Section;

    #[test]
    fn a_section_is_shown_with_its_place_and_its_text_cannot_act() {
        let section = Section {
            title: "Deploy > Rollback".into(),
            file: "docs/deploy.md".into(),
            lines: [3, 9],
            content: "## Rollback\n\u{1b}[31mUndo it.".into(),
            relevance_score: 0.8134,
            token_count: 7,
            truncated: true,
        };
        let answer = ContextAnswer { sections: vec![section], total_tokens: 7, ..ContextAnswer::default() };
        insta::assert_snapshot!(sections(&answer, Paint::new(false)), @"
        Deploy > Rollback  docs/deploy.md:3-9  0.81
        ## Rollback
        �[31mUndo it.
        … cut: give --max-tokens a greater number

        1 section, 7 tokens
        ");
        assert_eq!(
            sections(&ContextAnswer { files_indexed: 2, ..ContextAnswer::default() }, Paint::new(false)),
            "no section of 2 documents answers this\n"
        );
    }
}
