#![doc = include_str!("ARCHITECTURE.md")]

pub mod app;
pub mod cli;
pub mod config;
pub mod demo;
pub mod domain;
pub mod drift;
pub mod executor;
pub mod gatekeeper;
pub mod http;
pub mod ledger;
mod limits;
pub mod mcp;
pub mod orchestrator;
pub mod outbound;
mod reload;
pub mod skill;
pub mod snipara;
pub mod store;
pub mod telemetry;
pub mod tools;
pub mod validator;

pub use app::Builder;
pub use config::Config;
pub use domain::{Criteria, LiveCheck, Proof, Task};
pub use drift::DriftDetector;
pub use executor::Executor;
pub use gatekeeper::Gatekeeper;
pub use orchestrator::{Orchestrator, OrchestratorError};
pub use validator::Validator;
