//! Reads a runner's arguments against what a row allows.

use super::place::Place;
use super::runners::{Rest, Style};
use super::value;

/// What may stand among the arguments.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grammar<'a> {
    pub(super) program: &'a str,
    pub(super) style: Style,
    pub(super) options: &'a [&'static [&'static str]],
    pub(super) takes: &'static str,
    pub(super) rest: Rest,
}

/// What an option is followed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OptionShape<'a> {
    /// Nothing.
    Flag,
    /// A value, in the same word or the next.
    Value(&'a str),
    /// A value in the same word, or none.
    Perhaps(&'a str),
    /// Values: all words up to the next option.
    Several(&'a str),
}

impl Grammar<'_> {
    /// Checks all arguments.
    ///
    /// # Errors
    /// The first that is not known, as a fragment.
    pub(super) fn check(&self, words: &[&str], place: &Place) -> Result<(), String> {
        let mut left = words;
        while let Some((&word, after)) = left.split_first() {
            if word == "--" {
                return self.check_rest(after, place);
            }
            left = if is_option(word) {
                after.get(self.option(word, after, place)?..).unwrap_or_default()
            } else {
                self.positional(word, place)?;
                after
            };
        }
        Ok(())
    }

    /// Checks one option, and tells how many of the words after it belong to it.
    ///
    /// # Errors
    /// Why it is refused, as a fragment.
    pub(super) fn option(&self, word: &str, after: &[&str], place: &Place) -> Result<usize, String> {
        let (name, attached) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
        let one_dash = if self.style == Style::OneDash { name.strip_prefix('-') } else { None };
        let name = one_dash.filter(|name| name.starts_with('-')).unwrap_or(name);
        match self.find(name) {
            Some(shape) => self.value(word, shape, attached, after, place),
            None if attached.is_none() => self.cluster(word, after, place),
            None => Err(self.unknown(word, place)),
        }
    }

    fn value(
        &self,
        word: &str,
        shape: OptionShape<'_>,
        attached: Option<&str>,
        after: &[&str],
        place: &Place,
    ) -> Result<usize, String> {
        let next = after.first().copied();
        if let OptionShape::Several(known) = shape {
            let values = after.iter().take_while(|word| !is_option(word));
            attached.iter().chain(values.clone()).try_for_each(|value| self.judge(word, known, value, place))?;
            return Ok(values.count());
        }
        match (shape, attached) {
            // `--cov app`: pytest reads the next word as the value. What names code has to be harmless in both readings.
            (OptionShape::Perhaps(known @ "{measured}"), None) if next.is_some_and(|next| !next.starts_with('-')) => {
                self.judge(word, known, next.unwrap_or_default(), place).map(|()| 0)
            }
            (OptionShape::Flag | OptionShape::Perhaps(_) | OptionShape::Several(_), None) => {
                // `-j 4`: a number that follows is its value for some programs, and harmless for all.
                let takes_next = matches!(shape, OptionShape::Perhaps(known)
                    if next.is_some_and(|next| is_count(next) && value::accepts(known, next, place)));
                Ok(usize::from(takes_next))
            }
            (OptionShape::Flag, Some(_)) => Err(format!("the option `{word}` takes no value here")),
            (OptionShape::Value(known) | OptionShape::Perhaps(known) | OptionShape::Several(known), Some(value)) => {
                self.judge(word, known, value, place).map(|()| 0)
            }
            // `--ui false`: some read the switch as on, and `false` as the name of a test.
            (OptionShape::Value("false"), None) => {
                Err(format!("the option `{word}` may be given as `{word}=false` only"))
            }
            (OptionShape::Value(known), None) => match next {
                Some(next) if !next.starts_with('-') => self.judge(word, known, next, place).map(|()| 1),
                _ => Err(format!("the option `{word}` needs a value that does not begin with `-`")),
            },
        }
    }

    /// `-xvs`, `-xk WORDS`, `-j4`: each letter has to be known; a value that is no number stands apart, because parsers
    /// disagree on what `-tc` means.
    fn cluster(&self, word: &str, after: &[&str], place: &Place) -> Result<usize, String> {
        let unknown = || self.unknown(word, place);
        let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.starts_with('-')) else {
            return Err(unknown());
        };
        let first = letters.chars().next().map(|letter| format!("-{letter}")).unwrap_or_default();
        let count = letters.get(1..).unwrap_or_default();
        if let Some(OptionShape::Value(known) | OptionShape::Perhaps(known)) = self.find(&first)
            && is_count(count)
            && value::accepts(known, count, place)
        {
            return Ok(0);
        }
        if self.style != Style::Clusters {
            return Err(unknown());
        }
        let last = letters.chars().count().saturating_sub(1);
        for (index, letter) in letters.chars().enumerate() {
            match self.find(&format!("-{letter}")) {
                Some(OptionShape::Flag) => {}
                Some(shape) if index == last => return self.value(word, shape, None, after, place),
                _ => return Err(unknown()),
            }
        }
        Ok(0)
    }

    fn positional(&self, word: &str, place: &Place) -> Result<(), String> {
        if value::accepts(self.takes, word, place) {
            Ok(())
        } else if place.holds(word) {
            Err(format!("`{}` takes {} here, not `{word}`", self.program, shown(self.takes)))
        } else {
            Err(outside(word))
        }
    }

    fn check_rest(&self, words: &[&str], place: &Place) -> Result<(), String> {
        match self.rest {
            Rest::Refused => Err(format!("`--` is not for `{}`", self.program)),
            Rest::Positionals => words.iter().try_for_each(|word| self.positional(word, place)),
            Rest::Options(options, takes) => {
                let options = [options];
                Grammar { options: &options, takes, rest: Rest::Refused, ..*self }.check(words, place)
            }
        }
    }

    fn judge(&self, word: &str, known: &str, value: &str, place: &Place) -> Result<(), String> {
        if value::accepts(known, value, place) { Ok(()) } else { Err(not_among(word, value, known, place)) }
    }

    fn find(&self, name: &str) -> Option<OptionShape<'static>> {
        let specs = self.options.iter().flat_map(|list| list.iter()).flat_map(|spec| spec.split_whitespace());
        specs.map(read).find(|(names, _)| names.split(',').any(|known| known == name)).map(|(_, shape)| shape)
    }

    fn unknown(&self, word: &str, place: &Place) -> String {
        let value = word.split_once('=').map_or(word, |(_, value)| value);
        if place.holds(value) && word.get(2..).is_none_or(|rest| word.starts_with("--") || place.holds(rest)) {
            format!("the option `{word}` is not one of those that are known to be harmless for `{}`", self.program)
        } else {
            outside(word)
        }
    }
}

/// Reads one option of the table: `-k,--keyword={text}`, `--cov[={path}]`, `--reporters+=dot|json`, `-v`.
pub(super) fn read(spec: &'static str) -> (&'static str, OptionShape<'static>) {
    if let Some((names, known)) = spec.split_once("[=") {
        return (names, OptionShape::Perhaps(known.trim_end_matches(']')));
    }
    match spec.split_once('=') {
        Some((names, known)) => match names.strip_suffix('+') {
            Some(names) => (names, OptionShape::Several(known)),
            None => (names, OptionShape::Value(known)),
        },
        None => (spec, OptionShape::Flag),
    }
}

pub(super) fn is_option(word: &str) -> bool {
    word.len() > 1 && word.starts_with('-')
}

fn is_count(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())
}

fn not_among(word: &str, value: &str, known: &str, place: &Place) -> String {
    if place.holds(value) { format!("`{word}` may be given {}, not `{value}`", shown(known)) } else { outside(word) }
}

/// Writes what is allowed for people.
pub(super) fn shown(known: &str) -> String {
    let parts: Vec<&str> = known.split('|').collect();
    if parts.is_empty() || known.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
}

pub(super) fn outside(word: &str) -> String {
    format!("`{word}` leads outside the repository")
}
