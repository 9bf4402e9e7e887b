//! Which files may be UI specs.

use std::path::{Path, PathBuf};

use crate::domain::{Outcome, one_line};

/// A path cannot be a UI spec.
#[derive(Debug, thiserror::Error)]
pub(super) enum SpecError {
    /// It would be read as an option.
    #[error("the spec `{0}` begins with `-`")]
    LooksLikeAnOption(String),
    /// It does not exist, or not all of its path is readable.
    #[error("the spec `{spec}` is not there")]
    Missing {
        spec: String,
        #[source]
        source: std::io::Error,
    },
    /// It is a folder or something else.
    #[error("the spec `{0}` is not a file")]
    NotAFile(String),
    /// It lies outside, possibly behind a symbolic link.
    #[error("the spec `{0}` lies outside the repository")]
    Outside(String),
    /// Playwright takes patterns as text.
    #[error("the spec `{0}` has a name that is not UTF-8 or holds control characters")]
    Name(String),
}

impl SpecError {
    pub(super) fn outcome(&self) -> Outcome {
        Outcome::unverified(
            self.to_string(),
            Some("name an existing spec file inside the repository, relative to its root"),
        )
    }
}

/// Returns the absolute path of a spec, with all symbolic links resolved.
pub(super) fn locate(repository: &Path, spec: &str) -> Result<PathBuf, SpecError> {
    let shown = || one_line(spec, 120);
    if spec.starts_with('-') {
        return Err(SpecError::LooksLikeAnOption(shown()));
    }
    if spec.is_empty() || spec.chars().any(char::is_control) {
        return Err(SpecError::Name(shown()));
    }
    let missing = |source| SpecError::Missing { spec: shown(), source };
    let root = repository.canonicalize().map_err(missing)?;
    let path = root.join(spec).canonicalize().map_err(missing)?;
    if !path.starts_with(&root) {
        return Err(SpecError::Outside(shown()));
    }
    if !path.is_file() {
        return Err(SpecError::NotAFile(shown()));
    }
    match path.to_str() {
        Some(text) if !text.chars().any(char::is_control) => Ok(path),
        _ => Err(SpecError::Name(shown())),
    }
}

/// Returns the pattern that matches this path and no other.
///
/// It begins with `^`, so Playwright's command line cannot take it for an option, and ends with `$`, so it is
/// neither `/…/flags` nor `file:line` to Playwright.
pub(super) fn pattern(path: &Path) -> String {
    format!("^{}$", regex::escape(&path.to_string_lossy()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b06_only_files_inside_the_repository_are_specs() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().join("repository");
        std::fs::create_dir_all(root.join("e2e")).expect("a folder");
        for (name, path) in [("inside", root.join("e2e/a.spec.ts")), ("outside", folder.path().join("b.spec.ts"))] {
            std::fs::write(path, name).expect("written");
        }
        std::fs::write(root.join("--config=evil.ts"), "x").expect("written");
        assert!(locate(&root, "e2e/a.spec.ts").expect("a spec").ends_with("repository/e2e/a.spec.ts"));
        assert!(locate(&root, "e2e/../e2e/a.spec.ts").is_ok());
        assert!(matches!(locate(&root, "--config=evil.ts"), Err(SpecError::LooksLikeAnOption(_))));
        assert!(matches!(locate(&root, "../b.spec.ts"), Err(SpecError::Outside(_))));
        let absolute = folder.path().join("b.spec.ts");
        assert!(matches!(locate(&root, &absolute.to_string_lossy()), Err(SpecError::Outside(_))));
        assert!(matches!(locate(&root, "e2e"), Err(SpecError::NotAFile(_))));
        assert!(matches!(locate(&root, "e2e/a.spec.ts; touch x"), Err(SpecError::Missing { .. })));
        assert!(matches!(locate(&root, "a\nb"), Err(SpecError::Name(_))));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(&absolute, root.join("link.spec.ts")).expect("linked");
            assert!(matches!(locate(&root, "link.spec.ts"), Err(SpecError::Outside(_))));
        }
    }

    #[test]
    fn b06_the_pattern_matches_one_path_only() {
        let text = pattern(Path::new("/r/e2e/a+b (1).spec.ts"));
        let compiled = regex::Regex::new(&text).expect("a pattern");
        assert!(compiled.is_match("/r/e2e/a+b (1).spec.ts"));
        assert!(!compiled.is_match("/r/e2e/aab (1).spec.ts") && !compiled.is_match("/x/r/e2e/a+b (1).spec.ts"));
        assert!(text.starts_with('^') && text.ends_with('$'));
    }
}
