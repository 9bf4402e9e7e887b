//! Deployments that are what was wanted, answered as frameworks and servers really answer: each must be done.
//!
//! A case that stands for a whole framework brings its production whole; one that stands for one answer lies before the
//! shop's new build.

mod bodies;
mod documents;
mod frameworks;
mod health;
mod hosting;
mod json;
mod pages;
mod requests;
mod stacks;
mod ways_out;

use super::case::Case;

pub(super) fn all() -> Vec<Case> {
    [
        frameworks::cases(),
        json::cases(),
        documents::cases(),
        bodies::cases(),
        pages::cases(),
        health::cases(),
        requests::cases(),
        hosting::cases(),
        stacks::cases(),
        ways_out::cases(),
    ]
    .concat()
}
