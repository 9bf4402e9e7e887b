//! Finds schema files, with a bound, and without ignored and built files.

use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

use super::check::relative_to;

/// Folders that hold what was installed, built or measured, whether or not `.gitignore` lists them.
const SKIPPED_FOLDERS: [&str; 12] = [
    "node_modules",
    "dist",
    "build",
    "target",
    "vendor",
    "coverage",
    "out",
    "venv",
    "__pycache__",
    "site-packages",
    "generated",
    "tmp",
];
const MAX_DEPTH: usize = 8;
const MAX_ENTRIES: usize = 100_000;
const MAX_SCHEMAS: usize = 16;

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Search {
    /// The schemas, relative to the repository, in order.
    pub(super) schemas: Vec<PathBuf>,
    /// Whether everything was searched.
    pub(super) complete: bool,
}

/// Finds files named `schema.prisma`. Blocks, and ends early when told to stop.
pub(super) fn find_prisma_schemas(repository: &Path, stop: &dyn Fn() -> bool) -> Search {
    find(repository, MAX_ENTRIES, stop)
}

fn find(repository: &Path, max_entries: usize, stop: &dyn Fn() -> bool) -> Search {
    let walk = WalkBuilder::new(repository)
        .max_depth(Some(MAX_DEPTH))
        .follow_links(false)
        // A folder that is not a git work tree may have a .gitignore, too.
        .require_git(false)
        .git_global(false)
        .filter_entry(|entry| {
            let folder = entry.file_type().is_some_and(|kind| kind.is_dir());
            let skipped = entry.file_name().to_str().is_some_and(|name| SKIPPED_FOLDERS.contains(&name));
            entry.depth() == 0 || !(folder && skipped)
        })
        .build();
    let mut search = Search { schemas: Vec::new(), complete: true };
    for (seen, entry) in walk.enumerate() {
        if seen >= max_entries || search.schemas.len() >= MAX_SCHEMAS || stop() {
            search.complete = false;
            break;
        }
        // A folder that this user cannot read is not part of this user's work.
        let Ok(entry) = entry else { continue };
        if entry.file_name() == "schema.prisma" && entry.file_type().is_some_and(|kind| kind.is_file()) {
            search.schemas.push(relative_to(entry.path(), repository));
        }
    }
    search.schemas.sort_unstable();
    search
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
            std::fs::write(path, text).expect("written");
        }
        folder
    }

    #[test]
    fn d10_ignored_and_built_folders_are_not_searched() {
        let repository = repository(&[
            (".gitignore", "/scratch/\n"),
            ("prisma/schema.prisma", ""),
            ("packages/database/prisma/schema.prisma", ""),
            ("scratch/schema.prisma", ""),
            ("node_modules/x/schema.prisma", ""),
            ("apps/web/.next/schema.prisma", ""),
            ("apps/web/dist/schema.prisma", ""),
        ]);
        let found = find_prisma_schemas(repository.path(), &|| false);
        let expected = ["packages/database/prisma/schema.prisma", "prisma/schema.prisma"].map(PathBuf::from).to_vec();
        assert_eq!(found, Search { schemas: expected, complete: true });
    }

    #[test]
    fn d10_the_search_ends_at_its_bound_and_when_told_to() {
        let files: Vec<String> = (0..50).map(|number| format!("src/{number}.ts")).collect();
        let files: Vec<(&str, &str)> = files.iter().map(|path| (path.as_str(), "")).collect();
        let repository = repository(&files);
        assert_eq!(find(repository.path(), 10, &|| false), Search { schemas: Vec::new(), complete: false });
        let asked = std::cell::Cell::new(0);
        let stop = || {
            asked.set(asked.get() + 1);
            asked.get() > 5
        };
        assert!(!find(repository.path(), 1000, &stop).complete);
        assert_eq!(asked.get(), 6);
    }
}
