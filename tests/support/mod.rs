//! Fakes and helpers of the integration tests: they misbehave on demand.

pub mod mcp_client;
pub mod production;
pub mod world;
