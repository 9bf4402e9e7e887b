//! Which git repository a folder belongs to, found by reading `.git` as gitrepository-layout(5) describes it.
//!
//! git itself is not run: settings are read before there is an executor, and a repository's own configuration must
//! not decide what runs then.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The most bytes that are read of a `.git` or `commondir` file; both hold one path.
const MAX_POINTER_BYTES: u64 = 8192;

/// The place of a folder in git.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GitPlace {
    /// The root of the worktree.
    pub(crate) root: PathBuf,
    /// The folder that all worktrees of the repository share.
    pub(crate) common_folder: PathBuf,
    /// The name of the main worktree's folder.
    pub(crate) name: Option<String>,
}

/// Finds the worktree that holds `folder`. Returns nothing outside git.
pub(crate) fn place_of(folder: &Path) -> Option<GitPlace> {
    folder.ancestors().find_map(|root| {
        let git_folder = git_folder_of(root)?;
        let shared = pointer(&git_folder.join("commondir"), "").map(|path| git_folder.join(path));
        let common_folder = shared.as_deref().unwrap_or(&git_folder).canonicalize().ok()?;
        let name = name_of(root, &common_folder, shared.is_some());
        Some(GitPlace { root: root.to_owned(), common_folder, name })
    })
}

fn git_folder_of(root: &Path) -> Option<PathBuf> {
    let entry = root.join(".git");
    let folder = if entry.is_file() { root.join(pointer(&entry, "gitdir:")?) } else { entry };
    folder.join("HEAD").is_file().then_some(folder)
}

/// Reads a file that holds a prefix and a path.
fn pointer(file: &Path, prefix: &str) -> Option<PathBuf> {
    if !file.is_file() {
        return None;
    }
    let mut text = String::new();
    File::open(file).ok()?.take(MAX_POINTER_BYTES).read_to_string(&mut text).ok()?;
    let path = text.lines().next()?.strip_prefix(prefix)?.trim();
    (!path.is_empty()).then(|| PathBuf::from(path))
}

fn name_of(root: &Path, common_folder: &Path, linked: bool) -> Option<String> {
    let last = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let own = last(common_folder)?;
    match own.as_str() {
        ".git" => last(common_folder.parent()?),
        // A linked worktree of a bare repository or of a submodule.
        _ if linked => Some(own.strip_suffix(".git").unwrap_or(&own).to_owned()),
        // A submodule, or a repository with a separate git folder.
        _ => last(root),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn main_worktree(folder: &Path) -> PathBuf {
        let root = folder.join("shop");
        fs::create_dir_all(root.join(".git/worktrees/fix")).expect("folders");
        fs::create_dir_all(root.join("src/deep")).expect("folders");
        fs::write(root.join(".git/HEAD"), "ref: refs/heads/main\n").expect("file");
        root
    }

    #[test]
    fn a_folder_inside_a_worktree_finds_its_root() {
        let folder = tempfile::tempdir().expect("folder");
        let root = main_worktree(&folder.path().canonicalize().expect("path"));
        let place = place_of(&root.join("src/deep")).expect("git");
        assert_eq!(place.root, root);
        assert_eq!(place.common_folder, root.join(".git"));
        assert_eq!(place.name.as_deref(), Some("shop"));
    }

    #[test]
    fn a_linked_worktree_shares_the_folder_and_the_name_of_the_main_one() {
        let folder = tempfile::tempdir().expect("folder");
        let base = folder.path().canonicalize().expect("path");
        let root = main_worktree(&base);
        let linked = base.join("fix");
        fs::create_dir(&linked).expect("folder");
        fs::write(linked.join(".git"), format!("gitdir: {}\n", root.join(".git/worktrees/fix").display())).expect("w");
        fs::write(root.join(".git/worktrees/fix/HEAD"), "ref: refs/heads/fix\n").expect("file");
        fs::write(root.join(".git/worktrees/fix/commondir"), "../..\n").expect("file");
        let place = place_of(&linked).expect("git");
        assert_eq!(place.common_folder, root.join(".git"));
        assert_eq!(place.name.as_deref(), Some("shop"));
        assert_eq!(place.root, linked);
    }

    #[test]
    fn a_submodule_has_the_name_of_its_own_folder() {
        let folder = tempfile::tempdir().expect("folder");
        let root = main_worktree(&folder.path().canonicalize().expect("path"));
        let inner = root.join("vendor/inner");
        fs::create_dir_all(&inner).expect("folder");
        fs::create_dir_all(root.join(".git/modules/other")).expect("folder");
        fs::write(root.join(".git/modules/other/HEAD"), "x").expect("file");
        fs::write(inner.join(".git"), "gitdir: ../../.git/modules/other\n").expect("file");
        let place = place_of(&inner).expect("git");
        assert_eq!(place.name.as_deref(), Some("inner"));
        assert_eq!(place.common_folder, root.join(".git/modules/other"));
    }

    #[test]
    fn a_folder_called_git_without_a_head_is_no_repository() {
        let folder = tempfile::tempdir().expect("folder");
        let root = main_worktree(&folder.path().canonicalize().expect("path"));
        fs::create_dir(root.join("src/.git")).expect("folder");
        assert_eq!(place_of(&root.join("src/deep")).expect("git").root, root);
    }
}
