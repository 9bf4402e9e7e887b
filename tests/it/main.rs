//! The one integration binary: each module drives the product as somebody outside would.

#![expect(unreachable_pub, reason = "support modules are shared by all test modules")]
#![expect(clippy::expect_used, clippy::panic, reason = "a helper that cannot go on fails its test")]

#[path = "../support/mod.rs"]
mod support;

mod access;
mod audit;
mod citations;
mod cli;
mod concurrency;
mod config;
mod converge;
#[cfg(target_os = "linux")]
mod crash;
mod demo;
mod documents;
mod doors;
mod drift;
mod examples;
mod executor;
mod fixtures;
mod gate;
mod hostile;
mod http;
mod imports;
mod ledger;
mod lifecycle;
mod load;
mod mcp;
mod outbound;
mod outside;
mod packaging;
mod proving;
mod red_before_green;
mod snipara;
mod store;
mod validator;
