//! The registry of detectors: one for each kind of finding, each a file or a folder of `detectors/`.

mod assets;
mod health;
mod routes;
mod schema;
mod version;

use futures_util::future::BoxFuture;

use super::DriftRequest;
use super::detector::DriftDetector;
use super::heard::HeardBuilds;
use super::retry::RetryUntilClean;
use crate::domain::{DriftCheck, DriftKind};

/// One kind of comparison between the repository and production.
///
/// A new one is a file with its `mod` line above, a place in [`DETECTORS`], and a [`DriftKind`] at the same place of
/// [`DriftKind::ALL`]. It is compared whenever drift is looked for, unless [`Detector::is_asked`] says otherwise.
pub(super) trait Detector: Sync {
    /// Returns the kind of what it finds.
    fn kind(&self) -> DriftKind;

    /// Tells whether a request asks for it.
    fn is_asked(&self, request: &DriftRequest) -> bool {
        request.kinds.contains(&self.kind())
    }

    /// Tells whether its answers may tell the build, too; the version waits for them.
    fn may_tell_the_build(&self) -> bool {
        false
    }

    /// Compares. A comparison that is not possible is unverified and says why.
    fn compare<'a>(&'a self, comparison: Comparison<'a>) -> BoxFuture<'a, Vec<DriftCheck>>;
}

/// What a detector works with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Comparison<'a> {
    /// Sends and starts what is needed.
    pub(super) detector: &'a DriftDetector,
    /// What was asked for.
    pub(super) request: &'a DriftRequest,
    /// The time that production may take to settle.
    pub(super) retry: &'a RetryUntilClean<'a>,
    /// What answers told of the build beside what they were asked for.
    pub(super) heard: &'a HeardBuilds,
}

/// Every detector, in the order in which a report lists what they found.
pub(super) static DETECTORS: [&dyn Detector; 5] = [
    &routes::RouteDetector,
    &health::HealthDetector,
    &version::VersionDetector,
    &assets::AssetDetector,
    &schema::SchemaDetector,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_finding_has_one_detector_in_the_order_of_the_report() {
        assert_eq!(DETECTORS.map(Detector::kind), DriftKind::ALL);
    }
}
