//! Variables that a caller may set before a command (`CI=1 npm test`).

use super::place::Place;
use super::value;

/// A name and what it may be. None of them names a file, a module or a program.
pub(super) const VARIABLES: &[(&str, &str)] = &[
    ("CI", "1|true"),
    ("NODE_ENV", "test|development|production"),
    ("RAILS_ENV", "test"),
    ("RACK_ENV", "test"),
    ("MIX_ENV", "test"),
    ("APP_ENV", "test|testing"),
    ("RUST_BACKTRACE", "0|1|full"),
    ("RUST_TEST_THREADS", "{num}"),
    ("CARGO_TERM_COLOR", "always|never|auto"),
    ("CGO_ENABLED", "0|1"),
    ("FORCE_COLOR", "0|1|2|3"),
    ("NO_COLOR", "1"),
    ("PYTHONUNBUFFERED", "1"),
    ("PYTHONDONTWRITEBYTECODE", "1"),
    ("PYTHONHASHSEED", "{num}"),
    ("SKIP_ENV_VALIDATION", "1|true"),
    ("UV_OFFLINE", "1"),
    ("TZ", "UTC"),
    ("LANG", "C|C.UTF-8|en_US.UTF-8"),
    ("LC_ALL", "C|C.UTF-8|en_US.UTF-8"),
];

/// Takes the variables off the front of a command's words.
///
/// # Errors
/// Why one may not be set, as a fragment.
pub(super) fn take(words: &[String], place: &Place) -> Result<(Vec<(String, String)>, usize), String> {
    let mut variables = Vec::new();
    for word in words {
        let Some((name, value)) = word.split_once('=').filter(|(name, _)| !name.contains(['/', '-'])) else { break };
        let known = VARIABLES.iter().find(|(known, _)| *known == name);
        if !known.is_some_and(|(_, values)| value::accepts(values, value, place)) {
            return Err(format!(
                "`{word}` would set a variable that is not known to be harmless; allow `env {word} …` instead"
            ));
        }
        variables.push((name.to_owned(), value.to_owned()));
    }
    let taken = variables.len();
    Ok((variables, taken))
}
