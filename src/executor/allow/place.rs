//! Tells whether a word stays inside the repository.

use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

/// The most forms into which the braces of one word may unfold.
const MOST_FORMS: usize = 64;

/// The repository, against which every word of a caller is held.
#[derive(Debug)]
pub(super) struct Place {
    given: PathBuf,
    real: PathBuf,
}

impl Place {
    pub(super) fn new(repository: &Path) -> Self {
        let real = repository.canonicalize().unwrap_or_else(|_| repository.to_owned());
        Self { given: repository.to_owned(), real }
    }

    /// Follows a word as the kernel would, links included; `None` when it leads outside.
    ///
    /// What does not exist is followed as far as it does. A link to nothing leads outside: whoever writes through it
    /// makes a file that nobody has looked at.
    pub(super) fn follow(&self, word: &str) -> Option<PathBuf> {
        if word.starts_with(['~', '@', '\\']) || has_scheme(word) {
            return None;
        }
        let path = Path::new(word);
        let path = if path.is_absolute() {
            path.strip_prefix(&self.given).or_else(|_| path.strip_prefix(&self.real)).ok()?
        } else {
            path
        };
        let mut reached = self.real.clone();
        let mut is_pattern = false;
        for component in path.components() {
            match component {
                Component::ParentDir if is_pattern => return None,
                Component::ParentDir => {
                    reached.pop();
                }
                Component::Normal(name) => {
                    let name = name.to_str()?;
                    // Hooks, configuration and objects of git are no part of what is tested or written.
                    if name.eq_ignore_ascii_case(".git") {
                        return None;
                    }
                    if !is_pattern && is_wild(name) && self.may_match_a_way_out(&reached, name) {
                        return None;
                    }
                    is_pattern |= is_wild(name);
                    reached = self.step(&reached, name, is_pattern)?;
                }
                Component::CurDir => {}
                Component::RootDir | Component::Prefix(_) => return None,
            }
            if !reached.starts_with(&self.real) {
                return None;
            }
        }
        Some(reached)
    }

    fn step(&self, folder: &Path, name: &str, is_pattern: bool) -> Option<PathBuf> {
        let next = folder.join(name);
        if is_pattern {
            return Some(next);
        }
        match fs::symlink_metadata(&next) {
            Ok(_) => next.canonicalize().ok(),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => None,
            Err(_) => Some(next),
        }
    }

    /// A pattern is unfolded by the program that gets it: it may not find a link out that its plain name may not be.
    fn may_match_a_way_out(&self, folder: &Path, pattern: &str) -> bool {
        // `**` does not follow links.
        if pattern == "**" {
            return false;
        }
        let Ok(entries) = fs::read_dir(folder) else { return false };
        entries.flatten().any(|entry| {
            may_match(pattern, &entry.file_name().to_string_lossy())
                && entry.file_type().is_ok_and(|kind| kind.is_symlink())
                && !entry.path().canonicalize().is_ok_and(|real| real.starts_with(&self.real))
        })
    }

    /// Tells whether free text, read as a path by whatever program, would stay inside.
    pub(super) fn holds(&self, text: &str) -> bool {
        std::iter::once(text).chain(text.split(['=', ','])).all(|part| self.follow(part).is_some())
    }

    /// Tells whether a path or a pattern of paths stays inside, in each form that its braces have.
    pub(super) fn holds_path(&self, word: &str) -> bool {
        let word = word.strip_prefix('!').unwrap_or(word);
        let Some(forms) = unfold(word) else { return false };
        forms.iter().all(|form| {
            let is_plain = !form.is_empty()
                && !form.starts_with('-')
                && !form.contains([':', '=', ',', '\\', '"', '\'', '$', '`', '!'])
                && !form.chars().any(char::is_control)
                // A class of letters or a group could spell `..`.
                && !["[.", "+(", "@(", "?(", "*("].iter().any(|start| form.contains(start));
            is_plain && self.follow(form).is_some()
        })
    }

    /// Tells whether a folder inside holds one of these files; without files any folder does.
    pub(super) fn has_folder_with(&self, word: &str, files: &str) -> bool {
        self.holds_path(word)
            && self.follow(word).is_some_and(|folder| {
                files.split(',').any(|file| {
                    folder.join(file).canonicalize().is_ok_and(|real| real.is_file() && real.starts_with(&self.real))
                })
            })
    }

    /// Returns the path of a program below the repository, as it was written and without `./`.
    pub(super) fn relative(&self, word: &str) -> Option<String> {
        if !self.holds_path(word) {
            return None;
        }
        let path = Path::new(word);
        let path = path.strip_prefix(&self.given).or_else(|_| path.strip_prefix(&self.real)).unwrap_or(path);
        let mut names = Vec::new();
        for component in path.components() {
            match component {
                Component::Normal(name) => names.push(name.to_str()?),
                Component::CurDir => {}
                _ => return None,
            }
        }
        Some(names.join("/"))
    }

    /// Tells whether a file of the repository is there.
    pub(super) fn has_file(&self, relative: &str) -> bool {
        self.follow(relative).is_some_and(|file| file.is_file())
    }

    /// Tells whether a folder of the repository is there.
    pub(super) fn has_folder(&self, relative: &str) -> bool {
        self.follow(relative).is_some_and(|folder| folder.is_dir())
    }

    /// Lists the folders, at most two deep, that hold a file of this name.
    pub(super) fn folders_with(&self, file: &str) -> Vec<String> {
        let below = |folder: &str| {
            let names = fs::read_dir(self.real.join(folder)).into_iter().flatten().flatten();
            let names = names.filter_map(|entry| entry.file_name().into_string().ok());
            let paths = names.filter(|name| !name.starts_with('.') && !is_wild(name));
            paths.map(|name| format!("{folder}{name}")).filter(|path| self.has_folder(path)).collect::<Vec<_>>()
        };
        let first = below("");
        let second: Vec<String> = first.iter().flat_map(|folder| below(&format!("{folder}/"))).collect();
        first.into_iter().chain(second).filter(|folder| self.has_file(&format!("{folder}/{file}"))).collect()
    }
}

fn is_wild(name: &str) -> bool {
    name.contains(['*', '?', '[', '{'])
}

/// Tells whether a pattern may stand for a name; a class of letters stands for any letter.
fn may_match(pattern: &str, name: &str) -> bool {
    let mut letters = pattern.chars();
    let after = |name: &'_ str| -> String { name.chars().skip(1).collect() };
    match letters.next() {
        None => name.is_empty(),
        Some('*') => {
            let rest = letters.as_str();
            may_match(rest, name) || (!name.is_empty() && may_match(pattern, &after(name)))
        }
        Some('{') => true,
        Some(letter @ ('?' | '[')) if !name.is_empty() => {
            let rest = letters.as_str();
            let rest = if letter == '[' { rest.split_once(']').map_or("", |(_, rest)| rest) } else { rest };
            may_match(rest, &after(name))
        }
        Some(letter) => name.strip_prefix(letter).is_some_and(|name| may_match(letters.as_str(), name)),
    }
}

/// Programs would fetch such a word, or read it as something else than a path.
fn has_scheme(word: &str) -> bool {
    const SCHEMES: [&str; 11] =
        ["file:", "npm:", "jsr:", "data:", "node:", "blob:", "git+", "git@", "link:", "portal:", "github:"];
    let lower = word.to_ascii_lowercase();
    lower.contains("://") || SCHEMES.iter().any(|scheme| lower.starts_with(scheme))
}

/// Unfolds `a.{ts,js}` into its forms; `None` when there are too many.
fn unfold(word: &str) -> Option<Vec<String>> {
    let mut done = Vec::new();
    let mut open = vec![word.to_owned()];
    while let Some(form) = open.pop() {
        if done.len() + open.len() > MOST_FORMS {
            return None;
        }
        // The innermost braces first.
        let braces = form.find('}').and_then(|end| Some((form.get(..end)?.rfind('{')?, end)));
        let Some((start, end)) = braces else {
            done.push(form);
            continue;
        };
        let (before, inner, after) = (form.get(..start)?, form.get(start + 1..end)?, form.get(end + 1..)?);
        open.extend(inner.split(',').map(|part| format!("{before}{part}{after}")));
    }
    Some(done)
}
