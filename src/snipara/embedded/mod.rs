//! The embedded backend, which needs no account: the four traits over our store.

pub mod context;
pub mod htasks;
pub mod memories;
mod settings;
pub mod swarms;
mod written;

pub use settings::{EmbeddedSettings, embedded};
