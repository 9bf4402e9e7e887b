//! Splits a command line into words, and refuses what only a shell could carry out.

/// Returns the words of a line.
///
/// # Errors
/// Why it cannot be run without a shell, as a fragment.
pub(super) fn words(line: &str) -> Result<Vec<String>, String> {
    if let Some(character) = shell_character(line) {
        let shown =
            if character == '\n' || character == '\r' { "a new line".to_owned() } else { format!("`{character}`") };
        return Err(format!(
            "{shown} is for a shell, and commands of a caller run without one; give one command at a time"
        ));
    }
    let words = shlex::split(line).ok_or("a quote or a backslash is not closed")?;
    if words.is_empty() { Err("the command is empty".to_owned()) } else { Ok(words) }
}

/// Refuses to set variables, which `allowed_commands` cannot do.
///
/// # Errors
/// Why it is refused, as a fragment.
pub(super) fn no_variables(words: &[String]) -> Result<(), String> {
    match words.first() {
        Some(first) if first.contains('=') => {
            Err(format!("`{first}` would set a variable, which needs a shell; allow `env {first} …` instead"))
        }
        _ => Ok(()),
    }
}

/// Finds the first character on which a POSIX shell would act: outside quotes all operators, inside double quotes
/// those that expand (POSIX.1-2024 XCU §2.2, §2.3). `*`, `?` and `[` are left: programs read patterns themselves.
fn shell_character(line: &str) -> Option<char> {
    let mut quote = None;
    let mut previous = ' ';
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        let acts = match (quote, character) {
            (_, '\0' | '\n' | '\r') => true,
            (Some('\''), _) => false,
            (Some(_), _) => matches!(character, '$' | '`'),
            (None, '#' | '~') => previous.is_whitespace(),
            (None, _) => matches!(character, ';' | '|' | '&' | '$' | '`' | '<' | '>' | '(' | ')' | '{' | '}'),
        };
        if acts {
            return Some(character);
        }
        match (quote, character) {
            (None | Some('"'), '\\') => {
                // The next character stands for itself; a line break stays refused.
                if let Some(next @ ('\n' | '\r' | '\0')) = characters.next() {
                    return Some(next);
                }
            }
            (None, '\'' | '"') => quote = Some(character),
            (Some(open), _) if open == character => quote = None,
            _ => {}
        }
        previous = character;
    }
    None
}
