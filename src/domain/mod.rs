//! Plain data and its arithmetic: what the other rooms talk about.
//!
//! Lives here: identifiers, the clock, tasks and their criteria, live checks, command runs, proofs, what a health
//! document says, drift findings, checklists, gate verdicts, reports and redaction; memories, sections, htasks and
//! swarms; and what can be asked of each verb ([`Request`]), with its defaults and checks. Does not live here: input and
//! output of any kind, `async`, SQL, processes, sockets. Everybody may use it; it uses no other room.
//! The law is held by `tests/it/imports/law.rs`.

mod actor;
mod answer_shape;
mod asset_identity;
mod assurance;
mod audit;
mod build;
mod change;
mod checklist;
mod client_certificate;
mod clock;
mod command;
mod converge;
mod criteria;
mod deployment_note;
mod digest;
mod drift;
mod drift_document;
mod evidence;
mod evidence_argument;
mod evidence_subject;
mod field;
mod forward_request;
mod gate;
mod handoff;
mod handoff_check;
mod handoff_reading;
mod health;
mod htask;
mod htask_answer;
mod htask_request;
mod id;
mod id_text;
mod live_check;
mod memory;
mod memory_request;
mod opaque_id;
mod outbox;
mod outcome;
mod outside;
mod policy;
mod principal;
mod production;
mod progress;
mod proof;
mod proof_request;
mod proxy;
mod redaction;
mod removal;
mod report;
mod request;
mod route_key;
mod run;
mod run_request;
mod scope;
mod section;
mod shortage;
mod store_report;
mod stored_check;
mod strict_json;
mod suggestion;
mod swarm;
mod swarm_request;
mod task;
mod test_user;
mod text;
mod verify_report;
mod wire_enum;
mod worded;

pub use self::{
    actor::*, answer_shape::*, asset_identity::*, assurance::*, audit::*, build::*, change::*, checklist::*,
    client_certificate::*, clock::*, command::*, converge::*, criteria::*, deployment_note::*, digest::*, drift::*,
    drift_document::*, evidence::*, evidence_argument::*, evidence_subject::*, field::*, forward_request::*, gate::*,
    handoff::*, handoff_check::*, health::*, htask::*, htask_answer::*, htask_request::*, id::*, id_text::*,
    live_check::*, memory::*, memory_request::*, opaque_id::*, outbox::*, outcome::*, outside::*, policy::*,
    principal::*, production::*, progress::*, proof::*, proof_request::*, proxy::*, redaction::*, removal::*,
    report::*, request::*, route_key::*, run::*, run_request::*, scope::*, section::*, shortage::*, store_report::*,
    stored_check::*, strict_json::*, suggestion::*, swarm::*, swarm_request::*, task::*, test_user::*, text::*,
    verify_report::*, wire_enum::*,
};
