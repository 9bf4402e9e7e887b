#![doc = include_str!("ARCHITECTURE.md")]

// The rooms are for our tests, benches and examples; what others may build on is named below.
#[doc(hidden)]
pub mod app;
#[doc(hidden)]
pub mod audit;
#[doc(hidden)]
pub mod cli;
#[doc(hidden)]
pub mod config;
#[doc(hidden)]
pub mod demo;
#[doc(hidden)]
pub mod detect;
#[doc(hidden)]
pub mod domain;
#[doc(hidden)]
pub mod drift;
#[doc(hidden)]
pub mod executor;
#[doc(hidden)]
pub mod expect;
#[doc(hidden)]
pub mod gatekeeper;
#[doc(hidden)]
pub mod http;
#[doc(hidden)]
pub mod ledger;
mod limits;
#[doc(hidden)]
pub mod mcp;
#[doc(hidden)]
pub mod orchestrator;
#[doc(hidden)]
pub mod outbound;
mod reload;
#[doc(hidden)]
pub mod skill;
#[doc(hidden)]
pub mod snipara;
#[doc(hidden)]
pub mod store;
#[doc(hidden)]
pub mod telemetry;
#[doc(hidden)]
pub mod tools;
#[doc(hidden)]
pub mod validator;

pub use app::Builder;
pub use config::Config;
pub use domain::{
    ContextQuery, Criteria, DriftReport, ExpectedStatus, LiveCheck, NewMemory, Proof, RecallQuery, RunRequest,
    TaskReport, TaskStatus,
};
pub use drift::{DriftDetector, DriftRequest};
pub use executor::Executor;
pub use gatekeeper::Gatekeeper;
pub use orchestrator::{Orchestrator, OrchestratorError};
pub use validator::Validator;
