//! One pass over a text: one automaton with the keywords of all shapes, and a closer look where one stands.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder};

use super::finding::Findings;
use super::known::KnownSecrets;
use super::programs::{ANY_PROGRAM, FlagForm, PROGRAMS};
use super::shapes::{SHAPES, Shape};
use super::tokens::Token;
use super::{assignment, base64, kubernetes, name, shell, tokens, url_parts, view};

/// So many layers of escapes and wrappings are taken away.
const LAYERS: u32 = 3;

/// What a keyword asks for.
#[derive(Clone, Copy)]
enum Rule {
    Token(&'static Token),
    Shape(&'static Shape),
    Name,
    UserInformation,
    Kubernetes,
    /// The row of the table.
    Programs(usize),
    Flag(&'static str, FlagForm),
}

struct Keywords {
    automaton: Option<AhoCorasick>,
    rules: Vec<Rule>,
}

static KEYWORDS: LazyLock<Keywords> = LazyLock::new(|| {
    let tokens = tokens::all().map(|token| (token.prefix, Rule::Token(token)));
    let shapes = SHAPES.iter().map(|shape| (shape.keyword, Rule::Shape(shape)));
    let names = name::KEYWORDS.split(' ').map(|keyword| (keyword, Rule::Name));
    let kubernetes = kubernetes::KEYWORDS.iter().map(|keyword| (*keyword, Rule::Kubernetes));
    let programs = PROGRAMS
        .iter()
        .enumerate()
        .flat_map(|(row, programs)| programs.names.iter().map(move |name| (*name, Rule::Programs(row))));
    let flags = ANY_PROGRAM.iter().map(|(flag, form)| (*flag, Rule::Flag(flag, *form)));
    let (words, rules): (Vec<&str>, Vec<Rule>) = std::iter::once(("://", Rule::UserInformation))
        .chain(names)
        .chain(tokens)
        .chain(shapes)
        .chain(kubernetes)
        .chain(programs)
        .chain(flags)
        .unzip();
    // Some hundred constant keywords are far below what the automaton can hold.
    Keywords { automaton: AhoCorasickBuilder::new().ascii_case_insensitive(true).build(words).ok(), rules }
});

/// Returns where a text holds secrets, in order and without overlaps.
pub(super) fn places(text: &str, known: &KnownSecrets) -> Vec<Range<usize>> {
    layer(text, known, 0)
}

fn layer(text: &str, known: &KnownSecrets, depth: u32) -> Vec<Range<usize>> {
    let mut found = Findings::default();
    by_keywords(text, &mut found);
    known.places(text).for_each(|place| found.add(place));
    if depth < LAYERS {
        for (place, plain) in base64::wrapped(text) {
            if !layer(&plain, known, depth + 1).is_empty() {
                found.add(place);
            }
        }
        if let Some(view) = view::peeled(text) {
            layer(&view.text, known, depth + 1).iter().for_each(|place| found.add(view.origin(place)));
        }
    }
    found.merged()
}

fn by_keywords(text: &str, found: &mut Findings) {
    let Some(automaton) = &KEYWORDS.automaton else { return };
    // What was looked at as a whole is looked at once: a name with several keywords, a header of cookies, a document of
    // kubernetes, a command line.
    let (mut name_end, mut document_end) = (0, 0);
    let mut line_ends = [0; PROGRAMS.len()];
    for hit in automaton.find_overlapping_iter(text) {
        let (start, end) = (hit.start(), hit.end());
        if found.covers(start) {
            continue;
        }
        match KEYWORDS.rules[hit.pattern().as_usize()] {
            Rule::Name if start >= name_end => name_end = assignment::add(text, start..end, found),
            Rule::Name => {}
            Rule::Token(token) => token.at(text, start).into_iter().for_each(|place| found.add(place)),
            Rule::Shape(shape) => shape.at(text, start).into_iter().for_each(|place| found.add(place)),
            Rule::UserInformation => {
                url_parts::user_information(text, start).into_iter().for_each(|place| found.add(place));
            }
            Rule::Kubernetes if start >= document_end => document_end = kubernetes::add(text, start, found),
            Rule::Kubernetes => {}
            Rule::Programs(index) if start >= line_ends[index] => {
                line_ends[index] = shell::add(text, start..end, &PROGRAMS[index], found);
            }
            Rule::Programs(_) => {}
            Rule::Flag(flag, form) => shell::add_any(text, start, flag, form, found),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_automaton_holds_all_keywords() {
        let automaton = KEYWORDS.automaton.as_ref().expect("constant keywords");
        assert_eq!(automaton.patterns_len(), KEYWORDS.rules.len());
    }
}
