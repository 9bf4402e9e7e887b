//! Versions in words: they decide only where `version.compare` is `package`.

use super::commit::within;
use super::names::{FieldNaming, plain};
use super::read::BuildWord;

/// Versions that stand in package files until a release tool writes another (semantic-release, setuptools_scm, Gradle).
const PLACEHOLDERS: [&str; 6] = ["0.0.0", "0.0", "unspecified", "unknown", "0.0.1-snapshot", "1.0-snapshot"];
/// Fields whose value is a version of the application, best first.
const APPLICATION: [&str; 7] = ["", "version", "appversion", "packageversion", "buildversion", "release", "tag"];

/// Tells whether a package file's version says nothing: packages that are never released carry it.
pub fn is_placeholder_version(version: &str) -> bool {
    let version = plain_version(version).to_ascii_lowercase();
    PLACEHOLDERS.contains(&version.as_str()) || version.starts_with("0.0.0-") || version.starts_with("0.0.0.")
}

/// Takes off a leading `v` and build metadata, which SemVer §10 ignores.
pub fn plain_version(version: &str) -> &str {
    let version = version.trim();
    let version = version.strip_prefix(['v', 'V']).unwrap_or(version);
    version.split('+').next().unwrap_or(version)
}

/// Returns the version in words that production tells, where it tells one that can be compared: `v1` is an API's.
pub fn version_in_words(words: &[BuildWord]) -> Option<&BuildWord> {
    let rank = |word: &BuildWord| {
        let mut names = word.field.trim_start_matches("header ").trim_start_matches("meta ").rsplit('.');
        let last = plain(names.next().unwrap_or_default());
        let above = names.next().map(plain).unwrap_or_default();
        let is_tool =
            ["java", "go", "node", "python", "ruby", "os", "runtime", "spring", "rust"].contains(&above.as_str());
        let last = last.strip_prefix('x').filter(|rest| rest.ends_with("version")).unwrap_or(&last).to_owned();
        let whole = format!("{above}{last}");
        APPLICATION.iter().position(|name| *name == last || *name == whole).filter(|_| !is_tool)
    };
    let is_version = |word: &&BuildWord| {
        let numbers = plain_version(&word.word)
            .split(['.', '-'])
            .filter(|part| part.starts_with(|first: char| first.is_ascii_digit()));
        word.naming == FieldNaming::Version
            && numbers.count() >= 2
            && !word.word.contains(char::is_whitespace)
            && within(&word.word).first().is_none_or(|hex| hex.digits != word.word)
    };
    words
        .iter()
        .filter(is_version)
        .filter_map(|word| Some((rank(word)?, word)))
        .min_by_key(|(rank, _)| *rank)
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{BuildAnswer, BuildPlace, PlaceKind, words_of};

    #[test]
    fn the_applications_own_version_is_found() {
        let place = BuildPlace { path: "/version".to_owned(), kind: PlaceKind::Guessed, field: None, is_cached: false };
        for (body, version) in [
            ("1.2.3\n", Some("1.2.3")),
            (r#"{"version":"1.2.3"}"#, Some("1.2.3")),
            (r#"{"build":{"java":{"version":"21.0.7"},"version":"8.7.5"}}"#, Some("8.7.5")),
            (r#"{"goVersion":"go1.22","gitVersion":"v1.29.0","app_version":"2.0.0"}"#, Some("2.0.0")),
            (r#"{"version":"v1"}"#, None),
            (r#"{"version":"main-37b73f8"}"#, None),
            (r#"{"status":"ok"}"#, None),
        ] {
            let words = words_of(&place, BuildAnswer::Body(body));
            assert_eq!(version_in_words(&words).map(|word| word.word.as_str()), version, "{body}");
        }
    }

    #[test]
    fn versions_are_compared_as_semver_does_and_placeholders_say_nothing() {
        assert_eq!(plain_version("v1.2.3+55"), "1.2.3");
        for version in ["0.0.0", "0.0.0-development", "0.0.0-semantically-released", "v0.0.0-dev"] {
            assert!(is_placeholder_version(version), "{version}");
        }
        assert!(!is_placeholder_version("0.0.10"));
    }
}
