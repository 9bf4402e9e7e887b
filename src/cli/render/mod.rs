//! How results are shown: pure functions from values to text.
//!
//! Everything that comes from outside (titles, answers, outputs, paths) goes through [`crate::domain::printable`] or
//! [`crate::domain::one_line`]. Colours are added to our own words only.

mod causes;
mod checklist;
mod command_run;
mod doctor;
mod drift;
mod handoff;
mod htask;
mod ledger;
mod log;
mod memory;
mod paint;
mod proof;
mod report;
mod sections;
mod settings;
mod store;
mod swarm;
mod table;
mod task;

#[cfg(test)]
pub(crate) mod samples;

pub(crate) use checklist::checklist;
pub(crate) use command_run::command_run;
pub(crate) use doctor::{DoctorReport, Finding, State, doctor};
pub(crate) use drift::{drift, drift_verdict};
pub(crate) use handoff::{coordination, evidence_check, handoff_gate};
pub(crate) use htask::{block_change, completed, feature, htask_line, htask_tree, next_batch};
pub(crate) use ledger::{entry, redaction, verify};
pub(crate) use log::task_log;
pub(crate) use memory::{memory_page, recalled, remembered};
pub(crate) use paint::{Paint, TerminalScreen, duration};
pub(crate) use proof::{proof, proof_verdict, proofs};
pub(crate) use report::{report, report_verdict, run_end};
pub(crate) use sections::sections;
pub(crate) use settings::Settings;
pub(crate) use store::{backup, repaired, repaired_lines, restored, store_check};
pub(crate) use swarm::swarms;
pub(crate) use task::tasks;
