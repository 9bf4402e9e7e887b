//! What an answer must show, as lines in the grammar of Hurl's `[Asserts]`: query, filters, predicate.
//!
//! Lives here: reading such a line ([`Expectation`], [`CheckCapture`]), judging an [`AnswerView`] by it, what the gate asks
//! about a line (which place it speaks of, whether it says anything), and reading HTML pages ([`HtmlPage`]). Does not
//! live here: sending anything, reading files (a schema's text is handed in), what becomes of an outcome. It uses `domain`
//! alone, and the rooms that observe or decide may use it.
//!
//! Each query, filter and predicate is a file or stands in its family's file, with a row in the table of `queries.rs`,
//! `filters.rs` or `predicates.rs`; reading, suggesting and judging go by these tables. Every work that an answer or a
//! caller could make long is bounded before it starts, and what is left runs on a thread that is waited for only so long
//! (`bounded.rs`). `docs/design/expectations.md` states the rules, `docs/expectations.md` is for users.

mod answer;
mod bare_answers;
mod bounded;
mod capture;
mod datum;
mod decoding;
mod error;
mod expectation;
mod filters;
mod found;
mod gate_view;
mod grammar;
mod html_page;
mod html_tree;
mod json_document;
mod json_path;
mod json_schema;
mod operands;
mod pattern;
mod predicates;
mod prepared_check;
mod queries;
mod reading;
mod rendering;
mod text_form;

#[cfg(test)]
mod tests;

pub use answer::AnswerView;
pub use bare_answers::bare_answers;
pub use capture::CheckCapture;
pub use error::ExpectError;
pub use expectation::Expectation;
pub use gate_view::AnswerPlace;
pub use html_page::{Asset, AssetKind, HtmlPage, PasswordForm};
pub use prepared_check::{Baseline, CheckExpectError, PlannedItem, PreparedCheck};
pub use rendering::{CaptureValues, FORM, marks_of, with_values};
