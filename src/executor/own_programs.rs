//! The folders of programs that a repository brings itself: a virtual environment that nobody activated, and npm's.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::{Invocation, find_program, platform};

/// Where such programs lie, relative to the repository; a virtual environment's name is Python's own convention.
const FOLDERS: &[&str] = if cfg!(windows) {
    &[".venv\\Scripts", "venv\\Scripts", "node_modules\\.bin"]
} else {
    &[".venv/bin", "venv/bin", "node_modules/.bin"]
};

/// The folders that are there. They count for what a person, or settings that a person trusted, named, and for nothing else:
/// whoever works in the repository can put programs into them.
#[derive(Debug, Default)]
pub(super) struct OwnPrograms {
    folders: Vec<PathBuf>,
    search_path: OsString,
}

impl OwnPrograms {
    pub(super) fn of(repository: &Path, search_path: &OsStr) -> Self {
        let folders = FOLDERS.iter().map(|folder| repository.join(folder)).filter(|folder| folder.is_dir()).collect();
        Self { folders, search_path: search_path.to_owned() }
    }

    /// Returns the invocation with the repository's own program in the place of a bare name.
    pub(super) fn named(&self, invocation: Invocation) -> Invocation {
        match invocation {
            Invocation::Direct(mut words) => {
                if let Some(first) = words.first_mut()
                    && let Some(own) = self.find(first)
                {
                    *first = own.to_string_lossy().into_owned();
                }
                Invocation::Direct(words)
            }
            shell @ Invocation::Shell(_) => shell,
        }
    }

    /// Returns the search path that has them first, where there are any.
    pub(super) fn variables(&self) -> Option<(String, String)> {
        let all = self.folders.iter().cloned().chain(platform::search_folders(&self.search_path));
        let path = platform::joined_folders(all)?.into_string().ok()?;
        (!self.folders.is_empty()).then(|| ("PATH".to_owned(), path))
    }

    fn find(&self, name: &str) -> Option<PathBuf> {
        let path = platform::joined_folders(self.folders.iter().cloned())?;
        find_program(name, &path, None)
    }
}

/// Finds a program that a person named: in the repository's own folders of programs, else on the search path.
pub fn find_named_program(name: &str, search_path: &OsStr, repository: &Path) -> Option<PathBuf> {
    let own = OwnPrograms::of(repository, search_path);
    own.find(name).or_else(|| find_program(name, search_path, Some(repository)))
}
