//! Deployments that lie: an honest agent asks, and the answer is not what was wanted.
//!
//! Each file holds one family. A case stands for a kind that was seen in the field; its rules lie before those of the
//! shop's new build.

mod bodies;
mod caches;
mod catch_alls;
mod failures;
mod features;
mod identity;
mod pages;
mod transport;
mod visitors;

pub(super) use catch_alls::{SHELL, SHELL_ECHO, SHELL_NONCE};

use super::case::Case;

pub(super) fn all() -> Vec<Case> {
    [
        features::cases(),
        caches::cases(),
        visitors::cases(),
        catch_alls::cases(),
        failures::cases(),
        bodies::cases(),
        pages::cases(),
        transport::cases(),
        identity::cases(),
    ]
    .concat()
}
