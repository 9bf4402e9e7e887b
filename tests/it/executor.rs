//! Commands as real processes: what they may do, what is kept of them, and that nothing of them stays.

mod commands;
mod git;
mod isolation;
mod trees;
