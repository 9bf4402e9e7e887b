//! Agents that lie: they want "done" without deserving it.
//!
//! Behind them is the shop's old build, so that "done" is wrong, unless a case says otherwise. `most` is how many proofs
//! may count where an agent multiplies one place or says nothing with its expectations.

mod documents;
mod elsewhere;
mod failures;
mod invented;
mod places;
mod requests;
mod rests_on;
mod vacuous;
mod work;

use super::case::Case;

pub(super) fn all() -> Vec<Case> {
    [
        invented::cases(),
        places::cases(),
        elsewhere::cases(),
        documents::cases(),
        vacuous::cases(),
        failures::cases(),
        requests::cases(),
        work::cases(),
        rests_on::cases(),
    ]
    .concat()
}
