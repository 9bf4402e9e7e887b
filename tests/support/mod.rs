//! SCAFFOLD
//! Fakes and helpers of the integration tests: they misbehave on demand.

pub mod processes;
pub mod production;
