//! A text as words, and what two such texts have in common.

use super::volatile::volatile;

/// How much of a body is compared.
const MAX_BYTES: usize = 64 * 1024;
/// Stands for the path that was asked for. A private character, which no word begins or ends with otherwise.
const OWN_PATH: char = '\u{e000}';
/// How many words behind a difference must be equal again, or it is not the difference of one word.
const LOOK_AHEAD: usize = 3;

/// A text in which the path that was asked for is masked, cut into words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Words(Vec<String>);

/// The ways in which the path that was asked for may stand in its own answer, longest first.
#[derive(Debug, Clone)]
pub(super) struct OwnPath {
    forms: Vec<String>,
    /// Its last segment, raw and decoded.
    names: Vec<String>,
}

impl OwnPath {
    /// `path_and_query` is what was asked for (`/a%20b?c`); its last segment alone is masked, too, for invented names.
    pub(super) fn of(path_and_query: &str, with_name: bool) -> Self {
        let path = path_and_query.split('?').next().unwrap_or_default();
        let mut plain = vec![path_and_query.to_owned(), path.to_owned()];
        if with_name {
            plain.extend(path.rsplit('/').next().map(str::to_owned));
        }
        let mut forms: Vec<String> = plain.iter().flat_map(|form| written(form)).collect();
        // The root stands everywhere.
        forms.retain(|form| form.chars().any(char::is_alphanumeric) && form.len() > 1);
        forms.sort_unstable_by(|one, other| other.len().cmp(&one.len()).then(one.cmp(other)));
        forms.dedup();
        let name = path.rsplit('/').next().unwrap_or_default();
        let decoded = percent_encoding::percent_decode_str(name).decode_utf8_lossy().into_owned();
        let names = [name.to_owned(), decoded].into_iter().filter(|name| !name.is_empty()).collect();
        Self { forms, names }
    }

    /// Tells whether a word may stand where the control answer has its own path: it holds this one's last segment. The
    /// root has none, so that it may be any word.
    fn is_in(&self, word: &str) -> bool {
        word.contains(OWN_PATH) || self.names.is_empty() || self.names.iter().any(|name| word.contains(name.as_str()))
    }

    fn masked(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for form in &self.forms {
            if text.contains(form.as_str()) {
                text = replaced(&text, form);
            }
        }
        text
    }
}

/// A path raw, decoded, encoded as a part of a query, escaped as in JSON and as in HTML.
fn written(path: &str) -> Vec<String> {
    use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
    let decoded = percent_decode_str(path).decode_utf8_lossy().into_owned();
    let mut forms = Vec::new();
    for plain in [path, &decoded] {
        let encoded = utf8_percent_encode(plain, NON_ALPHANUMERIC).to_string();
        let kept = encoded.replace("%2D", "-").replace("%2E", ".").replace("%5F", "_").replace("%7E", "~");
        forms.extend([plain.to_owned(), kept.replace("%2F", "/"), kept.to_lowercase(), kept, encoded]);
        forms.extend([plain.replace('/', "\\/"), plain.replace('/', "\\u002F"), plain.replace('/', "\\u002f")]);
        let html = plain.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        forms.extend([html.replace('/', "&#x2F;"), html.replace('/', "&#47;"), html]);
    }
    forms
}

/// Masks a form where it is not a part of a longer name: `/a` in `/assets` stays.
fn replaced(text: &str, form: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(form) {
        let (before, found) = rest.split_at(at);
        let after = &found[form.len()..];
        let is_name = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-');
        let begins_inside = !form.starts_with(['/', '%', '&', '\\'])
            && before.chars().next_back().or_else(|| masked.chars().next_back()).is_some_and(is_name);
        masked.push_str(before);
        if begins_inside || after.starts_with(is_name) {
            masked.push_str(form);
        } else {
            masked.push(OWN_PATH);
        }
        rest = after;
    }
    masked.push_str(rest);
    masked
}

impl Words {
    pub(super) fn of(text: &[u8], own: &OwnPath) -> Self {
        let text = String::from_utf8_lossy(text.get(..MAX_BYTES).unwrap_or(text));
        Self(cut(&own.masked(&text)))
    }
}

/// Words are runs of what paths, times and base 64 are made of; any other sign is a word of its own, and blanks are none.
fn cut(text: &str) -> Vec<String> {
    let is_part = |letter: char| letter.is_alphanumeric() || "_-+/.:%~".contains(letter) || letter == OWN_PATH;
    let mut words: Vec<String> = Vec::new();
    let mut is_open = false;
    for letter in text.chars() {
        match words.last_mut() {
            Some(word) if is_open && is_part(letter) => word.push(letter),
            _ if !letter.is_whitespace() => words.push(letter.to_string()),
            _ => {}
        }
        is_open = is_part(letter);
    }
    words
}

/// One place of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// A word that both answers have.
    Word(String),
    /// A number that differs between the two.
    Number,
    /// A word that differs.
    Any,
}

/// What two answers have in common: how they begin and how they end; between them lies what differs too much.
#[derive(Debug, Clone)]
pub(super) struct Template {
    start: Vec<Piece>,
    /// None when the whole of both was matched word for word.
    end: Option<Vec<Piece>>,
}

impl Template {
    /// Returns what an answer is by itself: only volatile words may differ.
    pub(super) fn alone(words: &Words) -> Self {
        Self { start: words.0.iter().cloned().map(Piece::Word).collect(), end: None }
    }

    /// Returns what two answers have in common.
    pub(super) fn of(one: &Words, other: &Words) -> Self {
        let (one, other) = (&one.0, &other.0);
        let mut start = walk(one, other);
        // Where something changes from answer to answer, a number may be a count that was equal by chance.
        let changes = |piece: &Piece| match piece {
            Piece::Word(word) => volatile(word).is_some(),
            Piece::Number | Piece::Any => true,
        };
        if start.iter().any(changes) {
            for piece in &mut start {
                if matches!(piece, Piece::Word(word) if is_number(word)) {
                    *piece = Piece::Number;
                }
            }
        }
        if start.len() == one.len() && one.len() == other.len() {
            return Self { start, end: None };
        }
        let reversed = |words: &[String]| -> Vec<String> { words.iter().skip(start.len()).rev().cloned().collect() };
        let mut end = walk(&reversed(one), &reversed(other));
        end.reverse();
        Self { start, end: Some(end) }
    }

    /// Tells whether a text is this template, filled in in whatever way.
    pub(super) fn fits(&self, words: &Words, own: &OwnPath) -> bool {
        let words = &words.0;
        let fit = |pieces: &[Piece], words: &[String]| {
            pieces.len() == words.len() && pieces.iter().zip(words).all(|(piece, word)| piece.fits(word, own))
        };
        match &self.end {
            None => fit(&self.start, words),
            Some(end) => {
                words.len() >= self.start.len() + end.len()
                    && fit(&self.start, &words[..self.start.len()])
                    && fit(end, &words[words.len() - end.len()..])
            }
        }
    }
}

/// Goes along two texts while they are equal but for single words.
fn walk(one: &[String], other: &[String]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (index, (left, right)) in one.iter().zip(other).enumerate() {
        if same(left, right) {
            pieces.push(Piece::Word(left.clone()));
            continue;
        }
        let behind = one[index + 1..].iter().zip(&other[index + 1..]).take(LOOK_AHEAD);
        let goes_on = behind.into_iter().any(|(left, right)| same(left, right));
        let is_near_the_end = one.len() == other.len() && one.len() - index <= LOOK_AHEAD;
        if !goes_on && !is_near_the_end {
            break;
        }
        pieces.push(if is_number(left) && is_number(right) { Piece::Number } else { Piece::Any });
    }
    pieces
}

fn same(one: &str, other: &str) -> bool {
    one == other || matches!((volatile(one), volatile(other)), (Some(one), Some(other)) if one == other)
}

fn is_number(word: &str) -> bool {
    word.parse::<f64>().is_ok()
}

impl Piece {
    fn fits(&self, word: &str, own: &OwnPath) -> bool {
        match self {
            // A link to the very page that was asked for is masked there, and in the control answer it is not.
            Self::Word(known) => {
                same(known, word)
                    || (word.contains(OWN_PATH) && own.masked(known) == word)
                    || (known.contains(OWN_PATH) && is_word(word) && own.is_in(word))
            }
            Self::Number => is_number(word),
            Self::Any => is_word(word),
        }
    }
}

/// A sign between words is none.
fn is_word(word: &str) -> bool {
    word.chars().any(|letter| letter.is_alphanumeric() || letter == OWN_PATH)
}
