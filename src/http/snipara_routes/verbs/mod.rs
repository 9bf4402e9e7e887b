//! The published tools carried out by the orchestrator's verbs, one file a family.

mod carry_out;
mod context;
mod swarms;

pub(super) use carry_out::carry_out;
