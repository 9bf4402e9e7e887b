//! The corpus: what is found, and what stays.
//!
//! A line of `corpus/secrets/` is one text. `‹alnum:20›` stands for 20 random characters, which must not be found
//! afterwards: no file holds anything that looks like a real secret. `‹base64:TEXT›`, `‹percent:TEXT›` and
//! `‹json:TEXT›` wrap a text. Each line of `corpus/ordinary/` stays as it is. `\n` is a new line.

use serde_json::Value;

use super::Redactor;

const SECRETS: [(&str, &str); 8] = [
    ("assignments", include_str!("../corpus/secrets/assignments.txt")),
    ("cloud", include_str!("../corpus/secrets/cloud.txt")),
    ("code", include_str!("../corpus/secrets/code.txt")),
    ("headers", include_str!("../corpus/secrets/headers.txt")),
    ("markup", include_str!("../corpus/secrets/markup.txt")),
    ("shell", include_str!("../corpus/secrets/shell.txt")),
    ("urls", include_str!("../corpus/secrets/urls.txt")),
    ("wrapped", include_str!("../corpus/secrets/wrapped.txt")),
];
const ORDINARY: [(&str, &str); 3] = [
    ("logs", include_str!("../corpus/ordinary/logs.txt")),
    ("look-alikes", include_str!("../corpus/ordinary/look-alikes.txt")),
    ("source", include_str!("../corpus/ordinary/source.txt")),
];

/// How often each line is filled anew.
const ROUNDS: usize = 20;

struct Filled {
    text: String,
    secrets: Vec<String>,
}

/// Random numbers that are the same in every run (splitmix64, Steele 2014).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }
}

fn random(dice: &mut Dice, alphabet: &str, length: usize) -> String {
    let letters: &[u8] = match alphabet {
        "alnum" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
        "hex" => b"0123456789abcdef",
        "upper" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
        "lower" => b"abcdefghijklmnopqrstuvwxyz0123456789",
        "digits" => b"0123456789",
        "b64" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
        "odd" => b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789!$*^~@.+-_",
        other => panic!("no alphabet {other}"),
    };
    (0..length).map(|_| char::from(letters[dice.next() as usize % letters.len()])).collect()
}

fn encode(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for bytes in text.as_bytes().chunks(3) {
        let word = bytes.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - bytes.len()));
        for place in 0..4 {
            let letter = LETTERS[(word >> (18 - 6 * place) & 63) as usize];
            encoded.push(if place <= bytes.len() { char::from(letter) } else { '=' });
        }
    }
    encoded
}

/// Fills the innermost `‹…›` first, until none is left.
fn fill(line: &str, dice: &mut Dice) -> Filled {
    let mut text = line.replace("\\\\", "\u{0}").replace("\\n", "\n").replace('\u{0}', "\\");
    let mut secrets = Vec::new();
    while let Some(end) = text.find('›') {
        let start = text[..end].rfind('‹').expect("an open bracket");
        let inside = text[start + '‹'.len_utf8()..end].to_owned();
        let (how, what) = inside.split_once(':').expect("how and what");
        let by = match how {
            "base64" => encode(what),
            "base64url" => encode(what).replace('+', "-").replace('/', "_").replace('=', ""),
            "percent" => what.bytes().map(|byte| format!("%{byte:02X}")).collect(),
            "form" => url::form_urlencoded::byte_serialize(what.as_bytes()).collect(),
            "json" => Value::from(what).to_string(),
            alphabet => random(dice, alphabet, what.parse().expect("a length")),
        };
        let wraps = matches!(how, "base64" | "base64url" | "percent" | "form" | "json");
        if wraps {
            // Inside a wrapping the secret has another form: the whole wrapped text must go or be changed.
            secrets.retain(|secret: &String| !what.contains(secret.as_str()) || how == "json");
        }
        if how != "json" {
            secrets.push(by.clone());
        }
        text.replace_range(start..end + '›'.len_utf8(), &by);
    }
    Filled { text, secrets }
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with("#!"))
}

#[test]
fn every_secret_of_the_corpus_is_taken_out() {
    let redactor = Redactor::default();
    let mut dice = Dice(7);
    let mut kept = Vec::new();
    for (family, line) in SECRETS.iter().flat_map(|(family, text)| lines(text).map(move |line| (family, line))) {
        let leaks = (0..ROUNDS).filter_map(|_| {
            let filled = fill(line, &mut dice);
            let clean = redactor.text(&filled.text);
            let json = redactor.json(&Value::from(filled.text.as_str())).to_string();
            filled
                .secrets
                .iter()
                .any(|secret| secret.len() > 4 && (clean.contains(secret) || json.contains(secret)))
                .then_some(clean)
        });
        let leaks: Vec<String> = leaks.collect();
        if let Some(first) = leaks.first() {
            kept.push(format!("{family}: {} of {ROUNDS}: {line}\n      -> {first}", leaks.len()));
        }
    }
    assert!(kept.is_empty(), "{} lines keep their secret:\n{}", kept.len(), kept.join("\n"));
}

#[test]
fn every_kind_of_token_is_taken_out() {
    let (redactor, mut dice) = (Redactor::default(), Dice(11));
    for token in super::super::tokens::all() {
        let letters = random(&mut dice, "alnum", 4000);
        let (prefix, issuer) = (token.prefix, token.issuer);
        let secret: String = letters.chars().filter(|next| token.alphabet.has(*next as u8)).take(200).collect();
        let text = format!("found {prefix}{secret} there");
        assert_eq!(redactor.text(&text), "found [redacted] there", "{issuer}");
    }
}

#[test]
fn every_ordinary_line_of_the_corpus_stays() {
    let redactor = Redactor::default();
    let mut changed = Vec::new();
    for (family, line) in ORDINARY.iter().flat_map(|(family, text)| lines(text).map(move |line| (family, line))) {
        let line = line.replace("\\n", "\n");
        let clean = redactor.text(&line);
        if clean != line {
            changed.push(format!("{family}: {line}\n      -> {clean}"));
        }
    }
    assert!(changed.is_empty(), "{} lines are changed:\n{}", changed.len(), changed.join("\n"));
}

#[test]
fn what_was_redacted_once_stays_as_it_is() {
    let redactor = Redactor::default();
    let mut dice = Dice(7);
    for line in SECRETS.iter().flat_map(|(_, text)| lines(text)) {
        let once = redactor.text(&fill(line, &mut dice).text);
        assert_eq!(redactor.text(&once), once, "{line}");
    }
}
