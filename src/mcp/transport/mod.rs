//! What carries the messages: standard input and output, HTTP, and the routes of Snipara's own clients.

mod ending;
pub mod http;
mod over_http;
mod readable;
mod signals;
mod snipara_routes;
mod stdio;

pub use over_http::serve_http;
pub use snipara_routes::snipara_routes;
pub use stdio::{ServeError, serve_pipes, serve_stdio};
