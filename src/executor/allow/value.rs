//! What a word may be: the little language of the table's values.
//!
//! `dot|json` names words, in which `*` stands for a part of a name and `**` for a part of a path; `{kind}` is a kind
//! of [`KINDS`]; `html:{report}` is a kind after fixed letters. Whatever it is, it stays inside the repository.

use super::named_code::{is_measured, is_module, is_stack_target};
use super::place::Place;
use super::scripts::{is_script, is_task};

/// Tells whether a value is of a kind.
type Kind = fn(&str, &Place) -> bool;

/// The kinds of values, by the names that they have in the table.
const KINDS: &[(&str, Kind)] = &[
    ("num", |value, _| is_number(value)),
    ("bool", |value, _| matches!(value, "true" | "false")),
    ("word", |value, place| is_word(value) && place.holds(value)),
    ("words", |value, place| value.split(',').all(|word| is_word(word) && place.holds(word))),
    ("text", |value, place| !value.is_empty() && !value.starts_with('-') && place.holds(value)),
    ("tag", |value, place| place.holds(value.trim_start_matches(['@', '~'])) && !value.contains('/')),
    ("path", |value, place| place.holds_path(value)),
    // A word alone could be one of the program's own commands.
    ("file", |value, place| place.holds_path(value) && value.contains(['.', '/'])),
    ("paths", |value, place| value.split(',').all(|path| place.holds_path(path))),
    ("report", is_report),
    ("name", is_name),
    ("names", |value, place| value.split(',').all(|name| is_name(name, place))),
    ("filter", is_filter),
    ("node", |value, place| {
        place.holds_path(value.split_once("::").map_or(value, |(path, _)| path)) && place.holds(value)
    }),
    ("line", is_line),
    ("package", is_go_package),
    ("label", is_label),
    ("script", |value, _| is_script(value)),
    // A script given without `run`: not the names that package managers have for installing.
    ("direct", |value, _| is_script(value) && !matches!(value, "ci" | "all")),
    // Environments and sessions: `py312`, `py311-django42,lint`, `tests-3.12`.
    ("tests", |value, _| value.split(',').all(is_session)),
    // `lint:style`, `+py=3.12 test:unit` is not one word.
    ("hatch", |value, _| {
        value.split_once(':').is_some_and(|(environment, script)| is_word(environment) && is_script(script))
    }),
    ("lint", |value, _| value.split("::").all(is_word)),
    ("collector", |value, _| matches!(value, "XPlat Code Coverage" | "Code Coverage" | "coverage")),
    ("sbt", |value, _| is_sbt(value)),
    // Tags and rules with a sign before them: `-slow,+unit`.
    ("flags", |value, _| value.split(',').all(|flag| flag.trim_start_matches(['-', '+']).split('/').all(is_word))),
    ("project", is_project),
    ("target", |value, _| is_target(value)),
    ("scripts", |value, _| value.split(',').all(is_script)),
    ("task", |value, _| is_task(value)),
    ("ref", |value, place| {
        !value.starts_with('-')
            && place.holds(value)
            && value.chars().all(|letter| is_name_letter(letter) || matches!(letter, '/' | '~' | '^'))
    }),
    ("shard", |value, _| {
        value.split('/').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    }),
    ("exts", |value, _| value.split(',').all(|ending| is_word(ending.trim_start_matches('.')))),
    // A name that is looked up and not imported.
    ("dotted", |value, place| is_word(value) && !value.contains(['-', '+']) && place.holds(value)),
    ("module", is_module),
    ("measured", is_measured),
    ("stack", is_stack_target),
    ("source", |value, place| value.ends_with(".py") && place.holds_path(value) && place.has_file(value)),
    ("dir", |value, place| place.holds_path(value) && place.has_folder(value)),
    // Its slash says that it is no module.
    ("tree", |value, place| value.contains('/') && place.holds_path(value) && place.has_folder(value)),
    ("glob", |value, place| value.contains('*') && place.holds_path(value)),
];

/// Tells whether a value is one of the alternatives.
pub(super) fn accepts(alternatives: &str, value: &str, place: &Place) -> bool {
    split(alternatives).any(|alternative| accepts_one(alternative, value, place))
}

/// Tells whether every alternative is one that is known; a test holds the table to it.
#[cfg(test)]
pub(super) fn is_known(alternatives: &str) -> bool {
    split(alternatives).all(|alternative| match alternative.split_once('{') {
        None => !alternative.contains('}'),
        Some((_, kind)) => kind
            .strip_suffix('}')
            .is_some_and(|kind| kind.starts_with("folder:") || KINDS.iter().any(|(name, _)| *name == kind)),
    })
}

fn split(alternatives: &str) -> impl Iterator<Item = &str> {
    alternatives.split('|').filter(|alternative| !alternative.is_empty())
}

fn accepts_one(alternative: &str, value: &str, place: &Place) -> bool {
    let Some((before, kind)) = alternative.split_once('{') else {
        // `./dot` is a file where `dot` is a reporter that is built in.
        let is_file = alternative.contains('.');
        let bare = value.strip_prefix("./").filter(|_| is_file).unwrap_or(value);
        // What the table writes out is no file, though it may look like one: `@fmt`, `/dev/null`.
        let is_written_out = alternative == value && alternative.starts_with(['@', '/']);
        return is_written_out || (fits(alternative, bare) && place.holds(value));
    };
    let Some(value) = value.strip_prefix(before) else { return false };
    let kind = kind.trim_end_matches('}');
    match kind.strip_prefix("folder:") {
        Some(files) => place.has_folder_with(value, files),
        None => KINDS.iter().any(|(name, is)| *name == kind && is(value, place)),
    }
}

/// `*` stands for a part of a name, `**` for a part of a path.
fn fits(pattern: &str, value: &str) -> bool {
    let Some((before, rest)) = pattern.split_once('*') else { return pattern == value };
    let Some(value) = value.strip_prefix(before) else { return false };
    let (rest, over_folders) = rest.strip_prefix('*').map_or((rest, false), |rest| (rest, true));
    value
        .char_indices()
        .map(|(index, _)| index)
        .chain([value.len()])
        .map(|index| value.split_at(index))
        .take_while(|(taken, _)| {
            taken.chars().all(|letter| {
                letter.is_ascii_alphanumeric()
                    || matches!(letter, '_' | '-')
                    || (over_folders && matches!(letter, '/' | '.'))
            })
        })
        .any(|(_, left)| fits(rest, left))
}

/// `4`, `1.5`, `50%`, `30s`, `1m30s`, `1C`.
fn is_number(value: &str) -> bool {
    const UNITS: [&str; 9] = ["", "%", "ms", "s", "m", "h", "C", "x", "n"];
    let mut left = value;
    while !left.is_empty() {
        let number = left.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(left.len());
        let (digits, rest) = left.split_at(number);
        let unit = rest.find(|letter: char| letter.is_ascii_digit()).unwrap_or(rest.len());
        let (unit, rest) = rest.split_at(unit);
        if !digits.starts_with(|first: char| first.is_ascii_digit()) || !UNITS.contains(&unit) {
            return false;
        }
        left = rest;
    }
    !value.is_empty()
}

const fn is_name_letter(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.' | '+')
}

fn is_word(value: &str) -> bool {
    value.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_') && value.chars().all(is_name_letter)
}

/// A workspace, a project or a package: by its name, with a scope (`@app/web`), or as a folder inside.
fn is_name(value: &str, place: &Place) -> bool {
    let bare = value.strip_prefix('@').unwrap_or(value);
    let has_scope = bare.len() < value.len();
    !bare.is_empty()
        && bare.chars().all(|letter| is_name_letter(letter) || matches!(letter, '/' | '*'))
        && !bare.split('/').any(|part| part == ".." || part.is_empty())
        && if has_scope { bare.contains('/') && !bare.starts_with('.') } else { place.holds_path(bare) }
}

/// pnpm and turbo: `web`, `@app/*`, `./apps/web`, `!docs`, `...web`, `web...`, `{apps/web}`, `[origin/main]`.
fn is_filter(value: &str, place: &Place) -> bool {
    let value = value.strip_prefix('!').unwrap_or(value);
    let value = value.strip_prefix("...").unwrap_or(value);
    let value = value.strip_suffix("...").unwrap_or(value).trim_start_matches('^').trim_end_matches('^');
    let inner = |open: char, close: char| value.strip_prefix(open).and_then(|value| value.strip_suffix(close));
    match (inner('{', '}'), inner('[', ']')) {
        (Some(folder), _) => place.holds_path(folder),
        (_, Some(since)) => accepts_one("{ref}", since, place),
        _ => is_name(value, place),
    }
}

/// `spec/a_spec.rb:12`, `spec/a_spec.rb[1:2]`.
fn is_line(value: &str, place: &Place) -> bool {
    let digits = |text: &str| text.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, ':' | ','));
    match value.find(':').map(|at| value.split_at(at)) {
        Some((path, lines)) if digits(lines) => place.holds_path(path),
        _ => match value.strip_suffix(']').and_then(|value| value.rsplit_once('[')) {
            Some((path, lines)) if digits(lines) => place.holds_path(path),
            _ => place.holds_path(value),
        },
    }
}

/// A command of sbt: `test`, `core/test`, `+test`, `testOnly *Spec`; `Test / compile` is one, too.
fn is_sbt(value: &str) -> bool {
    let joined = value.replace(" / ", "/");
    if let Some(project) = joined.strip_prefix("project ") {
        return is_word(project);
    }
    let mut words = joined.split(' ');
    let task = words.next().unwrap_or_default();
    let task = task.strip_prefix('+').unwrap_or(task);
    let name = task.rsplit(['/', ':']).next().unwrap_or(task);
    let takes_names = matches!(name, "testOnly" | "testQuick");
    (is_task(task) || matches!(name, "clean"))
        && words.all(|word| takes_names && word.chars().all(|letter| is_name_letter(letter) || letter == '*'))
}

/// A project or a solution of .NET, or the folder of one; not a program, and not a file of targets.
fn is_project(value: &str, place: &Place) -> bool {
    const OTHER: [&str; 9] = [".dll", ".exe", ".rsp", ".targets", ".props", ".proj", ".xml", ".json", ".runsettings"];
    let lower = value.to_ascii_lowercase();
    place.holds_path(value) && !OTHER.iter().any(|ending| lower.ends_with(ending))
}

/// A name of tox or nox that tests or checks; an interpreter (`py312`) stands for its tests.
fn is_session(name: &str) -> bool {
    let first = name.split(['-', '_', '.', '(']).next().unwrap_or_default();
    let is_interpreter = ["py", "pypy", "python", "graalpy"].iter().any(|known| {
        first.strip_prefix(known).is_some_and(|version| version.bytes().all(|byte| byte.is_ascii_digit()))
    }) || (first.starts_with(|letter: char| letter.is_ascii_digit())
        && first.bytes().all(|byte| byte.is_ascii_digit()));
    let name = name.replace(['(', ')', '=', '\''], "-");
    let is_usual = is_interpreter || matches!(first, "ALL" | "style" | "docs" | "mindeps" | "pkg" | "minimal");
    is_script(&name) || (is_usual && is_script(&format!("test-{name}")))
}

/// Nx: `app:test`, and with a configuration `app:test:ci`.
fn is_target(value: &str) -> bool {
    let parts: Vec<&str> = value.split(':').collect();
    matches!(parts.as_slice(), [project, target] | [project, target, _] if is_word(project.trim_start_matches('@')) && is_script(target))
        && parts.iter().skip(2).all(|configuration| is_word(configuration))
}

/// Packages of the repository's own module, as folders (`go help packages`); others could be fetched.
fn is_go_package(value: &str, place: &Place) -> bool {
    let path = value.strip_suffix("/...").unwrap_or(value);
    matches!(path, "." | "...") || ((path.starts_with("./") || path.ends_with(".go")) && place.holds_path(path))
}

/// Bazel's labels of this workspace: `//...`, `//app:test`, `:test`, `-//slow/...`; never `@other//…`.
fn is_label(value: &str, place: &Place) -> bool {
    let value = value.strip_prefix("//").unwrap_or(value);
    let (package, target) = value.split_once(':').unwrap_or((value, ""));
    let is_plain = |part: &str| {
        part.chars().all(|letter| is_name_letter(letter) || matches!(letter, '/' | '*'))
            && !part.split('/').any(|name| name == "..")
            && !part.starts_with('/')
    };
    is_plain(package) && is_plain(target) && !target.contains(':') && place.follow(package).is_some()
}

/// A report is written where reports are: with a report's name or in a folder for them, never over a source.
fn is_report(value: &str, place: &Place) -> bool {
    const FOLDERS: [&str; 13] = [
        "coverage",
        "htmlcov",
        "reports",
        "report",
        "test-results",
        "test-reports",
        "results",
        "build",
        "target",
        "dist",
        "out",
        "tmp",
        "artifacts",
    ];
    const ENDINGS: [&str; 10] = ["xml", "json", "html", "out", "txt", "info", "lcov", "sarif", "trx", "csv"];
    let path = value.strip_prefix("./").unwrap_or(value);
    let mut parts: Vec<&str> = path.trim_end_matches('/').split('/').collect();
    let is_hidden = parts.iter().any(|part| part.starts_with('.') || part.contains(['*', '?', '[', '{']));
    let file = parts.pop().unwrap_or_default().to_ascii_lowercase();
    let in_folder = parts.first().is_some_and(|first| FOLDERS.contains(first));
    let is_named = ["report", "result", "junit", "cover", "cov", "test-output"].iter().any(|word| file.contains(word))
        && !["config", "package", "pom"].iter().any(|word| file.contains(word));
    let fits = match file.rsplit_once('.') {
        Some((_, ending)) => ENDINGS.contains(&ending) && (is_named || in_folder),
        None => FOLDERS.contains(&file.as_str()) || in_folder || (is_named && parts.is_empty()),
    };
    !is_hidden && fits && !value.starts_with('/') && place.holds_path(path)
}
