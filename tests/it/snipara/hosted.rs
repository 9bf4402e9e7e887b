//! The Snipara service as a neighbour, against a fake host.

mod answers;
mod failures;
mod requests;
mod stories;
