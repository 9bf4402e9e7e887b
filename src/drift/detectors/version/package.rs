//! Which version the repository's package files name.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_json::Value;

/// The largest package file: a larger file is something else.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// A version that a package file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PackageVersion {
    /// The file, relative to the repository.
    pub(super) file: &'static str,
    /// The version as the file writes it.
    pub(super) version: String,
}

/// Finds the version in a file's text.
type Reader = fn(&str) -> Option<String>;

/// Reads the versions that the package files at the repository's root name; blocking.
///
/// `0.0.0` is left out: packages that are never released carry it.
pub(super) fn read_package_versions(repository: &Path) -> Vec<PackageVersion> {
    let files: [(&'static str, Reader); 5] = [
        ("package.json", json_version),
        ("Cargo.toml", |text| toml_version(text, &["package", "workspace.package"])),
        ("pyproject.toml", |text| toml_version(text, &["project", "tool.poetry"])),
        ("composer.json", json_version),
        ("VERSION", plain_version),
    ];
    files
        .into_iter()
        .filter_map(|(file, read)| {
            let version = read(&read_start(&repository.join(file))?)?;
            (!version.is_empty() && version != "0.0.0").then_some(PackageVersion { file, version })
        })
        .collect()
}

/// Reads a regular file; a link could lead out of the repository, and a pipe would never end.
fn read_start(path: &Path) -> Option<String> {
    let metadata = path.symlink_metadata().ok()?;
    if !metadata.is_file() || metadata.len() > MAX_FILE_BYTES {
        return None;
    }
    let mut text = String::new();
    File::open(path).ok()?.take(MAX_FILE_BYTES).read_to_string(&mut text).ok()?;
    // A byte order mark is no part of the text.
    Some(text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned))
}

fn json_version(text: &str) -> Option<String> {
    let package: Value = serde_json::from_str(text).ok()?;
    Some(package.get("version")?.as_str()?.trim().to_owned())
}

/// Finds `version = "…"` in one of the tables. No more of TOML is needed here.
fn toml_version(text: &str, tables: &[&str]) -> Option<String> {
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        if let Some(header) = line.strip_prefix('[') {
            inside = header.split_once(']').is_some_and(|(name, _)| tables.contains(&name.trim()));
            continue;
        }
        let Some((key, value)) = line.split_once('=') else { continue };
        if inside && key.trim() == "version" {
            let value = value.trim();
            let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
            return value.get(1..)?.split(quote).next().map(|version| version.trim().to_owned());
        }
    }
    None
}

fn plain_version(text: &str) -> Option<String> {
    let line = text.trim();
    let one_word = !line.is_empty() && line.len() <= 64 && !line.contains(char::is_whitespace);
    (one_word && line.contains(|character: char| character.is_ascii_digit())).then(|| line.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_package_file_at_the_root_is_read() {
        let repository = tempfile::tempdir().expect("a folder");
        let write = |file: &str, text: &str| std::fs::write(repository.path().join(file), text).expect("written");
        write("package.json", r#"{"name": "app", "version": "1.2.3"}"#);
        write("Cargo.toml", "[dependencies]\nversion = \"9\"\n[package] # ours\nname = \"a\"\nversion = \"2.0.0\"\n");
        write("pyproject.toml", "[tool.poetry]\nversion = '3.1' # a comment\n");
        write("VERSION", "4.0\n");
        let found = read_package_versions(repository.path());
        let found: Vec<_> = found.iter().map(|package| (package.file, package.version.as_str())).collect();
        assert_eq!(
            found,
            [("package.json", "1.2.3"), ("Cargo.toml", "2.0.0"), ("pyproject.toml", "3.1"), ("VERSION", "4.0")]
        );
    }

    #[test]
    fn a_byte_order_mark_hides_no_version() {
        let repository = tempfile::tempdir().expect("a folder");
        std::fs::write(repository.path().join("package.json"), "\u{feff}{\"version\": \"9.9.9\"}").expect("written");
        assert_eq!(read_package_versions(repository.path())[0].version, "9.9.9");
    }

    #[test]
    fn broken_inherited_and_never_released_versions_say_nothing() {
        let repository = tempfile::tempdir().expect("a folder");
        let write = |file: &str, text: &str| std::fs::write(repository.path().join(file), text).expect("written");
        write("package.json", "{ not json");
        write("Cargo.toml", "[package]\nversion.workspace = true\n");
        write("pyproject.toml", "[project]\nversion = \"0.0.0\"\n");
        assert_eq!(read_package_versions(repository.path()), []);
    }
}
