//! Options that make a runner run no test.

use super::recognise::is_one_of;

/// What no runner runs a test with.
const EVERYWHERE: &[&str] = &["--help", "--version"];

/// Returns the first argument that makes the runner run nothing, with its value, as it was written.
pub(super) fn nothing_in(rows: &[&str], arguments: &[&str]) -> Option<String> {
    EVERYWHERE.iter().chain(rows).find_map(|row| match row.strip_prefix("word:") {
        Some(word) => {
            let first = arguments.iter().find(|argument| !argument.starts_with('-'))?;
            is_one_of(word, first).then(|| (*first).to_owned())
        }
        None => option_in(row, arguments),
    })
}

fn option_in(row: &str, arguments: &[&str]) -> Option<String> {
    let (option, value) = row.split_once('=').map_or((row, None), |(option, value)| (option, Some(value)));
    let mut rest = arguments;
    while let Some((argument, after)) = rest.split_first() {
        let given = argument.split_once('=').map_or((*argument, None), |(option, value)| (option, Some(value)));
        match (value, given) {
            (None, (name, None)) if name == option => return Some((*argument).to_owned()),
            (None, (name, Some(said))) if name == option && !is_one_of("false|no|0|off", said) => {
                return Some((*argument).to_owned());
            }
            (Some(value), (name, Some(said))) if name == option && is_one_of(value, said) => {
                return Some((*argument).to_owned());
            }
            (Some(value), (name, None)) if name == option => {
                if let Some(said) = after.first().filter(|said| is_one_of(value, said)) {
                    return Some(format!("{argument} {said}"));
                }
            }
            // `-xtest`: a short option with its value in one word.
            (Some(value), (joined, None))
                if is_short(option) && joined.strip_prefix(option).is_some_and(|said| is_one_of(value, said)) =>
            {
                return Some((*argument).to_owned());
            }
            _ => {}
        }
        rest = after;
    }
    None
}

fn is_short(option: &str) -> bool {
    option.len() == 2
}
