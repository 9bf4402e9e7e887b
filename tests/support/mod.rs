//! SCAFFOLD
//! Fakes and helpers of the integration tests: they misbehave on demand.

pub mod http;
pub mod processes;
pub(crate) mod book;
pub mod production;
pub mod tls_production;
pub mod world;
pub mod validator;
