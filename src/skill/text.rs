//! The text, its name and its description.

/// The skill's name, as its frontmatter says it.
pub const SKILL_NAME: &str = "prod-first-validation";

/// The whole of `SKILL.md`: frontmatter and text.
pub const SKILL_TEXT: &str = include_str!("SKILL.md");

/// The skill's files: the path of each in the skill's folder, and its content. `SKILL.md` comes first.
pub const SKILL_FILES: [(&str, &str); 2] =
    [("SKILL.md", SKILL_TEXT), ("references/live-checks.md", include_str!("references/live-checks.md"))];

/// Returns when an agent should read the skill, as its frontmatter says it.
pub fn skill_description() -> &'static str {
    SKILL_TEXT.lines().find_map(|line| line.strip_prefix("description: ")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frontmatter_holds_the_name_and_a_description_and_nothing_else() {
        let (front, text) = SKILL_TEXT
            .strip_prefix("---\n")
            .and_then(|rest| rest.split_once("\n---\n"))
            .expect("frontmatter between two lines of ---");
        let lines: Vec<_> = front.lines().collect();
        assert_eq!(lines, [format!("name: {SKILL_NAME}"), format!("description: {}", skill_description())]);
        assert!(text.contains("\n# "), "a heading");
    }

    #[test]
    fn the_text_links_to_every_other_file() {
        for (path, _) in &SKILL_FILES[1..] {
            assert!(SKILL_TEXT.contains(&format!("({path})")), "{path}");
        }
    }

    #[test]
    fn the_description_is_plain_yaml_of_a_length_that_clients_take() {
        let description = skill_description();
        assert!((40..=1024).contains(&description.chars().count()), "{}", description.len());
        assert!(!description.contains(": ") && !description.contains(" #"), "{description}");
        assert!(description.starts_with(|first: char| first.is_ascii_alphabetic()), "{description}");
    }
}
