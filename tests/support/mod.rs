//! Fakes and helpers of the integration tests: they misbehave on demand.

pub(crate) mod book;
pub(crate) mod forgery;
pub mod http;
pub mod http_process;
pub mod http_served;
pub mod issuer;
pub mod login_site;
pub mod mcp_client;
pub mod mcp_process;
pub mod neighbour;
pub mod patience;
pub mod person;
pub mod processes;
pub mod production;
pub mod proxy;
pub mod served;
pub mod snipara_host;
pub mod snipara_tools;
pub(crate) mod sqlite;
pub mod tls_production;
pub mod validator;
pub mod world;
