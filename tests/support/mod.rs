//! Fakes and helpers of the integration tests: they misbehave on demand.

pub mod http;
pub mod production;
pub mod world;
pub mod tls_production;
