//! MCP over HTTP: the real binary, and the same server in this process where a bound has to be small.

mod bodies;
mod connections;
mod guards;
mod protocol;
mod sessions;
mod sse;
mod start;
mod stopping;
mod tls;
mod whole;
