//! A check whose expectations were read.

use std::borrow::Borrow;
use std::collections::BTreeSet;
use std::ops::Deref;
use std::str::FromStr;

use super::rendering::{CaptureValues, names_in, rendered};
use super::{AnswerPlace, CheckCapture, ExpectError, Expectation};
use crate::domain::{AnswerShape, ChecklistItem, LiveCheckError, ResolvedCheck, Timestamp, one_line};

/// A line of a check that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}[{index}] `{}`: {source}", one_line(line, 80))]
pub struct CheckExpectError {
    /// `expect` or `capture`.
    pub field: &'static str,
    /// Which line, from 0.
    pub index: usize,
    /// The line.
    pub line: String,
    /// Why.
    pub source: ExpectError,
}

/// What the answer to a check was before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Baseline {
    /// When.
    pub at: Timestamp,
    /// The answer.
    pub shape: AnswerShape,
}

/// A check that can be sent, with what its answer must show. It is made once; behind that nothing reads the lines again.
#[derive(Debug, Clone, PartialEq)]
pub struct PreparedCheck {
    check: ResolvedCheck,
    expectations: Vec<Expectation>,
    captures: Vec<CheckCapture>,
    uses: BTreeSet<String>,
    baseline: Option<Baseline>,
}

/// One line of a cutover checklist that can be executed.
pub type PlannedItem = ChecklistItem<PreparedCheck>;

impl PreparedCheck {
    /// Reads the expectations of a check.
    ///
    /// # Errors
    /// The first line that is no expectation.
    pub fn new(check: ResolvedCheck) -> Result<Self, CheckExpectError> {
        let expectations = read_lines("expect", &check.asked().expect)?;
        let captures = read_lines("capture", &check.asked().capture)?;
        let uses = names_in(check.asked());
        Ok(Self { check, expectations, captures, uses, baseline: None })
    }

    /// Makes a check whose answer is judged by its status alone.
    pub fn without_expectations(check: ResolvedCheck) -> Self {
        let uses = names_in(check.asked());
        Self { check, expectations: Vec::new(), captures: Vec::new(), uses, baseline: None }
    }

    /// Returns what it keeps of its answer for later checks.
    pub fn captures(&self) -> &[CheckCapture] {
        &self.captures
    }

    /// Returns the names of the captures that it uses; it can be sent only with their values.
    pub const fn uses(&self) -> &BTreeSet<String> {
        &self.uses
    }

    /// Returns the check with the values of captures in their places.
    ///
    /// # Errors
    /// When a value cannot stand where it is used, such as a line break in a header.
    pub fn rendered(&self, values: &CaptureValues) -> Result<Self, LiveCheckError> {
        let check = rendered(self.check.asked(), values).resolved(None)?;
        Ok(Self { check, uses: BTreeSet::new(), ..self.clone() })
    }

    /// Returns the expectations, in their order.
    pub fn expectations(&self) -> &[Expectation] {
        &self.expectations
    }

    /// Tells whether its answer is compared with the one before.
    pub fn compares_with_baseline(&self) -> bool {
        self.expectations.iter().any(|one| one.place() == AnswerPlace::Baseline)
    }

    /// Hands it what the answer was before.
    pub fn compare_with(&mut self, baseline: Baseline) {
        self.baseline = Some(baseline);
    }

    /// Returns what the answer was before, where that is known.
    pub const fn baseline(&self) -> Option<&Baseline> {
        self.baseline.as_ref()
    }

    /// Tells whether the check asks that something has failed: such a check may block, and proves nothing.
    pub fn demands_failure(&self) -> bool {
        self.expectations.iter().any(Expectation::demands_failure)
    }
}

fn read_lines<T: FromStr<Err = ExpectError>>(
    field: &'static str,
    lines: &[String],
) -> Result<Vec<T>, CheckExpectError> {
    let read = |(index, line): (usize, &String)| {
        line.parse().map_err(|source| CheckExpectError { field, index, line: line.clone(), source })
    };
    lines.iter().enumerate().map(read).collect()
}

impl Deref for PreparedCheck {
    type Target = ResolvedCheck;

    fn deref(&self) -> &ResolvedCheck {
        &self.check
    }
}

impl Borrow<ResolvedCheck> for PreparedCheck {
    fn borrow(&self) -> &ResolvedCheck {
        &self.check
    }
}
