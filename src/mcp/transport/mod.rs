//! What carries the messages: standard input and output.

mod ending;
mod readable;
mod stdio;

pub use stdio::{ServeError, serve_pipes, serve_stdio};
