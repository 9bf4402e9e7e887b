//! The words of `serve`.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use clap::Args;

use super::access::AccessWords;
use super::command::McpServer;

/// `serve`: how the server is reached; what it offers is said as for `mcp`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Serve {
    /// Listen at this address; port 0 takes a free one. Off loopback a token must be asked for.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8787", value_parser = parse_bind)]
    pub(crate) bind: SocketAddr,
    /// Keep no sessions, so that any of several servers can answer; only 2026-07-28 clients can be asked back then.
    #[arg(long)]
    pub(crate) stateless: bool,
    /// Speak TLS with this certificate (PEM, with the chain); read again when it changes.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The certificate's key (PEM).
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Let in requests whose Host header says this, beside loopback's names; repeatable.
    #[arg(long, value_name = "HOST[:PORT]")]
    pub(crate) allow_host_header: Vec<String>,
    /// Let pages of this origin call, and read answers (CORS); repeatable.
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) allow_origin: Vec<String>,
    /// Keep at most this many sessions.
    #[arg(long, value_name = "NUMBER", default_value_t = 1000, value_parser = parse_count)]
    pub(crate) max_sessions: usize,
    /// Keep at most this many connections.
    #[arg(long, value_name = "NUMBER", default_value_t = 4096, value_parser = parse_count)]
    pub(crate) max_connections: usize,
    #[command(flatten)]
    pub(crate) access: AccessWords,
    #[command(flatten)]
    pub(crate) server: McpServer,
}

fn parse_bind(text: &str) -> Result<SocketAddr, String> {
    if let Some(port) = text.strip_prefix("localhost:")
        && let Ok(port) = port.parse()
    {
        return Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    }
    text.parse().map_err(|_| "write an IP address and a port, such as 127.0.0.1:8787 or [::1]:8787".to_owned())
}

fn parse_count(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|count| *count > 0).ok_or_else(|| "write a number from 1".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_an_ip_address_and_a_port_or_localhost() {
        for (text, address) in [
            ("127.0.0.1:8787", "127.0.0.1:8787"),
            ("localhost:0", "127.0.0.1:0"),
            ("[::1]:1", "[::1]:1"),
            ("0.0.0.0:80", "0.0.0.0:80"),
        ] {
            assert_eq!(parse_bind(text).map(|address| address.to_string()).as_deref(), Ok(address));
        }
        for text in ["8787", "127.0.0.1", "localhost", "example.com:80", "127.0.0.1:65536", ":8787"] {
            assert!(parse_bind(text).is_err(), "{text}");
        }
    }
}
