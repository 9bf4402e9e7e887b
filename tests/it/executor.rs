//! Commands as real processes: what they may do, what is kept of them, and that nothing of them stays.

#![cfg(unix)]
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

mod commands;
mod git;
mod isolation;
#[cfg(target_os = "linux")]
mod supervised;
mod trees;
