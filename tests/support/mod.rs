//! Fakes and helpers of the integration tests: they misbehave on demand.

pub mod http;
pub mod mcp_client;
pub mod mcp_process;
pub mod production;
pub mod tls_production;
pub mod world;
