//! Checks a command against the table of known runners.

use super::arguments::{Grammar, is_option, outside, shown};
use super::place::Place;
use super::runners::{self, Row, Runner, Then};
use super::scripts::SCRIPTS;
use super::{environment, value};

/// How deep commands may be wrapped (`uv run python -m pytest`).
const MAX_DEPTH: usize = 3;

/// The folders in which a repository keeps programs that package managers put there.
const PROGRAM_FOLDERS: [&str; 5] = ["node_modules/.bin", "vendor/bin", ".venv/bin", "venv/bin", ".build/bin"];

/// A command that may run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CheckedCommand {
    /// The program and its arguments.
    pub(super) words: Vec<String>,
    /// What is added to its environment.
    pub(super) environment: Vec<(String, String)>,
}

/// Checks a command's words against the table.
///
/// # Errors
/// Why it is refused, as a fragment.
pub(super) fn check(words: &[String], place: &Place) -> Result<CheckedCommand, String> {
    let (mut environment, taken) = environment::take(words, place)?;
    let given: Vec<&str> = words.iter().skip(taken).map(String::as_str).collect();
    let permit = check_command(&given, "", MAX_DEPTH, place)?;
    environment.extend(permit.environment);
    Ok(CheckedCommand { environment, ..permit })
}

fn check_command(words: &[&str], programs: &str, depth: usize, place: &Place) -> Result<CheckedCommand, String> {
    let Some((&program, rest)) = words.split_first() else { return Err("a command is missing".to_owned()) };
    if !programs.is_empty() && !programs.split(' ').any(|known| known == program) {
        return Err(format!("`{program}` is not one of {}", programs.replace(' ', ", ")));
    }
    let runners = find(program, place)?;
    let mut why = None;
    for runner in runners {
        match check_runner(runner, program, rest, depth, place) {
            Ok(permit) => return Ok(permit),
            Err(reason) => why = why.or(Some(reason)),
        }
    }
    Err(why.unwrap_or_else(|| unknown(program)))
}

fn unknown(program: &str) -> String {
    format!("`{program}` is not a known runner of tests, linters, type checks or builds")
}

/// Finds a program's entries: by its bare name, as a wrapper, or in a folder for programs.
fn find(program: &str, place: &Place) -> Result<Vec<&'static Runner>, String> {
    let named = |name: &str| runners::all().filter(|runner| runner.is_named(name)).collect::<Vec<_>>();
    if !program.contains(['/', '\\']) {
        let found = named(program);
        return if found.is_empty() { Err(unknown(program)) } else { Ok(found) };
    }
    let path = place.relative(program).ok_or_else(|| outside(program))?;
    let wrapper: Vec<_> =
        runners::all().filter(|runner| runner.wrappers.split(' ').any(|wrapper| wrapper == path)).collect();
    if !wrapper.is_empty() {
        return Ok(wrapper);
    }
    let in_folder = path.rsplit_once('/').filter(|(folder, _)| {
        PROGRAM_FOLDERS
            .iter()
            .any(|known| folder.strip_suffix(known).is_some_and(|before| before.is_empty() || before.ends_with('/')))
    });
    match in_folder.map(|(_, name)| named(name)) {
        Some(found) if !found.is_empty() => Ok(found),
        _ => Err(format!(
            "`{program}` is a path, and not one of the wrappers and programs of a repository that are known"
        )),
    }
}

fn check_runner(
    runner: &Runner,
    program: &str,
    rest: &[&str],
    depth: usize,
    place: &Place,
) -> Result<CheckedCommand, String> {
    if runner.has_shell {
        no_shell_characters(program, rest)?;
    }
    let mut why = None;
    for row in runner.rows {
        let after = match after_words(runner, row, program, rest, place) {
            Ok(Some(after)) => after,
            Ok(None) => continue,
            Err(reason) => {
                why = why.or(Some(reason));
                continue;
            }
        };
        match check_row(runner, row, program, rest, after, depth, place) {
            Ok(permit) => return Ok(permit),
            Err(reason) => why = why.or(Some(reason)),
        }
    }
    Err(why.unwrap_or_else(|| wrong_word(runner, program, rest, place)))
}

/// Tells where the words of a row end; options of the runner may stand among them. `None`: it begins otherwise.
fn after_words(
    runner: &Runner,
    row: &Row,
    program: &str,
    rest: &[&str],
    place: &Place,
) -> Result<Option<usize>, String> {
    let grammar =
        Grammar { program, style: runner.style, options: &[runner.before, runner.options], takes: "", rest: row.rest };
    let mut at = 0;
    for known in row.words.split_whitespace() {
        loop {
            let Some(word) = rest.get(at) else { return Ok(None) };
            if value::accepts(known, word, place) {
                at += 1;
                break;
            }
            if *word == "--" || !is_option(word) {
                return Ok(None);
            }
            at += 1 + grammar.option(word, rest.get(at + 1..).unwrap_or_default(), place)?;
        }
    }
    Ok(Some(at))
}

fn check_row(
    runner: &Runner,
    row: &Row,
    program: &str,
    rest: &[&str],
    after: usize,
    depth: usize,
    place: &Place,
) -> Result<CheckedCommand, String> {
    let (begin, left) = rest.split_at(after);
    let options = [runner.options, row.options];
    let grammar = Grammar { program, style: runner.style, options: &options, takes: row.takes, rest: row.rest };
    let all = || std::iter::once(program).chain(rest.iter().copied()).map(str::to_owned).collect::<Vec<_>>();
    let mut permit = match row.then {
        Then::Arguments => {
            grammar.check(left, place).map(|()| CheckedCommand { words: all(), environment: Vec::new() })?
        }
        Then::Command(_) | Then::OwnBinary if depth == 0 => {
            return Err("too many commands are wrapped into each other".to_owned());
        }
        Then::Command(programs) => {
            let wrapped = skip_options(&grammar, left, place)?;
            let inner = check_command(wrapped, programs, depth - 1, place)?;
            let before = begin.len() + left.len() - wrapped.len();
            let own = std::iter::once(program).chain(rest.iter().take(before).copied()).map(str::to_owned);
            CheckedCommand { words: own.chain(inner.words).collect(), environment: inner.environment }
        }
        Then::OwnBinary => own_binary(program, skip_options(&grammar, left, place)?, depth, place)?,
    };
    permit.environment.extend(row.sets.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    Ok(permit)
}

fn skip_options<'a>(grammar: &Grammar<'_>, words: &'a [&'a str], place: &Place) -> Result<&'a [&'a str], String> {
    let mut left = words;
    while let Some((word, after)) = left.split_first() {
        if *word == "--" {
            return Ok(after);
        }
        if !is_option(word) {
            break;
        }
        left = after.get(grammar.option(word, after, place)?..).unwrap_or_default();
    }
    Ok(left)
}

fn own_binary(program: &str, words: &[&str], depth: usize, place: &Place) -> Result<CheckedCommand, String> {
    let name = words.first().copied().unwrap_or_default();
    let permit = check_command(words, "", depth - 1, place)?;
    let file = format!("node_modules/.bin/{name}");
    if name.contains('/') || !place.has_file(&file) {
        return Err(format!("`{program}` would fetch `{name}`: {file} is not a file inside the repository"));
    }
    let words = std::iter::once(file).chain(permit.words.into_iter().skip(1)).collect();
    Ok(CheckedCommand { words, ..permit })
}

fn wrong_word(runner: &Runner, program: &str, rest: &[&str], place: &Place) -> String {
    let given = rest.first().copied();
    if let Some(word) = given.filter(|word| is_option(word)) {
        let grammar = Grammar {
            program,
            style: runner.style,
            options: &[runner.before, runner.options],
            takes: "",
            rest: runners::Rest::Refused,
        };
        if let Err(why) = grammar.option(word, rest.get(1..).unwrap_or_default(), place) {
            return why;
        }
    }
    if let Some(word) = given.filter(|word| !place.holds(word)) {
        return outside(word);
    }
    let mut known: Vec<String> = Vec::new();
    for row in runner.rows.iter().filter(|row| !row.words.is_empty()) {
        let words = row.words.split(' ').map(shown).collect::<Vec<_>>().join(" ");
        if !known.contains(&words) {
            known.push(words);
        }
    }
    let mut known = known.join(", ");
    if known.contains("{script}") || known.contains("{task}") {
        known.push_str(&format!(
            " (a name that begins with {} …)",
            SCRIPTS.split(' ').take(12).collect::<Vec<_>>().join(", ")
        ));
    }
    let words = rest.iter().take_while(|word| !is_option(word)).take(2).copied().collect::<Vec<_>>().join(" ");
    let given = if words.is_empty() { "nothing".to_owned() } else { format!("`{words}`") };
    format!("the first word after `{program}` may be {known}, not {given}")
}

/// Script runners hand their arguments on to a shell, and not all of them quote well.
fn no_shell_characters(program: &str, rest: &[&str]) -> Result<(), String> {
    const ACTING: [char; 15] = [';', '|', '&', '$', '`', '<', '>', '(', ')', '{', '}', '\\', '"', '\'', '\n'];
    match rest.iter().find(|word| word.contains(ACTING)) {
        Some(word) => Err(format!("`{program}` hands `{word}` on to a shell, which would act on it")),
        None => Ok(()),
    }
}
