//! One kind of token: its prefix, what it is made of and how long it is at least.

use std::ops::Range;

use super::super::value;
use super::{cloud, code, communication, money, product};

/// The characters after the prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Alphabet {
    /// `A-Z a-z 0-9`
    Alnum,
    /// `0-9 a-f A-F`
    Hex,
    /// `0-9 a-f A-F -`
    HexDash,
    /// `A-Z 0-9 -`
    Upper,
    /// `A-Z a-z 0-9 _ -`
    Word,
    /// `A-Z a-z 0-9 _ - . = %`
    Dotted,
    /// `A-Z a-z 0-9 + / = _ -`
    Base64,
}

impl Alphabet {
    pub(in super::super) const fn has(self, byte: u8) -> bool {
        match self {
            Self::Alnum => byte.is_ascii_alphanumeric(),
            Self::Hex => byte.is_ascii_hexdigit(),
            Self::HexDash => byte.is_ascii_hexdigit() || byte == b'-',
            Self::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-',
            Self::Word => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
            Self::Dotted => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'=' | b'%'),
            Self::Base64 => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-'),
        }
    }
}

/// One kind of token.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Token {
    /// Who issues it, for people.
    #[cfg_attr(not(test), expect(dead_code, reason = "names the row for people and in tests"))]
    pub(in super::super) issuer: &'static str,
    /// How it begins, in exactly this case.
    pub(in super::super) prefix: &'static str,
    pub(in super::super) alphabet: Alphabet,
    /// The fewest characters after the prefix.
    pub(super) at_least: usize,
    /// Whether it must also look random: the prefix alone is an ordinary beginning of a word.
    pub(super) random: bool,
}

/// A row of a family.
pub(super) const fn token(issuer: &'static str, prefix: &'static str, alphabet: Alphabet, at_least: usize) -> Token {
    Token { issuer, prefix, alphabet, at_least, random: false }
}

/// A row whose prefix begins ordinary words as well.
pub(super) const fn random(issuer: &'static str, prefix: &'static str, alphabet: Alphabet, at_least: usize) -> Token {
    Token { issuer, prefix, alphabet, at_least, random: true }
}

impl Token {
    /// Returns the token that begins at a position.
    pub(in super::super) fn at(&self, text: &str, start: usize) -> Option<Range<usize>> {
        let bytes = text.as_bytes();
        if start > 0 && bytes.get(start - 1).is_some_and(u8::is_ascii_alphanumeric) {
            return None;
        }
        let rest = text.get(start..)?.strip_prefix(self.prefix)?;
        let run = rest.bytes().take_while(|byte| self.alphabet.has(*byte)).count();
        let body = rest.get(..run)?.trim_end_matches('.');
        (body.len() >= self.at_least && (!self.random || value::mixed(body)))
            .then(|| start..start + self.prefix.len() + body.len())
    }
}

/// All kinds of tokens.
pub(in super::super) fn all() -> impl Iterator<Item = &'static Token> {
    [cloud::TOKENS, code::TOKENS, communication::TOKENS, money::TOKENS, product::TOKENS].into_iter().flatten()
}
