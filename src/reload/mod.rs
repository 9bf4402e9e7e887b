//! Values that are read again while the program runs.
//!
//! Lives here: one value that many readers share and that is replaced as a whole ([`Reloading`]). Does not live here:
//! where a value comes from, and whether it has changed (each owner's own reader says so).
//!
//! Who calls it: `http`, for the tokens that are good now and for the certificate. It uses no other room.
//!
//! Invariants: a value that cannot be read changes nothing, and why is told once
//! (`what_cannot_be_read_changes_nothing_and_what_can_is_read_again`); nobody waits for another's reading.

mod reloading;

pub(crate) use reloading::Reloading;
