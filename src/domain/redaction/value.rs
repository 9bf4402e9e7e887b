//! What stands for a value: a secret, or a word that says something and hides nothing.
//!
//! Entropy is Shannon's, in bits per character over the characters of the value itself (Shannon, 1948): words of
//! one case stay under 3.3, random text of 16 characters and more lies above.

use super::name::Strength;

/// How name and value are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joint {
    /// `name=value`, or the value stands in quotes or in an element of its own.
    Tight,
    /// `name: value`, `name = value`: as code and prose have it, too.
    Loose,
    /// `name value`, `name is value`.
    Prose,
}

/// Tells whether a value under a secret name is taken out.
pub(super) fn is_secret(value: &str, strength: Strength, joint: Joint, quoted: bool) -> bool {
    if value.is_empty() || is_placeholder(value) || is_plain_word(value) {
        return false;
    }
    if !quoted && (is_code(value) || joint != Joint::Tight && (is_type(value) || value.starts_with(OPERATORS))) {
        return false;
    }
    let one_word = !value.contains(char::is_whitespace);
    match (strength, joint) {
        (Strength::Password, Joint::Tight) => quoted || !is_reference(value),
        (Strength::Password, Joint::Loose) => quoted || !is_reference(value) && !is_small_number(value),
        (Strength::Password, Joint::Prose) => one_word && (mixed(value) || quoted),
        (Strength::Token, Joint::Tight) if one_word => {
            value.len() >= 3 && !is_small_number(value) && (quoted || !is_reference(value))
        }
        (Strength::Token, Joint::Tight) => value.split_whitespace().any(mixed),
        (Strength::Token, Joint::Loose) => mixed(value) || one_word && is_made_up(value),
        (Strength::Token, Joint::Prose) => one_word && value.len() >= 12 && mixed(value),
        (Strength::Weak, Joint::Prose) => one_word && value.len() >= 12 && mixed(value),
        (Strength::Weak, _) => one_word && mixed(value),
    }
}

/// A word of several parts, as people make them up (`hunter-title`), and no name of something (`access-token`).
fn is_made_up(value: &str) -> bool {
    let parts = |between: u8| matches!(between, b'-' | b'_' | b'.') || between.is_ascii_digit();
    value.len() >= 10
        && value.bytes().all(|byte| byte.is_ascii_lowercase() || parts(byte))
        && value.bytes().any(parts)
        && !is_written(value)
        && super::name::strength(value).is_none()
        && !value.starts_with("oauth")
}

/// What an expression or a list begins with.
const OPERATORS: [char; 10] = ['&', '(', '|', '[', '{', '*', '=', '>', '~', '\\'];

/// Tells whether a value looks random rather than written: letters of both cases and digits, hexadecimal digits, or a
/// high entropy. Versions, dates, paths, places in files and identifiers of words are written.
pub(super) fn mixed(value: &str) -> bool {
    let value = value.trim_end_matches(['.', ',', ';', ':', ')', '!', '?']);
    if value.len() < 8 || is_placeholder(value) || is_written(value) {
        return false;
    }
    let has = |test: fn(&u8) -> bool| value.bytes().any(|byte| test(&byte));
    let (upper, lower) = (has(u8::is_ascii_uppercase), has(u8::is_ascii_lowercase));
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let odd = value.bytes().filter(|byte| byte.is_ascii_punctuation() && !matches!(byte, b'_' | b'-' | b'.')).count();
    let capitals = value.bytes().filter(u8::is_ascii_uppercase).count();
    let changes = changes(value);
    if value.len() >= 10 && !reads_as_words(value) {
        return true;
    }
    if digits == 0 {
        return upper && lower && (odd >= 2 && changes >= 3 || value.len() >= 10 && capitals * 5 > value.len() * 2);
    }
    if !upper && !lower {
        return odd > 1 || (value.len() >= 16 && odd == 0 && entropy(value) > 2.5);
    }
    if upper && lower {
        return changes >= 3 && entropy(value) > 2.7;
    }
    // One case with digits: `hunter2` against `x86_64`, `oauth2-proxy` and `utf8mb4`.
    (changes >= 4 && value.len() >= 10 && entropy(value) > 2.8) || (odd > 0 && changes >= 3)
}

/// Which letters follow a letter, from a to z, in most words of English and of programs: 300 of the 676 pairs, which
/// make up 94 % of the pairs of 19,000 words in documentation and source code, and 44 % of those of random text.
const FOLLOWERS: [&str; 26] = [
    "abcdfgiklmnprstuvwxy",
    "aceilorsuy",
    "acdehiklmoprstu",
    "abdefilorstu",
    "abcdefgiklmnopqrstuvwxy",
    "adefilorstu",
    "aehilnorsu",
    "aeiortu",
    "abcdefglmnoprstvxz",
    "ao",
    "aeis",
    "acdefilopstuy",
    "abeilmopsu",
    "acdefgiklnopstuvy",
    "abcdefgiklmnoprstuvw",
    "aehiloprstuy",
    "u",
    "abcdefgiklmnoprstuvy",
    "acdefghiklmnopqrstuwy",
    "acdefhilmnoprstuy",
    "abcdefgilmnprst",
    "aeio",
    "aehinor",
    "ceipt",
    "mnps",
    "ae",
];

/// Tells whether the letters of a text follow each other as they do in words: fewer than three of ten pairs are rare.
fn reads_as_words(text: &str) -> bool {
    let letters: Vec<u8> = text.bytes().map(|byte| byte.to_ascii_lowercase()).collect();
    let (mut pairs, mut rare) = (0, 0);
    for pair in letters.windows(2).filter(|pair| pair.iter().all(u8::is_ascii_lowercase)) {
        let followers = FOLLOWERS.get(usize::from(pair[0] - b'a')).copied().unwrap_or_default();
        pairs += 1;
        rare += usize::from(!followers.as_bytes().contains(&pair[1]));
    }
    pairs < 7 || rare * 10 < pairs * 3
}

/// The Shannon entropy of a text in bits per byte.
pub(super) fn entropy(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in text.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let length = text.len() as f64;
    let share = |count: &u32| f64::from(*count) / length;
    counts.iter().filter(|count| **count > 0).map(|count| -share(count) * share(count).log2()).sum()
}

/// How often a text goes from one kind of character (upper, lower, digit) to another; a capital letter at the beginning
/// of a word is no change.
fn changes(text: &str) -> usize {
    let kind = |byte: u8| match byte {
        b'A'..=b'Z' => 1,
        b'a'..=b'z' => 2,
        b'0'..=b'9' => 3,
        _ => 0,
    };
    let kinds: Vec<u8> = text.bytes().map(kind).collect();
    let word = |pair: &[u8]| pair == [1, 2];
    kinds.windows(2).filter(|pair| pair[0] != pair[1] && pair[0] != 0 && pair[1] != 0 && !word(pair)).count()
}

/// A date, a version, an address, a path, a place in a file, a digest with its algorithm.
fn is_written(value: &str) -> bool {
    let digits_and = |others: &[u8]| value.bytes().all(|byte| byte.is_ascii_digit() || others.contains(&byte));
    let starts_with_date = value.len() >= 10
        && value
            .bytes()
            .take(10)
            .enumerate()
            .all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() });
    let version = value.strip_prefix('v').unwrap_or(value);
    let version = version.starts_with(|first: char| first.is_ascii_digit())
        && version.split(['.', '-', '+']).take(2).all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
        && version.contains('.');
    let digest = ["sha1", "sha256", "sha384", "sha512", "md5", "blake3"]
        .iter()
        .any(|algorithm| value.strip_prefix(algorithm).is_some_and(|rest| rest.starts_with([':', '-', '='])));
    starts_with_date
        || version
        || digest
        || digits_and(b".:,-/")
        || value.contains("://")
        || value.starts_with(['/', '~', '.']) && reads_as_words(value)
        || value.contains("./")
        || is_place(value)
}

/// `src/lib.rs:12:5`, `Cargo.toml`.
fn is_place(value: &str) -> bool {
    let file = value.split(':').next().unwrap_or(value);
    file.rsplit_once('.').is_some_and(|(stem, extension)| {
        (1..=5).contains(&extension.len())
            && extension.starts_with(|first: char| first.is_ascii_lowercase())
            && extension.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            && stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'-' | b'.'))
            && (value.len() > file.len() || changes(stem) < 4)
    })
}

fn is_small_number(value: &str) -> bool {
    value.len() < 5 && value.bytes().all(|byte| byte.is_ascii_digit())
}

/// What stands in place of a value: a variable, a template, `<password>`, `****`, what was taken out already.
pub(super) fn is_placeholder(value: &str) -> bool {
    let inner = value.trim_matches(['"', '\'', '`', ',', ';', ')', '.']);
    let lower = inner.to_ascii_lowercase();
    let variable = inner.strip_prefix('$').is_some_and(|rest| {
        rest.starts_with(['{', '('])
            || !rest.is_empty()
                && rest.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_')
                && reads_as_words(rest)
    });
    let filler = inner.chars().next().is_some_and(|first| {
        matches!(first, '*' | 'x' | 'X' | '•' | '.' | '-' | '_' | '#' | '?' | '=' | '…' | '0')
            && inner.chars().all(|next| next == first)
    });
    let bracketed = |open: char, close: &str| {
        inner.starts_with(open)
            && (inner.ends_with(close) || inner.contains(close) && inner.split(close).nth(1).is_some_and(str::is_empty))
            && inner.len() <= 64
    };
    variable
        || filler
        || bracketed('<', ">") && !inner.contains("</")
        || bracketed('%', "%")
            && inner.len() > 2
            && inner.bytes().all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'%' | b'_'))
        || inner.starts_with("{{")
        || inner.starts_with("#{")
        || inner.starts_with("%(")
        || inner.starts_with("env:")
        || inner.starts_with("op://")
        || lower.contains("redacted")
        || lower.contains("[secret]")
        || ["***", "...", "…"].iter().any(|end| inner.ends_with(end) && inner.len() <= end.len() + 4)
        || lower.starts_with("your") && inner.contains(['-', '_', ' '])
        || matches!(
            lower.as_str(),
            "changeme" | "change-me" | "change_me" | "example" | "placeholder" | "dummy" | "hidden" | "masked" | "todo"
        )
}

/// `token: none`, `password: required` and the like say something and hide nothing.
pub(super) fn is_plain_word(value: &str) -> bool {
    const WORDS: &str = "a absent access add added all also an and any are argument arguments as at authentication auto basic be \
    bearer been before but by can cannot changed configured copied could created default deleted denied detected \
    digest disabled does empty enabled error exists expected expired failed failure false field flag flags for \
    found from generated has have here if ignored in incorrect instead invalid is issued it keep kept know known \
    leaked line list missing must needed needs never new nil no none not nothing null of off ok on only option \
    optional options or parameter passed present provided read refused rejected removed required reset revoked \
    same see sent set should shown stale still string that the them then there they this to too true undefined \
    unexpected unknown unset unused updated use used valid value verified via was were when where which will \
    with without wrong yes you your";
    let word = value.trim_matches(['.', ':', '!', '?', ')', '(', ',', ';', '`', '*']).to_ascii_lowercase();
    word.is_empty() || WORDS.split(' ').any(|plain| plain == word)
}

/// A call, a path of modules, an operator: a program's text and no value.
fn is_code(value: &str) -> bool {
    value.contains("::")
        || value.contains("()")
        || value.contains("=>")
        || value.ends_with("?;")
        || value.contains('(') && value.split('(').next().is_some_and(is_words)
        || value.contains('[') && value.split('[').next().is_some_and(is_words)
        || value.contains('<') && value.split('<').next().is_some_and(is_words)
        || is_metavariable(value)
}

/// Letters, underscores and dots only: `self.token`, `Option`, `read_secret`.
fn is_words(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'.' | b'!'))
}

/// `PASSWORD` in `--password PASSWORD`.
fn is_metavariable(value: &str) -> bool {
    let value = value.trim_end_matches([']', ',', ')', '.', ';', '}']);
    value.len() <= 24
        && value.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
        && (value.contains('_')
            || matches!(value, "KEY" | "VALUE" | "STRING" | "TEXT")
            || super::name::strength(value).is_some())
}

/// A type of a program: `String,`, `Option<T>`, `PrivateKey`.
fn is_type(value: &str) -> bool {
    const TYPES: &str =
        "any bigint bool boolean bytes char int integer number object self str string text type uuid varchar void";
    let value = value.trim_end_matches([',', ';', ')', '}', '?', '|', ':', '{', '.']);
    let humps = value.bytes().filter(u8::is_ascii_uppercase).count();
    TYPES.split(' ').any(|name| name.eq_ignore_ascii_case(value))
        || value.starts_with(|first: char| first.is_ascii_uppercase())
            && humps >= 2
            && value.bytes().all(|byte| byte.is_ascii_alphabetic())
            && humps * 3 <= value.len()
            && reads_as_words(value)
}

/// A variable or a field that is named like a secret: `password = user.password`, `token=auth_token`.
fn is_reference(value: &str) -> bool {
    let value = value.trim_end_matches([',', ';', ')', '}', ']', ':', '.', '?', '`']);
    let last = value.rsplit('.').next().unwrap_or(value);
    let words = |value: &str| value.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    let path = value.contains('.') && is_words(value) && !value.bytes().any(|byte| byte.is_ascii_uppercase());
    path || words(last) && super::name::strength(last).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_from_random_text() {
        for random in ["hunter2Bx9q", "q8fj2k0dn4ab", "BZbfQLdsZboxufmAFbgH", "9fceb02d0ae598e95dc9", "Xk3!pQ9z"] {
            assert!(mixed(random), "{random} of {:.2} bits", entropy(random));
        }
        for written in [
            "InvalidTokenException",
            "oauth2-proxy",
            "x86_64",
            "2026-11-30T01:59:20Z",
            "v1.2.3-beta4",
            "src/lib.rs:12:5",
            "sha256:9fceb02d0ae598e95dc9",
            "authentication",
            "10.0.0.1:8080",
            "${TOKEN}",
            "https://example.com/a1",
        ] {
            assert!(!mixed(written), "{written} of {:.2} bits", entropy(written));
        }
    }
}
