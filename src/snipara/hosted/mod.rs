//! The Snipara service as a neighbour: JSON-RPC at `{snipara_api_url}/mcp/{project}`.
//!
//! Lives here: one call with its tries ([`HostedClient::call`]), the request, the answer's envelopes, what a failure
//! means and whether a try may be repeated, which prefix the server's tools have, and the four traits over that. Reading
//! an answer's payload is `payload::read`'s. Invariants: the key leaves only to the service's origin and stands in no
//! message; a write whose fate is unknown is never repeated.
//!
//! Sources: snipara-wire.md §1.4–1.8, §S1–S3.

mod bounds;
mod client;
mod context;
mod envelope;
mod failure;
mod htasks;
mod memories;
mod names;
mod request;
mod swarms;

pub use bounds::CallBounds;
pub use client::{HostedClient, HostedSettings};
