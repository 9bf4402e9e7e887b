//! Finds programs by their bare names, never inside the repository.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::platform;

/// Finds a program on the search path.
///
/// Entries that are empty, relative or inside the repository are skipped, as are files that lead into it: an agent
/// could have put a `git` of its own there. Without a repository nothing is inside.
pub fn find_program(name: &str, search_path: &OsStr, repository: Option<&Path>) -> Option<PathBuf> {
    if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\', '\0']) {
        return None;
    }
    let repository = repository.map(|folder| folder.canonicalize().unwrap_or_else(|_| folder.to_owned()));
    let is_inside = |real: &Path| repository.as_ref().is_some_and(|folder| real.starts_with(folder));
    let is_outside = |path: &Path| path.canonicalize().is_ok_and(|real| !is_inside(&real));
    platform::search_folders(search_path)
        .into_iter()
        .filter(|folder| folder.is_absolute() && is_outside(folder))
        .flat_map(|folder| platform::program_file_names(name).into_iter().map(move |file| folder.join(file)))
        .find(|file| platform::is_program(file) && is_outside(file))
}
