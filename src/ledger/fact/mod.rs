//! The facts of the ledger: one type for each kind of entry, and how it is written and read.
//!
//! Lives here: the facts themselves (`kinds`), which part of a fact the chain keeps and which part lies beside it
//! (`parts`), what of a fact may be removed (`removed`), and both ways between a fact and its stored form, for each format of entries (`stored`). Does not live
//! here: the envelope around a fact and its hash (`chain`). No other room reaches into a stored fact by string keys;
//! `tests/it/imports/payload.rs` holds that.
//!
//! A new kind needs a struct and a row of `facts!` in `kinds`, its parts in `parts`, and a case of `any_fact` in
//! `src/ledger/fact/stored/tests.rs`. That test alone notices a part that was forgotten.
//!
//! Invariants, each with the test that holds it:
//! - a fact that was written reads back equal: `any_fact_reads_back_equal`;
//! - what 0.1.0 wrote (format 1) is read into the same facts: `src/ledger/fact/stored/tests/samples.rs`;
//! - a fact that this program does not know is kept as it is: `tests/it/ledger/formats.rs`.

mod kinds;
mod parts;
mod removed;
mod stored;

pub use kinds::{
    ChecklistGenerated, CommandRecord, Decision, DriftMoment, DriftRecord, Fact, HeadAccepted, Redaction, Restored,
    RunConditions, RunInterrupted, RunStarted, TaskCreated, Transition, UnknownFact,
};
pub(super) use parts::REMOVED;
pub(super) use removed::{body_holds, may_be_tombstone, without_text, without_texts};
pub(super) use stored::{PayloadCaller, read, shown, store};
