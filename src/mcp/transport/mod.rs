//! What carries the messages: standard input and output, and HTTP.

mod ending;
pub mod http;
mod over_http;
mod readable;
mod signals;
mod stdio;

pub use over_http::serve_http;
pub use stdio::{ServeError, serve_pipes, serve_stdio};
