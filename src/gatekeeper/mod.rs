//! The single authority: says what must be proven, sends the hands, and decides from what they recorded.
//!
//! Lives here: the bar of a task under the policy ([`Bar`]), the cutover checklist, the gathering of evidence into the
//! ledger, and the decision. Does not live here: how anything is observed (`validator`, `drift`, `executor`), the
//! task's status (`orchestrator`). Called by `orchestrator`.
//!
//! Invariants: nothing is observed and left unrecorded, as only `Gather` sends the hands
//! (`tests/it/gate.rs::a20_every_proof_is_in_the_ledger`); a [`GatePass`] is made by `decide` alone
//! (`tests/it/imports/locks.rs`); an entry that this run did not write refuses the gate
//! (`tests/it/gate.rs::a06_a_proof_written_by_someone_else_refuses_the_gate`).

mod bar;
mod checklist;
mod decide;
mod distinct;
mod gates;
mod gather;
mod pass;

pub use bar::{Bar, BarError};
pub use checklist::generate_checklist;
pub use gates::{Gatekeeper, GatekeeperParts, LocalToValidation, ValidationToProd};
pub use gather::GatherError;
pub(crate) use gather::{CALLER, Gather, ProofStamp, command_payload, only_a_candidate, proof_of};
pub use pass::GatePass;
