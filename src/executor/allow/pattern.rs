//! Trusted commands: exact lines, or patterns with `*`.

/// Tells whether a line is allowed by one of the patterns.
pub(super) fn any_matches(patterns: &[String], line: &str) -> bool {
    patterns.iter().any(|pattern| matches(pattern.trim(), line))
}

fn matches(pattern: &str, line: &str) -> bool {
    if pattern.is_empty() {
        return false;
    }
    pattern == line || stars_match(pattern, line)
}

/// Matches piece by piece; where a piece fits at several places all are tried, as `*` may not take every character.
fn stars_match(pattern: &str, line: &str) -> bool {
    let Some((before, rest)) = pattern.split_once('*') else { return pattern == line };
    let Some(line) = line.strip_prefix(before) else { return false };
    line.char_indices()
        .map(|(index, _)| index)
        .chain([line.len()])
        .map(|index| line.split_at(index))
        .take_while(|(taken, _)| taken.chars().all(is_plain) && !taken.contains(".."))
        .any(|(taken, left)| !crosses_up(before, taken, left) && stars_match(rest, left))
}

/// `./scripts/*` must not match `./scripts/..`, in whichever way the two dots come together.
fn crosses_up(before: &str, taken: &str, left: &str) -> bool {
    (taken.starts_with('.') && before.ends_with('.')) || (taken.ends_with('.') && left.starts_with('.'))
}

fn is_plain(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '.' | '/' | ':' | '@' | '%' | '+' | '=' | ',' | '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_a_part_of_one_word() {
        assert!(matches("./scripts/*.sh --only *", "./scripts/unit.sh --only api-v2"));
        assert!(matches("make *", "make deploy:test"));
        assert!(matches("npm test", "npm test"));
        assert!(matches("a*a", "aaa"));
    }

    #[test]
    fn a_star_never_matches_what_a_shell_or_a_path_could_turn_round() {
        for line in [
            "make a b",
            "make a;b",
            "make a|b",
            "make a&b",
            "make $x",
            "make `x`",
            "make a>b",
            "make (a)",
            "make {a,b}",
            "make 'a b'",
            "make \"a\"",
            "make a\\ b",
            "make a\nb",
            "make ../x",
            "make a/../../x",
            "make a*",
            "make a\tb",
        ] {
            assert!(!matches("make *", line), "{line}");
        }
        assert!(!matches("./scripts/.*", "./scripts/../x"));
        assert!(!matches("./scripts/*./x", "./scripts/../x"));
    }

    #[test]
    fn an_empty_pattern_allows_nothing_and_a_pattern_is_no_prefix() {
        assert!(!any_matches(&[String::new()], ""));
        assert!(!matches("npm test", "npm test --script-shell=x"));
    }
}
