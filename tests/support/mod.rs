//! Fakes and helpers of the integration tests: they misbehave on demand.

pub mod http;
pub mod production;
<<<<<<< HEAD
pub mod world;
=======
pub mod tls_production;
>>>>>>> outbound
