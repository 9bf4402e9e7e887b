//! The files of a repository that tell something about it, read with bounds.

use std::collections::BTreeMap;
use std::path::Path;

use ignore::WalkBuilder;

/// The most files that are looked at, and the deepest.
const MAX_FILES: usize = 5_000;
const MAX_DEPTH: usize = 9;
/// The largest file that is read, and the most of all together, in bytes.
const MAX_FILE_BYTES: u64 = 262_144;
const MAX_BYTES: u64 = 16 * 1024 * 1024;
/// Folders of other people's code and of what was built.
const NOT_OURS: [&str; 8] =
    ["node_modules", "vendor", "target", "venv", "site-packages", "__pycache__", "coverage", "bower_components"];
/// Endings of files whose text is read.
const READ: [&str; 26] = [
    "cfg",
    "cjs",
    "go",
    "gradle",
    "html",
    "ini",
    "java",
    "js",
    "json",
    "jsx",
    "kt",
    "kts",
    "mjs",
    "mod",
    "mts",
    "php",
    "properties",
    "py",
    "rb",
    "rs",
    "toml",
    "ts",
    "tsx",
    "txt",
    "xml",
    "yml",
];
/// Names of files without such an ending whose text is read, too.
const READ_NAMES: [&str; 3] = ["Gemfile", "Pipfile", "manage.py"];

/// Files by their path relative to the repository, with `/`: all paths, and the text of those that are read.
#[derive(Debug, Default)]
pub struct Sources {
    files: BTreeMap<String, Option<String>>,
}

impl Sources {
    /// Reads a repository, without what git ignores and without other people's code. What cannot be read is left out.
    pub fn read(repository: &Path) -> Self {
        let walk = WalkBuilder::new(repository)
            .max_depth(Some(MAX_DEPTH))
            .require_git(false)
            .sort_by_file_name(Ord::cmp)
            .filter_entry(|entry| !entry.file_name().to_str().is_some_and(|name| NOT_OURS.contains(&name)))
            .build();
        let (mut files, mut left) = (BTreeMap::new(), MAX_BYTES);
        for entry in walk.flatten().filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file())).take(MAX_FILES)
        {
            let Ok(path) = entry.path().strip_prefix(repository) else { continue };
            let path = path.to_string_lossy().replace('\\', "/");
            let length = entry.metadata().map_or(u64::MAX, |metadata| metadata.len());
            let text = (is_read(&path) && length <= MAX_FILE_BYTES.min(left))
                .then(|| std::fs::read_to_string(entry.path()).ok())
                .flatten();
            left -= text.as_ref().map_or(0, |text| text.len() as u64).min(left);
            files.insert(path, text);
        }
        Self { files }
    }

    /// Makes sources of texts.
    pub fn of(files: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { files: files.into_iter().map(|(path, text)| (path, Some(text))).collect() }
    }

    /// Returns all paths, in their order.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Returns the text of a file.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path)?.as_deref()
    }

    /// Returns the files with a text whose path ends so, as a whole name or as the end of one.
    pub(super) fn ending<'a>(&'a self, end: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.files.iter().filter_map(move |(path, text)| {
            let is_meant = match path.strip_suffix(end) {
                Some(before) => end.starts_with('.') || before.is_empty() || before.ends_with('/'),
                None => false,
            };
            Some((path.as_str(), text.as_deref()?)).filter(|_| is_meant)
        })
    }
}

fn is_read(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    READ_NAMES.contains(&name) || ending.is_some_and(|ending| READ.contains(&ending) || ending == "yaml")
}
