//! The grammar: one line of Hurl's `[Asserts]`.
//!
//! ```text
//! line      = query *( blank filter ) [ blank "not" ] blank predicate [ blank "#" comment ]
//! query     = word of QUERIES *( blank operand ); filter and predicate alike
//! operand   = "…" with \" \\ \n \r \t \b \f \/ \# \u{…} | '…' as it stands, \' for ' | characters without a blank
//! pattern   = "/" regular expression, \/ for / "/" | operand
//! value     = true | false | null | integer | decimal | hex,…; | base64,…; | operand
//! ```

use std::sync::Arc;

use winnow::ascii::{digit1, hex_digit0, hex_uint};
use winnow::combinator::{alt, cut_err, delimited, eof, fail, opt, peek, preceded, repeat, terminated};
use winnow::error::{ContextError, ErrMode};
use winnow::prelude::*;
use winnow::token::{any, none_of, one_of, take_till, take_while};

use super::datum::Datum;
use super::error::ExpectError;
use super::filters::{FILTERS, Filter, decode_base64};
use super::operands::{Operands, Takes, Word};
use super::pattern::Pattern;
use super::predicates::{PREDICATES, Predicate};
use super::queries::QUERIES;
use super::reading::Reading;
use crate::domain::{nearest, one_line};

/// The longest line, in bytes.
pub(crate) const MOST_BYTES: usize = 4 * 1024;
/// The longest line that holds a schema, in bytes.
const MOST_SCHEMA_BYTES: usize = 512 * 1024;
/// How many filters a line may have.
const MOST_FILTERS: usize = 16;

type Parsed<T> = Result<T, ErrMode<ContextError>>;

/// A predicate and whether it is turned around.
#[derive(Debug)]
pub(crate) struct Judge {
    pub(crate) not: bool,
    pub(crate) predicate: Box<dyn Predicate>,
}

/// Where a line has been read up to.
struct Reader<'a> {
    line: &'a str,
    rest: &'a str,
}

/// Reads a whole line: a query, its filters and, where it does not stand alone, its predicate.
pub(crate) fn expectation(line: &str) -> Result<(Reading, Option<Judge>), ExpectError> {
    let mut reader = Reader::new(line)?;
    let mut reading = reader.query()?;
    let judge = if reading.query.stands_alone() { None } else { Some(reader.filters_and_predicate(&mut reading)?) };
    reader.blanks();
    if !(reader.rest.is_empty() || reader.rest.starts_with('#')) {
        let problem =
            format!("nothing can stand behind the predicate but `{}` does: quote a value with blanks", reader.shown());
        return Err(reader.error(problem));
    }
    Ok((reading, judge))
}

/// Reads a query with its filters, without a predicate.
pub(crate) fn reading(line: &str) -> Result<Reading, ExpectError> {
    let mut reader = Reader::new(line)?;
    let mut reading = reader.query()?;
    if reading.query.stands_alone() {
        return Err(ExpectError::Whole("this query has no value that could be kept".to_owned()));
    }
    while !reader.rest.is_empty() {
        let start = reader.rest;
        let word = reader.word();
        let Some(filter) = find(&FILTERS, word) else {
            reader.rest = start;
            return Err(reader.error(unknown("filter", word, names(&FILTERS))));
        };
        reader.filter(filter, &mut reading)?;
        reader.blanks();
    }
    Ok(reading)
}

impl<'a> Reader<'a> {
    fn new(line: &'a str) -> Result<Self, ExpectError> {
        // A schema that was read from its file stands in its line.
        let most = if line.trim_start().starts_with("schema {") { MOST_SCHEMA_BYTES } else { MOST_BYTES };
        if line.len() > most {
            let problem = format!("an expectation has at most {most} bytes, and this one has {}", line.len());
            return Err(ExpectError::Whole(problem));
        }
        if let Some(at) = line.find(['\n', '\r']) {
            let reader = Self { line, rest: &line[at..] };
            return Err(reader.error("an expectation is one line".to_owned()));
        }
        let mut reader = Self { line, rest: line };
        reader.blanks();
        Ok(reader)
    }

    fn query(&mut self) -> Result<Reading, ExpectError> {
        let start = self.rest;
        let word = self.word();
        let Some(row) = find(&QUERIES, word) else {
            self.rest = start;
            return Err(self.error(unknown("query", word, names(&QUERIES))));
        };
        let query = self.make(row)?;
        self.blanks();
        Ok(Reading { query, filters: Vec::new() })
    }

    fn filters_and_predicate(&mut self, reading: &mut Reading) -> Result<Judge, ExpectError> {
        loop {
            let start = self.rest;
            let word = self.word();
            if let Some(filter) = find(&FILTERS, word) {
                self.filter(filter, reading)?;
                self.blanks();
                continue;
            }
            let not = word == "not";
            self.blanks();
            let (start, word) = if not { (self.rest, self.word()) } else { (start, word) };
            let Some(row) = find(&PREDICATES, word) else {
                self.rest = start;
                let (what, filters) =
                    if not { ("predicate", vec![]) } else { ("filter or predicate", names(&FILTERS)) };
                return Err(self.error(unknown_of(what, word, &filters, &names(&PREDICATES))));
            };
            return Ok(Judge { not, predicate: self.make(row)? });
        }
    }

    fn filter(&mut self, row: &'static Word<dyn Filter>, reading: &mut Reading) -> Result<(), ExpectError> {
        if reading.filters.len() == MOST_FILTERS {
            return Err(self.error(format!("a line has at most {MOST_FILTERS} filters")));
        }
        reading.filters.push((row.name, self.make(row)?));
        Ok(())
    }

    /// Reads what stands behind a word, and makes what the two mean.
    fn make<T: ?Sized>(&mut self, row: &Word<T>) -> Result<Box<T>, ExpectError> {
        let mut values = Vec::new();
        let mut first = None;
        for takes in row.takes {
            self.blanks();
            if self.rest.is_empty() {
                return Err(self.error(format!("the line ends, and `{}` needs {}", row.name, takes.name())));
            }
            first.get_or_insert(self.rest);
            self.operand(*takes, row.name, &mut values)?;
        }
        let first = first.unwrap_or(self.rest);
        (row.make)(Operands::new(values)).map_err(|problem| Reader { line: self.line, rest: first }.error(problem))
    }

    fn operand(&mut self, takes: Takes, name: &str, values: &mut Vec<Datum>) -> Result<(), ExpectError> {
        let start = self.rest;
        match takes {
            Takes::Text(_) => values.push(self.parse(text)?),
            Takes::Any => values.push(self.parse(alt((value, text)))?),
            Takes::TextOrBytes => {
                values.push(self.parse(alt((bytes, text)))?);
                self.rest = start;
                values.push(self.parse(alt((value, text)))?);
            }
            Takes::Integer => match self.parse(alt((value, text)))? {
                integer @ Datum::Integer(_) => values.push(integer),
                other => {
                    self.rest = start;
                    return Err(self.error(format!("`{name}` needs a whole number, and {} stands here", other.told())));
                }
            },
            Takes::Pattern => {
                let source = self.parse(alt((pattern, text)))?;
                let Datum::Text(source) = source else { return Ok(()) };
                let pattern = Pattern::new(&source);
                values.push(Datum::Pattern(
                    pattern.map_err(|problem| Reader { line: self.line, rest: start }.error(problem))?,
                ));
            }
            Takes::FileOrDocument if start.starts_with('{') => {
                values.push(Datum::text(start.trim_end()));
                self.rest = "";
            }
            Takes::FileOrDocument => values.push(self.parse(text)?),
        }
        if let Some(Datum::Integer(integer)) = values.last()
            && u64::try_from(integer.unsigned_abs()).is_err()
        {
            self.rest = start;
            return Err(
                self.error(format!("whole numbers are exact up to {}: compare a longer one as a text", u64::MAX))
            );
        }
        Ok(())
    }

    /// Runs a parser; where it fails, the place it came to is told.
    fn parse<T>(&mut self, mut parser: impl Parser<&'a str, T, ErrMode<ContextError>>) -> Result<T, ExpectError> {
        let start = self.rest;
        parser.parse_next(&mut self.rest).map_err(|_| {
            if self.rest.is_empty() {
                let quote = start.chars().next().unwrap_or('"');
                Reader { line: self.line, rest: start }.error(format!("the closing `{quote}` is missing"))
            } else if self.rest.starts_with('\\') {
                let escape: String = self.rest.chars().take(2).collect();
                self.error(format!("`{escape}` is no escape: write `\\{escape}`, or use single quotes"))
            } else {
                self.error(format!("`{}` cannot stand here", self.shown()))
            }
        })
    }

    fn word(&mut self) -> &'a str {
        let end = self.rest.find(char::is_whitespace).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn shown(&self) -> String {
        one_line(self.rest, 40)
    }

    fn error(&self, problem: String) -> ExpectError {
        let before = &self.line[..self.line.len() - self.rest.len()];
        ExpectError::At { column: before.chars().count() + 1, problem }
    }
}

fn find<T: ?Sized>(table: &'static [&'static [Word<T>]], name: &str) -> Option<&'static Word<T>> {
    table.iter().flat_map(|rows| rows.iter()).find(|row| row.name == name)
}

fn names<T: ?Sized>(table: &[&[Word<T>]]) -> Vec<&'static str> {
    table.iter().flat_map(|rows| rows.iter()).map(|row| row.name).collect()
}

fn unknown(what: &str, word: &str, known: Vec<&'static str>) -> String {
    unknown_of(what, word, &known, &[])
}

/// Tells that a word is not known, the nearest one, or which there are. Predicates are named before filters.
fn unknown_of(what: &str, word: &str, filters: &[&'static str], predicates: &[&'static str]) -> String {
    let known = || predicates.iter().chain(filters).copied();
    let all = known().collect::<Vec<_>>().join(", ");
    if word.is_empty() {
        return format!("the line ends, and a {what} can stand here: {all}");
    }
    match nearest(word, known()) {
        Some(near) => {
            let what = if predicates.contains(&near) { "predicate" } else { what.split(' ').next().unwrap_or(what) };
            format!("there is no {what} `{}`; did you mean `{near}`?", one_line(word, 40))
        }
        None => format!("`{}` is no {what}; there are {all}", one_line(word, 40)),
    }
}

/// A text: in double quotes, in single quotes, or up to the next blank.
fn text(input: &mut &str) -> Parsed<Datum> {
    match input.chars().next() {
        Some('"') => double_quoted.map(Datum::text).parse_next(input),
        Some('\'') => single_quoted.map(Datum::text).parse_next(input),
        _ => take_till(1.., char::is_whitespace).map(|text: &str| Datum::text(text)).parse_next(input),
    }
}

fn double_quoted(input: &mut &str) -> Parsed<String> {
    let character = alt((none_of(['"', '\\']), escape));
    delimited('"', repeat(0.., character), cut_err(terminated('"', end_of_operand))).parse_next(input)
}

fn escape(input: &mut &str) -> Parsed<char> {
    let single = one_of(['"', '\\', '/', '#', 'n', 'r', 't', 'b', 'f']).map(|letter| match letter {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'b' => '\u{8}',
        'f' => '\u{c}',
        same => same,
    });
    let code = preceded("u", delimited('{', hex_uint::<_, u32, _>, '}')).verify_map(char::from_u32);
    let start = *input;
    let escaped = preceded('\\', alt((single, code))).parse_next(input);
    escaped.map_err(|error: ErrMode<ContextError>| {
        *input = start;
        if start.starts_with('\\') { error.cut() } else { error }
    })
}

fn single_quoted(input: &mut &str) -> Parsed<String> {
    let character = alt((preceded('\\', '\''), none_of('\'')));
    delimited('\'', repeat(0.., character), cut_err(terminated('\'', end_of_operand))).parse_next(input)
}

/// `/…/` with nothing behind it; a path such as `/api/orders` is a text.
fn pattern(input: &mut &str) -> Parsed<Datum> {
    let piece = alt(("\\/".value("/"), preceded(peek('\\'), (any, any).take()), none_of('/').take()));
    let source = repeat(1.., piece).fold(String::new, |mut all, piece: &str| {
        all.push_str(piece);
        all
    });
    delimited('/', source, ('/', end_of_operand)).map(Datum::text).parse_next(input)
}

fn value(input: &mut &str) -> Parsed<Datum> {
    let word = alt((
        "true".value(Datum::Boolean(true)),
        "false".value(Datum::Boolean(false)),
        "null".value(Datum::Null),
        decimal,
        integer,
    ));
    alt((bytes, terminated(word, end_of_operand))).parse_next(input)
}

/// A decimal, and none that could be the beginning of a version or a commit.
fn decimal(input: &mut &str) -> Parsed<Datum> {
    let exponent = opt((one_of(['e', 'E']), opt(one_of(['+', '-'])), digit1));
    let number = terminated((opt('-'), digit1, '.', digit1, exponent).take(), peek(end_of_operand));
    number
        .verify_map(|text: &str| text.parse().ok().filter(|float: &f64| float.is_finite()).map(Datum::Float))
        .parse_next(input)
}

/// A whole number; `007` is a text, as it is in JSON.
fn integer(input: &mut &str) -> Parsed<Datum> {
    let number =
        (opt('-'), alt((("0", peek(end_of_operand)).void(), (one_of('1'..='9'), take_while(0.., '0'..='9')).void())));
    number.take().verify_map(|text: &str| text.parse().ok().map(Datum::Integer)).parse_next(input)
}

fn bytes(input: &mut &str) -> Parsed<Datum> {
    let hex = delimited("hex,", hex_digit0, (';', end_of_operand)).verify_map(decode_hex);
    let base64 = delimited("base64,", take_till(0.., [';', ' ']), (';', end_of_operand)).verify_map(decode_base64);
    alt((hex, base64)).map(|bytes: Vec<u8>| Datum::Bytes(Arc::from(bytes))).parse_next(input)
}

fn decode_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> =
        text.chars().filter_map(|digit| digit.to_digit(16)).filter_map(|digit| u8::try_from(digit).ok()).collect();
    digits
        .len()
        .is_multiple_of(2)
        .then(|| digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect())
}

/// A blank or the end of the line.
fn end_of_operand(input: &mut &str) -> Parsed<()> {
    let blank = any.verify(|character: &char| character.is_whitespace()).void();
    alt((eof.void(), peek(blank), fail)).parse_next(input)
}
