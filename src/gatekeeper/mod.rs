//! The single authority: it says what must be proven, sends the components that observe, and decides from the entries
//! that were recorded of them.
//!
//! Lives here: what a task must meet under the policy ([`Requirements`]) with its cutover checklist, the gathering of
//! evidence into the ledger, and the decision. Does not live here: how anything is observed (`validator`, `drift`,
//! `executor`), the task's status (`orchestrator`). Called by `orchestrator`.
//!
//! Invariants:
//! - nothing is observed and left unrecorded, because only `EvidenceRecorder` sends the components that observe
//!   (`tests/it/gate.rs::a20_every_proof_is_in_the_ledger`);
//! - a [`GatePass`] is made by `decide` alone (`tests/it/imports/locks.rs`);
//! - an entry that this run did not write refuses the gate
//!   (`tests/it/gate.rs::a06_a_proof_written_by_someone_else_refuses_the_gate`).

mod assurance;
mod checklist;
mod decide;
mod gates;
mod generic_place;
mod observation;
mod pass;
mod proof_key;
mod recorder;
mod requirements;

pub use gates::{Gatekeeper, GatekeeperDeps, LocalToValidation, ValidationToProd};
pub(crate) use observation::EarlierObservations;
pub use pass::GatePass;
pub(crate) use recorder::{EvidenceRecorder, ProofStamp, is_optional_health_probe};
pub use requirements::{CheckList, Requirements, RequirementsError};
