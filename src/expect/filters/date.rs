//! `toDate FORMAT`, `format FORMAT`, `daysAfterNow`, `daysBeforeNow`; formats are those of strftime.

use std::fmt::Write as _;
use std::sync::Arc;

use chrono::format::{Item, StrftimeItems};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use super::Filter;
use crate::domain::Timestamp;
use crate::expect::answer::AnswerView;
use crate::expect::datum::Datum;
use crate::expect::found::{ReadResult, Stop};
use crate::expect::operands::{Operands, Takes, Word};
use crate::expect::reading::cannot_take;

const MS_A_DAY: i64 = 24 * 60 * 60 * 1000;

#[derive(Debug)]
struct ToDate(Arc<str>);

#[derive(Debug)]
struct Format(Arc<str>);

/// Whole days between now and a date.
#[derive(Debug)]
struct Days {
    name: &'static str,
    sign: i64,
}

pub(super) static WORDS: [Word<dyn Filter>; 4] = [
    Word {
        name: "toDate",
        takes: &[Takes::Text("a format of dates")],
        make: |operands| Ok(Box::new(ToDate(format(operands)?))),
    },
    Word {
        name: "format",
        takes: &[Takes::Text("a format of dates")],
        make: |operands| Ok(Box::new(Format(format(operands)?))),
    },
    Word { name: "daysAfterNow", takes: &[], make: |_| Ok(Box::new(Days { name: "daysAfterNow", sign: 1 })) },
    Word { name: "daysBeforeNow", takes: &[], make: |_| Ok(Box::new(Days { name: "daysBeforeNow", sign: -1 })) },
];

fn format(mut operands: Operands) -> Result<Arc<str>, String> {
    let format = operands.text()?;
    let wrong = StrftimeItems::new(&format).any(|item| matches!(item, Item::Error));
    if wrong {
        return Err(format!("`{format}` is no format of dates; one is `%Y-%m-%dT%H:%M:%S%z`"));
    }
    Ok(format)
}

/// Reads a date with a zone, one without, or a day, the first that fits.
fn parse(text: &str, format: &str) -> Option<Timestamp> {
    let zoned = DateTime::parse_from_str(text, format).map(|date| date.to_utc());
    let date = zoned.or_else(|_| NaiveDateTime::parse_from_str(text, format).map(|date| date.and_utc()));
    let day = || NaiveDate::parse_from_str(text, format).map(|day| day.and_time(NaiveTime::MIN).and_utc());
    Some(Timestamp::from_micros(date.or_else(|_| day()).ok()?.timestamp_micros()))
}

impl Filter for ToDate {
    fn apply(&self, datum: Datum, _: &AnswerView<'_>) -> ReadResult {
        let Datum::Text(text) = &datum else { return Err(cannot_take("toDate", &datum)) };
        let date = parse(text, &self.0).map(|date| Datum::Date(date).into());
        date.ok_or_else(|| Stop::Failed(format!("{}, which is no date of the form `{}`", datum.told(), self.0)))
    }
}

impl Filter for Format {
    fn apply(&self, datum: Datum, _: &AnswerView<'_>) -> ReadResult {
        let Datum::Date(date) = datum else { return Err(cannot_take("format", &datum)) };
        let date = DateTime::<Utc>::from_timestamp_micros(date.as_micros()).unwrap_or_default();
        let mut text = String::new();
        // A format that asks for what a date has not is an error of `write!`, and would be a panic of `to_string`.
        write!(text, "{}", date.format(&self.0))
            .map_err(|_| Stop::Failed(format!("a date without what `{}` asks", self.0)))?;
        Ok(Datum::text(text).into())
    }
}

impl Filter for Days {
    fn apply(&self, datum: Datum, answer: &AnswerView<'_>) -> ReadResult {
        let Datum::Date(date) = datum else { return Err(cannot_take(self.name, &datum)) };
        let days = date.ms_since(answer.now) / MS_A_DAY;
        Ok(Datum::Integer((days * self.sign).into()).into())
    }
}
