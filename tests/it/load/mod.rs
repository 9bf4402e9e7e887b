//! Many at once, through the real binary over HTTP: nothing that was acknowledged is lost, nobody starves, and the
//! memory comes back.

mod callers;
mod connections;
mod sessions;
mod signal;
mod usage;
