//! About how many tokens a model spends on a text.

/// Estimates the o200k tokens of a text, rather too many than too few.
///
/// A word of up to seven letters is one token; longer runs of letters are split by the tokenizer (BPE), at worst
/// about every third letter; digits go in threes; two or three signs share a token; widespread scripts take a token for two
/// bytes, rare ones and pictures up to one for each. Calibrated by the tests of `verdict`, which count with the
/// real vocabulary.
pub(super) fn estimate(text: &str) -> usize {
    let mut tokens = 0;
    let mut run = 0_usize;
    let mut kind = Kind::Space;
    for character in text.chars() {
        let next = Kind::of(character);
        if next != kind {
            tokens += kind.cost(run);
            kind = next;
            run = 0;
        }
        run += match next {
            Kind::Other if widespread(character) => character.len_utf8().div_ceil(2),
            Kind::Other => character.len_utf8(),
            _ => 1,
        };
    }
    tokens + kind.cost(run)
}

/// Latin, Greek, Cyrillic, Hebrew, Arabic; typographic signs; Chinese, Japanese, Korean.
const fn widespread(character: char) -> bool {
    matches!(character, '\u{80}'..='\u{6ff}' | '\u{2010}'..='\u{2040}' | '\u{3000}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Space,
    Letters,
    Digits,
    Signs,
    Other,
}

impl Kind {
    const fn of(character: char) -> Self {
        match character {
            ' ' | '\n' => Self::Space,
            'a'..='z' | 'A'..='Z' => Self::Letters,
            '0'..='9' => Self::Digits,
            _ if character.is_ascii() => Self::Signs,
            _ => Self::Other,
        }
    }

    const fn cost(self, run: usize) -> usize {
        match self {
            Self::Space => run / 2,
            Self::Letters if run <= 7 => 1,
            // A sequence longer than any word is not a word: it takes one token for two letters.
            Self::Letters if run > 14 => run.div_ceil(2),
            Self::Letters | Self::Digits => run.div_ceil(3),
            // `":"`, `","` and `://` are one each.
            Self::Signs if run <= 3 => 1,
            Self::Signs => run.div_ceil(2),
            Self::Other => run,
        }
    }
}
