//! What a runner says of its tests.

/// How many tests a command ran. A test that was skipped, ignored, pending, filtered out or only listed did not run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct TestCount {
    /// Tests whose code was executed: the passed and the failed ones.
    pub(crate) ran: u64,
    /// Tests that passed, those among them that failed as they were expected to.
    pub(crate) passed: u64,
    /// Tests that failed or ended in an error.
    pub(crate) failed: u64,
    /// Tests that the runner names and did not run.
    pub(crate) skipped: u64,
    /// How many of `ran` the runner kept from an equal earlier run instead of running them now.
    pub(crate) cached: u64,
    /// Whether output was left out in which more tests may be named: the numbers are then the least there were.
    pub(crate) at_least: bool,
}

impl TestCount {
    pub(super) const fn of(passed: u64, failed: u64, skipped: u64) -> Self {
        Self { ran: passed.saturating_add(failed), passed, failed, skipped, cached: 0, at_least: false }
    }

    /// Returns both together.
    #[must_use]
    pub(crate) const fn and(self, other: Self) -> Self {
        Self {
            ran: self.ran.saturating_add(other.ran),
            passed: self.passed.saturating_add(other.passed),
            failed: self.failed.saturating_add(other.failed),
            skipped: self.skipped.saturating_add(other.skipped),
            cached: self.cached.saturating_add(other.cached),
            at_least: self.at_least || other.at_least,
        }
    }

    /// Returns how many tests ran now, not in an earlier run: zero means that nothing was tested.
    #[must_use]
    pub(crate) const fn fresh(self) -> u64 {
        self.ran.saturating_sub(self.cached)
    }

    pub(super) fn sum(counts: &[Self]) -> Self {
        counts.iter().fold(Self::default(), |sum, count| sum.and(*count))
    }
}

/// The answer of a recognised runner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TestsRan {
    /// The runner told the number, zero included.
    Counted(TestCount),
    /// The runner kept all results from an equal earlier run and tells no number.
    Kept,
    /// The output holds no number that can be trusted.
    NotReadable {
        /// Why, and what to do, in one sentence or two.
        why: String,
    },
}
