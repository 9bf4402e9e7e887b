//! The headings of Markdown, reStructuredText and AsciiDoc; pure.

use super::sections::Heading;

/// How many columns of space a line begins with.
fn indent(line: &str) -> usize {
    line.chars()
        .map_while(|character| match character {
            ' ' => Some(1),
            '\t' => Some(4),
            _ => None,
        })
        .sum()
}

/// Finds Markdown's headings: `#` to `######` and underlined ones, outside of fences, comments and front matter
/// (CommonMark 0.31 §4.2, §4.3, §4.5).
pub(super) fn markdown(lines: &[&str]) -> Vec<Heading> {
    let mut headings = Vec::new();
    let mut fence: Option<(char, usize)> = None;
    let mut comment = false;
    // Where the paragraph began that an underline would make a heading.
    let mut paragraph: Option<usize> = None;
    // Inside of a list or a quote an underline is a line.
    let mut contained = false;
    let begin = front_matter(lines);
    for (index, line) in lines.iter().enumerate().skip(begin) {
        let text = line.trim();
        if let Some((character, length)) = fence {
            if indent(line) <= 3 && text.len() >= length && text.chars().all(|found| found == character) {
                fence = None;
            }
            continue;
        }
        if comment {
            comment = !line.contains("-->");
            continue;
        }
        if text.is_empty() {
            (paragraph, contained) = (None, false);
            continue;
        }
        if indent(line) > 3 {
            continue;
        }
        if let Some(opened) = opened_fence(text) {
            (fence, paragraph, contained) = (Some(opened), None, false);
        } else if text.starts_with("<!--") {
            (comment, paragraph) = (!text.contains("-->"), None);
        } else if let Some((level, title)) = numbered_heading(text) {
            headings.push(Heading { first_line: index, body_line: index + 1, level, title });
            (paragraph, contained) = (None, false);
        } else if let (Some(first_line), Some(level)) = (paragraph, underline(text)) {
            let title = lines[first_line..index].iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
            headings.push(Heading { first_line, body_line: index + 1, level, title });
            paragraph = None;
        } else if is_rule(text) {
            (paragraph, contained) = (None, false);
        } else if begins_container(text) {
            (paragraph, contained) = (None, true);
        } else if !contained && paragraph.is_none() {
            paragraph = Some(index);
        }
    }
    headings
}

/// Returns where the text begins behind YAML between `---` at the very beginning.
fn front_matter(lines: &[&str]) -> usize {
    if lines.first().map(|line| line.trim_end()) != Some("---") {
        return 0;
    }
    let end = lines.iter().skip(1).position(|line| matches!(line.trim_end(), "---" | "..."));
    end.map_or(0, |place| place + 2)
}

fn opened_fence(text: &str) -> Option<(char, usize)> {
    let character = text.chars().next().filter(|character| matches!(character, '`' | '~'))?;
    let length = text.chars().take_while(|found| *found == character).count();
    let rest = &text[length..];
    (length >= 3 && !(character == '`' && rest.contains('`'))).then_some((character, length))
}

fn numbered_heading(text: &str) -> Option<(usize, String)> {
    let level = text.chars().take_while(|character| *character == '#').count();
    let rest = &text[level..];
    if !(1..=6).contains(&level) || !(rest.is_empty() || rest.starts_with([' ', '\t'])) {
        return None;
    }
    let title = rest.trim();
    // Closing marks belong to the heading when a space stands before them.
    let open = title.trim_end_matches('#');
    let title = if open.is_empty() || open.ends_with([' ', '\t']) { open.trim_end() } else { title };
    Some((level, title.to_owned()))
}

fn underline(text: &str) -> Option<usize> {
    match text.as_bytes() {
        [b'=', rest @ ..] if rest.iter().all(|byte| *byte == b'=') => Some(1),
        [b'-', rest @ ..] if rest.iter().all(|byte| *byte == b'-') => Some(2),
        _ => None,
    }
}

fn is_rule(text: &str) -> bool {
    let mut marks = text.chars().filter(|character| !character.is_whitespace());
    let Some(mark) = marks.next().filter(|mark| matches!(mark, '-' | '*' | '_')) else { return false };
    let mut count = 1;
    marks.all(|character| {
        count += 1;
        character == mark
    }) && count >= 3
}

fn begins_container(text: &str) -> bool {
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    let numbered = (1..=9).contains(&digits) && text[digits..].starts_with(['.', ')']);
    let marked = text.starts_with(['-', '*', '+']) && text[1..].starts_with([' ', '\t']);
    numbered || marked || text.starts_with(['>', '|'])
}

/// Finds AsciiDoc's headings: `=` to `======`, outside of delimited blocks.
pub(super) fn asciidoc(lines: &[&str]) -> Vec<Heading> {
    let mut headings = Vec::new();
    let mut block: Option<&str> = None;
    for (index, line) in lines.iter().enumerate() {
        let text = line.trim_end();
        let first = text.chars().next().unwrap_or(' ');
        if text.len() >= 4 && "-.=/*+_".contains(first) && text.chars().all(|character| character == first) {
            block = match block {
                Some(open) if open == text => None,
                Some(open) => Some(open),
                None => Some(text),
            };
            continue;
        }
        let level = text.chars().take_while(|character| *character == '=').count();
        if block.is_none() && (1..=6).contains(&level) && text[level..].starts_with(' ') {
            let title = text[level..].trim().to_owned();
            headings.push(Heading { first_line: index, body_line: index + 1, level, title });
        }
    }
    headings
}

/// Finds reStructuredText's headings: underlined, perhaps overlined; the level is the order in which a way appears.
pub(super) fn restructured_text(lines: &[&str]) -> Vec<Heading> {
    let mut headings: Vec<Heading> = Vec::new();
    let mut ways: Vec<(char, bool)> = Vec::new();
    for index in 1..lines.len() {
        let title = lines[index - 1].trim_end();
        let Some(mark) = adornment(lines[index]) else { continue };
        let plain = !title.is_empty() && indent(title) == 0 && adornment(title).is_none();
        let overlined = index >= 2 && lines[index - 2].trim_end() == lines[index].trim_end();
        let free = index < 2 || overlined || lines[index - 2].trim().is_empty();
        let taken = headings.last().is_some_and(|heading| heading.body_line > index - 1);
        if !(plain || overlined && !title.trim().is_empty() && adornment(title).is_none()) || !free || taken {
            continue;
        }
        if title.trim().chars().count() > lines[index].trim_end().chars().count() {
            continue;
        }
        let way = (mark, overlined);
        let level = ways.iter().position(|known| *known == way).unwrap_or_else(|| {
            ways.push(way);
            ways.len() - 1
        }) + 1;
        let first_line = if overlined { index - 2 } else { index - 1 };
        headings.push(Heading { first_line, body_line: index + 1, level, title: title.trim().to_owned() });
    }
    headings
}

fn adornment(line: &str) -> Option<char> {
    let text = line.trim_end();
    let mark = text.chars().next().filter(char::is_ascii_punctuation)?;
    (text.len() >= 3 && text.chars().all(|character| character == mark)).then_some(mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(headings: &[Heading]) -> Vec<(usize, usize, &str)> {
        headings.iter().map(|heading| (heading.first_line, heading.level, heading.title.as_str())).collect()
    }

    fn in_markdown(text: &str) -> Vec<(usize, usize, String)> {
        let lines: Vec<&str> = text.lines().collect();
        markdown(&lines).into_iter().map(|heading| (heading.first_line, heading.level, heading.title)).collect()
    }

    #[test]
    fn headings_have_one_to_six_marks_and_a_space() {
        let text = "# One #\n####### seven\n#none\n   ###### Six\n    # code\n## C#\n#\n#\tTab ##";
        let expected = [(0, 1, "One"), (3, 6, "Six"), (5, 2, "C#"), (6, 1, ""), (7, 1, "Tab")];
        assert_eq!(in_markdown(text), expected.map(|(line, level, title)| (line, level, title.to_owned())));
    }

    #[test]
    fn what_stands_in_a_fence_or_a_comment_is_no_heading() {
        let text =
            "```sh\n# not a heading\n~~~\n```\n# A\n~~~~\n# no\n~~~\n# no\n~~~~\n<!--\n# no\n-->\n# B\n``` `x`\n# C\n";
        let titles: Vec<String> = in_markdown(text).into_iter().map(|(_, _, title)| title).collect();
        assert_eq!(titles, ["A", "B", "C"]);
        assert!(in_markdown("```\n# never closed\n").is_empty());
    }

    #[test]
    fn underlined_paragraphs_are_headings_and_rules_are_not() {
        let text = "Deploy\n======\n\nRoll\nback\n---\ntext\n\n---\n- item\n---\n> quote\n---\n| a | b |\n---\n";
        let expected = [(0, 1, "Deploy"), (3, 2, "Roll back")];
        assert_eq!(in_markdown(text), expected.map(|(line, level, title)| (line, level, title.to_owned())));
    }

    #[test]
    fn front_matter_is_no_heading() {
        assert_eq!(in_markdown("---\ntitle: x\n# no\n---\n# A\n"), [(4, 1, "A".to_owned())]);
        assert_eq!(in_markdown("---\n# A\n"), [(1, 1, "A".to_owned())]);
    }

    #[test]
    fn asciidoc_and_restructured_text_have_their_own_headings() {
        let lines = ["= Guide", "", "== Deploy", "----", "== no", "----", "=== Rollback"];
        assert_eq!(found(&asciidoc(&lines)), [(0, 1, "Guide"), (2, 2, "Deploy"), (6, 3, "Rollback")]);
        let lines = [
            "=====", "Guide", "=====", "", "Deploy", "------", "text", "", "Rollback", "--------", "", "a::", "", "  x",
        ];
        assert_eq!(found(&restructured_text(&lines)), [(0, 1, "Guide"), (4, 2, "Deploy"), (8, 2, "Rollback")]);
    }
}
