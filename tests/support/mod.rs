//! Fakes and helpers of the integration tests: they misbehave on demand.

pub mod mcp_client;
pub mod mcp_process;
pub mod production;
pub mod world;
