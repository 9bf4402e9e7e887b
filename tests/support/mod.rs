//! Fakes and helpers of the integration tests: they misbehave on demand.

pub mod http;
pub mod production;
pub mod tls_production;
pub mod world;
