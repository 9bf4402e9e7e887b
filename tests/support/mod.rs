//! Fakes and helpers of the integration tests: they misbehave on demand.

pub(crate) mod book;
pub mod production;
