//! Finds programs by their bare names, never inside the repository.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::platform;

/// Finds a program on the search path.
///
/// Entries that are empty, relative or inside the repository are skipped, as are files that lead into it: an agent
/// could have put a `git` of its own there.
pub(super) fn find(name: &str, search_path: &OsStr, repository: &Path) -> Option<PathBuf> {
    if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\', '\0']) {
        return None;
    }
    let repository = repository.canonicalize().unwrap_or_else(|_| repository.to_owned());
    let is_outside = |path: &Path| path.canonicalize().is_ok_and(|real| !real.starts_with(&repository));
    platform::search_folders(search_path)
        .into_iter()
        .filter(|folder| folder.is_absolute() && is_outside(folder))
        .flat_map(|folder| platform::program_file_names(name).into_iter().map(move |file| folder.join(file)))
        .find(|file| platform::is_program(file) && is_outside(file))
}
