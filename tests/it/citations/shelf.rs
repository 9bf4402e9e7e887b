//! What can be cited.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

/// What a repository holds that can be cited.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    /// All files, from the root, with slashes.
    pub(super) files: BTreeSet<String>,
    /// The sections of each document: `1.8.2`, `S8`.
    pub(super) sections: BTreeMap<String, BTreeSet<String>>,
    /// The rules of the gate: `G1`, `L2`.
    pub(super) rules: BTreeSet<String>,
    /// The findings of the seed: `A05`.
    pub(super) findings: BTreeSet<String>,
    /// The functions of the Rust files, tests among them.
    pub(super) functions: BTreeSet<String>,
}

const RULES: &str = "docs/design/gate.md";
const FINDINGS: &str = "docs/design/findings.md";

impl Shelf {
    /// Reads the files that git would keep.
    pub(super) fn of_repository(root: &Path) -> Self {
        let mut shelf = Self::default();
        let walk =
            ignore::WalkBuilder::new(root).hidden(false).filter_entry(|entry| entry.file_name() != ".git").build();
        for entry in walk {
            let entry = entry.expect("an entry");
            if !entry.file_type().is_some_and(|kind| kind.is_file()) {
                continue;
            }
            let path = entry.path().strip_prefix(root).expect("inside").to_str().expect("text").replace('\\', "/");
            let is_text = path.ends_with(".rs") || path.ends_with(".md");
            let text = if is_text { fs::read_to_string(entry.path()).expect("readable") } else { String::new() };
            shelf.add(&path, &text);
        }
        shelf
    }

    /// Adds a file with what it offers to be cited.
    pub(super) fn add(&mut self, path: &str, text: &str) {
        static SECTION: LazyLock<Regex> = LazyLock::new(|| regex(r"(?m)^(?:#+ |- \*\*)§(S?\d+(?:\.\d+)*)"));
        static RULE: LazyLock<Regex> = LazyLock::new(|| regex(r"(?m)^## ([GL]\d+): "));
        static FINDING: LazyLock<Regex> = LazyLock::new(|| regex(r"(?m)^- \*\*([A-E]\d\d)\*\* "));
        static FUNCTION: LazyLock<Regex> = LazyLock::new(|| regex(r"\bfn ([a-z0-9_]+)"));
        let all = |pattern: &Regex| -> BTreeSet<String> {
            pattern.captures_iter(text).map(|found| found[1].to_owned()).collect()
        };
        self.files.insert(path.to_owned());
        if path.ends_with(".rs") {
            self.functions.extend(all(&FUNCTION));
        }
        if path.ends_with(".md") {
            self.sections.insert(path.to_owned(), all(&SECTION));
        }
        if path == RULES {
            self.rules = all(&RULE);
        }
        if path == FINDINGS {
            self.findings = all(&FINDING);
        }
    }

    /// Returns the document that a file means by a name: from the root, beside the file, among the design documents, or
    /// by a file name that the repository has anywhere.
    pub(super) fn document(&self, name: &str, from: &str) -> Option<String> {
        let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
        let places = [name.to_owned(), joined(folder, name), format!("docs/design/{name}"), format!("docs/{name}")];
        let known = places.into_iter().find(|place| self.files.contains(place));
        known.or_else(|| {
            let ending = format!("/{name}");
            self.files.iter().find(|file| file.ends_with(&ending)).cloned()
        })
    }

    /// Tells whether a path is there, from the root or from `src/`: a file, or a folder with something in it.
    pub(super) fn holds(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        [path.to_owned(), format!("src/{path}")].into_iter().any(|path| {
            let inside = format!("{path}/");
            let below = self.files.range(inside.clone()..).next().is_some_and(|file| file.starts_with(&inside));
            below || self.files.contains(&path)
        })
    }
}

/// Joins a relative path to a folder; `..` goes up.
pub(super) fn joined(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

pub(super) fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a pattern")
}
