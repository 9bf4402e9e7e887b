//! What the official conformance suite asks to be mounted, on the transport stack that ships.
//!
//! `conformance_server --bind ADDRESS` serves until it is killed; `run.sh` starts it and points the suite at it. Without
//! `--bind`, as under `cargo test`, it says so and ends. Nothing of this is in the product: only
//! `mcp::http::HttpServer`, with its guards, its sessions and its streams, is the product's.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program of the tests tells where it listens")]
#![expect(deprecated, reason = "the protocol gives logging and sampling up (SEP-2577); the suite still asks for them")]

mod content;
mod json;
mod prompts;
mod questions;
mod resources;
mod rounds;
mod running;
mod server;
mod tasks;

use std::net::SocketAddr;
use std::process::ExitCode;

use snipara_orchestrator::http::{HttpServer, HttpSettings};

use server::Fixtures;

#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some(at) = words.iter().position(|word| word == "--bind") else {
        println!("conformance_server: nothing to do without --bind ADDRESS; tests/conformance/run.sh uses it");
        return ExitCode::SUCCESS;
    };
    let Some(bind) = words.get(at + 1).and_then(|word| word.parse::<SocketAddr>().ok()) else {
        eprintln!("--bind needs an address such as 127.0.0.1:8931");
        return ExitCode::FAILURE;
    };
    let (server, fixtures) =
        match (HttpServer::bind(HttpSettings { bind, ..HttpSettings::default() }).await, Fixtures::new()) {
            (Ok(server), Ok(fixtures)) => (server, fixtures),
            (Err(error), _) => return failed(&error),
            (_, Err(error)) => return failed(&error),
        };
    println!("listening at {}", server.url());
    server.serve(fixtures, std::future::pending()).await;
    ExitCode::SUCCESS
}

fn failed(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("{error}");
    ExitCode::FAILURE
}
