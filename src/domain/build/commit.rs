//! Commits in words: hexadecimal digits, and the marks of uncommitted changes.

/// Ends that say that the build holds changes that are in no commit (git describe, setuptools_scm, versioneer, Mercurial).
const DIRTY_ENDS: &[&str] = &["-dirty", "+dirty", ".dirty", "_dirty", "-modified", "-uncommitted", "-wip", "*", "+"];

/// A word that can be a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hex {
    /// The digits, in lower case.
    pub(super) digits: String,
    /// Whether it was built from a work tree with changes that are in no commit.
    pub(super) is_dirty: bool,
}

/// Reads a whole value: 7–40 or 64 digits, with quotes, the mark of a weak ETag, and marks of uncommitted changes.
pub(super) fn whole(value: &str) -> Option<Hex> {
    let value = value.trim().trim_start_matches("W/").trim_matches(['"', '\'']).trim();
    let (value, is_dirty) = without_dirt(value);
    is_hex(value).then(|| Hex { digits: value.to_ascii_lowercase(), is_dirty })
}

/// Returns the words in a version, an image or a line that can be commits. What is marked as a commit (`sha-…`, `…-g…` of
/// git describe) stands first; digests of images and parts of UUIDs are none.
pub(super) fn within(text: &str) -> Vec<Hex> {
    let text = text.trim();
    let (clean, is_marked) = without_dirt(text);
    let is_dirty = is_marked || text.split(|letter: char| !letter.is_ascii_alphanumeric()).any(is_dirt);
    let mut found: Vec<(bool, Hex)> = Vec::new();
    let mut before = "";
    let is_apart = |letter: char| !letter.is_ascii_alphanumeric() && letter != '-';
    let parts = clean.split(is_apart).filter(|part| !is_uuid(part));
    for word in parts.flat_map(|part| part.split('-')).filter(|word| !word.is_empty()) {
        let described = word.strip_prefix('g').filter(|rest| is_hex(rest));
        let digits = described.unwrap_or(word);
        let is_marked_by = |marks: &[&str]| marks.iter().any(|mark| before.eq_ignore_ascii_case(mark));
        if is_hex(digits) && !is_dirt(digits) && !is_marked_by(&["sha256", "sha512", "md5"]) {
            let is_named = described.is_some() || is_marked_by(&["sha", "git", "commit", "rev"]);
            found.push((is_named, Hex { digits: digits.to_ascii_lowercase(), is_dirty }));
        }
        before = word;
    }
    found.sort_by_key(|(is_named, _)| !is_named);
    found.into_iter().map(|(_, hex)| hex).collect()
}

/// Tells whether a word outside of fields for commits and versions can be one: it has a letter and a digit, too.
pub(super) fn has_letter_and_digit(digits: &str) -> bool {
    digits.bytes().any(|byte| byte.is_ascii_digit()) && digits.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Tells whether a word is git's null object, which tools write where they know no commit.
pub(super) fn is_placeholder(digits: &str) -> bool {
    digits.bytes().all(|byte| byte == b'0')
}

fn is_hex(word: &str) -> bool {
    matches!(word.len(), 7..=40 | 64) && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn without_dirt(value: &str) -> (&str, bool) {
    DIRTY_ENDS.iter().find_map(|end| value.strip_suffix(end)).map_or((value, false), |clean| (clean, true))
}

/// `dirty`, and setuptools_scm's day of a changed work tree: `d20260131`.
fn is_dirt(word: &str) -> bool {
    let day = word.strip_prefix('d').filter(|day| day.len() == 8 && day.starts_with("20"));
    word.eq_ignore_ascii_case("dirty") || day.is_some_and(|day| day.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_uuid(text: &str) -> bool {
    text.split('-').map(str::len).eq([8, 4, 4, 4, 12])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_as_tools_write_them() {
        for (text, digits) in [
            ("sha-37b73f8", &["37b73f8"][..]),
            ("main-37b73f8", &["37b73f8"]),
            ("v1.2.3-4-g37b73f8-dirty", &["37b73f8"]),
            ("1.2.3.dev4+g37b73f8.d20260131", &["37b73f8"]),
            ("v0.0.0-20240101120000-37b73f8abcde", &["20240101120000", "37b73f8abcde"]),
            (
                "ghcr.io/a/b:20240101-sha-37b73f8@sha256:aaaaaaaabbbbbbbbccccccccddddddddeeeeeeeeffffffff0000000011111111",
                &["37b73f8", "20240101"],
            ),
            ("0.1.0 (37b73f8)", &["37b73f8"]),
            ("f47ac10b-58cc-4372-a567-0e02b2c3d479", &[]),
            ("1.2.3", &[]),
            ("37b73f", &[]),
        ] {
            let found: Vec<_> = within(text).into_iter().map(|hex| hex.digits).collect();
            assert_eq!(found, digits, "{text}");
        }
    }

    #[test]
    fn marks_of_uncommitted_changes_are_read() {
        for text in ["37b73f8-dirty", "37b73f8+", "37b73f8*", "37b73f8.dirty", "37b73f8+dirty"] {
            assert!(whole(text).is_some_and(|hex| hex.is_dirty), "{text}");
        }
        for text in ["v1.2.3-4-g37b73f8-dirty", "0+untagged.1.g37b73f8.dirty", "1.2.3.dev4+g37b73f8.d20260131"] {
            assert!(within(text).iter().all(|hex| hex.is_dirty), "{text}");
        }
        assert_eq!(whole("W/\"37B73F8\""), Some(Hex { digits: "37b73f8".to_owned(), is_dirty: false }));
    }
}
