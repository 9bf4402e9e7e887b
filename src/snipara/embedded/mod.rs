//! The embedded backend, which needs no account: the four traits over our store.

mod context;
mod htasks;
mod memories;
mod settings;
mod swarms;
mod written;

use settings::Embedded;
pub use settings::{EmbeddedSettings, embedded};
