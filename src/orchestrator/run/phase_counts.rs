//! How the items of a phase ended, counted and told in a few words.

use crate::domain::Outcome;

/// The ends of a phase's items.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct PhaseCounts {
    passed: usize,
    failed: usize,
    unverified: usize,
    optional: usize,
    not_offered: usize,
}

/// What an item's end means for its phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ItemRole {
    /// It must pass.
    Required,
    /// It may fail.
    Optional,
    /// Production simply does not offer it, and nobody asked for it by name.
    NotOffered,
}

impl PhaseCounts {
    /// Counts an item.
    pub(super) fn count(&mut self, outcome: &Outcome, role: ItemRole) {
        match (outcome, role) {
            (Outcome::Passed, _) => self.passed += 1,
            (_, ItemRole::NotOffered) => self.not_offered += 1,
            (_, ItemRole::Optional) => self.optional += 1,
            (Outcome::Failed { .. }, ItemRole::Required) => self.failed += 1,
            (Outcome::Unverified { .. }, ItemRole::Required) => self.unverified += 1,
        }
    }

    /// Tells whether all that is required passed.
    pub(super) const fn all_passed(self) -> bool {
        self.failed == 0 && self.unverified == 0
    }

    /// Returns the counts that are not zero, of `items` altogether.
    pub(super) fn summary(self, items: usize) -> String {
        let seen = self.passed + self.failed + self.unverified + self.optional + self.not_offered;
        let parts: Vec<String> = [
            (self.passed, "passed"),
            (self.failed, "failed"),
            (self.unverified, "unverified"),
            (self.optional, "optional did not pass"),
            (self.not_offered, "not offered"),
            (items.saturating_sub(seen), "not run"),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
        parts.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_offered_is_not_a_failure_and_what_never_ran_is_told() {
        let mut counts = PhaseCounts::default();
        counts.count(&Outcome::Passed, ItemRole::NotOffered);
        counts.count(&Outcome::unverified("not offered", None), ItemRole::NotOffered);
        assert_eq!((counts.all_passed(), counts.summary(2).as_str()), (true, "1 passed, 1 not offered"));
        counts.count(&Outcome::failed("2xx", "404"), ItemRole::Optional);
        let told = "1 passed, 1 optional did not pass, 1 not offered";
        assert_eq!((counts.all_passed(), counts.summary(3).as_str()), (true, told));
        counts.count(&Outcome::failed("exit code 0", "exit code 1"), ItemRole::Required);
        counts.count(&Outcome::unverified("no answer", None), ItemRole::Required);
        let told = "1 passed, 1 failed, 1 unverified, 1 optional did not pass, 1 not offered, 2 not run";
        assert_eq!((counts.all_passed(), counts.summary(7).as_str()), (false, told));
    }
}
