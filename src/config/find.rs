//! Where the configuration file is.

use std::path::{Path, PathBuf};

use super::env::Environment;
use super::error::{ConfigError, shown};
use super::file::{self, FILE_NAME, OLD_FILE_NAME, ReadFile};
use super::git;
use super::state_paths::current_folder;

/// The result of a search.
#[derive(Debug, Default)]
pub(crate) struct FoundFile {
    /// The file, absolute, and what it holds.
    pub(crate) file: Option<(PathBuf, ReadFile)>,
    /// The folders that were searched, nearest first; none when the file was named.
    pub(crate) folders: Vec<PathBuf>,
    pub(crate) warnings: Vec<String>,
}

/// Reads the file that `--config` names.
///
/// # Errors
/// When it is not there.
pub(crate) fn named(path: &Path) -> Result<FoundFile, ConfigError> {
    let canonical = path.canonicalize().map_err(ConfigError::io("read", path))?;
    let read = file::read(&canonical).unwrap_or_else(broken).ok_or_else(|| {
        ConfigError::io("read", path)(std::io::Error::new(std::io::ErrorKind::NotFound, "it is not there"))
    })?;
    Ok(FoundFile { file: Some((canonical, read)), folders: Vec::new(), warnings: Vec::new() })
}

/// Searches from `folder` (canonical) upwards to the root of its worktree (E08). Outside git only `folder` is searched,
/// because other users may write to the folders above. A file that cannot be read is found, with what is wrong with it: it is
/// never passed over.
pub(crate) fn search(folder: &Path) -> FoundFile {
    let folders = folders_of(folder);
    let mut warnings = Vec::new();
    let first = |name: &str| folders.iter().map(|folder| folder.join(name)).find(|path| path.exists());
    let old = first(OLD_FILE_NAME);
    let path = first(FILE_NAME);
    match (&path, &old) {
        (Some(path), Some(old)) => {
            warnings.push(format!("{} is ignored, because {} is there", shown(old), shown(path)));
        }
        (None, Some(old)) => {
            warnings.push(format!("{} has an old name: rename it to {FILE_NAME}", shown(old)));
        }
        _ => {}
    }
    let file = path.or(old).and_then(|path| Some((path.clone(), file::read(&path).unwrap_or_else(broken)?)));
    FoundFile { file, folders, warnings }
}

fn broken(error: ConfigError) -> Option<ReadFile> {
    Some(ReadFile { problems: vec![error], ..ReadFile::default() })
}

/// Searches from a named repository, and when that has no file, from the current folder (both canonical). So a job that
/// runs elsewhere finds the file of the repository that it works on.
pub(crate) fn search_both(repository: &Path, folder: &Path) -> FoundFile {
    let mut found = search(repository);
    if found.file.is_none() && repository != folder {
        let FoundFile { file, folders, warnings } = search(folder);
        found.file = file;
        found.folders.extend(folders);
        found.warnings.extend(warnings);
    }
    found
}

/// Returns the root of the worktree of the named folder, else of the current one. Outside git it returns that folder.
///
/// # Errors
/// When the folder is not there.
pub fn repository_root(environment: &Environment, named: Option<&Path>) -> Result<PathBuf, ConfigError> {
    let folder = current_folder(environment)?;
    let start = match named {
        Some(named) => folder.join(named).canonicalize().map_err(ConfigError::io("read", named))?,
        None => folder,
    };
    Ok(git::place_of(&start).map_or(start, |place| place.root))
}

/// Returns the folders that are searched.
pub(crate) fn folders_of(folder: &Path) -> Vec<PathBuf> {
    let Some(place) = git::place_of(folder) else { return vec![folder.to_owned()] };
    folder.ancestors().take_while(|one| one.starts_with(&place.root)).map(Path::to_owned).collect()
}
