//! Fakes and helpers of the integration tests: they misbehave on demand.

pub mod production;
pub mod world;
