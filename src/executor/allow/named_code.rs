//! Words that name code instead of a path: a runner would import or build what has the name, wherever it lies.
//!
//! Each has to lead to a file of the repository. Without one `python -m unittest http.server.test` calls a function of
//! the standard library, and `stack build acme` builds what others published.

use super::place::Place;

/// The folders from which tests import the project's own packages.
const SOURCE_FOLDERS: [&str; 3] = ["", "src/", "lib/"];
/// The folders in which the packages of one repository lie.
const PACKAGE_FOLDERS: [&str; 4] = ["", "packages/", "libs/", "lib/"];

/// The files that say that Python imports from their folder, too: Django's program, a project of a workspace.
const MARKS: [&str; 2] = ["manage.py", "pyproject.toml"];

/// A module, package, class or test of Python that the repository holds (docs.python.org, unittest,
/// `loadTestsFromName`): in its root, or in the folder of a project of its.
pub(super) fn is_module(value: &str, place: &Place) -> bool {
    let mut folders = MARKS.iter().flat_map(|mark| place.folders_with(mark));
    leads_to_a_file("", value, place) || folders.any(|folder| leads_to_a_file(&format!("{folder}/"), value, place))
}

/// What coverage.py measures: paths and names with commas. Of a dotted name it imports the parents, so that has to be in
/// the repository (coverage.readthedocs.io, `[run] source`).
pub(super) fn is_measured(value: &str, place: &Place) -> bool {
    let is_here = |name: &str| {
        let path = name.replace('.', "/");
        SOURCE_FOLDERS.iter().any(|folder| {
            let path = format!("{folder}{path}");
            place.has_folder(&path) || place.has_file(&format!("{path}.py"))
        })
    };
    value.split(',').all(|one| {
        place.holds_path(one)
            && (!one.contains('.') || one.contains('/') || place.has_folder(one) || place.has_file(one) || is_here(one))
    })
}

/// A target of Stack: `api`, `api:test`, `:unit`; anything that is no package of the repository would be fetched
/// (docs.haskellstack.org, "Target syntax").
pub(super) fn is_stack_target(value: &str, place: &Place) -> bool {
    let (package, component) = value.split_once(':').unwrap_or((value, ""));
    let is_plain = |text: &str| {
        text.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | ':' | '.' | '/'))
    };
    let is_here = || {
        let name = package.trim_start_matches("./").trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let folders = PACKAGE_FOLDERS.iter().map(|folder| format!("{folder}{package}"));
        place.has_file(&format!("{package}.cabal"))
            || folders.into_iter().any(|folder| {
                place.has_file(&format!("{folder}/{name}.cabal")) || place.has_file(&format!("{folder}/package.yaml"))
            })
    };
    is_plain(value)
        && place.holds_path(if package.is_empty() { "." } else { package })
        && if package.is_empty() { !component.is_empty() } else { is_here() }
}

/// Follows a dotted name as Python's import does from a folder. A folder without `__init__.py` does not count by itself:
/// an installed package of its name comes before it.
fn leads_to_a_file(folder: &str, value: &str, place: &Place) -> bool {
    let mut path = folder.to_owned();
    let mut parts = value.split('.');
    let mut in_package = false;
    while let Some(part) = parts.next() {
        if !is_identifier(part) {
            return false;
        }
        let next = format!("{path}{part}");
        if place.has_file(&format!("{next}.py")) {
            return are_tests(parts);
        }
        if !place.has_folder(&next) {
            return in_package && are_tests(std::iter::once(part).chain(parts));
        }
        in_package = place.has_file(&format!("{next}/__init__.py"));
        path = format!("{next}/");
    }
    in_package
}

/// A class and a method by the names that tests have. Whatever else the module holds was imported by it: of
/// `test_cart.sys.exit` unittest would call the function.
fn are_tests<'a>(names: impl Iterator<Item = &'a str>) -> bool {
    let names: Vec<&str> = names.collect();
    names.len() <= 2
        && names.iter().all(|name| is_identifier(name))
        && names.first().is_none_or(|name| {
            name.trim_start_matches('_').starts_with(|letter: char| letter.is_ascii_uppercase())
                || name.starts_with("test")
        })
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}
