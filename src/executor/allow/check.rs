//! Checks a command against the table of known runners.

use std::path::{Component, Path, PathBuf};

use super::runners::{RUNNERS, Runner, SCRIPTS, Words, is_script};

/// How deep commands may be wrapped (`uv run python -m pytest`).
const MAX_DEPTH: usize = 3;

/// Checks a command's words against the table.
///
/// # Errors
/// Why it is refused, as a fragment.
pub(super) fn check(words: &[String], repository: &Path) -> Result<(), String> {
    if let Some(program) = words.first().filter(|program| !program.contains(['/', '\\']) && !is_known(program)) {
        return Err(unknown(program));
    }
    if let Some(word) = words.iter().find(|word| leads_outside(word, repository)) {
        return Err(format!("`{word}` leads outside the repository"));
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    check_words(&words, MAX_DEPTH)
}

fn check_words(words: &[&str], depth: usize) -> Result<(), String> {
    let Some((program, rest)) = words.split_first() else { return Err("a command is missing".to_owned()) };
    if program.contains(['/', '\\']) {
        return Err(format!("`{program}` is a path; callers' commands begin with the bare name of a known runner"));
    }
    let rows: Vec<&Runner> = RUNNERS.iter().filter(|row| row.programs.contains(program)).collect();
    let mut why = unknown(program);
    for row in rows {
        match check_row(row, program, rest, depth) {
            Ok(()) => return Ok(()),
            Err(reason) => why = reason,
        }
    }
    Err(why)
}

fn is_known(program: &str) -> bool {
    RUNNERS.iter().any(|row| row.programs.contains(&program))
}

fn unknown(program: &str) -> String {
    format!("`{program}` is not a known runner of tests, linters, type checks or builds")
}

fn check_row(row: &Runner, program: &str, rest: &[&str], depth: usize) -> Result<(), String> {
    let first = rest.first().copied().unwrap_or_default();
    let second = rest.get(1).copied().unwrap_or_default();
    let wrong_word = |known: &str| {
        let given = if first.is_empty() { "nothing".to_owned() } else { format!("`{first}`") };
        Err(format!("the first word after `{program}` may be {known}, not {given}"))
    };
    match row.words {
        Words::Any => {}
        Words::First(known) if known.contains(&first) => {}
        Words::First(known) => return wrong_word(&known.join(", ")),
        Words::FirstTwo(known) if known.contains(&(first, second)) => {}
        Words::FirstTwo(known) => {
            let known: Vec<String> = known.iter().map(|(one, two)| format!("{one} {two}")).collect();
            return wrong_word(&known.join(", "));
        }
        Words::Script { direct, verbs, also } => {
            let is_known =
                also.contains(&first) || (direct && is_script(first)) || (verbs.contains(&first) && is_script(second));
            if !is_known {
                return wrong_word(&format!(
                    "{} or `{} SCRIPT`, SCRIPT one of {}",
                    also.join(", "),
                    verbs.join(" "),
                    SCRIPTS.join(", ")
                ));
            }
            no_shell_characters(program, rest)?;
        }
        Words::Only { words, options } => return check_only(program, rest, words, options),
        Words::Wraps(begin) => {
            let (given, wrapped) = rest.split_at(begin.len().min(rest.len()));
            return if given != begin {
                wrong_word(&begin.join(" "))
            } else if depth == 0 {
                Err("too many commands are wrapped into each other".to_owned())
            } else {
                check_words(wrapped, depth - 1)
            };
        }
    }
    match rest
        .iter()
        .take_while(|word| **word != "--")
        .find(|word| row.refused.iter().any(|option| is_spelling(word, option)))
    {
        Some(word) => Err(format!("the option `{word}` could make `{program}` run something else")),
        None => Ok(()),
    }
}

/// `npm`, `make` and their like: everything up to `--` has to be known.
fn check_only(program: &str, rest: &[&str], known: &[&str], options: &[&str]) -> Result<(), String> {
    no_shell_characters(program, rest)?;
    let own = rest.split(|word| *word == "--").next().unwrap_or_default();
    // npm has its `run` before the script's name; the others know no `--`.
    let is_npm = program == "npm";
    if !is_npm && own.len() != rest.len() {
        return Err(format!("`--` is not for `{program}`"));
    }
    let (own, has_verb) = match own.split_first() {
        Some((&("run" | "run-script"), scripts)) if is_npm => (scripts, true),
        _ => (own, false),
    };
    let mut named = 0_usize;
    for word in own {
        let is_job_count = program.ends_with("make")
            && word.strip_prefix("-j").is_some_and(|count| count.bytes().all(|byte| byte.is_ascii_digit()));
        if options.contains(word) || is_job_count {
            continue;
        }
        let is_first = named == 0;
        let task = word.rsplit(':').next().unwrap_or(word);
        let is_known = if is_npm {
            is_first && if has_verb { is_script(word) } else { matches!(*word, "test" | "t" | "tst") }
        } else {
            is_script(word)
                || known.contains(word)
                || (program == "gradle" && (SCRIPTS.contains(&task) || known.contains(&task)))
        };
        if !is_known {
            return Err(format!(
                "`{program}` may be given test, lint, check, type-check, build and the like, and {}; not `{word}`",
                options.join(", ")
            ));
        }
        named += 1;
    }
    if named == 0 {
        return Err(format!("`{program}` needs to be told what to run: test, lint, check, type-check, build …"));
    }
    Ok(())
}

/// Script runners hand their arguments on to a shell, and not all of them quote well.
fn no_shell_characters(program: &str, rest: &[&str]) -> Result<(), String> {
    match rest
        .iter()
        .find(|word| word.contains([';', '|', '&', '$', '`', '<', '>', '(', ')', '{', '}', '\\', '"', '\'', '!']))
    {
        Some(word) => Err(format!("`{program}` hands `{word}` on to a shell, which would act on it")),
        None => Ok(()),
    }
}

/// Tells whether `word` is a way to give `option`: exactly, with `=`, abbreviated, or in a cluster of short options.
fn is_spelling(word: &str, option: &str) -> bool {
    let given = word.split_once('=').map_or(word, |(name, _)| name);
    let (bare_given, bare_option) = (given.trim_start_matches('-'), option.trim_start_matches('-'));
    if !word.starts_with('-') || bare_given.is_empty() {
        return false;
    }
    if bare_option.len() == 1 {
        // Catches `-xp evil` and `-pevil`, and also refuses a harmless value that happens to hold the letter.
        return !word.starts_with("--") && short_cluster(given).contains(bare_option);
    }
    // Go and .NET take long options with one dash.
    bare_given == bare_option
        || (word.starts_with("--") && bare_given.len() >= 3 && bare_option.starts_with(bare_given))
}

fn short_cluster(word: &str) -> &str {
    // A long option with one dash (`-count`, `-race`) is not a cluster.
    const ONE_DASH: &[&str] = &[
        "-count",
        "-cover",
        "-coverprofile",
        "-covermode",
        "-coverpkg",
        "-race",
        "-short",
        "-run",
        "-timeout",
        "-parallel",
        "-tags",
    ];
    if ONE_DASH.contains(&word) { "" } else { word }
}

/// Tells whether a word, or the value of an option, names something outside the repository, as far as can be seen
/// without following links.
fn leads_outside(word: &str, repository: &Path) -> bool {
    let value = word.split_once('=').map_or(word, |(_, value)| value);
    let attached = word.strip_prefix('-').and_then(|rest| rest.get(rest.chars().next()?.len_utf8()..));
    [Some(word), Some(value), attached].into_iter().flatten().any(|path| {
        path.starts_with('~')
            || path.starts_with('\\')
            || path.to_ascii_lowercase().starts_with("file:")
            || has_remote_scheme(path)
            || !stays_inside(Path::new(path), repository)
    })
}

/// Deno and npm tools would fetch and run such words.
fn has_remote_scheme(path: &str) -> bool {
    ["http://", "https://", "npm:", "jsr:", "data:", "git+"].iter().any(|scheme| path.starts_with(scheme))
}

fn stays_inside(path: &Path, repository: &Path) -> bool {
    let relative: PathBuf = if path.is_absolute() {
        match path.strip_prefix(repository) {
            Ok(relative) => relative.to_owned(),
            Err(_) => return false,
        }
    } else {
        path.to_owned()
    };
    let mut depth = 0_usize;
    for component in relative.components() {
        match component {
            Component::Normal(_) => depth += 1,
            Component::ParentDir if depth == 0 => return false,
            Component::ParentDir => depth -= 1,
            _ => {}
        }
    }
    true
}
